"""What a file is, by its first bytes; its name alone is believed for nothing."""

import zipfile
from pathlib import Path

PDF, DOCX, HTML, ZIP, LIBRARY = "pdf", "docx", "html", "zip", "library"
CONTENT_TYPES = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    HTML: "text/html; charset=utf-8",
    ZIP: "application/zip",
}
# Exports of reference managers that name the files of their references.
LIBRARIES = (".ris", ".xml", ".bib", ".bibtex", ".enw", ".json")
# What a folder holds beside its documents; passed over without a word.
NOT_MEANT = ("thumbs.db", ".ds_store", "desktop.ini")
MOST_NAMES = 5000  # in one zip
_HEAD = 4096
_END_OF_ZIP = b"PK\x05\x06"
TAKEN = "Only PDF, Word (DOCX) and saved web pages (HTML) are taken, or a zip of them."


class Refusal(Exception):
    """One sentence for the person who gave the file."""


def kind_of(path: Path, name: str) -> str:
    """One of the kinds above; Refusal with one sentence for everything else."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    ending = Path(name).suffix.lower()
    if not head:
        raise Refusal("This file is empty.")
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04") or head.startswith(_END_OF_ZIP):
        return _kind_of_zip(path)
    if _is_html(head):
        if ending == ".pdf":
            raise Refusal(
                "This is not a PDF but a web page, perhaps the sign-in page of a publisher."
            )
        return HTML
    if ending == ".pdf":
        raise Refusal("This is not a PDF.")
    if ending in LIBRARIES:
        return LIBRARY
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal("This is an old Word file (DOC); save it as DOCX or PDF.")
    if ending in (".mht", ".mhtml"):
        raise Refusal("This is a web archive; save the page as HTML or PDF.")
    raise Refusal(TAKEN)


def _is_html(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<?xml"):
        return b"<html" in start
    return start.startswith((b"<!doctype html", b"<html", b"<!--")) and b"<" in start


def _kind_of_zip(path: Path) -> str:
    if names_in(path) > MOST_NAMES:
        raise Refusal(f"This zip holds more than {MOST_NAMES:,} files; send it in parts.")
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refusal("This zip is broken and can't be opened.") from None
    if "[Content_Types].xml" not in names:
        return ZIP
    if "word/document.xml" not in names:
        raise Refusal(TAKEN)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refusal("This Word file holds macros; save it as DOCX without them.")
    return DOCX


def names_in(path: Path) -> int:
    """How many files the zip says that it holds, read from its end before anything is unpacked."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 66_000))
        tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + 12:
        return 0
    # 65,535 stands for "more, see elsewhere": over our limit all the same.
    return int.from_bytes(tail[at + 10 : at + 12], "little")
