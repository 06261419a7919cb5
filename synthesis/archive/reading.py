"""An archive, checked to the last byte before anything of it is believed."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reviews.refusal import Refused

from .ids import PERSON
from .nouns import LEFT_OUT
from .writing import FORMAT, MANIFEST, SEAL, VERSION, digest_of, noun_called

NAME = re.compile(
    r"manifest\.json|schema\.json|README\.txt|rows/[a-z_.]+\.jsonl|files/[0-9a-f]{64}"
)
# JSON of real reviews packs to a tenth; what packs to less than this share is made to burst.
MOST_PACKED, FREE = 200, 1 << 20
LARGEST_MANIFEST, LONGEST_LINE = 256 << 20, 256 << 20  # bytes
_CHUNK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
DAMAGED = "The archive was changed after it was written, or damaged on its way: "


class Archive:
    """An open archive that has passed every check."""

    def __init__(self, packed: zipfile.ZipFile, manifest: dict[str, Any], sha256: str) -> None:
        self.packed, self.manifest, self.sha256 = packed, manifest, sha256
        self.nouns = {each["noun"]: each for each in manifest["members"] if "noun" in each}

    @property
    def title(self) -> str:
        return str(self.manifest["review"]["title"])

    @property
    def slug(self) -> str:
        return str(self.manifest["review"]["slug"])

    @property
    def rows_total(self) -> int:
        return sum(int(each["rows"]) for each in self.nouns.values())

    @property
    def files(self) -> list[str]:
        """The SHA-256 of every file that it holds."""
        names = [each["name"] for each in self.manifest["members"]]
        return [name[6:] for name in names if name.startswith("files/")]

    def ranges(self) -> dict[str, tuple[int, int]]:
        """{noun: (lowest id, highest id)} of those that have rows."""
        return {
            name: (each["first"], each["last"]) for name, each in self.nouns.items() if each["rows"]
        }

    def rows(self, noun: str) -> Iterator[dict[str, Any]]:
        """The rows of `noun` as the archive has them; none where an older one knows no such noun."""
        if noun not in self.nouns:
            return
        name = self.nouns[noun]["name"]
        with self.packed.open(name) as lines:
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), 1):
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                if not isinstance(row, dict):
                    raise Refused(f"Line {number} of {name} is no row.")
                yield row

    def file(self, sha256: str) -> Iterator[bytes]:
        with self.packed.open(f"files/{sha256}") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at `path`, checked; Refused with the reason when anything is wrong with it.

    1. It is a zip that ends where a zip ends (cut short). 2. No path leads out of it, no name is
    there twice. 3. It does not burst. 4. Its format is one we know. 5. The whole has the hash that
    its comment says. 6. Each member has the size and the hash that the manifest says.
    """
    try:
        packed = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise Refused(
            "This is no archive of a review, or it was cut short: it does not end as a zip file does."
        ) from error
    with packed:
        try:
            infos = packed.infolist()
            _check_names(infos)
            _check_sizes(infos, path.stat().st_size)
            manifest = _manifest(packed)
            sha256 = _check_whole(packed, path)
            _check_members(packed, infos, manifest)
        except _BROKEN as error:
            raise Refused(f"{DAMAGED}a part of it can't be unpacked.") from error
        yield Archive(packed, manifest, sha256)


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        name = info.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
            raise Refused(f"The archive holds a path that leads out of it: “{name[:80]}”.")
        if not NAME.fullmatch(info.orig_filename):
            raise Refused(f"The archive holds something that is not part of one: “{name[:80]}”.")
        if name in seen:
            raise Refused(f"The archive holds “{name}” twice.")
        seen.add(name)


def _check_sizes(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Declared sizes only; that no member gives more than it declares is zipfile's business."""
    packed = sum(info.compress_size for info in infos)
    bursting = [i for i in infos if i.file_size > FREE + MOST_PACKED * i.compress_size]
    if packed > size or bursting:
        raise Refused("The archive would unpack to far more than it can hold (a zip bomb).")


def _manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    if MANIFEST not in packed.namelist():
        raise Refused("This zip file is no archive of a review: it has no manifest.json.")
    if packed.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise Refused("The manifest of the archive is too large to be one.")
    manifest = json.loads(packed.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Refused("This zip file is no archive of a review: its manifest says something else.")
    version = manifest.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise Refused(
            f"The archive is of version {version} of the format, and this Concord reads up to "
            f"{VERSION}. Upgrade Concord, then restore it."
        )
    return manifest


def _check_whole(packed: zipfile.ZipFile, path: Path) -> str:
    if not packed.comment.startswith(SEAL) or len(packed.comment) != len(SEAL) + 64:
        raise Refused(f"{DAMAGED}the seal at its end is missing.")
    with path.open("rb") as file:
        found = digest_of(file)
    if found.encode() != packed.comment[-64:]:
        raise Refused(f"{DAMAGED}its bytes are not those that its seal was made of.")
    return found


def _check_members(
    packed: zipfile.ZipFile, infos: list[zipfile.ZipInfo], manifest: dict[str, Any]
) -> None:
    listed = {each["name"]: each for each in manifest["members"]}
    if {info.filename for info in infos} != {*listed, MANIFEST}:
        raise Refused(f"{DAMAGED}it does not hold what its manifest lists.")
    for name, about in listed.items():
        digest, size = hashlib.sha256(), 0
        with packed.open(name) as member:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        wrong = (size, digest.hexdigest()) != (about["size"], about["sha256"])
        if wrong or (name.startswith("files/") and name[6:] != about["sha256"]):
            raise Refused(f"{DAMAGED}“{name}” is not what the manifest says.")
        _check_noun(about.get("noun"))


def _check_noun(noun: str | None) -> None:
    if noun not in (None, PERSON) and noun_called(str(noun)) is None and noun not in LEFT_OUT:
        raise Refused(
            f"The archive was made by a newer Concord: it holds {noun}, which this one does not "
            "know. Upgrade Concord, then restore it."
        )
