"""Every write about decisions and reasons: lock the report, look at the rule, append, settle."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from citations.models import Report, Study, StudyReport
from reviews import audit, past, webhooks
from reviews.access import abilities
from reviews.actions import check_reason, criteria_version
from reviews.models import Review, Stage, StageRules, User
from reviews.refusal import Clash, Refused
from reviews.written import insert

from . import deciding, flow, interests
from .desk import by_criterion, leases
from .flow import Place
from .models import Decision, PilotReport, Proposal, Reason
from .querysets import OPENED_AT
from .relevance import orders

STAGE_NAMES = {Stage.ABSTRACT: "title and abstract", Stage.FULLTEXT: "full text"}


def locked(report: Report) -> Report:
    """The row as it is now, held until the end of the transaction.

    Its review is read and not held: people decide on other reports of it at the same time, and an
    import that publishes a large file holds the review for seconds. `no_key` for the same reason:
    the import points new rows to reports that stand, which an exclusive lock would wait for.
    """
    held = Report.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("review").get(pk=report.pk)


def moved(
    review: Review, reports: Iterable[int] | None = None, *, rules: flow.Rules | None = None
) -> dict[int, str] | None:
    """Settle where `reports` (ids; None: all of the review) stand. `rules` spares a query.

    Sees to it that each included one tells of a study. Returns {report id: its place now} of a few.
    """
    ids = None if reports is None else list(reports)
    now = flow.settle(review, ids, rules=rules)
    if now is not None and Place.INCLUDED not in now.values():
        return now
    lonely = Report.objects.filter(review=review, place=Place.INCLUDED, studies=None)
    for report in lonely if ids is None else lonely.filter(pk__in=ids):
        label = " ".join(str(part) for part in (report.byline, report.year) if part)
        study = Study.objects.create(review=review, label=label[:200] or str(report)[:200])
        StudyReport.objects.create(study=study, report=report)
    return now


def _check_reason(report: Report, stage: str, verdict: str, reason: Reason | None) -> None:
    if reason is not None:
        if verdict != Decision.Verdict.EXCLUDE:
            raise Refused("Only an exclusion has a reason.")
        if reason.review_id != report.review_id or reason.stage != stage:
            raise Refused("That reason does not belong to this stage of this review.")
        if reason.retired_at:
            raise Refused(f"The reason “{reason.label}” is no longer in use.")
    elif stage == Stage.FULLTEXT and verdict == Decision.Verdict.EXCLUDE:
        # PRISMA 2020 item 16b asks for the reason of each exclusion at full text.
        raise Refused("Give a reason to exclude at full text.")


def _check_others(report: Report, stage: str, verdict: str, others: Iterable[Reason]) -> None:
    for reason in others:
        if stage != Stage.FULLTEXT:
            raise Refused("Further reasons are given at full text.")
        _check_reason(report, stage, verdict, reason)


def _check_verdict(stage: str, verdict: str) -> None:
    if stage == Stage.FULLTEXT and verdict == Decision.Verdict.MAYBE:
        raise Refused("At full text a report is included or excluded.")
    if stage != Stage.FULLTEXT and verdict in flow.ASIDE_PLACE:
        raise Refused("Awaiting classification and ongoing study are outcomes at full text.")


def decide_within(
    report: Report,
    stage: str,
    verdict: str,
    *,
    by: User,
    reason: Reason | None = None,
    others: Iterable[Reason] = (),
    note: str = "",
    served_at: datetime | None = None,
    again: int | None = None,
    answers: Mapping[int, str] | None = None,
) -> Decision:
    """Record `by`'s own answer; an earlier answer of theirs is superseded, not changed.

    Runs inside a transaction of the caller's that is rolled back when this refuses. Of `report` its
    id and its review are asked for; the row is read and held here. 404 when it is not there.

    `others`: what else would have excluded it, at full text; PRISMA counts `reason` alone.

    `answers`: {criterion id: yes, no or unclear}, as many as were given; the verdict follows from
    none of them. Those to a wording that was replaced while they were on their way are kept as such.

    `again` is the version of the criteria by which `by` has looked at an earlier decision anew:
    then the same answer is a new decision under that version. Clash when another is in force.

    Refused when the report is not at `stage`; Clash when enough others were faster, or when the
    stage has ended with a final word.
    """
    report = deciding.held(report)
    note = note.strip()
    if stage not in flow.OPEN_PLACES:
        raise Refused("Reviewers decide on title and abstract, and on full text.")
    if verdict not in Decision.Verdict.values:
        raise Refused("A decision is include, maybe or exclude.")
    _check_verdict(stage, verdict)
    known = deciding.known(report, stage, by)
    mine, version = known.mine, known.version
    if again is not None and again != version:
        raise Clash("The criteria have changed in the meantime. Look at them, then answer.")
    confirms = mine is not None and again is not None and mine.criteria_version != version
    if mine is not None and confirms and answers is None:
        answers = by_criterion.carried(mine)
    further = {each.pk: each for each in others if reason is None or each.pk != reason.pk}
    said = (verdict, reason.pk if reason else None, note, set(further))
    if (
        mine
        and not confirms
        and (mine.verdict, mine.reason_id, mine.note, {each.pk for each in mine.others.all()})
        == said
        and (answers is None or by_criterion.given_with(mine) == answers)
    ):
        return mine  # the same answer again changes nothing
    _check_reason(report, stage, verdict, reason)
    _check_others(report, stage, verdict, further.values())
    if answers:
        by_criterion.check(report.review, answers)
    _check_still_open(report, stage, mine=mine, ended=known.ended)
    if known.interest:
        interests.refuse()
    if mine is None and known.pilot is not None:
        _check_pilot(report, known.pilot, served_at)
    now = timezone.now()
    if mine:
        mine.superseded_at = now
        mine.save(update_fields=["superseded_at"])
    decision = Decision(
        report=report,
        stage=stage,
        verdict=verdict,
        reason=reason,
        note=note,
        by=by,
        criteria_version=version,
        served_at=served_at,
        at=now,
    )
    insert(decision)
    if further:
        decision.others.set(further.values())
    if answers:
        by_criterion.keep(decision, answers)
    leases.give_back(report, stage, by=by)
    now_at = moved(report.review, [report.pk], rules=known.rules) or {}
    tell(report, stage, now_at.get(report.pk))
    return decision


decide = transaction.atomic(decide_within)  # in a transaction of its own


def tell(report: Report, stage: str, place: str | None = None) -> None:
    """Tell who wants to know that this act brought `report` into a conflict or past the stage.

    Both are said only of a place that is reached when everybody has decided who was to. `place`:
    where the report stands now, when the caller knows it.
    """
    before, at = report.place, Stage(stage)
    if place is not None and (place == before or place not in OPENED_AT[at]):
        return
    if not webhooks.told_of(report.review, webhooks.CONFLICT, webhooks.SETTLED):
        return
    report.refresh_from_db(fields=["place"])
    if report.place == before or report.place not in OPENED_AT[at]:
        return
    conflict = report.place == flow.CONFLICT_PLACE[at]
    event = webhooks.CONFLICT if conflict else webhooks.SETTLED
    webhooks.tell(report.review, event, report=report.pk, stage=str(at), place=report.place)


def _check_still_open(
    report: Report, stage: str, *, mine: Decision | None, ended: bool | None = None
) -> None:
    """Whether one more answer may be taken now, in a sentence when it may not.

    `ended`: whether a final word stands at the stage, when the caller has looked.
    """
    name = STAGE_NAMES[Stage(stage)]
    if report.merged_into_id:
        raise Clash("This report has been merged into another one; decide there.")
    if report.place in flow.REMOVED:
        raise Clash("This report was removed before screening.")
    if report.place == Place.WITHDRAWN:
        raise Clash("The import that brought this report has been undone.")
    if ended is None:
        final = Decision.objects.current().on(report).at_stage(stage).filter(final=True)
        ended = final.exists()
    if ended:
        raise Clash(f"An adjudicator has settled this report on {name}.")
    if report.place in flow.OPEN_PLACES[Stage(stage)]:
        return  # fewer people have decided than the rules ask for: that is what the place says
    if report.place in _BEFORE[Stage(stage)]:
        raise Refused(f"This report is not ready for {name}.")
    if mine is None:
        raise Clash("Enough people have decided on this report; yours was not needed.")
    # A change of mind after the stage is over is allowed until the next stage has begun on it.
    if stage == Stage.ABSTRACT and (
        report.place in [Place.NOT_RETRIEVED, *flow.ASSESSED]
        or Decision.objects.current().on(report).at_stage(Stage.FULLTEXT).exists()
    ):
        raise Clash("Work on the full text has begun; this decision can no longer be changed.")


def _check_pilot(report: Report, pilot: tuple[int, datetime], served_at: datetime | None) -> None:
    """While a pilot round (id, beginning) is open only its reports take first answers.

    What was handed out before the draw is taken: that work is done.
    """
    pk, began = pilot
    if PilotReport.objects.filter(pilot=pk, report=report).exists():
        return
    if served_at is None or served_at > began:
        raise Clash("A pilot round is open, and this report is not in it. It comes back later.")


_BEFORE: dict[str, set[str]] = {
    Stage.ABSTRACT: {Place.ARRIVING},
    Stage.FULLTEXT: {
        Place.ARRIVING,
        *flow.ABSTRACT_PENDING,
        Place.ABSTRACT_OUT,
        Place.SOUGHT,
        Place.NOT_RETRIEVED,
    },
}


@transaction.atomic
def withdraw(decision: Decision, *, by: User) -> Decision:
    """Take one's own answer back (undo). The row stays; the report waits for `by` again."""
    report = locked(decision.report)
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    if decision.by_id != by.pk or decision.final:
        raise Refused("Only the person who decided can take a decision back.")
    if decision.superseded_at:
        return decision
    stage = Stage(decision.stage)
    _check_still_open(report, stage, mine=decision)
    decision.superseded_at = timezone.now()
    # While the others have not all decided nothing could be seen: the answer never counted.
    decision.withdrawn = report.place in flow.OPEN_PLACES[stage]
    decision.save(update_fields=["superseded_at", "withdrawn"])
    leases.lease([report.pk], stage, by=by)  # it lies before its maker again
    moved(report.review, [report.pk])
    orders.unlearnt(report.review, stage, by=by)
    return decision


