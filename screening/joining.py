"""Joining reports that are one document, and taking it back.

It lives on this floor, and not with the records, because two reports that become one bring their
decisions together.
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from citations import composing
from citations.models import DuplicatePair, Merge, RelatedReport, Report, StudyReport
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from .actions import moved as moved_places
from .models import Decision

# Relations to a report that stay where they are: they speak of the report row itself.
STAY = {"citations.duplicatepair", "citations.merge", "citations.relatedreport", "citations.report"}


def movable(report: Report) -> Iterable[tuple[str, type[Model], str]]:
    """(label, model, field) of every relation whose rows go along when `report` is absorbed.

    Read off the models, so that a relation added on any floor above moves too.
    """
    for relation in report._meta.related_objects:
        label = relation.related_model._meta.label_lower
        if relation.many_to_many or label in STAY:
            continue
        yield label, relation.related_model, relation.field.name


def locked_in_order(*reports: Report) -> list[Report]:
    """Lock in the order of id, so that two merges of the same pair cannot wait for each other."""
    ids = {report.pk for report in reports}
    rows = {
        row.pk: row
        for row in Report.objects.select_for_update()
        .select_related("review")
        .filter(pk__in=ids)
        .order_by("pk")
    }
    return [rows[report.pk] for report in reports]


@transaction.atomic
def merge(keep: Report, absorb: Report, *, by: User | None) -> Merge:
    """Make `absorb` part of `keep`: everything that hangs on it moves, its row and id stay.

    Of two decisions by one person at one stage the one on `keep` stands and the other is
    superseded; undoing the merge brings it back.
    """
    keep, absorb = locked_in_order(keep, absorb)
    if keep.pk == absorb.pk:
        raise Refused("A report cannot be merged into itself.")
    if keep.review_id != absorb.review_id:
        raise Refused("These reports belong to different reviews.")
    if keep.merged_into_id or absorb.merged_into_id:
        raise Clash("One of these reports has been merged already.")
    rows: dict[str, list[int]] = {}
    superseded = _supersede_clashes(keep, absorb)
    _forget_double_links(keep, absorb, rows)
    for label, model, field in movable(absorb):
        ids = list(model._default_manager.filter(**{field: absorb}).values_list("pk", flat=True))
        if ids:
            model._default_manager.filter(pk__in=ids).update(**{field: keep})
            rows.setdefault(label, []).extend(ids)
    # Reports that `absorb` had absorbed follow, so that no report hangs on one that is not standing.
    followers = list(Report.objects.filter(merged_into=absorb).values_list("pk", flat=True))
    Report.objects.filter(pk__in=followers).update(merged_into=keep)
    absorb.merged_into = keep
    absorb.save(update_fields=["merged_into"])
    made = Merge.objects.create(
        review=keep.review,
        keep=keep,
        absorb=absorb,
        by=by,
        moved={"rows": rows, "superseded": superseded, "followers": followers},
    )
    composing.compose(keep)
    moved_places(keep.review, [keep.pk, absorb.pk])
    audit.record(
        keep.review,
        "merged duplicates",
        by=by,
        target=made,
        after={"keep": keep.pk, "absorb": absorb.pk},
    )
    return made


def _supersede_clashes(keep: Report, absorb: Report) -> list[int]:
    """Supersede those current decisions on `absorb` whose place on `keep` is taken."""
    taken = {
        (each.stage, each.final, None if each.final else each.by_id)
        for each in Decision.objects.current().on(keep)
    }
    clashing = [
        each.pk
        for each in Decision.objects.current().on(absorb)
        if (each.stage, each.final, None if each.final else each.by_id) in taken
    ]
    Decision.objects.filter(pk__in=clashing).update(superseded_at=timezone.now())
    return clashing


def _forget_double_links(keep: Report, absorb: Report, rows: dict[str, list[int]]) -> None:
    """Where both tell of one study, `absorb`'s link stays behind: a link is there once."""
    both = set(keep.study_links.values_list("study_id", flat=True))
    doubles = StudyReport.objects.filter(report=absorb, study_id__in=both)
    rows["doubles"] = list(doubles.values_list("study_id", flat=True))
    doubles.delete()


@transaction.atomic
def unmerge(merge: Merge, *, by: User) -> Report:
    """Undo a merge: all that had moved goes back, clashing decisions stand again."""
    merge = Merge.objects.select_for_update().select_related("review").get(pk=merge.pk)
    if merge.undone_at:
        raise Clash("That merge has been undone already.")
    absorb = merge.absorb
    holder = standing(absorb)
    locked_in_order(absorb, holder)
    absorb.refresh_from_db()
    if absorb.merged_into_id != holder.pk:
        raise Clash("Somebody is merging these reports at this moment; try again.")
    rows = dict(merge.moved["rows"])
    for study in rows.pop("doubles", []):
        StudyReport.objects.get_or_create(study_id=study, report=absorb)
    for label, ids in rows.items():
        model = apps.get_model(label)
        field = next(f for name, _, f in movable(absorb) if name == label)
        model._default_manager.filter(pk__in=ids).update(**{field: absorb})
    _restore_decisions(absorb, merge.moved["superseded"])
    Report.objects.filter(pk__in=merge.moved["followers"], merged_into=holder).update(
        merged_into=absorb
    )
    absorb.merged_into = None
    absorb.save(update_fields=["merged_into"])
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    DuplicatePair.objects.filter(
        first_id=min(merge.keep_id, absorb.pk), second_id=max(merge.keep_id, absorb.pk)
    ).update(answer="", answered_by=None, answered_at=None, zone="ask")
    composing.compose(absorb)
    composing.compose(holder)
    moved_places(merge.review, [absorb.pk, holder.pk])
    audit.record(merge.review, "unmerged", by=by, target=merge, after={"report": absorb.pk})
    absorb.refresh_from_db()
    return absorb


