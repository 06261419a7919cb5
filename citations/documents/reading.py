"""What a document says, read in a child process with limits: a hostile file harms only the child."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .kinds import PDF

SECONDS = 60
_BROKEN = "can't be read: it is broken, or made to exhaust the computer"


class NotReadable(Exception):
    pass


@dataclass(frozen=True)
class Document:
    """`text` has one form feed between two pages; the rest is what the file says of itself."""

    pages: int
    text: str
    title: str = ""
    author: str = ""
    subject: str = ""
    dois: list[str] = field(default_factory=list)  # from its metadata, as written there
    pmid: str = ""
    holds: list[str] = field(default_factory=list)  # "a script", "attached files"


def read(path: Path, kind: str = PDF) -> Document:
    """The document at `path`; NotReadable with one sentence when it can't be read.

    A scanned PDF without a text layer is fine: its text is empty.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "citations.documents.child", kind, str(path)],
            capture_output=True,
            timeout=SECONDS,
            cwd=Path(__file__).resolve().parent.parent.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotReadable(f"This file takes more than {SECONDS} seconds to read.") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise NotReadable(f"This file {_BROKEN}.") from None
    if "refused" in answer:
        raise NotReadable(answer["refused"])
    return Document(**answer)
