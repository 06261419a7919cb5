"""Tables: header and delimiter are found, one damaged row does not take the next."""

import io

import openpyxl
import pytest

from citations.formats import ParsedRecord, Problem, Unreadable, read
from citations.formats.table import authors_of

HEADER = "Title,Authors,Year,Journal,DOI\n"


def parse(text, **how):
    items = list(read(text if isinstance(text, bytes) else text.encode(), **how))
    return (
        [i for i in items if isinstance(i, ParsedRecord)],
        [i for i in items if isinstance(i, Problem)],
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_row_tells_the_delimiter(delimiter):
    text = (HEADER + 'A,"Reyes, A.",2020,J,10.5555/1\n').replace(",", delimiter)
    text = text.replace(f'"Reyes{delimiter} A."', '"Reyes, A."')
    records, problems = parse("\ufeff" + text.replace("\n", "\r\n"))
    assert (records[0].title, records[0].authors, records[0].year) == ("A", ["Reyes, A."], 2020)
    assert problems == []


def test_preambles_and_excels_sep_line_are_no_data():
    records, _ = parse('"SEARCH QUERY","x"\n-----\n\n' + HEADER + "A,B,2020,J,\n")
    assert (records[0].title, records[0].line) == ("A", 5)
    records, _ = parse("sep=;\n" + HEADER.replace(",", ";") + "A;B;2020;J;\n")
    assert records[0].title == "A"


def test_line_breaks_in_quotes_are_data():
    records, problems = parse(HEADER + '"A\nB",Lind,2020,J,\nC,Lind,2021,J,\n')
    assert [(r.title, r.line, r.end_line) for r in records] == [("A B", 2, 3), ("C", 4, 4)]
    assert problems == []


def test_a_stray_quote_costs_nothing_but_itself():
    records, problems = parse(HEADER + '"A stray,"Lind, B.",2020,J,\n' + "B,C,2021,J,\n" * 3)
    assert [r.title for r in records] == ["A stray", "B", "B", "B"]
    assert [p.line for p in problems] == [2]


def test_long_and_short_rows_are_read_and_reported():
    records, problems = parse(HEADER + "A,B,2020,J,,more\nC,D\n")
    assert [r.title for r in records] == ["A", "C"]
    assert records[0].raw["Column 6"] == ["more"]
    assert [p.line for p in problems] == [2, 3]


def test_rows_that_say_nothing_we_know_are_reported_not_stored():
    records, problems = parse("id,title,abstract\nsection line\n1,A,\n")
    assert [r.title for r in records] == ["A"]
    assert [p.line for p in problems] == [2, 2] or [p.line for p in problems] == [2]


def test_without_a_header_nothing_is_guessed_and_columns_can_be_named():
    text = "A,Lind,2020\nB,Reyes,2021\n"
    with pytest.raises(Unreadable, match="header"):
        parse(text, name="x.csv")
    records, _ = parse(text, columns={"1": "title", "2": "authors", "3": "year"})
    assert [(r.title, r.authors, r.year, r.line) for r in records] == [
        ("A", ["Lind"], 2020, 1),
        ("B", ["Reyes"], 2021, 2),
    ]
    records, _ = parse("foo,bar\nA,2020\n", columns={"foo": "title", "bar": "year"})
    assert [(r.title, r.year, r.line) for r in records] == [("A", 2020, 2)]
    with pytest.raises(Unreadable):
        parse("foo,bar\nA,2020\n", columns={"baz": "title"})


def test_a_header_without_rows_says_so():
    records, problems = parse(HEADER)
    assert records == []
    assert "no rows" in problems[0].message


def test_formulas_are_text():
    records, _ = parse(
        HEADER + '"=HYPERLINK(""http://x"")",+1+1,2020,@SUM(1+1),\n@SUM(1),a,2020,-2,\n'
    )
    assert [r.title for r in records] == ['=HYPERLINK("http://x")', "@SUM(1)"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Reyes, A.; Lind, B.", ["Reyes, A.", "Lind, B."]),
        ("Reyes, A. and Lind, B.", ["Reyes, A.", "Lind, B."]),
        ("Yang Z., Jiang B., Xu J.", ["Yang, Z.", "Jiang, B.", "Xu, J."]),
        ("Griffin DK, O'Connor RE.", ["Griffin, DK", "O'Connor, RE."]),
        ("['Marx, Karl', 'Lindgren, Astrid']", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Ana Reyes|Bo Lind", ["Ana Reyes", "Bo Lind"]),
        ("J. H. Weber; B. Gokul", ["Weber, J. H.", "Gokul, B."]),
        ("World Health Organization", ["World Health Organization"]),
        ("van den Hoven,null; Lind, B.", ["van den Hoven", "Lind, B."]),
    ],
)
def test_authors_are_told_apart(cell, names):
    assert authors_of(cell) == names


def test_glued_authors_are_flagged_not_guessed():
    records, problems = parse("Item Title,Authors,Item DOI\nA,Andy SmithTom Weber,10.1007/11111\n")
    assert records[0].authors == []
    assert records[0].raw["Authors"] == ["Andy SmithTom Weber"]
    assert len(problems) == 1


def test_embases_source_is_taken_apart():
    records, _ = parse("Title,Source\nA,Cancer (2004) 102:4 (253-258). Date of Publication: 2004\n")
    r = records[0]
    assert (r.journal, r.year, r.volume, r.issue, r.pages) == (
        "Cancer",
        2004,
        "102",
        "4",
        "253-258",
    )


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_numbers_in_a_workbook_are_shown_without_fraction():
    records, _ = parse(
        workbook([["Title", "Year", "Volume"], ["A", 2020.0, 12], [None, None, None]])
    )
    assert [(r.title, r.year, r.volume, r.line) for r in records] == [("A", 2020, "12", 2)]


def test_a_workbook_without_header_or_content_says_so():
    with pytest.raises(Unreadable, match="header"):
        parse(workbook([["x", "y"], ["z", "q"]]))
    with pytest.raises(Unreadable, match="empty"):
        parse(workbook([]))


def test_a_workbook_that_expands_beyond_the_limit_is_not_opened(monkeypatch):
    monkeypatch.setattr("citations.formats.workbook.LARGEST_UNPACKED", 1000)
    with pytest.raises(Unreadable, match="limit"):
        parse(workbook([["Title", "Year"], ["A", 2020]]))