@transaction.atomic
def final_word(
    report: Report,
    stage: str,
    verdict: str,
    *,
    by: User,
    reason: Reason | None = None,
    note: str = "",
) -> Decision:
    """End a conflict. The reviewers' own decisions stay as they are."""
    report = locked(report)
    if stage not in flow.CONFLICT_PLACE:
        raise Refused("Conflicts arise on title and abstract, and on full text.")
    check_final(report, stage, verdict, reason)
    check_may_end(report, Stage(stage), by)
    check_not_barred(report, Stage(stage), by)
    interests.check_none(report, by)
    now = timezone.now()
    earlier = Decision.objects.current().on(report).at_stage(stage).filter(final=True).first()
    if earlier is None and report.place != flow.CONFLICT_PLACE[Stage(stage)]:
        raise Clash("There is no conflict on this report (any more).")
    if earlier is not None:
        if (earlier.by_id, earlier.verdict, earlier.reason_id) == (
            by.pk,
            verdict,
            reason.pk if reason else None,
        ):
            return earlier
        if earlier.by_id != by.pk:
            nameless = report.review.rules(stage).hide_names
            who = "Somebody else" if nameless else earlier.by
            raise Clash(f"{who} has settled this report already.")
        _check_next_stage_untouched(report, Stage(stage))
        earlier.superseded_at = now
        earlier.save(update_fields=["superseded_at"])
    decision = Decision.objects.create(
        report=report,
        stage=stage,
        verdict=verdict,
        reason=reason,
        note=note.strip(),
        by=by,
        at=now,
        final=True,
        criteria_version=criteria_version(report.review),
    )
    moved(report.review, [report.pk])
    tell(report, stage)
    return decision


