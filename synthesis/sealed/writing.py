"""A sealed zip: members as they come, their hashes in the manifest, the hash of all at the end."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MANIFEST = "manifest.json"
CHUNK = 1 << 20
_DAY = (1980, 1, 1, 0, 0, 0)  # the date of every member: equal rows give equal members


@dataclass
class Members:
    """The zip while it is written, and what its manifest will say of it."""

    zip: zipfile.ZipFile
    listed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, chunks: Iterator[bytes], *, packed: bool = True, **more: Any) -> None:
        """Write `chunks` as the member `name`; the manifest says of it `more` beside its hash."""
        info = zipfile.ZipInfo(name, _DAY)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self.zip.open(info, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.listed.append({"name": name, "size": size, "sha256": digest.hexdigest(), **more})


def as_json(value: Any, indent: int | None = None) -> bytes:
    separators = None if indent else (",", ":")
    try:
        return json.dumps(value, ensure_ascii=False, separators=separators, indent=indent).encode()
    except UnicodeEncodeError:  # half a letter, as broken exports have it: \\ud800
        return json.dumps(value, separators=separators, indent=indent).encode()


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def blank(seal: bytes) -> bytes:
    """The comment of a zip until its hash is known."""
    return seal + b"0" * 64


def close_with_seal(file: IO[bytes]) -> None:
    """Put the hash of the whole into the comment, which is the end of the file."""
    file.seek(0)
    digest = digest_of(file)
    file.seek(-64, 2)
    file.write(digest.encode())


def digest_of(file: IO[bytes]) -> str:
    """The SHA-256 of everything but the last 64 bytes. Reads from where `file` stands."""
    digest, tail = hashlib.sha256(), b""
    while chunk := file.read(CHUNK):
        tail += chunk
        digest.update(tail[:-64])
        tail = tail[-64:]
    return digest.hexdigest()
