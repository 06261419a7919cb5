"""The files of a zip, one by one, under limits that hold whatever the zip says about itself."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .kinds import MOST_NAMES, NOT_MEANT, Refusal, names_in

MOST_BYTES = 4 << 30  # of one zip, unpacked
MOST_RATIO = 250  # unpacked to packed, of a file that is large; text packs 20 times at most
LARGE = 20 << 20
_PIECE = 1 << 20
_SAYS_UTF8 = 0x800


@dataclass
class Member:
    """One file in a zip. `name` is for people to read: no path on our disk is made of it."""

    number: int
    name: str  # with the folders it lies in, "/" between them
    refused: str = ""  # one sentence, when it is not taken out
    _archive: zipfile.ZipFile = field(repr=False, default=None)  # type: ignore[assignment]
    _info: zipfile.ZipInfo = field(repr=False, default=None)  # type: ignore[assignment]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes; Refusal with one sentence when they turn out more than it promised."""
        told = 0
        try:
            with self._archive.open(self._info) as file:
                while chunk := file.read(_PIECE):
                    told += len(chunk)
                    if told > self._info.file_size:
                        raise Refusal("This file is larger than its zip says.")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise Refusal("This file is broken in its zip.") from None


def members(path: Path, *, limit: int) -> Iterator[Member]:
    """The files in the zip at `path`, folders and system files left out.

    `limit` is the most bytes of one file. Refusal when the zip as a whole is not opened.
    """
    if names_in(path) > MOST_NAMES:
        raise Refusal(f"This zip holds more than {MOST_NAMES:,} files; send it in parts.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refusal("This zip is broken and can't be opened.") from None
    with archive:
        infos = archive.infolist()
        if len(infos) > MOST_NAMES:
            raise Refusal(f"This zip holds more than {MOST_NAMES:,} files; send it in parts.")
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise Refusal("This zip unpacks to more than 4 GB and was not opened.")
        for number, info in enumerate(infos, start=1):
            name = clean_path(_name(info))
            last = PurePosixPath(name).name.lower()
            if info.is_dir() or last in NOT_MEANT or last.startswith("._") or not last:
                continue
            yield Member(number, name, _refusal(info, limit), archive, info)


def _name(info: zipfile.ZipInfo) -> str:
    """Its name. Some programs write UTF-8 without saying so, which zipfile takes for CP 437."""
    if not info.flag_bits & _SAYS_UTF8:
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _refusal(info: zipfile.ZipInfo, limit: int) -> str:
    if info.flag_bits & 1:
        return "This file is protected by a password in its zip."
    if info.file_size > limit:
        return f"This file is larger than {limit >> 20} MB, which is the limit here."
    if info.file_size > LARGE and info.file_size > MOST_RATIO * max(1, info.compress_size):
        return "This file unpacks to far more than a document holds and was not opened."
    return ""


def clean_path(name: str) -> str:
    """The name without drives, "..", empty parts and characters that can't be shown."""
    shown = "".join(c for c in name.replace("\\", "/") if c.isprintable())
    parts = [part.strip() for part in shown.split("/")]
    return "/".join(part for part in parts if part and part not in (".", "..") and part[-1:] != ":")
