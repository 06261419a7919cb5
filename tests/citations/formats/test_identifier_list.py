"""A list of DOIs and PMIDs: each line is a record that says only its identifier, or is reported."""

import pytest

from citations.formats import ParsedRecord, Problem, Unreadable, read
from citations.formats.identifier_list import identifiers_of


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("10.1000/ABC", [("doi", "10.1000/abc")]),
        ("doi:10.1000/abc.", [("doi", "10.1000/abc")]),
        ("DOI: 10.1000/abc", [("doi", "10.1000/abc")]),
        ("https://doi.org/10.1000/abc", [("doi", "10.1000/abc")]),
        ("http://dx.doi.org/10.1000%2Fabc", [("doi", "10.1000/abc")]),
        ("3. 10.1000/abc", [("doi", "10.1000/abc")]),
        ("- PMID: 31452104", [("pmid", "31452104")]),
        ("PMID 31452104.", [("pmid", "31452104")]),
        ("31452104", [("pmid", "31452104")]),
        ("https://pubmed.ncbi.nlm.nih.gov/31452104/", [("pmid", "31452104")]),
        ("31452104, 31452105;31452106", [("pmid", f"3145210{n}") for n in (4, 5, 6)]),
        ("10.1000/a,10.1000/b", [("doi", "10.1000/a"), ("doi", "10.1000/b")]),
        # Wiley's old DOIs hold semicolons, colons and angle brackets.
        (
            "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
            [("doi", "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2")],
        ),
        ("PMC1234567", []),
        ("https://example.org/10.1000/abc/full", []),
        ("Abara 2019, doi:10.1000/abc", []),
        ("123456789", []),
        ("0123", []),
        ("", []),
    ],
)
def test_a_line(line, found):
    assert identifiers_of(line) == found


def test_each_line_is_a_record_or_a_problem_with_its_number():
    text = "DOI\n10.1000/a\n\nhttps://doi.org/10.1000/A\nsome words\nPMID: 77 doi:10.1000/c\n"
    reading = read(text.encode(), name="anything.txt")
    items = list(reading)
    assert reading.format == "identifiers"
    records = [item for item in items if isinstance(item, ParsedRecord)]
    assert [(r.line, r.doi, r.pmid) for r in records] == [
        (2, "10.1000/a", ""),
        (6, "10.1000/c", "77"),
    ]
    assert records[1].raw == {"line": ["PMID: 77 doi:10.1000/c"]}
    twice, words = (item for item in items if isinstance(item, Problem))
    assert (twice.line, twice.message) == (
        4,
        "10.1000/a stands in line 2 already; it was not added twice.",
    )
    assert (words.line, words.excerpt) == (5, "some words")


@pytest.mark.parametrize(
    "text",
    [
        "some words\nmore words\n10.1000/a\n",  # most lines are something else
        "2019\nA title\n",  # bare numbers count only where nothing else stands
        "1\n2\n3\n",
        "PMID\n",
    ],
)
def test_what_is_no_list_is_not_taken_for_one(text):
    with pytest.raises(Unreadable):
        read(text.encode())


def test_a_table_of_identifiers_stays_a_table():
    assert read(b"doi,pmid\n10.1000/a,77\n").format == "csv"


def test_it_is_read_when_a_person_says_so():
    reading = read(b"12\nwords\n", format="identifiers")
    assert len(list(reading)) == 2
    assert (reading.records, reading.problems) == (1, 1)
