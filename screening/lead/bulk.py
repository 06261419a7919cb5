"""One act on all reports of a list: preview, act, undo.

Each report goes through the very function that the single act calls (screening/actions.py,
screening/retrieval.py, screening/desk/labels.py), so every rule holds here as it does there.

1. `preview` writes down which reports it would be, and where each stands. Nothing changes.
2. `carry_out` does it to exactly those, and refuses each report that has moved since the preview.
3. `undo` takes it back, report by report, where nobody has touched it since; it says what it left.

Many reports are a job, which commits piece by piece; killed and taken up again it ends the same,
since each report says what has become of it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils import timezone

from citations.models import Report
from reviews import audit, jobs, webhooks
from reviews.jobs import Run, work
from reviews.models import Membership, Stage, User
from reviews.refusal import Clash, Refused

from .. import actions, elsewhere, flow, listing, retrieval
from ..desk import labels
from ..flow import Place
from ..models import BulkAct, BulkPart, Decision, Labelling

Kind, Outcome = BulkAct.Kind, BulkPart.Outcome

AT_ONCE = 40  # reports; more of them are a job
PIECE = 20  # reports in one transaction: screeners wait no longer than that takes


@dataclass(frozen=True)
class Way:
    """How one kind of act is done to a report, and undone."""

    places: tuple[str, ...]  # where a report must stand; empty: anywhere
    needs: str  # "reason", "label" or ""
    does: Callable[[BulkPart, Report, User], None]
    undoes: Callable[[BulkPart, Report, User], None]


# --- one report ---------------------------------------------------------------------------------


def _remove(part: BulkPart, report: Report, by: User) -> None:
    part.decision = actions.remove_before_screening(
        report, by=by, why=part.act.reason, automation=part.act.kind == Kind.REMOVE_AUTOMATION
    )


def _put_back(part: BulkPart, report: Report, by: User) -> None:
    _must_stand(part)
    actions.restore_to_screening(report, by=by)


def _exclude_by_tool(part: BulkPart, report: Report, by: User) -> None:
    part.decision = actions.exclude_by_tool(report, by=by, why=part.act.reason)


def _screen_again(part: BulkPart, report: Report, by: User) -> None:
    _must_stand(part)
    actions.reopen(report, Stage.ABSTRACT, by=by, reason="The act on many reports was undone.")


def _include_elsewhere(part: BulkPart, report: Report, by: User) -> None:
    part.decision = elsewhere.include(report, by=by, where=part.act.reason)


def _take_back(part: BulkPart, report: Report, by: User) -> None:
    _must_stand(part)
    elsewhere.take_back(report, by=by)


def _restore(part: BulkPart, report: Report, by: User) -> None:
    part.decision = _word(report, Stage.BEFORE)
    actions.restore_to_screening(report, by=by)


def _remove_again(part: BulkPart, report: Report, by: User) -> None:
    word = part.decision
    if word is None:
        raise Clash("What had been said about it is not known.")
    actions.remove_before_screening(report, by=by, why=word.note, automation=word.automation)


def _give_up(part: BulkPart, report: Report, by: User) -> None:
    part.decision = retrieval.give_up(report, by=by, why=part.act.reason)


def _resume(part: BulkPart, report: Report, by: User) -> None:
    _must_stand(part)
    retrieval.resume(report, by=by)


def _seek(part: BulkPart, report: Report, by: User) -> None:
    part.decision = _word(report, Stage.RETRIEVAL)
    retrieval.resume(report, by=by)


def _give_up_again(part: BulkPart, report: Report, by: User) -> None:
    word = part.decision
    if word is None:
        raise Clash("What had been said about it is not known.")
    if report.retrieval_events.filter(at__gt=part.at).exists():
        raise Clash("Somebody has asked for the full text since.")
    retrieval.give_up(report, by=by, why=word.note)


def _label(part: BulkPart, report: Report, by: User) -> None:
    name = part.act.label
    if Labelling.objects.filter(report=report, by=by, label__name__iexact=name).exists():
        raise Clash("It had this label from you already.")
    stage = Stage.FULLTEXT if report.place in flow.ASSESSED else Stage.ABSTRACT
    part.labelling = labels.put(report, stage, name, by=by, on=True)


def _take_off(part: BulkPart, report: Report, by: User) -> None:
    given = part.labelling
    if given is None:
        raise Clash("The label has been taken off since.")
    if given.report_id != report.pk:
        raise Clash("The report has been merged since.")
    labels.put(report, given.stage, part.act.label, by=given.by, on=False)
    part.labelling = None


def _word(report: Report, stage: str) -> Decision | None:
    return Decision.objects.current().on(report).at_stage(stage).filter(final=True).first()


def _must_stand(part: BulkPart) -> None:
    """The word that the act spoke must stand on its own report still."""
    word = Decision.objects.filter(pk=part.decision_id or 0).first()
    if word is None or word.superseded_at or word.report_id != part.report_id:
        raise Clash("Somebody has changed it since.")


WAYS: dict[str, Way] = {
    Kind.REMOVE_AUTOMATION: Way((Place.ABSTRACT_OPEN,), "reason", _remove, _put_back),
    Kind.REMOVE_OTHER: Way((Place.ABSTRACT_OPEN,), "reason", _remove, _put_back),
    Kind.EXCLUDE_AUTOMATION: Way((Place.ABSTRACT_OPEN,), "reason", _exclude_by_tool, _screen_again),
    Kind.INCLUDED_ELSEWHERE: Way((Place.ABSTRACT_OPEN,), "reason", _include_elsewhere, _take_back),
    Kind.RESTORE: Way(tuple(flow.REMOVED), "", _restore, _remove_again),
    Kind.NOT_RETRIEVED: Way((Place.SOUGHT,), "reason", _give_up, _resume),
    Kind.SEEK: Way((Place.NOT_RETRIEVED,), "", _seek, _give_up_again),
    Kind.LABEL: Way((), "label", _label, _take_off),
}


# --- the whole -----------------------------------------------------------------------------------


def listed(member: Membership, asked: QueryDict) -> QuerySet[Report]:
    """The reports to act on. Refused for a list of a past day: what is done is done to the present."""
    if asked.get("on"):
        raise Refused("A list of a past day can be read and exported; act on one of the present.")
    return listing.reports(member.review, asked, member)


def fits(member: Membership, asked: QueryDict) -> dict[str, int]:
    """{kind: how many of the list's reports it can be done to}. 1 query."""
    found = listed(member, asked).order_by()
    places = dict(found.values_list("place").annotate(n=Count("pk")))
    return {
        kind: sum(n for place, n in places.items() if not way.places or place in way.places)
        for kind, way in WAYS.items()
    }


@transaction.atomic
def preview(
    member: Membership, asked: QueryDict, kind: str, *, reason: str = "", label: str = ""
) -> BulkAct:
    """Write down what would be done to which reports of the list; nothing else changes.

    Earlier previews of the same person that were never carried out are thrown away.
    """
    if kind not in WAYS:
        raise Refused("Choose what to do with these reports.")
    way, reason, label = WAYS[kind], reason.strip(), " ".join(label.split())
    if way.needs == "reason" and not reason:
        raise Refused("Say why; the reason is kept with each report.")
    if way.needs == "label" and not label:
        raise Refused("Name the label.")
    if len(label) > labels.LONGEST:
        raise Refused(f"A label has at most {labels.LONGEST} letters.")
    review, by = member.review, member.user
    BulkAct.objects.filter(review=review, by=by, begun_at=None).delete()
    found = listed(member, asked).values_list("pk", "place")
    chosen, left_out = [], Counter[str]()
    for pk, place in found:
        if way.places and place not in way.places:
            left_out[place] += 1
        else:
            chosen.append((pk, place))
    act = BulkAct.objects.create(
        review=review,
        kind=kind,
        asked=asked.urlencode(),
        reason=reason if way.needs == "reason" else "",
        label=label if way.needs == "label" else "",
        left_out=dict(left_out),
        by=by,
    )
    parts = (BulkPart(act=act, report_id=pk, before=place) for pk, place in chosen)
    BulkPart.objects.bulk_create(parts, batch_size=1000)
    return act


@transaction.atomic
def begin(act: BulkAct, *, by: User) -> BulkAct:
    """Do it. Few reports at once; many in a job. Only who saw the preview, and only once."""
    act = BulkAct.objects.select_for_update().get(pk=act.pk)
    if act.by_id != by.pk:
        raise Refused("Only the person who made this preview can carry it out.")
    if act.begun_at:
        raise Clash("This has been done already.")
    n = act.parts.count()
    if not n:
        raise Refused("There is no report to do this to.")
    act.begun_at = timezone.now()
    audit.record(
        act.review,
        "acted on many reports",
        by=by,
        target=f"bulk act {act.pk}",
        after={"act": act.kind, "reports": n, **({"label": act.label} if act.label else {})},
        reason=act.reason,
    )
    if n > AT_ONCE:
        act.job = jobs.enqueue(act.review, "bulk-act", by=by, act=act.pk)
    act.save(update_fields=["begun_at", "job"])
    if n <= AT_ONCE:
        for part in _waiting(act, Outcome.WAITING):
            _do(part, by)
        _tell(act, webhooks.BULK_DONE)
    return act


@transaction.atomic
def undo(act: BulkAct, *, by: User) -> BulkAct:
    """Take it back wherever nobody has touched the report since; the rest stays and says why."""
    act = BulkAct.objects.select_for_update(of=("self",)).select_related("job").get(pk=act.pk)
    if act.begun_at is None:
        raise Refused("This was a preview; nothing was done.")
    if act.undone_at:
        raise Clash("This has been undone already.")
    if act.job and not act.job.is_over:
        raise Clash("Wait until it is done, or cancel it; then it can be undone.")
    done = act.parts.filter(outcome=Outcome.DONE).count()
    act.undone_at, act.undone_by = timezone.now(), by
    audit.record(
        act.review,
        "undid an act on many reports",
        by=by,
        target=f"bulk act {act.pk}",
        before={"act": act.kind, "reports": done},
    )
    if done > AT_ONCE:
        act.job = jobs.enqueue(act.review, "bulk-undo", by=by, act=act.pk)
    act.save(update_fields=["undone_at", "undone_by", "job"])
    if done <= AT_ONCE:
        for part in _waiting(act, Outcome.DONE):
            _undo(part, by)
        _tell(act, webhooks.BULK_UNDONE)
    return act


def _tell(act: BulkAct, event: str) -> None:
    counts = {name: n for name, n in counted(act).items() if n}
    webhooks.tell(act.review, event, act=act.pk, kind=act.kind, **counts)


def _waiting(act: BulkAct, outcome: str, most: int | None = None) -> list[BulkPart]:
    parts = act.parts.filter(outcome=outcome).select_related("act", "decision", "labelling__by")
    return list(parts.order_by("report")[:most])


def _do(part: BulkPart, by: User) -> None:
    """Do it to one report unless it has moved since the preview."""
    try:
        with transaction.atomic():
            report = actions.locked(part.report)
            if report.place != part.before:
                now = Place(report.place).label.lower()
                raise Clash(f"It has moved since the preview: {now}.")
            WAYS[part.act.kind].does(part, report, by)
            report.refresh_from_db(fields=["place"])
            part.after, part.outcome, part.at = report.place, Outcome.DONE, timezone.now()
    except Refused as refusal:
        part.outcome, part.why, part.decision, part.labelling = (
            Outcome.REFUSED,
            str(refusal),
            None,
            None,
        )
    part.save()


def _undo(part: BulkPart, by: User) -> None:
    """Put one report back where it was unless somebody has touched it since."""
    try:
        with transaction.atomic():
            report = actions.locked(part.report)
            # A label changes no place, and work on the report does not hinder taking it off.
            if report.place != part.after and part.act.kind != Kind.LABEL:
                now = Place(report.place).label.lower()
                raise Clash(f"It has moved since: {now}.")
            WAYS[part.act.kind].undoes(part, report, by)
            part.outcome = Outcome.RESTORED
    except Refused as refusal:
        part.outcome, part.why = Outcome.KEPT, str(refusal)
    part.save()


@work("bulk-act")
def carry_out(run: Run) -> dict[str, object]:
    act = _of(run)
    _in_pieces(run, act, Outcome.WAITING, _do, "Going through the reports")
    _over(run, act, webhooks.BULK_DONE)
    counts = counted(act)
    text = f"{counts['done']} done"
    return {"text": f"{text}, {counts['refused']} refused." if counts["refused"] else f"{text}."}


@work("bulk-undo")
def carry_back(run: Run) -> dict[str, object]:
    act = _of(run)
    _in_pieces(run, act, Outcome.DONE, _undo, "Putting the reports back")
    _over(run, act, webhooks.BULK_UNDONE)
    counts = counted(act)
    text = f"{counts['restored']} put back"
    return {"text": f"{text}, {counts['kept']} left." if counts["kept"] else f"{text}."}


@transaction.atomic
def _over(run: Run, act: BulkAct, event: str) -> None:
    total = act.parts.count()
    run.step(total, total)
    _tell(act, event)


def _of(run: Run) -> BulkAct:
    return BulkAct.objects.get(review=run.job.review, pk=run.payload["act"])


def _in_pieces(
    run: Run, act: BulkAct, outcome: str, does: Callable[[BulkPart, User], None], doing: str
) -> None:
    by = run.job.by
    if by is None:
        raise Refused("Nobody has asked for this.")
    total, left = act.parts.count(), act.parts.filter(outcome=outcome).count()
    while True:
        with transaction.atomic():
            run.step(total - left, total, doing)
            piece = _waiting(act, outcome, PIECE)
            for part in piece:
                does(part, by)
        if not piece:
            return
        left -= len(piece)


def counted(act: BulkAct) -> dict[str, int]:
    """{outcome: how many reports}. 1 query."""
    found = dict(act.parts.order_by().values_list("outcome").annotate(n=Count("pk")))
    return {outcome: found.get(outcome, 0) for outcome in Outcome.values}
