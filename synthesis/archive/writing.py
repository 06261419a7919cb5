"""A review into an archive: one zip of JSON lines and files, with the hash of each and of the whole.

Rows are read in pieces and written as they come, so memory does not grow with the review. The same
review gives the same members, byte for byte; only the manifest says when it was written.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import models
from django.utils import timezone

from citations import blobs
from reviews.models import Job, Review, User
from reviews.refusal import Refused
from screening import flow

from .ids import Gathering
from .nouns import NOUNS, PERSON, Noun, Row

FORMAT, VERSION = "concord-archive", 1
SEAL = b"concord-archive sha256 "  # the zip's comment begins so; 64 letters follow
MANIFEST, SCHEMA, PEOPLE, README = "manifest.json", "schema.json", "rows/people.jsonl", "README.txt"
PIECE = 2_000  # rows read at a time
_CHUNK = 1 << 20
_DAY = (1980, 1, 1, 0, 0, 0)  # the date of every member: equal reviews give equal members

SAYS = """This is an archive of a systematic review, written by Concord.

manifest.json  what the archive holds, with the SHA-256 of each member
schema.json    what each file of rows/ holds, field by field, and what its ids refer to
rows/          one JSON object a line; rows/people.jsonl names who took part
files/         imported files and full texts, each named by the SHA-256 of its bytes

Text is UTF-8, times are ISO 8601 in UTC. rows/reviews.auditevent.jsonl is the log: `hash` is the
SHA-256 of [review_id, number, actor_id, verb, target, before, after, reason, at, previous_hash]
as JSON with sorted keys and no spaces. The comment of this zip file holds the SHA-256 of all
its bytes but the comment's last 64.
"""

Say = Callable[[int, int, str], None]  # rows done, rows in all, what is being done


def say_nothing(done: int, total: int, doing: str) -> None:
    """Nobody watches."""


@dataclass
class _Members:
    """The zip while it is written, and what its manifest will say of it."""

    zip: zipfile.ZipFile
    listed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, chunks: Iterator[bytes], *, packed: bool = True, **more: Any) -> None:
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


def write(
    review: Review, out: Path, *, transcripts: bool, say: Say = say_nothing
) -> dict[str, Any]:
    """Write the whole of `review` to `out`; the manifest of what was written.

    `transcripts`: with the words of interviews; otherwise they are sealed and codings keep where
    they stand. Everything is of one moment. Refused while a job of the review is at work, because
    what it has begun can't be ended elsewhere.
    """
    with flow.one_moment():
        busy = review.jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
        for job in busy.exclude(kind="archive"):
            raise Refused(
                f"“{job.kind_label}” is still at work. Wait until it has ended, or stop it."
            )
        with out.open("w+b") as file:
            manifest = _write(review, file, transcripts, say)
            _seal(file)
    return manifest


def _write(review: Review, file: IO[bytes], transcripts: bool, say: Say) -> dict[str, Any]:
    counts = {noun.model: rows_of(noun, review).count() for noun in NOUNS}
    total, done = sum(counts.values()), 0
    names, files = Gathering(), dict[str, None]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.comment = SEAL + b"0" * 64
        members = _Members(packed)
        members.add(README, iter([SAYS.encode()]))
        members.add(SCHEMA, iter([_json(schema(), indent=1)]))
        for noun in NOUNS:
            say(done, total, f"Writing {noun.rows_of._meta.verbose_name_plural}")
            ends = rows_of(noun, review).aggregate(
                first=models.Min("pk"), last=models.Max("pk"), rows=models.Count("pk")
            )
            lines = _lines(noun, review, names, files, transcripts)
            members.add(noun.member, lines, noun=noun.model, **ends)
            done += counts[noun.model]
        people = User.objects.filter(pk__in=names.met).order_by("pk")
        told = [_json({"id": p.pk, **{n: getattr(p, n) for n in TOLD}}) for p in people]
        ends = {"first": min(names.met), "last": max(names.met), "rows": len(told)}
        members.add(PEOPLE, (line + b"\n" for line in told), noun=PERSON, **ends)
        missing = []
        for number, sha256 in enumerate(sorted(files)):
            if number % 50 == 0:
                say(done, total, f"Writing files ({number} of {len(files)})")
            if blobs.path_of(sha256).is_file():
                members.add(f"files/{sha256}", _bytes_of(sha256), packed=False)
            else:
                missing.append(sha256)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": timezone.now().isoformat(),
            "review": {"slug": review.slug, "title": review.title},
            "transcripts": "included" if transcripts else "sealed",
            # The numbers that the review gives; restored, it must give the same.
            "prisma": flow.boxes(review),
            "missing_files": missing,
            "members": members.listed,
        }
        members.add(MANIFEST, iter([_json(manifest, indent=1)]))
    return manifest


TOLD = ["username", "name", "email"]  # what an archive says of a person


def rows_of(noun: Noun, review: Review) -> models.QuerySet[Any]:
    return noun.rows_of._base_manager.filter(**{noun.path: review.pk}).order_by("pk")


def _lines(
    noun: Noun, review: Review, names: Gathering, files: dict[str, None], transcripts: bool
) -> Iterator[bytes]:
    """One JSON object a row, by the columns of the table; who and which files are named is noted."""
    fields = noun.rows_of._meta.concrete_fields
    people = [each.attname for each in fields if each.related_model is User]
    columns = [each.attname for each in fields]
    for values in rows_of(noun, review).values_list(*columns).iterator(chunk_size=PIECE):
        row: Row = dict(zip(columns, values, strict=True))
        for name in people:
            names(PERSON, row[name])
        for name, translate in noun.ids.items():
            row[name] = translate(row[name], row, names)
        for name in noun.dropped:
            row[f"{name}_id"] = None
        if noun.file and row[noun.file]:
            files[row[noun.file]] = None
        if not transcripts:
            for name, stand_in in noun.sealed.items():
                row[name] = stand_in(row["id"])
        yield _json({name: _plain(value) for name, value in row.items()}) + b"\n"


def _plain(value: Any) -> Any:
    """Dates and times as ISO 8601, an UUID as its text."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _json(value: Any, indent: int | None = None) -> bytes:
    separators = None if indent else (",", ":")
    try:
        return json.dumps(value, ensure_ascii=False, separators=separators, indent=indent).encode()
    except UnicodeEncodeError:  # half a letter, as broken exports have it: \\ud800
        return json.dumps(value, separators=separators, indent=indent).encode()


