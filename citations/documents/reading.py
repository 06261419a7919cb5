"""What a document says, read in a child process with limits: a hostile file harms only the child."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .kinds import PDF

_DIED = "This file can't be read: it is broken, or made to exhaust the computer."


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


class Reader:
    """A child that reads one file after the other; for one thread at a time. Use it with `with`."""

    def __enter__(self) -> Self:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "citations.documents.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parent.parent.parent,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.communicate()

    def read(self, path: Path, kind: str = PDF) -> Document:
        """The document at `path`; NotReadable with one sentence when it can't be read.

        A scanned PDF without a text layer is fine: its text is empty.
        """
        into, out = self.child.stdin, self.child.stdout
        if into is None or out is None:
            raise RuntimeError("The child has no pipes.")
        try:
            asked = json.dumps({"kind": kind, "path": str(path)})
            into.write(asked.encode() + b"\n")
            into.flush()
            answer = json.loads(out.readline())
        except (BrokenPipeError, ValueError):
            self.__exit__()  # the next file has a child that lives
            self.__enter__()
            raise NotReadable(_DIED) from None
        if "refused" in answer:
            raise NotReadable(answer["refused"])
        return Document(**answer)


def read(path: Path, kind: str = PDF) -> Document:
    """One document by itself, as Reader.read."""
    with Reader() as reader:
        return reader.read(path, kind)
