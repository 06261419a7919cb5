"""Transcripts come in as text, whatever made them; what is none is refused in one sentence."""

import io
import zipfile
from pathlib import Path

import pytest

from interviews.reading import NotATranscript, fingerprint, read

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "transcripts"
WORDS = "Interviewer: Thank you.\n\nWren: Yes. It’s fine — really.\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WORDS.encode(), "UTF-8"),
        (b"\xef\xbb\xbf" + WORDS.encode(), "UTF-8 with byte-order mark"),
        (WORDS.replace("\n", "\r\n").encode("cp1252"), "Windows-1252"),
        (WORDS.replace("\n", "\r").encode(), "UTF-8"),
        (WORDS.encode("utf-16"), "UTF-16"),
    ],
)
def test_the_same_words_come_out_of_every_encoding(data, encoding):
    found = read(data, "t.txt")
    assert (found.text, found.encoding) == (WORDS, encoding)


def word_file(*paragraphs):
    import docx

    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_file_of_the_same_interview_has_the_same_fingerprint():
    text = (SAMPLE / "T03_cedar.txt").read_text(encoding="utf-8")
    data = word_file(*[line for line in text.split("\n") if line])
    assert fingerprint(read(data, "t.docx").text) == fingerprint(text)


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name.replace("__", "/"), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "t.txt", "empty"),
        (b"  \n ", "t.txt", "empty"),
        (b"\x00\x01\x02" * 50, "t.txt", "not a text file"),
        (bytes(range(1, 32)) * 9, "t.txt", "not a text file"),
        (b"plain words", "t.docx", "not a Word document"),
        (zipped(a="b"), "t.docx", "zip file"),
        (zipped(word__document="<x/>"), "t.docx", "zip file"),
        (b"PK\x03\x04 and then nothing", "t.docx", "broken"),
    ],
)
def test_it_refuses_what_is_no_transcript(data, name, says):
    with pytest.raises(NotATranscript, match=says):
        read(data, name)
