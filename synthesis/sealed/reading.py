"""A sealed zip, checked to the last byte before anything of it is believed."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviews.refusal import Refused

from .writing import CHUNK, MANIFEST, digest_of

# JSON of real reviews packs to a tenth; what packs to less than this share is made to burst.
MOST_PACKED, FREE = 200, 1 << 20
LARGEST_MANIFEST, LONGEST_LINE = 256 << 20, 256 << 20  # bytes
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


@dataclass(frozen=True)
class Kind:
    """What a sealed zip has to be: its format and version, which names may lie in it."""

    called: str  # "archive", as messages say it
    holds: str  # "a review"
    format: str
    version: int
    names: re.Pattern[str]

    @property
    def seal(self) -> bytes:
        """The zip's comment begins so; 64 letters follow."""
        return f"{self.format} sha256 ".encode()

    @property
    def damaged(self) -> str:
        return f"The {self.called} was changed after it was written, or damaged on its way: "


class Sealed:
    """An open zip that has passed every check."""

    def __init__(self, packed: zipfile.ZipFile, manifest: dict[str, Any], sha256: str) -> None:
        self.packed, self.manifest, self.sha256 = packed, manifest, sha256

    @property
    def files(self) -> list[str]:
        """The SHA-256 of every file that it holds."""
        names = [each["name"] for each in self.manifest["members"]]
        return [name[6:] for name in names if name.startswith("files/")]

    def lines(self, member: str) -> Iterator[dict[str, Any]]:
        """The rows of `member`, one JSON object a line."""
        with self.packed.open(member) as lines:
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), 1):
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                if not isinstance(row, dict):
                    raise Refused(f"Line {number} of {member} is no row.")
                yield row

    def file(self, sha256: str) -> Iterator[bytes]:
        yield from self.bytes_of(f"files/{sha256}")

    def bytes_of(self, member: str) -> Iterator[bytes]:
        with self.packed.open(member) as file:
            while chunk := file.read(CHUNK):
                yield chunk


@contextmanager
def checked(path: Path, kind: Kind) -> Iterator[Sealed]:
    """The zip at `path`, checked; Refused with the reason when anything is wrong with it.

    1. It is a zip that ends where a zip ends (cut short). 2. No path leads out of it, no name is
    there twice. 3. It does not burst. 4. Its format is one we know. 5. The whole has the hash that
    its comment says. 6. Each member has the size and the hash that the manifest says.
    """
    try:
        packed = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise Refused(
            f"This is no {kind.called} of {kind.holds}, or it was cut short: it does not end as a "
            "zip file does."
        ) from error
    with packed:
        try:
            infos = packed.infolist()
            _check_names(infos, kind)
            _check_sizes(infos, path.stat().st_size, kind)
            manifest = _manifest(packed, kind)
            sha256 = _check_whole(packed, path, kind)
            _check_members(packed, infos, manifest, kind)
        except _BROKEN as error:
            raise Refused(f"{kind.damaged}a part of it can't be unpacked.") from error
        yield Sealed(packed, manifest, sha256)


def _check_names(infos: list[zipfile.ZipInfo], kind: Kind) -> None:
    seen: set[str] = set()
    for info in infos:
        name = info.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
            raise Refused(f"The {kind.called} holds a path that leads out of it: “{name[:80]}”.")
        if not kind.names.fullmatch(info.orig_filename):
            raise Refused(
                f"The {kind.called} holds something that is not part of one: “{name[:80]}”."
            )
        if name in seen:
            raise Refused(f"The {kind.called} holds “{name}” twice.")
        seen.add(name)


def _check_sizes(infos: list[zipfile.ZipInfo], size: int, kind: Kind) -> None:
    """Declared sizes only; that no member gives more than it declares is zipfile's business."""
    packed = sum(info.compress_size for info in infos)
    bursting = [i for i in infos if i.file_size > FREE + MOST_PACKED * i.compress_size]
    if packed > size or bursting:
        raise Refused(f"The {kind.called} would unpack to far more than it can hold (a zip bomb).")


def _manifest(packed: zipfile.ZipFile, kind: Kind) -> dict[str, Any]:
    if MANIFEST not in packed.namelist():
        raise Refused(f"This zip file is no {kind.called} of {kind.holds}: it has no {MANIFEST}.")
    if packed.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise Refused(f"The manifest of the {kind.called} is too large to be one.")
    manifest = json.loads(packed.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != kind.format:
        raise Refused(
            f"This zip file is no {kind.called} of {kind.holds}: its manifest says something else."
        )
    version = manifest.get("version")
    if not isinstance(version, int) or version > kind.version:
        raise Refused(
            f"The {kind.called} is of version {version} of the format, and this Concord reads up "
            f"to {kind.version}. Upgrade Concord, then restore it."
        )
    return manifest


def _check_whole(packed: zipfile.ZipFile, path: Path, kind: Kind) -> str:
    if not packed.comment.startswith(kind.seal) or len(packed.comment) != len(kind.seal) + 64:
        raise Refused(f"{kind.damaged}the seal at its end is missing.")
    with path.open("rb") as file:
        found = digest_of(file)
    if found.encode() != packed.comment[-64:]:
        raise Refused(f"{kind.damaged}its bytes are not those that its seal was made of.")
    return found


def _check_members(
    packed: zipfile.ZipFile, infos: list[zipfile.ZipInfo], manifest: dict[str, Any], kind: Kind
) -> None:
    listed = {each["name"]: each for each in manifest["members"]}
    if {info.filename for info in infos} != {*listed, MANIFEST}:
        raise Refused(f"{kind.damaged}it does not hold what its manifest lists.")
    for name, about in listed.items():
        digest, size = hashlib.sha256(), 0
        with packed.open(name) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
        wrong = (size, digest.hexdigest()) != (about["size"], about["sha256"])
        if wrong or (name.startswith("files/") and name[6:] != about["sha256"]):
            raise Refused(f"{kind.damaged}“{name}” is not what the manifest says.")
