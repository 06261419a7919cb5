"""The text of a PDF, read in a child process with limits: a hostile file harms only the child.

Run as a program it prints JSON: {"pages": n, "text": …} or {"refused": sentence}. No Django here.
"""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60
MEMORY = 1024 * 1024 * 1024  # bytes of address space for the child
MOST_PAGES = 5000
MOST_LETTERS = 5_000_000


class NotReadable(Exception):
    pass


@dataclass(frozen=True)
class PdfText:
    pages: int
    text: str


def read(path: Path) -> PdfText:
    """Pages and text of the PDF at `path`; NotReadable with one sentence when it is none.

    A scanned PDF without a text layer is fine: its text is empty.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "citations.pdftext", str(path)],
            capture_output=True,
            timeout=SECONDS,
            cwd=Path(__file__).resolve().parent.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotReadable(f"This PDF takes more than {SECONDS} seconds to read.") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise NotReadable("This PDF is broken and can't be read.") from None
    if "refused" in answer:
        raise NotReadable(answer["refused"])
    return PdfText(answer["pages"], answer["text"])


def _answer(path: str) -> dict[str, object]:
    import pypdfium2

    with Path(path).open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            return {"refused": "This is not a PDF."}
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return {"refused": "This PDF is protected by a password; save it without one."}
        return {"refused": "This PDF is broken and can't be read."}
    if len(document) > MOST_PAGES:
        return {"refused": f"This PDF has more than {MOST_PAGES:,} pages."}
    parts: list[str] = []
    letters = 0
    for page in document:
        text = page.get_textpage().get_text_bounded().replace("\x00", "")
        letters += len(text)
        if letters > MOST_LETTERS:
            break
        parts.append(text)
    return {"pages": len(document), "text": "\f".join(parts)}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    json.dump(_answer(sys.argv[1]), sys.stdout)
