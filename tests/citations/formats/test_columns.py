"""A table that nobody knows: its beginning is shown, and read as a person says."""

import io

import openpyxl
import pytest

from citations.formats import ParsedRecord, Unreadable, read
from citations.formats.columns import sheet_of

UNKNOWN = "Überschrift;Verfasser;Wann;Kennung\nEins;Lind, B.;2020;10.5555/1\n\nZwei;Reyes, A.;2021;10.5555/2\n"


def records(data, columns):
    return [i for i in read(data, columns=columns) if isinstance(i, ParsedRecord)]


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_an_unknown_header_is_shown_and_what_cannot_be_else_is_guessed(encoding):
    data = UNKNOWN.encode(encoding)
    sheet = sheet_of(data, name="x.csv")
    assert sheet.header == ["Überschrift", "Verfasser", "Wann", "Kennung"]
    assert sheet.rows[1] == ["Zwei", "Reyes, A.", "2021", "10.5555/2"]
    assert (sheet.header_line, sheet.recognised, sheet.guess) == (1, False, {2: "year", 3: "doi"})
    found = records(data, sheet.columns({0: "title", 1: "authors", **sheet.guess}))
    assert [(r.title, r.authors, r.year, r.doi, r.line) for r in found] == [
        ("Eins", ["Lind, B."], 2020, "10.5555/1", 2),
        ("Zwei", ["Reyes, A."], 2021, "10.5555/2", 4),
    ]
    assert found[0].raw["Wann"] == ["2020"]


def test_a_known_header_is_guessed_by_its_names():
    sheet = sheet_of(b"Search of today\n\nYear,Article Title,Authors,DOI\n2020,A,Lind,\n")
    assert (sheet.header_line, sheet.recognised) == (3, True)
    assert sheet.guess == {0: "year", 1: "title", 2: "authors", 3: "doi"}


def test_a_table_without_header_begins_with_data():
    data = b"A long walk,Lind,2020\nAnother,Reyes,2021\n"
    sheet = sheet_of(data)
    assert (sheet.header, sheet.header_line) == (["", "", ""], 0)
    assert len(sheet.rows) == 2
    found = records(data, sheet.columns({0: "title", 2: "year"}))
    assert [(r.title, r.year) for r in found] == [("A long walk", 2020), ("Another", 2021)]


def test_a_person_overrules_which_row_is_the_header():
    data = b"Uno,Dos\nThis,2020\nThat,2021\n"
    sheet = sheet_of(data, header_line=0)
    assert (sheet.header, len(sheet.rows)) == (["", ""], 3)
    assert len(records(data, sheet.columns({0: "title"}))) == 3
    sheet = sheet_of(data, header_line=2)
    assert sheet.header == ["This", "2020"]
    assert [r.title for r in records(data, sheet.columns({0: "title"}))] == ["That"]
    with pytest.raises(Unreadable, match="line 9"):
        records(data, sheet.columns({0: "title"}, header_line=9))


def test_columns_of_the_same_name_and_of_none_can_be_told_apart():
    data = b"x,x,\nA,B,C\n"
    assert [r.title for r in records(data, sheet_of(data).columns({1: "title"}))] == ["B"]
    assert [r.title for r in records(data, sheet_of(data).columns({2: "title"}))] == ["C"]


@pytest.mark.parametrize("preamble", [[], [["Exported for us"], []]])
def test_a_workbook_is_shown_and_read_the_same_way(preamble):
    data = workbook([*preamble, ["Überschrift", "Wann"], ["Eins", 2020], ["Zwei", 2021]])
    sheet = sheet_of(data)
    assert (sheet.format, sheet.header, sheet.guess) == (
        "xlsx",
        ["Überschrift", "Wann"],
        {1: "year"},
    )
    assert sheet.header_line == len(preamble) + 1
    found = records(data, sheet.columns({0: "title", 1: "year"}))
    assert [(r.title, r.year) for r in found] == [("Eins", 2020), ("Zwei", 2021)]
    assert [r.title for r in records(data, {"Überschrift": "title"})] == ["Eins", "Zwei"]


def test_what_is_no_table_is_refused():
    for data in (b"", b"%PDF-1.4", workbook([])):
        with pytest.raises(Unreadable):
            sheet_of(data)


def test_long_cells_are_cut_for_showing_only():
    data = ("A,B\n" + "w" * 1000 + ",x\n").encode()
    sheet = sheet_of(data)
    assert len(sheet.rows[0][0]) < 400
    assert records(data, sheet.columns({0: "title"}))[0].title == "w" * 1000