def check_final(report: Report, stage: str, verdict: str, reason: Reason | None) -> None:
    """Whether a conflict of `stage` can end like this; refused in words where not."""
    if verdict not in Decision.Verdict.values or verdict == Decision.Verdict.MAYBE:
        raise Refused("The final word is include or exclude.")
    _check_verdict(stage, verdict)
    _check_reason(report, stage, verdict, reason)


def check_may_end(report: Report, stage: Stage, by: User) -> None:
    """Refused where those who decided find a consensus: then the lead alone ends what is stuck."""
    if report.review.rules(stage).settled_by != StageRules.SettledBy.CONSENSUS:
        return
    member = report.review.memberships.filter(user=by, left_at=None).first()
    if "manage" not in abilities(member):
        raise Refused(
            "At this stage those who decided find a consensus; only the lead can end it otherwise."
        )


def check_not_barred(report: Report, stage: Stage, by: User) -> None:
    """Refused where the rules keep people out of conflicts of their own, and this is one of `by`."""
    own = Decision.objects.current().independent().on(report).at_stage(stage).filter(by=by)
    if report.review.rules(stage).bar_own and own.exists():
        raise Refused(
            "One of these decisions is your own, and by the rules of this stage nobody settles a "
            "conflict of their own. Leave it to another adjudicator."
        )