def _bytes_of(sha256: str) -> Iterator[bytes]:
    with blobs.path_of(sha256).open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _seal(file: IO[bytes]) -> None:
    """Put the hash of the whole into the comment, which is the end of the file."""
    file.seek(0)
    digest = digest_of(file)
    file.seek(-64, 2)
    file.write(digest.encode())


def digest_of(file: IO[bytes]) -> str:
    """The SHA-256 of everything but the last 64 bytes. Reads from where `file` stands."""
    digest, tail = hashlib.sha256(), b""
    while chunk := file.read(_CHUNK):
        tail += chunk
        digest.update(tail[:-64])
        tail = tail[-64:]
    return digest.hexdigest()


def schema() -> dict[str, Any]:
    """{noun: {"member", "says", "fields": {name: {"type", "null", "refers_to"}}}}, off the models."""
    return {
        noun.model: {
            "member": noun.member,
            "says": (noun.rows_of.__doc__ or "").strip().split("\n")[0],
            "fields": {each.attname: _field(each) for each in noun.rows_of._meta.concrete_fields},
            "sealed": list(noun.sealed),
        }
        for noun in NOUNS
    } | {
        PERSON: {"member": PEOPLE, "says": "Who took part.", "fields": {name: {} for name in TOLD}}
    }


def _field(each: "models.Field[Any, Any]") -> dict[str, Any]:
    to = each.related_model
    about: dict[str, Any] = {"type": each.get_internal_type(), "null": each.null}
    if to is not None and to != "self":
        about["refers_to"] = to._meta.label
    return about


def noun_called(model: str) -> Noun | None:
    return next((noun for noun in NOUNS if noun.model == model), None)
