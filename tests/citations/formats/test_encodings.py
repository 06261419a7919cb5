"""Bytes: marks, UTF-16, mixed and foreign encodings, newlines; and what is no export at all."""

import gzip
import io

import pytest

from citations.formats import ParsedRecord, Problem, Unreadable, read
from citations.formats.source import CHUNK, OFFERED

TEXT = "TY  - JOUR\nTI  - Détresse – “care” in Łódź\nAU  - Müller, H.\nPY  - 2015\nER  - \n\n"


def parse(data, **how):
    reading = read(data, **how)
    items = list(reading)
    return (
        reading,
        [i for i in items if isinstance(i, ParsedRecord)],
        [i for i in items if isinstance(i, Problem)],
    )


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (("\ufeff" + TEXT).encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_unicode_in_all_its_dresses(data, encoding):
    reading, records, problems = parse(data)
    assert reading.encoding == encoding
    assert records[0].title == "Détresse – “care” in Łódź"
    assert problems == []


def test_windows_1252_is_said_once():
    reading, records, problems = parse(TEXT.replace("Łódź", "Köln").encode("cp1252") * 3)
    assert reading.encoding == "cp1252"
    assert {r.title for r in records} == {"Détresse – “care” in Köln"}
    assert [p.line for p in problems] == [1]


def test_one_foreign_record_does_not_change_the_others():
    foreign = "TY  - JOUR\nTI  - Köln – b\nER  - \n".encode("cp1252")
    _, records, problems = parse(TEXT.encode() * 2 + foreign + TEXT.encode())
    assert [r.title for r in records][2:] == ["Köln – b", "Détresse – “care” in Łódź"]
    assert [p.line for p in problems] == [13]
    assert "\ufffd" not in "".join(r.title for r in records)


def test_gb18030_is_recognised_and_can_be_chosen():
    text = "TY  - JOUR\nTI  - 寄养儿童的心理健康\nAU  - 李, 小龙\nER  - \n"
    reading, records, problems = parse(text.encode("gb18030"))
    assert (reading.encoding, records[0].title) == ("gb18030", "寄养儿童的心理健康")
    assert [p.line for p in problems] == [1]
    reading, records, _ = parse(text.encode("gb18030"), encoding="gb18030")
    assert records[0].title == "寄养儿童的心理健康"


def test_a_chosen_encoding_overrules():
    _, records, _ = parse("TY  - JOUR\nTI  - é\nER  - \n".encode(), encoding="cp1252")
    assert records[0].title == "Ã©"
    with pytest.raises(Unreadable, match="encoding"):
        read(b"x", encoding="klingon")


@pytest.mark.parametrize("encoding", OFFERED)
def test_each_offered_encoding_is_honoured(encoding):
    text = TEXT.replace("Łódź", "Köln") if encoding == "cp1252" else TEXT
    reading, (record,), problems = parse(text.encode(encoding), encoding=encoding)
    assert (reading.encoding, problems) == (encoding, [])
    assert record.title == "Détresse – “care” in " + ("Köln" if encoding == "cp1252" else "Łódź")


@pytest.mark.parametrize(
    ("written", "chosen", "sentence"),
    [
        ("utf-8", "utf-16-le", "one byte each"),
        ("cp1252", "utf-16-be", "one byte each"),
        ("utf-16", "utf-8", r"This file is UTF-16 \(little-endian\); it can't be read as UTF-8."),
        ("utf-16-be", "utf-16-le", r"This file is UTF-16 \(big-endian\)"),
        ("utf-16-le", "cp1252", "This file is UTF-16"),
        ("utf-16", "gb18030", "This file is UTF-16"),
    ],
)
@pytest.mark.parametrize("format", [None, "ris"])
def test_an_encoding_that_cannot_be_meant_is_refused(written, chosen, sentence, format):
    with pytest.raises(Unreadable, match=sentence):
        read(TEXT.replace("Łódź", "Köln").encode(written), encoding=chosen, format=format)


def test_bytes_that_the_chosen_encoding_does_not_have_are_told_with_their_line():
    data = (TEXT * 2 + "TY  - JOUR\nTI  - 寄养\nER  - \n").encode("gb18030")
    data = data.replace("Łódź".encode("gb18030"), b"\xff\xff", 1)
    reading, records, problems = parse(data, encoding="gb18030")
    assert [(p.line, p.record, p.lost) for p in problems] == [(2, 2, False)]
    assert "\ufffd" in records[0].title
    assert [r.title for r in records[1:]] == ["Détresse – “care” in Łódź", "寄养"]
    assert (reading.records, reading.put_right) == (3, 1)


def test_what_a_forced_utf_8_does_not_have_is_read_and_told_record_by_record():
    data = TEXT.replace("Łódź", "Köln").encode("cp1252")
    reading, records, problems = parse(data * 2, encoding="utf-8")
    assert {r.title for r in records} == {"Détresse – “care” in Köln"}
    assert [(p.line, "Windows-1252" in p.message) for p in problems] == [(1, True), (7, True)]
    assert reading.put_right == 2


def test_a_mark_in_the_middle_is_no_text():
    _, records, problems = parse(TEXT.encode("utf-8-sig") * 2)
    assert len(records) == 2
    assert problems == []


@pytest.mark.parametrize(("newline", "name"), [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")])
def test_newlines(newline, name):
    reading, records, _ = parse((TEXT * 2).replace("\n", newline).encode())
    assert (reading.newline, [r.line for r in records]) == (name, [1, 7])


def test_what_falls_on_the_edge_of_a_chunk_is_not_lost():
    one = TEXT.replace("\n", "\r\n").encode()
    for shift in range(len(one)):
        filler = b"x" * ((CHUNK - shift) % len(one))
        data = (
            b"TY  - JOUR\r\nTI  - F\r\nN1  - "
            + filler
            + b"\r\nER  - \r\n"
            + one * (CHUNK // len(one) + 2)
        )
        if shift % 7:
            continue
        _, records, problems = parse(data)
        assert len(records) == CHUNK // len(one) + 3
        assert problems == []
        assert {r.title for r in records[1:]} == {"Détresse – “care” in Łódź"}


def test_a_stream_that_cannot_seek_is_read_too():
    class Pipe(io.RawIOBase):
        def __init__(self, data):
            self.inner = io.BytesIO(data)

        def readable(self):
            return True

        def seekable(self):
            return False

        def read(self, size=-1):
            return self.inner.read(size)

    _, records, _ = parse(Pipe(TEXT.encode()))
    assert len(records) == 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \r\n\t ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
        (b"PK\x03\x04 no archive", "ZIP"),
        (gzip.compress(b"TY  - JOUR", mtime=0), "gzip"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", "Excel"),
        (b" ## ", "No known"),
    ],
)
def test_what_is_no_export_is_named(data, word):
    with pytest.raises(Unreadable, match=word):
        list(read(data))


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (TEXT, "ris"),
        ("@article{a, title={x}}", "bibtex"),
        ("% Encoding: UTF-8\n\n@Book {a,\n title={x}}", "bibtex"),
        ("PMID- 1\nTI  - x\n", "nbib"),
        ("FN X\nVR 1.0\nPT J\nTI x\nER\nEF\n", "wos"),
        ("%0 Book\n%T x\n", "refer"),
        ("<1>\nTitle\n  x\n", "ovid-text"),
        ('[{"title": "x"}]', "csl-json"),
        ("<?xml version='1.0'?><xml><records><record/></records></xml>", "endnote-xml"),
        ("<PubmedArticleSet></PubmedArticleSet>", "pubmed-xml"),
        ("title;year\nx;2020\n", "csv"),
        ("Title,Journal\n@SUM(1),x\n%0 a,y\n", "csv"),
    ],
)
def test_content_decides_the_format_whatever_the_name(text, format):
    assert read(text.encode(), name="wrong.pdf").format == format


def test_an_unknown_format_is_refused():
    with pytest.raises(Unreadable, match="format"):
        read(b"x", format="word")
