"""A review into an archive: one zip of JSON lines and files, with the hash of each and of the whole.

Rows are read in pieces and written as they come, so memory does not grow with the review. The same
review gives the same members, byte for byte; only the manifest says when it was written.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.db import models
from django.utils import timezone

from citations import blobs
from reviews.models import Job, Review, User
from reviews.refusal import Refused
from screening import flow

from ..sealed.reading import Kind
from ..sealed.writing import MANIFEST, Members, as_json, blank, chunks_of, close_with_seal
from .ids import Gathering
from .nouns import NOUNS, PERSON, Noun, Row

NAMES = r"manifest\.json|schema\.json|README\.txt|rows/[a-z_.]+\.jsonl|files/[0-9a-f]{64}"
ARCHIVE = Kind("archive", "a review", "concord-archive", 1, re.compile(NAMES))
SCHEMA, PEOPLE, README = "schema.json", "rows/people.jsonl", "README.txt"
PIECE = 2_000  # rows read at a time

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
            close_with_seal(file)
    return manifest


def _write(review: Review, file: IO[bytes], transcripts: bool, say: Say) -> dict[str, Any]:
    counts = {noun.model: rows_of(noun, review).count() for noun in NOUNS}
    total, done = sum(counts.values()), 0
    names, files = Gathering(), dict[str, None]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.comment = blank(ARCHIVE.seal)
        members = Members(packed)
        members.add(README, iter([SAYS.encode()]))
        members.add(SCHEMA, iter([as_json(schema(), indent=1)]))
        for noun in NOUNS:
            say(done, total, f"Writing {noun.rows_of._meta.verbose_name_plural}")
            ends = rows_of(noun, review).aggregate(
                first=models.Min("pk"), last=models.Max("pk"), rows=models.Count("pk")
            )
            lines = _lines(noun, review, names, files, transcripts)
            members.add(noun.member, lines, noun=noun.model, **ends)
            done += counts[noun.model]
        people = User.objects.filter(pk__in=names.met).order_by("pk")
        told = [as_json({"id": p.pk, **{n: getattr(p, n) for n in TOLD}}) for p in people]
        ends = {"first": min(names.met), "last": max(names.met), "rows": len(told)}
        members.add(PEOPLE, (line + b"\n" for line in told), noun=PERSON, **ends)
        missing = []
        for number, sha256 in enumerate(sorted(files)):
            if number % 50 == 0:
                say(done, total, f"Writing files ({number} of {len(files)})")
            if blobs.path_of(sha256).is_file():
                members.add(f"files/{sha256}", chunks_of(blobs.path_of(sha256)), packed=False)
            else:
                missing.append(sha256)
        manifest = {
            "format": ARCHIVE.format,
            "version": ARCHIVE.version,
            "made_at": timezone.now().isoformat(),
            "review": {"slug": review.slug, "title": review.title},
            "transcripts": "included" if transcripts else "sealed",
            # The numbers that the review gives; restored, it must give the same.
            "prisma": flow.boxes(review),
            "missing_files": missing,
            "members": members.listed,
        }
        members.add(MANIFEST, iter([as_json(manifest, indent=1)]))
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
        yield as_json({name: _plain(value) for name, value in row.items()}) + b"\n"


def _plain(value: Any) -> Any:
    """Dates and times as ISO 8601, an UUID as its text."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


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
