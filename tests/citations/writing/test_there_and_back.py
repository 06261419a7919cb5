"""What we write, we read back: any record, in every format that can carry it."""

import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from citations.formats import ParsedRecord, Unreadable, read
from citations.formats.own import FIELDS, guarded, list_cell, listed, unguarded
from citations.writing import CONTENT_TYPES, write

COLUMNS = ["id", *FIELDS, "sources", "place", "decisions"]
FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
AWKWARD = [
    "=1+1", "+4", "-", "@SUM(A1)", "'=x", "''", "{", "}", "{}", "\\", '"', "a; b", ";", "a, b", "[1]", "]", "and",
    " and ", "A and B", "others", "et al.", "null", "&amp;", "<i>x</i>", "&", "%", "$", "#", "_", "^", "~", "``",
    "'''", "---", "10-19", "e1--e2", "\n", "\r\n", "a\nb", "TY  - X", "\nER  - \n", "@article{x,", "</record>", "]]>",
    "_x0041_", "\ufeff", "\x01", "\x1b", "\u2028", "مراجعة", "寄养", "🙂", "e\u0301", "N/A", "10.5555/X", "\uffff",
]  # fmt: skip
letters = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20
)
text = st.lists(st.one_of(letters, st.sampled_from(AWKWARD)), max_size=4).map("".join)
row = st.fixed_dictionaries(
    {"id": st.integers(1, 10**9), "title": text.filter(lambda t: t.strip())}
    | {
        name: st.lists(text, max_size=4) if name in ("authors", "keywords") else text
        for name in FIELDS
        if name not in ("title", "year")
    }
    | {"year": st.none() | st.integers(1500, 2099)}
    | {
        "sources": st.lists(text, max_size=2),
        "place": text,
        "decisions": st.lists(text, max_size=2),
    }
)


def written(kind, rows, columns=COLUMNS):
    out = list(write(kind, rows, columns))
    return b"".join(out) if kind == "xlsx" else "".join(out).encode()


def records(kind, rows):
    reading = read(written(kind, rows))
    found = list(reading)
    assert all(isinstance(each, ParsedRecord) for each in found), found
    return found


def carried(kind, value):
    """What of a text the format can carry: docs/formats.md."""
    if kind in ("ris", "bib"):
        return " ".join(value.split())
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if kind in ("xml", "xlsx"):
        value = FORBIDDEN_IN_XML.sub("", value)
    return value if value.strip() or kind == "json" else ""


def expected(kind, row):
    said = {}
    for name in FIELDS:
        value = row[name]
        if isinstance(value, list):
            value = [text for each in value if (text := carried(kind, each)).strip()]
        elif isinstance(value, str):
            value = carried(kind, value)
        said[name] = value
    return said


# The plain reader lets a mark at the beginning of a line pass for the mark of the file.
def comparable(record):
    def plain(value):
        return value.replace("\n\ufeff", "\n") if isinstance(value, str) else value

    return {
        name: [plain(v) for v in value] if isinstance(value, list) else plain(value)
        for name, value in record.items()
    }


@pytest.mark.parametrize("kind", CONTENT_TYPES)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # shrinking such rows takes minutes
)
@given(rows=st.lists(row, min_size=1, max_size=3))
def test_any_record_comes_back(kind, rows):
    found = records(kind, rows)
    assert len(found) == len(rows)
    for got, row in zip(found, rows, strict=True):
        shown = {name: getattr(got, name) for name in FIELDS}
        assert comparable(shown) == comparable(expected(kind, row))
        assert str(row["id"]) in "".join(v for values in got.raw.values() for v in values)


@given(text)
@example("'=")
@example("''=")
@example(" =")
def test_a_guard_is_taken_away_as_it_was_put(cell):
    assert unguarded(guarded(cell)) == cell
    assert not guarded(cell).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.lists(text.filter(str.strip), max_size=5))
def test_a_list_in_a_cell_is_the_list(values):
    assert listed(list_cell(values)) == values


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_each_awkward_text_comes_back_from_each_field(kind):
    empty = {name: [] if name in ("authors", "keywords") else "" for name in FIELDS}
    rows = [
        empty
        | {"id": 5, "title": "T", "year": 2000, "place": awkward}
        | {name: [awkward, "x"] if name in ("authors", "keywords") else awkward}
        for awkward in [*AWKWARD, *(f"a{each}b" for each in AWKWARD)]
        for name in FIELDS
        if name not in ("year", "title")
    ]
    for got, row in zip(records(kind, rows), rows, strict=True):
        shown = {name: getattr(got, name) for name in FIELDS}
        assert comparable(shown) == comparable(expected(kind, row))


