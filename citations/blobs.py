"""The files that people gave us, by what is in them.

A file lies under DATA_DIR/files/ab/abcdef…, named by the SHA-256 of its bytes: the same bytes are
there once, a file is never overwritten, and no name that a person chose is ever part of a path.
The database rows (Upload, FullText) hold the name, the size and the hash.
"""

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from reviews.refusal import Refused

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


def folder() -> Path:
    return Path(settings.DATA_DIR) / "files"


def path_of(sha256: str) -> Path:
    """Where the file with this hash lies (or would lie)."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("That is not a SHA-256 in hexadecimal.")
    return folder() / sha256[:2] / sha256


def every() -> Iterator[str]:
    """The SHA-256 of every file that is kept, in no order."""
    return (path.name for path in folder().glob("??/*") if _SHA256.fullmatch(path.name))


class Draft:
    """A file that has been received and is not kept yet."""

    def __init__(self, path: Path, sha256: str, size: int) -> None:
        self.path, self.sha256, self.size = path, sha256, size

    def keep(self) -> Path:
        """Put the file in its place for good; the same bytes there already stay as they are."""
        final = path_of(self.sha256)
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not final.exists():
            # Two at once rename equal bytes over each other, which changes nothing.
            self.path.replace(final)
            _sync_folder(final.parent)
        return final


@contextmanager
def received(chunks: Iterable[bytes]) -> Iterator[Draft]:
    """Write `chunks` beside the store; without `keep()` nothing is left at the end of the block.

    Commit the row that names the file inside the block: until its end nobody can remove the file
    as unused. Refused when it grows over UPLOAD_LIMIT_MB.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(fcntl.LOCK_SH):
        handle, name = tempfile.mkstemp(prefix="arriving-", dir=folder())
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                sha256, size = _write(file.write, chunks)
                file.flush()
                os.fsync(file.fileno())
            yield Draft(path, sha256, size)
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def kept_meanwhile() -> Iterator[None]:
    """Nothing is removed as unused inside: for files whose rows are committed before its end."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(fcntl.LOCK_SH):
        yield


def _write(write: Callable[[bytes], object], chunks: Iterable[bytes]) -> tuple[str, int]:
    limit = settings.UPLOAD_LIMIT_MB << 20
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise Refused(
                f"This file is larger than {settings.UPLOAD_LIMIT_MB} MB, which is the limit here. "
                "Export it in parts, or ask the administrator to raise the limit."
            )
        digest.update(chunk)
        write(chunk)
    return digest.hexdigest(), size


def remove_unused(sha256: str, in_use: Callable[[str], bool]) -> bool:
    """Remove the file unless a row still names it; True when it was removed."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(fcntl.LOCK_EX):
        if in_use(sha256):
            return False
        path = path_of(sha256)
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed


def is_whole(sha256: str) -> bool:
    """Whether the file is there and still holds the bytes that its name promises."""
    path = path_of(sha256)
    if not path.is_file():
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == sha256


@contextmanager
def _lock(mode: int) -> Iterator[None]:
    """Shared while a file comes in, exclusive while one is removed."""
    with (folder() / ".lock").open("a") as file:
        fcntl.flock(file, mode)
        yield


def _sync_folder(path: Path) -> None:
    """A rename is only durable once its folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
