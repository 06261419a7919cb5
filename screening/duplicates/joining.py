"""Joining reports that are one document, and taking it back.

It lives on this floor, and not with the records, because two reports that become one bring their
decisions together.

Standing merges make a forest: each leads from `absorb` to the report that was then its `keep`.
Whatever was made on a report hangs on the root of its tree; undoing one merge, in whatever order,
cuts one branch off and gives back exactly what came with it. `Report.merged_into` names the root,
so links lead there in one step. One merge or unmerge runs at a time in a review.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet, UniqueConstraint
from django.db.models.functions import Coalesce
from django.utils import timezone

from citations import composing, studies
from citations.models import DuplicatePair, FullText, Merge, Record, Report, Study
from reviews import audit, past
from reviews.models import SCREENING_STAGES, Review, Stage, User
from reviews.refusal import Clash, Refused

from ..actions import moved as moved_places
from ..flow import Place
from ..models import Decision, PilotReport
from . import copies, questions

Answer = DuplicatePair.Answer

# Relations to a report that stay where they are: they speak of the report row itself.
STAY = {"citations.duplicatepair", "citations.merge", "citations.relatedreport", "citations.report"}
STAY |= {"screening.lease", "screening.bulkpart"}
DECISIONS = "screening.decision.report"  # the label of decisions among the rows that move
_ADVISORY_CLASS = 20_221  # any number of our own: the first half of PostgreSQL's advisory key


def one_at_a_time(review: Review) -> None:
    """Wait until no other transaction joins or parts reports of `review`; held until the end.

    A merge touches reports, their followers and questions in an order that depends on what it
    finds, so two at once could wait for each other. SQLite's transactions run one by one anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_ADVISORY_CLASS, review.pk])


def locked_in_order(*reports: Report) -> list[Report]:
    """Lock in the order of id, so that nobody who locks several waits in a circle."""
    ids = {report.pk for report in reports}
    rows = {
        row.pk: row
        for row in Report.objects.select_for_update(of=("self",))
        .select_related("review")
        .filter(pk__in=ids)
        .order_by("pk")
    }
    return [rows[report.pk] for report in reports]


# --- Merging --------------------------------------------------------------------------------


