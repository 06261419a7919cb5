"""MEDLINE, PubMed XML, EndNote XML, refer, Web of Science, Ovid, CSL-JSON: one small file each."""

import json
from pathlib import Path

import pytest

from citations.formats import ParsedRecord, Problem, Unreadable, read

FILES = Path(__file__).parents[2] / "files" / "citations"


def parse(source):
    if isinstance(source, str):
        source = source.encode()
    reading = read(source)
    items = list(reading)
    records = [i for i in items if isinstance(i, ParsedRecord)]
    problems = [i for i in items if isinstance(i, Problem)]
    assert (reading.records, reading.problems) == (len(records), len(problems))
    return reading.format, records, problems


def test_medline():
    format, (first, second), problems = parse(FILES / "pubmed.nbib")
    assert format == "nbib"
    assert (first.title, first.authors, first.pmid) == (
        "Foster care and school.",
        ["Reyes, Ana"],
        "12345678",
    )
    assert (first.doi, first.year, first.journal) == ("10.5555/pm.1", 2015, "Journal of care")
    assert first.keywords == ["*Foster Care", "school"]
    assert first.raw["LID"] == ["https://example.org/x [url]"]
    assert (second.title, second.pmid, second.line) == ("No PMID here", "", 20)
    assert problems == []


def test_medline_lines_that_are_no_tags_are_reported():
    _, records, problems = parse(
        "PMID- 1\nSO  invalid line\nTI  - One\n\nPMID- 2\nTI  -Two\nSO  - x\n"
    )
    assert [r.title for r in records] == ["One", "Two"]
    assert [p.line for p in problems] == [2]


def test_web_of_science():
    format, (first, second), problems = parse(FILES / "savedrecs.ciw")
    assert format == "wos"
    assert (first.title, first.authors) == ("Foster care and school", ["Reyes, Ana", "Lind, Bo"])
    assert (first.doi, first.pmid, first.pages) == ("10.5555/wos.1", "12345678", "101-110")
    assert first.abstract == "An abstract whose line goes on without its indent."
    assert first.raw["XQ"] == ["unknown tag"]
    assert (second.pages, second.line) == ("e12", 25)
    assert problems == []


def test_web_of_science_without_er():
    _, records, problems = parse("FN X\nVR 1.0\nPT J\nTI A\nUT WOS:1\nPT J\nTI B\nUT WOS:2\n")
    assert [r.title for r in records] == ["A", "B"]
    assert [p.line for p in problems] == [6, 6]


def test_refer():
    format, (first, second), problems = parse(FILES / "endnote.enw")
    assert format == "refer"
    assert (first.title, first.authors, first.doi) == (
        "Title before type",
        ["Reyes, Ana"],
        "10.5555/enw.1",
    )
    assert first.keywords == ["one", "two"]
    assert (second.title, second.isbn, second.line) == ("Second", "978-3-86490-311-3", 10)
    assert second.raw["%0"] == ["Book", "Book"]
    assert problems == []


def test_ovid():
    format, (first, second), problems = parse(FILES / "ovid.txt")
    assert format == "ovid-text"
    assert (first.title, first.authors) == ("Foster care and school", ["Reyes, Ana", "Lind, Bo"])
    assert (first.journal, first.volume, first.issue, first.pages) == (
        "Journal of Care Studies", "12", "3", "101-110",
    )  # fmt: skip
    assert first.abstract.split() == ["First", "part", "second", "part."]
    assert (second.title, second.authors) == ("Care at home", ["Okafor, Ify", "Lind, Bo"])
    assert (second.journal, second.volume, second.pages, second.year) == (
        "Care Letters",
        "8",
        "1048-1064",
        2016,
    )
    assert problems == []


def test_endnote_xml_loses_only_what_is_broken():
    format, records, problems = parse(FILES / "endnote.xml")
    assert format == "endnote-xml"
    assert [r.title for r in records] == ["Foster care", "R&D in café"]
    assert records[0].keywords == ["one", "two"]
    assert (records[1].line, records[1].end_line) == (5, 6)
    assert [(p.line, p.message.split()[0]) for p in problems] == [
        (4, "XML"),
        (5, "Invalid"),
        (7, "The"),
    ]


def test_pubmed_xml_with_its_doctype():
    format, (record,), problems = parse(FILES / "pubmed.xml")
    assert format == "pubmed-xml"
    assert (record.title, record.abstract) == ("Foster care.", "AIM: To care. Done.")
    assert (record.authors, record.year) == (["Reyes, Ana", "Care Group"], 2015)
    assert (record.doi, record.pmid, record.pages) == ("10.5555/pmx.1", "12345678", "101-10")
    assert problems == []


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE xml [\n<!ENTITY a "lol">]>',
        '<!DOCTYPE xml [\n<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_entity_declarations_refuse_the_file(prolog):
    text = f'<?xml version="1.0"?>\n{prolog}<xml><records><record><title>&a;</title></record></records></xml>'
    with pytest.raises(Unreadable, match="not allowed") as refusal:
        parse(text)
    assert refusal.value.line == 3


def test_csl_json_takes_odd_types():
    items = [
        {"type": "article-journal", "title": ["In a list"], "DOI": 5, "author": "A string",
         "issued": {"date-parts": [["2019", "3"]]}, "volume": 7, "bad": "\u0000\ud800"},
        {"title": None, "author": [{"literal": "WHO"}]},
        7,
        None,
        {"title": "Good", "author": [{"family": "Berg", "given": "J.", "non-dropping-particle": "van den"}]},
    ]  # fmt: skip
    format, records, problems = parse(json.dumps(items))
    assert format == "csl-json"
    assert [(r.title, r.authors) for r in records] == [
        ("In a list", ["A string"]), ("", ["WHO"]), ("Good", ["van den Berg, J."]),
    ]  # fmt: skip
    assert (records[0].year, records[0].volume) == (2019, "7")
    assert "\0" not in records[0].raw["bad"][0]
    assert [p.message.split()[1] for p in problems if p.message.startswith("Item")] == ["3", "4"]


def test_csl_json_cut_short_gives_what_was_whole():
    text = json.dumps([{"title": "A"}, {"title": "B"}, {"title": "C"}], indent=1)
    _, records, problems = parse(text[: text.index("C")])
    assert [r.title for r in records] == ["A", "B"]
    assert "Truncated" in problems[0].message


def test_csl_json_as_an_object_that_wraps_items_and_as_lines():
    _, records, _ = parse('{"version": 1, "items": [{"title": "A"}, {"title": "B"}]}')
    assert [r.title for r in records] == ["A", "B"]
    _, records, _ = parse('{"title": "A"}\n{"title": "B"}\n')
    assert [(r.title, r.line) for r in records] == [("A", 1), ("B", 2)]


def test_json_nested_too_deep_is_refused():
    with pytest.raises(Unreadable, match="too deep"):
        parse("[" * 100_000)
