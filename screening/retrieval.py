"""Getting hold of full texts: asked, received, given up. Only an explicit act gives a report up."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from citations import blobs, documents, seeking
from citations.documents import kinds
from citations.models import FullText, Report, RetrievalEvent, RetrievalRules
from reviews import audit
from reviews.actions import criteria_version
from reviews.models import Review, Stage, User
from reviews.refusal import Clash, Refused

from . import flow
from .actions import locked, moved
from .desk import highlights
from .flow import Place
from .models import Decision

Outcome = RetrievalEvent.Outcome


def _must_be_sought(report: Report) -> None:
    if report.place not in flow.ADVANCED:
        raise Refused("Full texts are sought only for reports that passed title and abstract.")


@transaction.atomic
def ask(
    report: Report,
    *,
    by: User,
    where: str = "",
    note: str = "",
    way: str = "",
    on: date | None = None,
    came_to_nothing: bool = False,
) -> RetrievalEvent:
    """Note that somebody asked for the report, or that asking there came to nothing.

    `way` is one of RetrievalEvent.Way, `where` its name; `on` the day, today unless told. The
    report stays sought: only `give_up` counts it as not retrieved.
    """
    report = locked(report)
    _must_be_sought(report)
    if not where.strip() and not way:
        raise Refused("Say where you asked for it.")
    if way and way not in RetrievalEvent.Way.values:
        raise Refused("Choose one of the ways.")
    today = timezone.localdate()
    if on is not None and on > today:
        raise Refused("That day is still to come.")
    at = timezone.now()
    if on is not None and on != today:
        at = timezone.make_aware(datetime.combine(on, time(12)))
    return RetrievalEvent.objects.create(
        report=report,
        outcome=Outcome.REFUSED if came_to_nothing else Outcome.ASKED,
        way=way,
        where=where.strip(),
        note=note.strip(),
        by=by,
        at=at,
    )


@transaction.atomic
def set_rules(
    review: Review,
    *,
    by: User,
    resolver: str,
    letter: str = "",
    reminder: str = "",
    looks_up: bool = False,
) -> RetrievalRules:
    """Set the link resolver, the letters, and whether registers may be asked about DOIs.

    A letter that is empty or the usual one stays usual.
    """
    for problem in (
        seeking.problem_with(resolver.strip()),
        seeking.problem_with_letter(letter),
        seeking.problem_with_letter(reminder),
    ):
        if problem:
            raise Refused(problem)
    rules, _ = RetrievalRules.objects.select_for_update().get_or_create(review=review)
    after = {
        "resolver": resolver.strip(),
        "letter": _own(letter, seeking.LETTER),
        "reminder": _own(reminder, seeking.REMINDER),
        "looks_up": looks_up,
    }
    before = {name: getattr(rules, name) for name in after}
    if before != after:
        for name, value in after.items():
            setattr(rules, name, value)
        rules.save()
        audit.record(review, "set how full texts are sought", by=by, before=before, after=after)
    return rules


def rules_of(review: Review) -> RetrievalRules | None:
    return RetrievalRules.objects.filter(review=review).first()


def next_letter(report: Report, rules: RetrievalRules | None, *, sender: str) -> tuple[int, str]:
    """(how often its author was written to, the text of the letter that comes next)."""
    letters = report.retrieval_events.filter(way=RetrievalEvent.Way.AUTHOR, outcome=Outcome.ASKED)
    times = list(letters.order_by("at").values_list("at", flat=True))
    asked_on = date_format(timezone.localtime(times[0]), "j F Y") if times else ""
    return len(times), seeking.letter(report, rules, sender=sender, asked_on=asked_on)


def _own(text: str, usual: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    return "" if text == usual.strip() else text


@transaction.atomic
def give_up(report: Report, *, by: User, why: str) -> Decision:
    """Declare a report not retrieved (PRISMA box D6); awaiting is never counted as this."""
    report = locked(report)
    _must_be_sought(report)
    if report.place == Place.NOT_RETRIEVED:
        raise Clash("This report is marked as not retrieved already.")
    if report.place != Place.SOUGHT:
        raise Clash("This report has a full text.")
    if not why.strip():
        raise Refused("Say why the report could not be retrieved.")
    word = Decision.objects.create(
        report=report,
        stage=Stage.RETRIEVAL,
        verdict=Decision.Verdict.EXCLUDE,
        note=why.strip(),
        by=by,
        final=True,
        criteria_version=criteria_version(report.review),
    )
    RetrievalEvent.objects.create(report=report, outcome=Outcome.GIVEN_UP, note=why.strip(), by=by)
    moved(report.review, [report.pk])
    return word


@transaction.atomic
def resume(report: Report, *, by: User) -> Report:
    """Seek a report again that had been given up."""
    report = locked(report)
    if not _withdraw_giving_up(report):
        raise Clash("This report is not marked as not retrieved.")
    RetrievalEvent.objects.create(report=report, outcome=Outcome.RESUMED, by=by)
    moved(report.review, [report.pk])
    report.refresh_from_db()
    return report


def _withdraw_giving_up(report: Report) -> bool:
    # Not the word on what was included elsewhere: it stays, whatever is filed.
    word = (
        Decision.objects.current()
        .on(report)
        .at_stage(Stage.RETRIEVAL)
        .filter(verdict=Decision.Verdict.EXCLUDE)
    )
    return bool(word.update(superseded_at=timezone.now()))


def attach_file(report: Report, file: UploadedFile, *, by: User) -> FullText:
    """Check, store and attach an uploaded PDF, Word file or saved page.

    Refused with one sentence when it is none. The file is read before the transaction begins:
    that may take seconds.
    """
    _must_be_sought(report)
    name = Path(file.name or "full text.pdf").name[:255]
    with blobs.received(file.chunks()) as draft:
        try:
            kind = kinds.kind_of(draft.path, name)
            if kind not in (kinds.PDF, kinds.DOCX, kinds.HTML):
                raise kinds.Refusal("Send one document here; a zip goes to “Add files”.")
            found = documents.read(draft.path, kind)
        except (documents.NotReadable, kinds.Refusal) as problem:
            raise Refused(str(problem)) from None
        draft.keep()
        return attach(
            report,
            by=by,
            name=name,
            sha256=draft.sha256,
            size=draft.size,
            content_type=kinds.CONTENT_TYPES[kind],
            text=found.text,
            pages=found.pages,
            holds=found.holds,
        )


@transaction.atomic
def attach(
    report: Report,
    *,
    by: User,
    name: str,
    sha256: str,
    size: int,
    content_type: str,
    text: str = "",
    pages: int = 0,
    holds: Sequence[str] = (),
    where: str = "",
) -> FullText:
    """Attach a stored file as the report's full text; the file that is read, again, changes nothing.

    What stood before is set aside, and knows for which copy.
    """
    report = locked(report)
    if report.merged_into_id:
        raise Clash("This report has been merged into another one; attach the file there.")
    _must_be_sought(report)
    replaced = list(report.files)
    if replaced and replaced[0].sha256 == sha256:
        return replaced[0]
    fulltext = FullText.objects.create(
        report=report,
        name=name,
        sha256=sha256,
        size=size,
        content_type=content_type,
        text=text,
        pages=pages,
        holds=list(holds),
        by=by,
    )
    if replaced:
        aside = FullText.objects.filter(pk__in=[each.pk for each in replaced])
        aside.update(removed_at=fulltext.at, replaced_by=fulltext)
        highlights.carry(report)
    _withdraw_giving_up(report)
    RetrievalEvent.objects.create(
        report=report, outcome=Outcome.RECEIVED, where=where, note=name, by=by
    )
    moved(report.review, [report.pk])
    return fulltext


@transaction.atomic
def take_up(fulltext: FullText, *, by: User) -> FullText:
    """Read a copy that was set aside, or the second file of a joined report, from now on."""
    report = locked(fulltext.report)
    read = report.files.first()
    if read is not None and read.sha256 == fulltext.sha256:
        raise Clash("This copy is the one that is read.")
    return attach(
        report,
        by=by,
        name=fulltext.name,
        sha256=fulltext.sha256,
        size=fulltext.size,
        content_type=fulltext.content_type,
        text=fulltext.text,
        pages=fulltext.pages,
        holds=fulltext.holds,
        where="From its earlier copies",
    )


@transaction.atomic
def detach(fulltext: FullText, *, by: User) -> Report:
    """Take a wrong file away. The row and the file stay; decisions that were taken on it too."""
    report = locked(fulltext.report)
    fulltext = FullText.objects.select_for_update().get(pk=fulltext.pk)
    if fulltext.removed_at:
        raise Clash("That file has been taken away already.")
    if Decision.objects.current().on(report).at_stage(Stage.FULLTEXT).exists():
        raise Refused("People have decided on this full text; attach a better copy instead.")
    fulltext.removed_at = timezone.now()
    fulltext.save(update_fields=["removed_at"])
    moved(report.review, [report.pk])
    audit.record(report.review, "took a full text away", by=by, target=fulltext)
    report.refresh_from_db()
    return report
