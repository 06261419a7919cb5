"""No input makes a reader raise anything but `Unreadable`, and nothing unstorable gets through."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citations.formats import FORMATS, ParsedRecord, Problem, Unreadable, read

FILES = Path(__file__).parents[2] / "files" / "citations"
SEEDS = [path.read_bytes() for path in sorted(FILES.iterdir())] + [
    b"TY  - JOUR\nTI  - A\nAU  - Reyes, A.\nER  - \n\nTY  - BOOK\nTI  - B\nER  - \n",
    b'Title,Authors,Year\n"A, b",Reyes,2020\n"C\nd",Lind,2021\n',
    json.dumps([{"title": "A", "author": [{"family": "X"}]}, {"title": "B"}]).encode(),
]
FRAGMENTS = (
    b"TY  - ", b"\nER  - \n", b"@article{", b"}", b"{", b'"', b"\n\n", b"\r", b"\0", b"\xff", b"&", b"<",
    b"</record>", b"<record>", b"PMID- ", b"\nPT J\n", b"%0 ", b"<1. >\n", b"[", b"]", b",", b"\\", b" and ",
    b"\xef\xbb\xbf", b"=", b"#", b"\n  ", b"10.5555/", b"\xf0\x9f\x98\x80", b"&#0;",
    b"title = {", b"\t",
)  # fmt: skip
TEXT_FORMATS = [key for key in FORMATS if key not in ("xlsx", "xls")]
slow = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(data, format=None):
    refusal = None
    try:
        items = list(read(data, format=format))
    except Unreadable as error:
        refusal = error
    if refusal is not None:
        assert str(refusal).endswith(".")
        assert refusal.line >= 1
        return
    lines = data.count(b"\n") + data.count(b"\r") + 2
    for item in items:
        said = json.dumps(item.as_json(), ensure_ascii=False)
        assert "\\u0000" not in said
        said.encode()
        assert isinstance(item, ParsedRecord | Problem)
        if isinstance(item, ParsedRecord):
            assert 1 <= item.line <= item.end_line <= lines
            assert all(isinstance(name, str) and name for name in item.authors)
            assert item.year is None or 1500 <= item.year <= 2099


@slow
@given(st.binary(max_size=400), st.sampled_from([None, *TEXT_FORMATS]))
def test_no_bytes_make_a_reader_raise(data, format):
    check(data, format)


@slow
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.sampled_from([None, *TEXT_FORMATS]))
def test_no_heap_of_fragments_makes_a_reader_raise(parts, format):
    check(b"".join(parts), format)


@slow
@given(st.sampled_from(SEEDS), st.data())
def test_no_damage_makes_a_reader_raise(seed, data):
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(seed)))
        cut = data.draw(st.integers(0, 30))
        seed = seed[:at] + data.draw(st.sampled_from(FRAGMENTS)) + seed[at + cut :]
    check(seed)
    check(seed[: data.draw(st.integers(0, len(seed)))])


words = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs"), blacklist_characters="\ufeff&<\x85"
    ),
    min_size=1,
    max_size=12,
)


@slow
@given(
    st.lists(
        st.tuples(words, st.lists(st.tuples(words, words), max_size=3)), min_size=1, max_size=5
    )
)
def test_ris_gives_back_what_was_written(entries):
    text = "".join(
        f"TY  - JOUR\nTI  - {title}\n"
        + "".join(f"AU  - {f}, {g}\n" for f, g in names)
        + "ER  - \n\n"
        for title, names in entries
    )
    records = [i for i in read(text.encode()) if isinstance(i, ParsedRecord)]
    assert [r.raw["TI"] for r in records] == [[title] for title, _ in entries]
    assert [r.raw.get("AU", []) for r in records] == [
        [f"{f}, {g}" for f, g in names] for _, names in entries
    ]


@pytest.mark.parametrize("name", ["xl/workbook.xml", "word/document.xml", "a.txt"])
def test_archives_that_are_no_workbooks(name, tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "<x>")
    with pytest.raises(Unreadable):
        list(read(path))
