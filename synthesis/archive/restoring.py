"""An archive into a review: all of it or nothing.

Ids stay what they were where nobody has them; otherwise the rows of a model move together, past what
is there. People are found by their e-mail address; who is not here becomes an account without a
password, which its owner can take over by "forgot password".
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Max

from citations import blobs, stored
from reviews import audit
from reviews.actions import create_review, free_slug
from reviews.models import AuditEvent, Restoration, Review, User
from reviews.refusal import Refused
from screening import flow

from .ids import Ids
from .nouns import NOUNS, PERSON, Noun, Row
from .reading import Archive, opened
from .writing import Say, say_nothing

PIECE = 500  # rows stored at a time


def restore(
    path: Path,
    *,
    by: User | None = None,
    slug: str = "",
    say: Say = say_nothing,
    and_then: Callable[[Review], None] | None = None,
) -> Review:
    """The review of the archive at `path`, under its own slug, or `slug`, or a free one.

    `and_then` is called with it in the same transaction, after every check.

    Refused, and nothing is kept, when the archive is not whole (see reading.opened) or the review
    that came of it does not give the numbers that its manifest promises.
    """
    with opened(path) as archive:
        if slug and Review.objects.filter(slug=slug).exists():
            raise Refused(f"There is a review called “{slug}” already.")
        with _files(archive, say):
            try:
                with transaction.atomic():
                    review = _Restoring(archive, say).all(slug or _free(archive.slug), by)
                    if and_then:
                        and_then(review)
                    return review
            except (IntegrityError, KeyError, TypeError, ValueError, ValidationError) as error:
                raise Refused(
                    f"The archive contradicts itself, so nothing was kept: {error}"
                ) from error


def _free(slug: str) -> str:
    return free_slug(slug) if Review.objects.filter(slug=slug).exists() else slug


@contextmanager
def _files(archive: Archive, say: Say) -> Iterator[None]:
    """Its files are in the store inside; those that no row came to name are gone afterwards.

    A process that is killed leaves at most files that nothing names, and the next try uses them.
    """
    fresh: list[str] = []
    try:
        with blobs.kept_meanwhile():
            for number, sha256 in enumerate(archive.files):
                if number % 50 == 0:
                    say(0, archive.rows_total, f"Storing files ({number} of {len(archive.files)})")
                if not blobs.is_whole(sha256):
                    with blobs.received(archive.file(sha256)) as draft:
                        draft.keep()
                    fresh.append(sha256)
            yield
    finally:
        for sha256 in fresh:
            blobs.remove_unused(sha256, stored.is_in_use)


class _Restoring:
    """One archive on its way in, inside one transaction."""

    def __init__(self, archive: Archive, say: Say) -> None:
        self.archive, self.say = archive, say
        ranges = archive.ranges()
        shifts = {
            noun.model: _room_for(noun.rows_of, *ranges[noun.model])
            for noun in NOUNS
            if noun.model in ranges
        }
        self.ids = Ids(shifts, self._people(ranges.get(PERSON)), ranges)

    def all(self, slug: str, by: User | None) -> Review:
        """Every row, then every check; the review."""
        done, total = 0, self.archive.rows_total
        for noun in NOUNS:
            self.say(done, total, f"Restoring {noun.rows_of._meta.verbose_name_plural}")
            done += self._store(noun, slug)
        review = Review.objects.get(slug=slug)
        self._remember(review, by)
        tables = [noun.rows_of._meta.db_table for noun in NOUNS]
        connection.check_constraints(table_names=tables)
        self._check(review)
        return review

    def _store(self, noun: Noun, slug: str) -> int:
        """The rows of one model; how many. Past `save()`: they are stored as they were."""
        stored = 0
        found = (self._row(noun, row) for row in self.archive.rows(noun.model))
        for piece in _pieces(found):
            if noun.model == "reviews.Review":
                if stored or len(piece) != 1:
                    raise Refused("The archive holds more than one review.")
                piece[0].slug = slug
            noun.rows_of._base_manager.bulk_create(piece)
            stored += len(piece)
        if noun.model == "reviews.Review" and not stored:
            raise Refused("The archive holds no review.")
        return stored

    def _row(self, noun: Noun, said: Row) -> Any:
        """A row as it will be here. What an older archive does not say has its default."""
        model = noun.rows_of
        fields = {each.attname: each for each in model._meta.concrete_fields}
        if unknown := sorted(set(said) - set(fields)):
            raise Refused(
                f"The archive was made by a newer Concord: {noun.model} has “{unknown[0]}”, which "
                "this one does not know. Upgrade Concord, then restore it."
            )
        made = {}
        for name, value in said.items():
            each = fields[name]
            if name in noun.ids:
                made[name] = noun.ids[name](value, said, self.ids)
            elif each.primary_key:
                made[name] = self.ids(noun.model, value)
            elif each.related_model is not None:
                gone = each.name in noun.dropped
                made[name] = None if gone else self.ids(each.related_model._meta.label, value)
            else:
                made[name] = each.to_python(value)
        if model is AuditEvent:
            moved = {noun.model.lower(): self.ids.shift(noun.model) for noun in NOUNS}
            made["target"] = audit.renamed(made["target"], moved)
        return model(**made)

    def _people(self, ends: tuple[int, int] | None) -> dict[int, int]:
        """{id there: id here} of everybody; who has no account gets one, in the order of old."""
        people, strangers = {}, []
        for told in self.archive.rows(PERSON):
            address = str(told["email"])
            known = User.objects.filter(email__iexact=address).first() if address else None
            if known:
                people[int(told["id"])] = known.pk
            else:
                strangers.append(told)
        shift = _room_for(User, *ends) if ends and strangers else 0
        for told in strangers:
            name = _free_name(str(told["username"]))
            made = User.objects.create(
                pk=int(told["id"]) + shift,
                username=name,
                name=told["name"],
                email=told["email"] or f"{name}@restored.invalid",
                password=make_password(None),
            )
            people[int(told["id"])] = made.pk
        return people

    def _remember(self, review: Review, by: User | None) -> None:
        """Write down where the review is from; the log's hashes are checked with that."""
        last = review.events.first()
        Restoration.objects.create(
            review=review,
            sha256=self.archive.sha256,
            made_at=self.archive.manifest["made_at"],
            events=last.number if last else 0,
            there={
                "review": review.pk - self.ids.shift("reviews.Review"),
                "people": {str(here): there for there, here in self.ids.people.items()},
                "shifts": {model.lower(): by for model, by in self.ids.shifts.items()},
            },
            by=by,
        )

    def _check(self, review: Review) -> None:
        self.say(self.archive.rows_total, self.archive.rows_total, "Checking the numbers")
        promised, found = self.archive.manifest["prisma"], flow.boxes(review)
        wrong = [box for box in promised if box in found and promised[box] != found[box]]
        if wrong:
            box = wrong[0]
            raise Refused(
                f"Restored, the review would give {found[box]} in box {box} of the PRISMA diagram, "
                f"where the archive promises {promised[box]}. Nothing was kept."
            )


