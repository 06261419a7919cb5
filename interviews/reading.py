"""From an uploaded file to the text of a transcript. Pure: bytes in, text and encoding out."""

import hashlib
import io
import zipfile
from dataclasses import dataclass

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024


class NotATranscript(Exception):
    pass


@dataclass(frozen=True)
class Read:
    text: str  # line ends are LF, no NUL, no byte-order mark
    encoding: str  # "UTF-8", "Windows-1252", "UTF-16", "Word document"


def read(data: bytes, name: str) -> Read:
    """Read a TXT or DOCX file; NotATranscript with one sentence when it is neither."""
    if len(data) > MOST_BYTES:
        raise NotATranscript("The file is larger than 20 MB; a transcript is text.")
    if not data.strip():
        raise NotATranscript("The file is empty.")
    wants_word = name.lower().endswith(".docx")
    if data[:4] == b"PK\x03\x04":
        found = Read(_docx(data), "Word document")
    elif wants_word:
        raise NotATranscript("The file is called .docx and is not a Word document.")
    else:
        found = _plain(data)
    text = "\n".join(
        line.rstrip() for line in found.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ).strip("\n")
    if not text.strip():
        raise NotATranscript("There is no text in this file.")
    return Read(text + "\n", found.encoding)


def _plain(data: bytes) -> Read:
    for mark, codec, label in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with byte-order mark"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return Read(data.decode(codec, "replace"), label)
    if b"\x00" in data:
        raise NotATranscript("This is not a text file.")
    try:
        text, label = data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        text, label = data.decode("cp1252", "replace"), "Windows-1252"
    odd = sum(1 for letter in text if ord(letter) < 32 and letter not in "\n\r\t\f")
    if odd > len(text) / 100 or text.count("�") > len(text) / 100:
        raise NotATranscript("This is not a text file.")
    return Read(text, label)


def _docx(data: bytes) -> str:
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
                raise NotATranscript("This Word document is too large when unpacked.")
            if "word/document.xml" not in package.namelist():
                raise NotATranscript("This is a zip file and not a Word document.")
            if b"<!ENTITY" in package.read("word/document.xml")[:4096]:
                raise NotATranscript("This Word document declares entities and is refused.")
        document = docx.Document(io.BytesIO(data))
    except NotATranscript:
        raise
    except Exception:  # python-docx raises whatever its XML parser raises
        raise NotATranscript("This Word document is broken and can't be read.") from None
    # A paragraph of a Word file is a block of its own, as a blank line makes it in plain text.
    return "\n\n".join(each.text for each in document.paragraphs if each.text.strip())


def fingerprint(text: str) -> str:
    """SHA-256 of the words alone: the same interview as TXT and as DOCX has the same one."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