def _restore_decisions(absorb: Report, superseded: list[int]) -> None:
    """Let the decisions that had given way stand again, unless something newer took their place."""
    taken = {
        (each.stage, each.final, None if each.final else each.by_id)
        for each in Decision.objects.current().on(absorb)
    }
    for decision in Decision.objects.filter(pk__in=superseded):
        key = (decision.stage, decision.final, None if decision.final else decision.by_id)
        if key not in taken:
            decision.superseded_at = None
            decision.save(update_fields=["superseded_at"])


@transaction.atomic
def answer(pair: DuplicatePair, verdict: str, *, by: User) -> DuplicatePair:
    """Settle a question about duplicates; a second person who was slower is told."""
    pair = (
        DuplicatePair.objects.select_for_update()
        .select_related("review", "first", "second")
        .get(pk=pair.pk)
    )
    if verdict not in DuplicatePair.Answer.values:
        raise Refused("Two reports are the same, different or related.")
    if pair.answer:
        if pair.answer == verdict:
            return pair
        who = pair.answered_by or "The matching"
        label = DuplicatePair.Answer(pair.answer).label.lower()
        raise Clash(f"{who} has answered this already: {label}.")
    if verdict == DuplicatePair.Answer.SAME:
        first, second = standing(pair.first), standing(pair.second)
        if first.pk != second.pk:
            merge(*_elder(first, second), by=by)
    elif verdict == DuplicatePair.Answer.RELATED:
        RelatedReport.objects.get_or_create(
            review=pair.review,
            first=pair.first,
            second=pair.second,
            removed_at=None,
            defaults={"by": by, "why": pair.why},
        )
    pair.answer, pair.answered_by, pair.answered_at = verdict, by, timezone.now()
    pair.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.record(
        pair.review,
        "answered a question about duplicates",
        by=by,
        target=f"reports {pair.first_id} and {pair.second_id}",
        after={"answer": verdict, "probability": pair.probability, "rule": pair.rule},
    )
    return pair


@transaction.atomic
def take_answer_back(pair: DuplicatePair, *, by: User) -> DuplicatePair:
    """Undo an answer: the merge or link that it made is undone, the question is open again."""
    pair = DuplicatePair.objects.select_for_update().select_related("review").get(pk=pair.pk)
    if not pair.answer:
        raise Clash("That question is open already.")
    before = pair.answer
    if before == DuplicatePair.Answer.SAME:
        made = Merge.objects.filter(
            undone_at=None,
            absorb_id__in=[pair.first_id, pair.second_id],
            keep_id__in=[pair.first_id, pair.second_id],
        ).first()
        if made is None:
            raise Refused("These reports were joined through others; undo that merge instead.")
        unmerge(made, by=by)
    elif before == DuplicatePair.Answer.RELATED:
        RelatedReport.objects.filter(
            first_id=pair.first_id, second_id=pair.second_id, removed_at=None
        ).update(removed_at=timezone.now())
    DuplicatePair.objects.filter(pk=pair.pk).update(answer="", answered_by=None, answered_at=None)
    audit.record(
        pair.review,
        "took an answer about duplicates back",
        by=by,
        target=f"reports {pair.first_id} and {pair.second_id}",
        before={"answer": before},
    )
    pair.refresh_from_db()
    return pair


def standing(report: Report) -> Report:
    """The report that stands for `report` today: itself, or the one that absorbed it."""
    return report.merged_into or report


def _elder(first: Report, second: Report) -> tuple[Report, Report]:
    """(keep, absorb): the one further along keeps its id, else the older one."""
    progress = {
        report.pk: (Decision.objects.on(report).count(), -report.pk) for report in (first, second)
    }
    keep, absorb = sorted((first, second), key=lambda report: progress[report.pk], reverse=True)
    return keep, absorb


def open_questions(review: Review) -> QuerySet[DuplicatePair]:
    """Open pairs between two standing reports, most probable first."""
    return (
        DuplicatePair.objects.filter(
            review=review,
            answer="",
            zone__in=["ask", "related"],
            first__merged_into=None,
            second__merged_into=None,
        )
        .select_related("first", "second")
        .order_by("-probability", "pk")
    )
