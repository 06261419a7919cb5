"""The child: `python -m citations.documents.child` reads many files, each in a process of its own.

Each line of its input is {"kind": …, "path": …}; for each it prints one line: {"pages": n, "text":
…, …} as in reading.py:Document, or {"refused": sentence}. It never opens a file itself: it forks,
with the libraries loaded already, and the fork has the limits, so that a hostile file harms only
its own reading and costs no other file a start of Python.
"""

import json
import os
import re
import resource
import select
import signal
import sys
import time
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

SECONDS = 60
MEMORY = 1024 * 1024 * 1024  # bytes of address space
MOST_PAGES = 5000
MOST_LETTERS = 5_000_000
MOST_XML = 100 << 20  # bytes of a Word file's words once unpacked
MOST_HTML = 50 << 20
_XMP_SEEN = 4 << 20  # bytes at either end of a PDF in which its metadata are looked for
_XMP_DOI = re.compile(
    rb"<(?:prism:doi|pdfx:doi|dc:identifier|crossmark:DOI)>\s*([^<]{5,200})<", re.I
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BLOCKS = set(
    [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "table",
        "dt",
        "dd",
    ]
)


def _pdf(path: str) -> dict[str, Any]:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return {"refused": "This PDF is protected by a password; save it without one."}
        return {"refused": "This PDF is broken and can't be read."}
    pages = len(document)
    if not pages:
        return {"refused": "This PDF has no pages."}
    if pages > MOST_PAGES:
        return {"refused": f"This PDF has more than {MOST_PAGES:,} pages."}
    parts: list[str] = []
    letters = 0
    for page in document:
        text = page.get_textpage().get_text_bounded().replace("\x00", "")
        letters += len(text)
        if letters > MOST_LETTERS:
            break
        parts.append(text)
        page.close()
    told = document.get_metadata_dict()
    ends = _ends(path)
    holds = []
    if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or re.search(rb"/JavaScript\b", ends):
        holds.append("a script")
    if raw.FPDFDoc_GetAttachmentCount(document) > 0:
        holds.append("attached files")
    said = [told.get(key, "") for key in ("Subject", "Keywords", "Title")]
    return {
        "pages": pages,
        "text": "\f".join(parts),
        "title": told.get("Title", "")[:500],
        "author": told.get("Author", "")[:500],
        "subject": told.get("Subject", "")[:500],
        "dois": [found.decode("utf-8", "replace") for found in _XMP_DOI.findall(ends)][:5]
        + [text[:500] for text in said if "10." in text],
        "holds": holds,
    }


def _ends(path: str) -> bytes:
    with Path(path).open("rb") as file:
        start = file.read(_XMP_SEEN)
        file.seek(0, 2)
        file.seek(max(_XMP_SEEN, file.tell() - _XMP_SEEN))
        return start + file.read()


def _docx(path: str) -> dict[str, Any]:
    from lxml import etree

    def part(name: str) -> Any:
        info = archive.getinfo(name)
        if info.file_size > MOST_XML:
            raise ValueError
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        with archive.open(info) as file:
            return etree.fromstring(file.read(MOST_XML), parser)

    try:
        with zipfile.ZipFile(path) as archive:
            body = part("word/document.xml")
            core = part("docProps/core.xml") if "docProps/core.xml" in archive.namelist() else None
    except RuntimeError:
        return {"refused": "This Word file is protected by a password; save it without one."}
    except (zipfile.BadZipFile, etree.XMLSyntaxError, ValueError, KeyError):
        return {"refused": "This Word file is broken and can't be read."}
    lines = []
    for paragraph in body.iter(f"{_WORD}p"):
        runs = [
            node.text or "" if node.tag == f"{_WORD}t" else "\t"
            for node in paragraph.iter(f"{_WORD}t", f"{_WORD}tab")
        ]
        lines.append("".join(runs))

    def of_core(name: str) -> str:
        found = [] if core is None else [node for node in core if node.tag.endswith("}" + name)]
        return (found[0].text or "")[:500] if found else ""

    return {
        "pages": 0,
        "text": "\n".join(lines).replace("\x00", "")[:MOST_LETTERS],
        "title": of_core("title"),
        "author": of_core("creator"),
        "subject": of_core("subject"),
    }


def _html(path: str) -> dict[str, Any]:
    from lxml import etree, html

    bytes_ = Path(path).read_bytes()
    if len(bytes_) > MOST_HTML:
        return {"refused": f"This page is larger than {MOST_HTML >> 20} MB."}
    try:
        page = html.document_fromstring(bytes_)
    except (etree.LxmlError, ValueError):
        return {"refused": "This page is broken and can't be read."}
    told: dict[str, str] = {}
    for meta in page.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        told.setdefault(name, (meta.get("content") or "")[:500])
    title = told.get("citation_title") or told.get("dc.title") or page.findtext(".//title") or ""
    holds = ["a script"] if page.find(".//script") is not None else []
    for node in list(page.iter("script", "style", "noscript", "template", "nav", etree.Comment)):
        node.drop_tree()
    for node in page.iter():
        if isinstance(node.tag, str) and node.tag in _BLOCKS:
            node.tail = "\n" + (node.tail or "")
    text = re.sub(r"[ \t\r\f\v]*\n\s*", "\n", page.text_content().replace("\x00", ""))
    return {
        "pages": 0,
        "text": text.strip()[:MOST_LETTERS],
        "title": title.strip()[:500],
        "author": told.get("citation_author", ""),
        "dois": [
            told[key]
            for key in ("citation_doi", "dc.identifier", "prism.doi")
            if "10." in told.get(key, "")
        ],
        "pmid": told.get("citation_pmid", ""),
        "holds": holds,
    }


READERS = {"pdf": _pdf, "docx": _docx, "html": _html}
BROKEN = {"refused": "This file can't be read: it is broken, or made to exhaust the computer."}
SLOW = {"refused": f"This file takes more than {SECONDS} seconds to read."}


def _read_alone(kind: str, path: str) -> bytes:
    """The answer of a fork that reads the file, as one line of JSON."""
    ours, theirs = os.pipe()
    if not (fork := os.fork()):
        os.close(ours)
        _be_the_fork(kind, path, theirs)
    os.close(theirs)
    try:
        answer = _all_of(ours, time.monotonic() + SECONDS)
    finally:
        os.close(ours)
        os.kill(fork, signal.SIGKILL)  # not reaped yet, so the number is still its own
        os.waitpid(fork, 0)
    if answer is None:
        return json.dumps(SLOW).encode()
    # A fork that was killed half-way has not written the end of the line.
    return answer[:-1] if answer.endswith(b"\n") else json.dumps(BROKEN).encode()


def _be_the_fork(kind: str, path: str, out: int) -> None:
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):  # the questions and the answers are the parent's
            os.dup2(nothing, standard)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
        with os.fdopen(out, "wb") as pipe:
            pipe.write(json.dumps(READERS[kind](path)).encode() + b"\n")
    finally:
        os._exit(0)


def _all_of(pipe: int, until: float) -> bytes | None:
    """What comes out of a pipe until it is closed; None when that is not so in time."""
    parts: list[bytes] = []
    while (left := until - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            break
        part = os.read(pipe, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None


def _serve() -> None:
    for library in ("lxml.html", "pypdfium2"):  # loaded once, for every fork
        import_module(library)
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.buffer.write(_read_alone(asked["kind"], asked["path"]) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