def _check_next_stage_untouched(report: Report, stage: Stage) -> None:
    later = Decision.objects.current().on(report).at_stage(Stage.FULLTEXT)
    if stage == Stage.ABSTRACT and later.exists():
        raise Clash("Work on the full text has begun; this final word can no longer be changed.")


@transaction.atomic
def reopen(report: Report, stage: str, *, by: User, reason: str) -> Report:
    """Take the final word of a stage back; the conflict stands again."""
    report = locked(report)
    if stage not in flow.CONFLICT_PLACE:
        raise Refused("Final words are given on title and abstract, and on full text.")
    interests.check_none(report, by)
    word = Decision.objects.current().on(report).at_stage(stage).filter(final=True).first()
    if word is None:
        raise Clash("There is no final word to take back.")
    if Decision.objects.elsewhere().on(report).exists():
        raise Refused("This report was included elsewhere; undo that act on many reports instead.")
    if not reason.strip():
        raise Refused("Say why the final word is taken back.")
    _check_next_stage_untouched(report, Stage(stage))
    word.superseded_at = timezone.now()
    word.save(update_fields=["superseded_at"])
    # Whoever had proposed something proposes anew.
    open_ = Proposal.objects.filter(report=report, stage=stage, superseded_at=None)
    open_.update(superseded_at=word.superseded_at)
    moved(report.review, [report.pk])
    orders.unlearnt(report.review, stage, by=by)
    audit.record(report.review, "took a final word back", by=by, target=report, reason=reason)
    report.refresh_from_db()
    if not word.automation:  # a tool's word ended no conflict
        facts = {"report": report.pk, "stage": str(stage), "place": report.place}
        webhooks.tell(report.review, webhooks.CONFLICT_AGAIN, **facts)
    return report


@transaction.atomic
def remove_before_screening(
    report: Report, *, by: User, why: str, automation: bool = False
) -> Decision:
    """Take a report out before anybody screens it (PRISMA box D2). Needs a reason in words."""
    report = locked(report)
    if not why.strip():
        raise Refused("Say why the report is removed before screening.")
    if report.place in flow.REMOVED:
        raise Clash("This report has been removed already.")
    if report.merged_into_id:
        raise Clash("This report has been merged into another one.")
    if report.place in (Place.ARRIVING, Place.WITHDRAWN):
        raise Refused("This report is not in the review: its import is not finished or was undone.")
    if Decision.objects.current().on(report).exists():
        raise Refused("People have begun to screen this report; exclude it there.")
    word = Decision.objects.create(
        report=report,
        stage=Stage.BEFORE,
        verdict=Decision.Verdict.EXCLUDE,
        note=why.strip(),
        by=by,
        final=True,
        automation=automation,
        criteria_version=criteria_version(report.review),
    )
    moved(report.review, [report.pk])
    return word


@transaction.atomic
def exclude_by_tool(report: Report, *, by: User, why: str) -> Decision:
    """Enter that an automation tool, as a screener, excluded a report that nobody has answered on
    (PRISMA box D4, apart from people's exclusions). `reopen` takes it back. Needs tool and rule in words."""
    report = locked(report)
    if not why.strip():
        raise Refused("Say which tool excluded it, and by which rule.")
    if report.place != Place.ABSTRACT_OPEN:
        raise Refused("People have begun to screen this report, or it is no longer there.")
    word = Decision.objects.create(
        report=report,
        stage=Stage.ABSTRACT,
        verdict=Decision.Verdict.EXCLUDE,
        note=why.strip(),
        by=by,
        final=True,
        automation=True,
        criteria_version=criteria_version(report.review),
    )
    moved(report.review, [report.pk])
    return word


