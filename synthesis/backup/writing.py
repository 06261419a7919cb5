"""The installation into a backup, while it runs: everything in it is of one moment."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from citations import blobs
from screening import flow

from ..archive.writing import Say, say_nothing
from ..sealed.reading import Kind
from ..sealed.writing import MANIFEST, Members, as_json, blank, chunks_of, close_with_seal
from . import tables

NAMES = r"manifest\.json|README\.txt|secret\.key|rows/[A-Za-z_.]+\.jsonl|files/[0-9a-f]{64}"
BACKUP = Kind("backup", "an installation", "concord-backup", 1, re.compile(NAMES))
README, SECRET = "README.txt", "secret.key"
PIECE = 2_000  # rows read at a time

SAYS = """This is a backup of a whole Concord, with everything that is confidential in it.

manifest.json  what it holds, with the SHA-256 of each member, and the migrations of its database
rows/          a table a file, a row a line, as JSON; bytes are base64, times are ISO 8601
files/         imported files and full texts, each named by the SHA-256 of its bytes
secret.key     what signs cookies and webhooks, where it is not set by the environment

    python manage.py restore_backup THIS.zip

puts it into an empty installation.
"""


def write(out: Path, *, say: Say = say_nothing) -> dict[str, Any]:
    """Write the whole installation to `out`; the manifest of what was written.

    Rows are of one moment and files are taken after them, so that every file which a row names is
    there; nobody waits for the backup. The file is for its owner's eyes only.
    """
    out.touch(mode=0o600)
    with out.open("w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.comment = blank(BACKUP.seal)
            manifest = _write(Members(packed), say)
        close_with_seal(file)
    return manifest


def _write(members: Members, say: Say) -> dict[str, Any]:
    members.add(README, iter([SAYS.encode()]))
    with flow.one_moment(), blobs.kept_meanwhile():
        loader = tables.loader()
        nodes = tables.migrations_of(loader)
        rows = _rows(members, tables.models_at(loader, nodes), say)
        files = sorted(blobs.every())
        for number, sha256 in enumerate(files):
            if number % 50 == 0:
                say(rows, rows, f"Writing files ({number} of {len(files)})")
            members.add(f"files/{sha256}", chunks_of(blobs.path_of(sha256)), packed=False)
    secret = Path(settings.DATA_DIR) / SECRET
    if secret.is_file():
        members.add(SECRET, chunks_of(secret))
    manifest = {
        "format": BACKUP.format,
        "version": BACKUP.version,
        "made_at": timezone.now().isoformat(),
        "database": connection.vendor,
        "migrations": nodes,
        "members": members.listed,
    }
    members.add(MANIFEST, iter([as_json(manifest, indent=1)]))
    return manifest


def _rows(members: Members, every: dict[str, type[models.Model]], say: Say) -> int:
    """Write each table; how many rows in all."""
    counts = {label: model._base_manager.count() for label, model in every.items()}
    total, done = sum(counts.values()), 0
    for label, model in every.items():
        say(done, total, f"Writing {label}")
        members.add(f"rows/{label}.jsonl", _lines(model), table=label, rows=counts[label])
        done += counts[label]
    return total


def _lines(model: type[models.Model]) -> Iterator[bytes]:
    names = [each.attname for each in tables.columns(model)]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for values in rows.iterator(chunk_size=PIECE):
        row = {name: tables.plain(value) for name, value in zip(names, values, strict=True)}
        yield as_json(row) + b"\n"