@transaction.atomic
def merge(keep: Report, absorb: Report, *, by: User | None) -> Merge:
    """Make `absorb` part of `keep`: everything that hangs on it moves, its row and id stay.

    Of two decisions by one person at one stage the one on `keep` stands and the other is
    superseded; undoing the merge brings it back. `by` None means the machine.
    """
    one_at_a_time(keep.review)
    keep, absorb = locked_in_order(keep, absorb)
    if keep.pk == absorb.pk:
        raise Refused("A report cannot be merged into itself.")
    if keep.review_id != absorb.review_id:
        raise Refused("These reports belong to different reviews.")
    if keep.merged_into_id or absorb.merged_into_id:
        raise Clash("One of these reports has been merged already.")
    if Place.ARRIVING in (keep.place, absorb.place):
        raise Refused("One of these reports is still being imported.")
    if Place.WITHDRAWN in (keep.place, absorb.place):
        raise Clash("The import that brought one of these reports has been undone.")
    _keep_what_moves(keep, absorb, moves=absorb)
    stood = list(Decision.objects.current().on(absorb).values_list("pk", flat=True))
    first = list(Decision.objects.current().on(keep).values_list("pk", flat=True))
    outranked, doubters = _exclusions_outranked(keep, absorb)
    _give_way(Decision.objects.filter(pk__in=stood))
    rows = _move(absorb, keep)
    copies.joined(keep, rows)
    _give_way(Decision.objects.filter(pk__in=outranked))
    standing_first = [*doubters, *_further_first(keep, absorb, first, stood)]
    _let_stand(keep, among=[pk for pk in standing_first if pk not in outranked])
    # Reports that `absorb` had absorbed follow, so that none hangs on one that is not standing.
    followers = list(Report.objects.filter(merged_into=absorb).values_list("pk", flat=True))
    Report.objects.filter(pk__in=followers).update(merged_into=keep)
    absorb.merged_into = keep
    absorb.save(update_fields=["merged_into"])
    made = Merge.objects.create(
        review=keep.review,
        keep=keep,
        absorb=absorb,
        by=by,
        moved={"rows": rows, "stood": stood, "followers": followers, "outranked": outranked},
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


def _keep_what_moves(keep: Report, absorb: Report, *, moves: Report) -> None:
    """For the state of a past day: what counts, and that a join or its undoing changes in place.

    Whose report hangs on whom, what stands among the decisions of both, which studies they tell of,
    and on which report the rows on `moves` are.
    """
    review, both = keep.review, [keep.pk, absorb.pk]
    past.keep(
        review, Report.objects.filter(Q(pk__in=both) | Q(merged_into__in=both)), "merged_into"
    )
    decisions = Decision.objects.filter(report__in=both)
    past.keep(review, decisions, "report", "superseded_at")
    studies.keep_grouping(review, Report.objects.filter(pk__in=both))
    for model in (Record, FullText, PilotReport):
        past.keep(review, model._default_manager.filter(report=moves), "report")


def movable(report: Report | type[Report]) -> Iterable[tuple[str, type[Model], str]]:
    """(label, model, field) of every relation whose rows go along when `report` is absorbed.

    Read off the models, hidden relations too, so that one added on any floor above moves as well.
    """
    for relation in report._meta.get_fields(include_hidden=True):
        if relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        model: Any = relation.related_model
        field: str = relation.field.name  # type: ignore[union-attr]
        if model._meta.label_lower not in STAY:
            yield f"{model._meta.label_lower}.{field}", model, field


def _move(absorb: Report, keep: Report) -> dict[str, list[int]]:
    """Move what hangs on `absorb` to `keep`; returns {"citations.record.report": [ids], …}."""
    rows: dict[str, list[int]] = {}
    for label, model, field in movable(absorb):
        mine = model._default_manager.filter(**{field: absorb})
        ids = set(mine.values_list("pk", flat=True))
        if ids and model is not Decision:  # those that clash have given way already
            ids -= _doubles(model, field, keep, absorb)
        if model is Study.reports.through:
            ids -= _lonely_link(keep, absorb)
        if ids:
            model._default_manager.filter(pk__in=ids).update(**{field: keep})
            rows[label] = sorted(ids)
    return rows


def _doubles(model: type[Model], field: str, keep: Report, absorb: Report) -> set[int]:
    """Rows on `absorb` that `keep` has the like of: what may be there once stays behind."""
    groups = [list(group) for group in model._meta.unique_together]
    groups += [
        list(each.fields) for each in model._meta.constraints if isinstance(each, UniqueConstraint)
    ]
    if getattr(model._meta.get_field(field), "unique", False):
        groups.append([field])
    doubles: set[int] = set()
    for group in groups:
        if field in group:
            others = [name for name in group if name != field]
            rows = model._default_manager
            taken = set(rows.filter(**{field: keep}).values_list(*others, "pk"))
            like = {row[:-1] for row in taken}
            mine = rows.filter(**{field: absorb}).values_list(*others, "pk")
            doubles |= {row[-1] for row in mine if row[:-1] in like}
    return doubles


def _lonely_link(keep: Report, absorb: Report) -> set[int]:
    """The link from `absorb` to a study that no other report tells of, when `keep` has a study.

    One document would otherwise count as two studies only because it had been there twice.
    """
    links = list(absorb.study_links.all())
    if len(links) != 1 or not keep.study_links.exists():
        return set()
    alone = not links[0].study.links.exclude(report=absorb).exists()
    return {links[0].pk} if alone else set()


def _key(decision: Decision) -> tuple[str, bool, int | None]:
    """Of two current decisions with one key on one report, one must give way."""
    return decision.stage, decision.final, None if decision.final else decision.by_id


def _give_way(decisions: QuerySet[Decision]) -> None:
    """Set decisions aside because of a merge (and not because a person replaced them)."""
    decisions.filter(superseded_at=None).update(superseded_at=timezone.now(), gave_way=True)


def _further_first(keep: Report, absorb: Report, first: list[int], stood: list[int]) -> list[int]:
    """Decisions in the order in which they may stand: `keep`'s come first, unless `absorb` had
    passed a stage at which `keep` was excluded, so that no order of joining loses a study."""
    lost = [at for at, out in _OUT.items() if keep.place == out and _has_passed(absorb, at)]
    return [*stood, *first] if lost else [*first, *stood]


_OUT = {Stage.ABSTRACT: Place.ABSTRACT_OUT, Stage.FULLTEXT: Place.FULLTEXT_OUT}
_WAY = list(Place)  # the order in which a report goes through them


def _has_passed(report: Report, stage: Stage) -> bool:
    return _WAY.index(Place(report.place)) > _WAY.index(_OUT[stage])


def _exclusions_outranked(keep: Report, absorb: Report) -> tuple[list[int], list[int]]:
    """(final words that exclude and give way, votes to exclude that stand before others).

    Reviewers or an adjudicator let one of the two pass a stage; at the other an adjudicator's word
    ended that same stage with an exclusion. Were that word to stand, the join would take a study
    out of the review in silence. It gives way. Unless people have decided at a later stage, or an
    adjudicator's word let the other pass, the place becomes a conflict, for somebody to look at:
    of those who had voted on both, the last one's vote to exclude stands.

    A tool's exclusion gives way as soon as a person has answered on the other.
    """
    outranked: list[int] = []
    doubters: list[int] = []
    for stage in SCREENING_STAGES:
        for out, other in ((keep, absorb), (absorb, keep)):
            passed = _has_passed(other, Stage(stage))
            if not passed and not _answered(other):
                continue
            words = Decision.objects.on(out).filter(
                stage=stage, final=True, verdict=Decision.Verdict.EXCLUDE, withdrawn=False
            )
            if not passed:
                words = words.filter(automation=True)
            # Those that had given way before, too: they must not come back while `other` is here.
            aside = _outranked_under(out)
            gone = [each.pk for each in words if each.superseded_at is None or each.pk in aside]
            if not gone:
                continue
            outranked += gone
            if passed:
                doubters += _doubters(out, other, stage)
    return outranked, doubters


def _answered(report: Report) -> bool:
    """Whether people have screened it: then no tool's word about its copy stands over theirs."""
    said = Decision.objects.current().on(report).filter(stage__in=SCREENING_STAGES)
    return said.filter(automation=False).exists()


def _doubters(out: Report, other: Report, stage: str) -> list[int]:
    votes = Decision.objects.current().independent().at_stage(stage)
    on_other = votes.on(other)
    word = Decision.objects.current().on(other).filter(stage=stage, final=True).exists()
    later = stage == Stage.ABSTRACT and Decision.objects.current().on(other).filter(
        stage=Stage.FULLTEXT
    )
    if word or later:
        return []
    excluders = list(votes.on(out).filter(verdict=Decision.Verdict.EXCLUDE).order_by("-pk"))
    both = set(on_other.values_list("by", flat=True))
    if any(each.by_id not in both for each in excluders):
        return []  # that vote stands by itself, against those on the other report
    return [each.pk for each in excluders[:1] if both - {each.by_id}]


def _outranked_under(holder: Report) -> set[int]:
    """The final words that standing merges under `holder` have set aside."""
    tree = Merge.objects.filter(undone_at=None, absorb__merged_into=holder)
    return {
        pk for moved in tree.values_list("moved", flat=True) for pk in moved.get("outranked", [])
    }


def _let_stand(report: Report, *, among: Sequence[int]) -> None:
    """Let those of `among` stand on `report` that can; the others give way. The earlier comes first.

    1. Of one person's two answers at a stage, and of two final words, one stands.
    2. A removal before screening gives way to votes: nothing that somebody has begun to screen
       disappears by a merge.
    3. "Not retrieved" gives way to a full text.
    """
    rows = Decision.objects.filter(Q(superseded_at=None) | Q(gave_way=True)).in_bulk(among)
    candidates = [rows[pk] for pk in among if pk in rows]
    standing_now = Decision.objects.current().on(report).exclude(pk__in=among)
    stands = {_key(each): each for each in standing_now}
    for decision in candidates:
        stands.setdefault(_key(decision), decision)
    voted = any(each.stage in SCREENING_STAGES for each in stands.values())
    has_text = report.fulltexts.filter(removed_at=None).exists()
    silent = {Stage.BEFORE: voted, Stage.RETRIEVAL: has_text}
    up = {each.pk for each in stands.values() if not silent.get(Stage(each.stage))}
    _give_way(Decision.objects.on(report).exclude(pk__in=up))
    Decision.objects.filter(pk__in=up, gave_way=True).update(superseded_at=None, gave_way=False)


# --- Taking a merge back --------------------------------------------------------------------


@transaction.atomic
def unmerge(merge: Merge, *, by: User | None, how: str = "") -> Report:
    """Undo a merge: all that had moved goes back, decisions that had given way stand again.

    Merges may be undone in any order. What was made while the two were one stays with the report
    on which it was made. A question that had led to the merge is open again; `how` is kept with
    it where not a person parted the two but a changed rule of the review (`automatic.BY_RULES`) or,
    with `by` None, a later import (`regrouping.BY_IMPORT`).
    """
    one_at_a_time(merge.review)
    merge = Merge.objects.select_for_update(of=("self",)).select_related("review").get(pk=merge.pk)
    if merge.undone_at:
        raise Clash("That merge has been undone already.")
    absorb = Report.objects.select_related("merged_into").get(pk=merge.absorb_id)
    if absorb.merged_into is None:
        raise AssertionError(f"merge {merge.pk} stands, but report {absorb.pk} is not merged")
    absorb, holder = locked_in_order(absorb, absorb.merged_into)
    merge.moved = moved = {
        "rows": {},
        "stood": [],
        "followers": [],
        "outranked": [],
        **merge.moved,
    }
    _keep_what_moves(holder, absorb, moves=holder)
    leaving = Decision.objects.filter(pk__in=moved["rows"].get(DECISIONS, []))
    left_open = {_key(each) for each in leaving.current()}
    _give_way(leaving)
    _strike_off(merge, holder)
    for label, ids in moved["rows"].items():
        model_label, field = label.rsplit(".", 1)
        model = apps.get_model(model_label)
        model._default_manager.filter(pk__in=ids).update(**{field: absorb})
    copies.parted(merge, absorb, holder)
    Report.objects.filter(pk__in=moved["followers"]).update(merged_into=absorb)
    absorb.merged_into = None
    absorb.save(update_fields=["merged_into"])
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    _let_stand(absorb, among=_as_it_stood(merge, absorb))
    _let_stand(holder, among=_freed(merge, holder, left_open))
    _reopen_questions(merge.review, [absorb.pk, *moved["followers"]], by=by, how=how)
    composing.compose(absorb)
    composing.compose(holder)
    moved_places(merge.review, [absorb.pk, holder.pk])
    audit.record(merge.review, "unmerged", by=by, target=merge, after={"report": absorb.pk})
    absorb.refresh_from_db()
    return absorb


def _strike_off(merge: Merge, holder: Report) -> None:
    """Take what leaves with `merge` off the lists of the merges that stay under `holder`."""
    leaving = {label: set(ids) for label, ids in merge.moved["rows"].items()}
    decisions = leaving.get(DECISIONS, set())
    reports = {merge.absorb_id, *merge.moved["followers"]}
    tree = Merge.objects.filter(undone_at=None, absorb__merged_into=holder)
    for other in tree.exclude(absorb__in=reports):
        moved = other.moved
        moved["rows"] = {
            label: [pk for pk in ids if pk not in leaving.get(label, ())]
            for label, ids in moved["rows"].items()
        }
        moved["stood"] = [pk for pk in moved["stood"] if pk not in decisions]
        moved["followers"] = [pk for pk in moved["followers"] if pk not in reports]
        other.save(update_fields=["moved"])


def _as_it_stood(merge: Merge, absorb: Report) -> list[int]:
    """The decisions to let stand on `absorb` again: first those that stood when it was merged.

    Among them those that their author replaced while the two were one, by an answer about the
    merged report. What somebody took back by name stays taken back.
    """
    mine = Decision.objects.on(absorb).filter(withdrawn=False).order_by("pk")
    for decision in mine.filter(pk__in=merge.moved["stood"], gave_way=False):
        if _was_replaced(decision):
            Decision.objects.filter(pk=decision.pk).update(gave_way=True)
    stood = set(merge.moved["stood"])
    aside = mine.filter(gave_way=True).exclude(pk__in=_outranked_under(absorb))
    back = list(aside.values_list("pk", flat=True))
    return sorted(back, key=lambda pk: (pk not in stood, pk))


def _freed(merge: Merge, holder: Report, left_open: set[tuple[str, bool, int | None]]) -> list[int]:
    """What on `holder` had given way to something that has now left, and may stand again.

    A vote or final word only when one of its kind has left: it does not come back because its
    author withdrew the one that stood. An exclusion that was outranked comes back when nothing is
    left that outranks it.
    """
    aside = Decision.objects.on(holder).filter(gave_way=True, withdrawn=False).order_by("pk")
    aside = aside.exclude(pk__in=_outranked_under(holder))
    words = (Stage.BEFORE, Stage.RETRIEVAL)
    freed = set(merge.moved["outranked"])
    return [
        each.pk
        for each in aside
        if each.stage in words or _key(each) in left_open or each.pk in freed
    ]


def _was_replaced(decision: Decision) -> bool:
    """Whether a newer answer of the same kind superseded it (and not its being taken back)."""
    newer = Decision.objects.filter(
        report__review=decision.report.review_id,
        stage=decision.stage,
        final=decision.final,
    )
    if decision.superseded_at is None:
        return False
    newer = newer.filter(at=decision.superseded_at)
    return newer.exists() if decision.final else newer.filter(by=decision.by_id).exists()


def _reopen_questions(review: Review, family: list[int], *, by: User | None, how: str = "") -> None:
    """A "same" about two reports that no longer are one is open again, and a person's to answer."""
    pairs = DuplicatePair.objects.filter(
        Q(first__in=family) | Q(second__in=family), review=review, answer=Answer.SAME
    ).annotate(
        first_head=Coalesce("first__merged_into", "first"),
        second_head=Coalesce("second__merged_into", "second"),
    )
    for pair in pairs.exclude(first_head=F("second_head")):
        open_again(pair, by=by, how=how)


def open_again(pair: DuplicatePair, *, by: User | None, how: str = "") -> None:
    """The pair's answer becomes a line of its past; what the machine had joined is now a question."""
    line = {
        "answer": pair.answer,
        "by": pair.answered_by_id,
        "at": pair.answered_at.isoformat() if pair.answered_at else None,
        "undone_by": by.pk if by else None,
        "undone_at": timezone.now().isoformat(),
        "how": how,
    }
    zone = questions.ASK if pair.zone == "auto" else pair.zone
    pair.past, pair.zone = [*pair.past, line], zone
    pair.answer, pair.answered_by, pair.answered_at, pair.merge = "", None, None, None
    pair.save(
        update_fields=["past", "zone", "answer", "answered_by", "answered_at", "merge"],
    )


# --- Which report stands, and which question is locked ------------------------------------------


def locked_pair(pair: DuplicatePair) -> DuplicatePair:
    one_at_a_time(pair.review)
    return (
        DuplicatePair.objects.select_for_update(of=("self",))
        .select_related("review", "answered_by", "first__merged_into", "second__merged_into")
        .get(pk=pair.pk)
    )


def standing(report: Report) -> Report:
    """The report that stands for `report` today: itself, or the one that absorbed it."""
    return report.merged_into or report


def elder(first: Report, second: Report) -> tuple[Report, Report]:
    """(keep, absorb): the one further along on its way (the order of Place) keeps its id, else
    that with more answers, else the older one."""
    way = list(Place)

    def rank(report: Report) -> tuple[int, int, int]:
        votes = Decision.objects.current().on(report).count()
        return way.index(Place(report.place)), votes, -report.pk

    keep, absorb = sorted((first, second), key=rank, reverse=True)
    return keep, absorb