@transaction.atomic
def restore_to_screening(report: Report, *, by: User) -> Report:
    """Undo a removal before screening."""
    report = locked(report)
    word = Decision.objects.current().on(report).at_stage(Stage.BEFORE).first()
    if word is None:
        raise Clash("This report was not removed before screening.")
    word.superseded_at = timezone.now()
    word.save(update_fields=["superseded_at"])
    moved(report.review, [report.pk])
    audit.record(report.review, "restored to screening", by=by, target=report)
    report.refresh_from_db()
    return report


# --- The rules of a stage -------------------------------------------------------------------


@transaction.atomic
def set_rules(
    review: Review,
    stage: str,
    *,
    by: User,
    screeners: int,
    maybe: str,
    one_include: bool | None = None,
    hide_source: bool | None = None,
    bar_own: bool | None = None,
    hide_names: bool | None = None,
    ask_criteria: bool | None = None,
    settled_by: str | None = None,
    reason: str = "",
) -> StageRules:
    """Change how many people screen and what "maybe" means; every report is settled anew.

    `one_include`: whether one include sends a report on (liberal accelerated); None leaves it.
    `hide_source`: whether cards go without authors, journal and year; None leaves it.
    `bar_own`: whether nobody ends a conflict of their own; None leaves it.
    `hide_names`: whether the conflicts pages leave out who said what; None leaves it.
    `ask_criteria`: whether each criterion is a question of its own; None leaves it.
    `settled_by`: an adjudicator, or the consensus of those who decided; None leaves it.

    With a reason once the protocol is locked.
    """
    rules = StageRules.objects.select_for_update().get(review=review, stage=stage)
    if not 1 <= screeners <= 9:
        raise Refused("Between 1 and 9 people screen each report.")
    if maybe not in StageRules.Maybe.values:
        raise Refused("“Maybe” either counts as include or is settled by an adjudicator.")
    alone = rules.one_include if one_include is None else one_include
    if alone and stage != Stage.ABSTRACT:
        raise Refused("One include is enough on title and abstract only.")
    if alone and screeners < 2:
        raise Refused("Where one person decides, one include is enough as it is.")
    hide = rules.hide_source if hide_source is None else hide_source
    before: dict[str, Any] = {"screeners": rules.screeners, "maybe": rules.maybe}
    after: dict[str, Any] = {"screeners": screeners, "maybe": maybe}
    if alone != rules.one_include:
        before["one include is enough"] = rules.one_include
        after["one include is enough"] = alone
    if hide != rules.hide_source:
        before["hide authors, journal and year"] = rules.hide_source
        after["hide authors, journal and year"] = hide
    bar = rules.bar_own if bar_own is None else bar_own
    nameless = rules.hide_names if hide_names is None else hide_names
    asks = rules.ask_criteria if ask_criteria is None else ask_criteria
    settled = rules.settled_by if settled_by is None else settled_by
    if settled not in StageRules.SettledBy.values:
        raise Refused("A conflict is settled by an adjudicator or by consensus.")
    for words, was, now in (
        ("adjudicators settle no conflict of their own", rules.bar_own, bar),
        ("hide names in conflicts", rules.hide_names, nameless),
        ("ask for each criterion", rules.ask_criteria, asks),
        ("conflicts are settled by", rules.settled_by, settled),
    ):
        if was != now:
            before[words], after[words] = was, now
    if before != after:
        check_reason(Review.objects.get(pk=review.pk), reason)
        mine = StageRules.objects.filter(pk=rules.pk)
        past.keep(review, mine, "screeners", "maybe", "one_include")
        rules.screeners, rules.maybe, rules.hide_source = screeners, maybe, hide
        rules.one_include, rules.bar_own, rules.hide_names = alone, bar, nameless
        rules.ask_criteria, rules.settled_by = asks, settled
        rules.save(
            update_fields=[
                "screeners",
                "maybe",
                "hide_source",
                "one_include",
                "bar_own",
                "hide_names",
                "ask_criteria",
                "settled_by",
            ]
        )
        # Wait for the decisions that are being taken at this moment: a statement that had begun
        # before they were committed would settle their reports without them.
        list(review.reports.select_for_update().order_by("pk").values_list("pk", flat=True))
        moved(review)
        orders.unlearnt(review, stage, by=by)
        target = f"rules for {STAGE_NAMES[Stage(stage)]}"
        audit.record(
            review,
            "changed the rules",
            by=by,
            target=target,
            before=before,
            after=after,
            reason=reason.strip(),
        )
    return rules
