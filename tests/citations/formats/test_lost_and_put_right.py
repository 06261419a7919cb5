"""What a preview says of a file: read, could not be read, put right. Each record counts once."""

import io
import json

import openpyxl
import pytest

from citations.formats import ParsedRecord, read

RIS = "TY  - JOUR\nTI  - {}\nER  - \n\n"
BIB = "@article{{k, title = {{{}}}, year = 2020}}\n"
XML = "<record><titles><title>{}</title></titles></record>\n"
PUBMED = "<PubmedArticle><MedlineCitation><PMID>{0}</PMID><Article><ArticleTitle>T{0}</ArticleTitle></Article></MedlineCitation></PubmedArticle>\n"


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in (["Title", "Year", "Other"], *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# (records in the file, of these lost, put right, the file)
CASES = {
    "ris": (4, 1, 1, RIS.format("A") + "TY  - JOUR\nER  - \n\nTI  - No type\nER  - \n" + RIS.format("B")),
    "ris without ER": (3, 0, 2, "TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\nER  - \nTY  - JOUR\nTI  - C\n"),
    "ris with NUL, twice in one record": (2, 0, 1, RIS.format("A") + RIS.format("B\0C\nAU  - D\0E, F")),
    "bibtex": (5, 2, 1, BIB.format("A") + "@article{b, title = {B},\n author = {{X}\n}\n"
               "@article{c, title = {C}\n author = {D, E}}\n@article{d,}\n" + BIB.format("E")),
    "bibtex closed too early": (2, 0, 1, "@article{b,\n keywords = {a, x}, y},\n title = {Still},\n}\n" + BIB.format("E")),
    "nbib": (4, 1, 2, "PMID- 1\nTI  - A\nSO  - x\n\nPMID- \nOWN - NLM\n\nPMID- 3\nTI  - C\nno tag\nSO  - x\n\nPMID- 4\nTI  - D"),
    "wos": (3, 1, 1, "FN X\nVR 1.0\nPT J\nTI A\nUT WOS:1\nPT J\nER\n\nPT J\nTI B\nUT WOS:2\nER\nEF\n"),
    "refer": (3, 1, 0, "%0 Journal Article\n%T A\n\n%0 Book\n\n%0 Book\n%T C\n"),
    "ovid": (3, 1, 0, "<1. >\nTI  - A\nAU  - B\n\n<2. >\n\n<3. >\nTI  - C\nAU  - D\n"),
    "endnote xml": (5, 2, 1, "<xml><records>\n" + XML.format("A") + "<record><titles><title>B</record>\n"
                    + XML.format("C & D") + "<record><database>x</database></record>\n" + XML.format("E") + "</records></xml>"),
    "pubmed xml": (3, 1, 0, "<PubmedArticleSet>\n" + PUBMED.format(1) + "<PubmedArticle><MedlineCitation>\n" + PUBMED.format(3)),
    "csv": (7, 2, 3, 'Title,Year,Note\nA,2020,\nB,2020,,more\n"C stray,2020,\n,,\n,,Section\nD,"20"20,"x\n"E,"F\nG,2020,\n'),
    "csl-json": (5, 3, 1, json.dumps([{"title": "A"}, None, {}, {"title": "B\0"}, 7])),
    "xlsx": (3, 1, 0, workbook(["A", 2020, ""], ["", "", "total 7"], ["B", 2021, ""])),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_record_of_the_file_is_read_or_lost(name):
    count, lost, put_right, data = CASES[name]
    reading = read(data if isinstance(data, bytes) else data.encode())
    items = list(reading)
    said = [i for i in items if not isinstance(i, ParsedRecord)]
    assert (reading.records, reading.lost) == (count - lost, lost), said
    assert reading.put_right == put_right, said
    assert sum(problem.lost for problem in said) == lost
    assert reading.problems == len(said)
    lines = [(r.line, r.end_line) for r in items if isinstance(r, ParsedRecord)]
    for problem in said:
        if problem.record:
            assert not problem.lost
            assert any(first <= problem.record <= last for first, last in lines), problem
