"""No input makes a reader raise anything but `Unreadable`, and nothing unstorable gets through."""

import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citations.formats import FORMATS, ParsedRecord, Problem, Unreadable, own, read
from citations.writing import write

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


# Packed, so that damage inside the sheet is not caught by the archive's checksums already.
def repacked(data, name, at, cut, piece):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as fresh:
        for member in archive.namelist():
            content = archive.read(member)
            if member == name:
                place = at % (len(content) + 1)
                content = content[:place] + piece + content[place + cut :]
            fresh.writestr(member, content)
    return out.getvalue()


XLSX = b"".join(
    write("xlsx", [{"title": "T", "authors": ["A, B"], "year": 2020}], ["id", *own.FIELDS])
)
# Nothing that we use can write the old format: real files, where they are beside this checkout.
REAL = Path(__file__).parents[4] / "shared" / "corpus" / "imports" / "files"
XLS = next((path.read_bytes() for path in sorted(REAL.glob("*.xls"))), b"")
XML_SEED = "".join(write("xml", [{"title": "T & U", "authors": ["A, B"]}] * 3, [])).encode()
PARTS = sorted(zipfile.ZipFile(io.BytesIO(XLSX)).namelist())


@slow
@given(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=12), st.sampled_from(PARTS))
def test_no_damage_inside_a_workbook_makes_a_reader_raise(at, cut, piece, name):
    check_book(repacked(XLSX, name, at, cut, piece))
    check_book(XLSX[: at % len(XLSX)] + piece + XLSX[at % len(XLSX) + cut :])


@pytest.mark.skipif(not XLS, reason="NOT RUN: no XLS of the corpus is beside this checkout")
@settings(slow, max_examples=40)
@given(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=12))
def test_no_damage_in_an_old_workbook_makes_a_reader_raise(at, cut, piece):
    at %= len(XLS)
    check_book(XLS[:at] + piece + XLS[at + cut :])
    check_book(XLS[:at] + bytes(len(piece)) + XLS[at + len(piece) :])


@slow
@given(
    st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=12) | st.sampled_from(FRAGMENTS)
)
def test_no_damage_in_endnote_xml_makes_a_reader_raise(at, cut, piece):
    at %= len(XML_SEED)
    check(XML_SEED[:at] + piece + XML_SEED[at + cut :])
    check(XML_SEED[:at] + piece + XML_SEED[at + cut :], "endnote-xml")


def check_book(data):
    """Lines of a workbook are its rows, and say nothing about its bytes."""
    items = []
    with suppress(Unreadable):
        items = list(read(data))
    for item in items:
        said = json.dumps(item.as_json(), ensure_ascii=False)
        assert "\\u0000" not in said
        said.encode()


@pytest.mark.parametrize("name", ["xl/workbook.xml", "word/document.xml", "a.txt"])
def test_archives_that_are_no_workbooks(name, tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "<x>")
    with pytest.raises(Unreadable):
        list(read(path))