ORDINARY = {
    "id": 7, "title": "Foster care & school: 10% of {all}", "authors": ["Reyes, Ana", "World Health Organization"],
    "year": 2020, "journal": "Journal of Care", "volume": "12", "issue": "3", "pages": "101-110",
    "doi": "10.5555/care_1", "pmid": "12345678", "isbn": "", "abstract": "=cmd", "keywords": ["foster care", "a, b"],
    "entry_type": "Journal Article", "url": "https://example.org/a_b?x=1&y=%20", "language": "en",
    "sources": ["Scopus", "PsycINFO"], "place": "Included", "decisions": ["Title and abstract, ada: include"],
}  # fmt: skip


def test_how_ris_looks_to_others():
    lines = written("ris", [ORDINARY]).decode().splitlines()
    assert lines[0] == "TY  - JOUR"
    for line in ("AU  - Reyes, Ana", "SP  - 101", "EP  - 110", "AN  - 12345678", "KW  - a, b"):
        assert line in lines
    assert "N1  - sources: Scopus; PsycINFO" in lines
    assert "N1  - place: Included" in lines


def test_how_bibtex_looks_to_others():
    import bibtexparser
    from bibtexparser.middlewares import LatexDecodingMiddleware

    out = written("bib", [ORDINARY]).decode()
    assert r"title = {Foster care \& school: 10\% of \textbraceleft{}all\textbraceright{}}" in out
    assert "author = {Reyes, Ana and {World Health Organization}}" in out
    assert "pages = {101--110}" in out
    assert "url = {https://example.org/a_b?x=1&y=%20}" in out
    assert "keywords = {foster care, {a, b}}" in out
    (entry,) = bibtexparser.parse_string(out, append_middleware=[LatexDecodingMiddleware()]).entries
    assert entry.fields_dict["title"].value.startswith("Foster care & school: 10% of ")


def test_how_csl_looks_to_others():
    import json

    (item,) = json.loads(written("json", [ORDINARY]))
    assert (item["type"], item["id"]) == ("article-journal", "7")
    assert item["author"] == [
        {"family": "Reyes", "given": "Ana"},
        {"literal": "World Health Organization"},
    ]
    assert (item["issued"], item["page"], item["DOI"]) == (
        {"date-parts": [[2020]]},
        "101-110",
        "10.5555/care_1",
    )
    assert item["custom"]["Concord"]["decisions"] == ["Title and abstract, ada: include"]
    assert "place: Included" in item["note"]


def test_how_endnote_xml_looks_to_others():
    from lxml import etree

    record = etree.fromstring(written("xml", [ORDINARY]))[0][0]
    assert record.find("ref-type").attrib == {"name": "Journal Article"}
    assert record.findtext("ref-type") == "17"
    assert [each.text for each in record.iterfind("contributors/authors/author")] == [
        "Reyes, Ana",
        "World Health Organization",
    ]
    assert record.findtext("titles/title") == ORDINARY["title"]
    assert "decisions: Title and abstract" in record.findtext("notes")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_spreadsheet_runs_a_cell(kind):
    import csv
    import io

    import openpyxl

    out = written(kind, [ORDINARY])
    if kind == "csv":
        row = next(csv.DictReader(io.StringIO(out.decode("utf-8-sig"), newline="")))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(out)).active
        row = {head.value: cell.value for head, cell in zip(sheet[1], sheet[2], strict=True)}
        assert (row["year"], row["volume"]) == (2020, "12")
        assert {cell.data_type for cell in sheet[2] if cell.value is not None} == {"n", "s"}
    assert row["abstract"] == "'=cmd"


def test_a_text_longer_than_a_cell_goes_on_beside_it():
    long = "=" + "word " * 20_000 + "🙂" * 20_000
    many = [f"Name {n}, Given" for n in range(5_000)]
    (found,) = records("xlsx", [ORDINARY | {"abstract": long, "authors": many}])
    assert found.abstract == long
    assert found.authors == many


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_no_record_is_a_file_too(kind):
    with suppress(Unreadable):  # of RIS and BibTeX nothing at all is left
        assert [i for i in read(written(kind, [])) if isinstance(i, ParsedRecord)] == []


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_very_long_values_come_back(kind):
    row = ORDINARY | {"title": "long " * 60_000 + "end", "keywords": ["k" * 100_000]}
    (found,) = records(kind, [row])
    assert (found.title, found.keywords) == (row["title"], row["keywords"])