def _pieces(rows: Iterable[Any]) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for row in rows:
        piece.append(row)
        if len(piece) == PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


def _free_name(wanted: str) -> str:
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    number = 2
    name = wanted
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _room_for(model: type[models.Model], first: int, last: int) -> int:
    """By how much the rows `first` to `last` of an archive move so that nobody stands there.

    0 where all of their ids are free. On PostgreSQL the ids are taken out of the sequence, which no
    other transaction waits for; one that took an id in the same moment makes ours fail as a whole.
    """
    table = model._base_manager
    highest = table.aggregate(highest=Max("pk"))["highest"] or 0
    with connection.cursor() as cursor:
        sequence = _sequence(cursor, model)
        if sequence:
            cursor.execute("SELECT pg_sequence_last_value(%s::regclass)", [sequence])
            highest = max(highest, cursor.fetchone()[0] or 0)
        is_free = not table.filter(pk__range=(first, last)).exists()
        shift = 0 if is_free else highest + 1 - first
        if sequence and last + shift > highest:
            cursor.execute("SELECT setval(%s, %s)", [sequence, last + shift])
    return shift


def _sequence(cursor: Any, model: type[models.Model]) -> str:
    """The name of the sequence that gives `model` its ids; SQLite looks at the rows instead."""
    if connection.vendor != "postgresql":
        return ""
    column = model._meta.pk.column if model._meta.pk else "id"
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{model._meta.db_table}"', column])
    return str(cursor.fetchone()[0])


# --- A set-up without data ------------------------------------------------------------------------

SETUP = [
    "reviews.StageRules",
    "reviews.Criterion",
    "citations.DuplicateRules",
    "citations.RetrievalRules",
    "screening.Reason",
    "screening.MarkedWords",
    "components.Component",
]


def start_from(path: Path, title: str, *, by: User, roles: Iterable[str]) -> Review:
    """A new review with the set-up that the archive at `path` holds, and none of its data or people."""
    with opened(path) as archive:
        try:
            with transaction.atomic():
                return _Beginning(archive, by).start(title, roles)
        except (IntegrityError, KeyError, TypeError, ValueError, ValidationError) as error:
            raise Refused(
                f"The archive contradicts itself, so nothing was kept: {error}"
            ) from error


class _Beginning(_Restoring):
    """The rows of SETUP, in a review that begins; whoever they name, it is who begins it."""

    def __init__(self, archive: Archive, by: User) -> None:
        self.by = by
        super().__init__(archive, say_nothing)

    def _people(self, ends: tuple[int, int] | None) -> dict[int, int]:
        return {int(told["id"]): self.by.pk for told in self.archive.rows(PERSON)}

    def start(self, title: str, roles: Iterable[str]) -> Review:
        (said,) = self.archive.rows("reviews.Review")
        review = create_review(
            title, by=self.by, framework=said["framework"], question=said["question"], roles=roles
        )
        # Its rules come from the archive; its row is the new review's.
        review.stage_rules.all().delete()
        self.ids.shifts = {**self.ids.shifts, "reviews.Review": review.pk - int(said["id"])}
        for noun in NOUNS:
            if noun.model in SETUP:
                rows = [row for row in self.archive.rows(noun.model) if _is_setup(noun, row)]
                noun.rows_of._base_manager.bulk_create(self._row(noun, row) for row in rows)
        connection.check_constraints(table_names=[n.rows_of._meta.db_table for n in NOUNS])
        audit.record(
            review,
            "took over the set-up of an archive",
            by=self.by,
            target=review,
            after={"from": self.archive.title, "sha256": self.archive.sha256},
        )
        return review


def _is_setup(noun: Noun, row: Row) -> bool:
    """The criteria in force begin as version 1; the words to mark are the review's, not a person's."""
    if noun.model == "reviews.Criterion":
        row["since_version"] = 1
        return row["until_version"] is None
    return noun.model != "screening.MarkedWords" or row["by_id"] is None
