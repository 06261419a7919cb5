"""Merging and unmerging in any order: nothing is lost, everything comes back."""

import os
import random
from hashlib import sha256

import pytest
from django.db.models import F

from citations.models import (
    DuplicatePair,
    FullText,
    Merge,
    Record,
    RelatedReport,
    Report,
    RetrievalEvent,
    StudyReport,
)
from extraction import actions as extracting
from extraction import codebook
from extraction.models import Extraction, Value
from reviews.audit import broken_links
from reviews.models import Membership
from reviews.refusal import Clash, Refused
from reviews.roles import Role
from screening import actions, flow, retrieval
from screening.duplicates import answering, joining, questions
from screening.flow import Place
from screening.models import Decision
from screening.reasons import set_reasons

pytestmark = pytest.mark.django_db
SEEDS = range(int(os.environ.get("HISTORIES", "8")))


def place(report):
    report.refresh_from_db()
    return report.place


def attach(report, user, name="a"):
    return retrieval.attach(
        report,
        by=user,
        name=f"{name}.pdf",
        sha256=sha256(f"{report.pk} {name}".encode()).hexdigest(),
        size=3,
        content_type="application/pdf",
    )


def ask(first, second, zone="ask", probability=0.5):
    first, second = sorted((first, second), key=lambda report: report.pk)
    return DuplicatePair.objects.create(
        review=first.review,
        first=first,
        second=second,
        probability=probability,
        rule="unsure",
        why="Much alike.",
        zone=zone,
    )


def snapshot(review):
    """All that a merge touches, as plain values; the time of a supersession does not matter."""
    return {
        "reports": {
            row.pop("id"): row
            for row in Report.objects.filter(review=review).values(
                "id", "place", "merged_into", "title", "authors", "abstract", "doi"
            )
        },
        "records": dict(Record.objects.filter(review=review).values_list("pk", "report")),
        "decisions": {
            pk: (report, superseded is None)
            for pk, report, superseded in Decision.objects.filter(
                report__review=review
            ).values_list("pk", "report", "superseded_at")
        },
        "fulltexts": dict(FullText.objects.values_list("pk", "report")),
    }


def random_act(dice, review, people, report):
    """One thing that somebody does to `report`, or is refused."""
    stage = dice.choice(["abstract", "abstract", "fulltext"])
    reason = review.reasons.first()
    try:
        match dice.randrange(12):
            case 0:
                actions.remove_before_screening(report, by=people[0], why="Not in scope")
            case 1:
                retrieval.give_up(report, by=people[0], why="Nowhere to be had")
            case 2 | 3:
                attach(report, people[0], name=str(dice.random()))
            case 4:
                actions.final_word(
                    report, "abstract", dice.choice(["include", "exclude"]), by=people[2]
                )
            case 5:
                actions.final_word(report, "fulltext", "include", by=people[2])
            case _:
                verdict = dice.choice(["include", "include", "include", "exclude"])
                out = verdict == "exclude" and stage == "fulltext"
                actions.decide(
                    report,
                    stage,
                    verdict,
                    by=dice.choice(people),
                    reason=reason if out else None,
                )
    except Refused:
        pass


def check(review):
    """What must be true at every moment."""
    assert flow.misplaced(review) == []
    boxes = flow.boxes(review)
    assert [i for i in flow.identities(review, boxes) if not i.holds] == []
    standing = Report.objects.filter(review=review).standing()
    with_records = standing.filter(records__isnull=False).distinct().count()
    assert boxes["D2_dup"] == Record.objects.filter(review=review).count() - with_records
    assert not Report.objects.filter(merged_into__merged_into__isnull=False).exists()  # no chain
    assert not Record.objects.exclude(report__merged_into=None).exists()
    assert not Decision.objects.exclude(report__merged_into=None).exists()


@pytest.fixture
def crowd(cast, review, make_report):
    set_reasons(review, "fulltext", ["Wrong population"], by=cast.ada)
    reports = [
        make_report(review, f"A title {'long ' * n}", records=1 + n % 2, authors=["A"] * (n % 3))
        for n in range(6)
    ]
    return reports


@pytest.mark.parametrize("seed", SEEDS)
def test_undoing_all_merges_in_any_order_gives_everything_back(seed, cast, review, crowd):
    dice, people = random.Random(seed), [cast.bo, cast.cy, cast.al]
    for _ in range(45):
        random_act(dice, review, people, dice.choice(crowd))
    before, boxes = snapshot(review), flow.boxes(review)
    links = set(StudyReport.objects.values_list("study", "report"))
    merges = []
    for _ in range(14):
        standing = list(Report.objects.filter(review=review).standing())
        if len(standing) > 1 and (not merges or dice.random() < 0.6):
            merges.append(joining.merge(*dice.sample(standing, 2), by=cast.ada))
        else:
            joining.unmerge(merges.pop(dice.randrange(len(merges))), by=cast.ada)
        check(review)
    dice.shuffle(merges)
    for made in merges:
        joining.unmerge(made, by=cast.ada)
        check(review)
    assert snapshot(review) == before
    assert links <= set(StudyReport.objects.values_list("study", "report"))
    assert flow.boxes(review) == boxes
    assert broken_links(review) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_work_done_while_merged_stays_with_the_report_it_was_done_on(seed, cast, review, crowd):
    """Rows belong to the report they were made on; they hang on the root of its tree of merges."""
    dice, people = random.Random(1000 + seed), [cast.bo, cast.cy, cast.al]
    owner: dict[tuple[type, int], int] = {}
    parent: dict[int, int] = {}
    merges: list[Merge] = []
    stood: dict[int, set[int]] = {}
    read: dict[int, set[int]] = {}  # the files that stood on a report when it was absorbed

    def root(pk):
        while pk in parent:
            pk = parent[pk]
        return pk

    def note_owners():
        for model in (Record, Decision, FullText):
            for pk, report in model.objects.values_list("pk", "report"):
                owner.setdefault((model, pk), report)

    note_owners()
    for _ in range(60):
        standing = list(Report.objects.filter(review=review).standing())
        roll = dice.random()
        if roll < 0.7 or (len(standing) < 2 and not merges):
            random_act(dice, review, people, dice.choice(standing))
            note_owners()
        elif len(standing) > 1 and (roll < 0.87 or not merges):
            keep, absorb = dice.sample(standing, 2)
            stood[absorb.pk] = set(
                Decision.objects.current().on(absorb).values_list("pk", flat=True)
            )
            read[absorb.pk] = set(absorb.files.values_list("pk", flat=True))
            merges.append(joining.merge(keep, absorb, by=cast.ada))
            parent[absorb.pk] = keep.pk
        else:
            made = merges.pop(dice.randrange(len(merges)))
            joining.unmerge(made, by=cast.ada)
            del parent[made.absorb_id]
            current = set(
                Decision.objects.current()
                .filter(report=made.absorb_id)
                .values_list("pk", flat=True)
            )
            # All that stood is back, but for words that a person took back by name, what belongs
            # to a report that has left by itself, and a retrieval that a full text has ended.
            mine = {
                pk
                for pk in stood[made.absorb_id]
                if root(owner[Decision, pk]) == made.absorb_id
                and Decision.objects.get(pk=pk).stage != "retrieval"
            }
            assert mine <= current
            own = {pk for pk in read[made.absorb_id] if root(owner[FullText, pk]) == made.absorb_id}
            assert own <= set(made.absorb.files.values_list("pk", flat=True))
        check(review)
        for pk, merged_into in Report.objects.filter(review=review).values_list(
            "pk", "merged_into"
        ):
            assert (merged_into or pk) == root(pk)
        # Set aside only for a better copy of the same report.
        torn = FullText.objects.exclude(replaced_by=None).exclude(replaced_by__report=F("report"))
        assert not torn.exists()
        for (model, pk), report in owner.items():
            assert model.objects.get(pk=pk).report_id == root(report)


def test_a_vote_changed_while_merged_leaves_the_old_one_to_the_absorbed_report(
    cast, review, make_report
):
    keep, absorb = make_report(review), make_report(review)
    old = actions.decide(absorb, "abstract", "exclude", by=cast.bo)
    made = joining.merge(keep, absorb, by=cast.ada)
    new = actions.decide(keep, "abstract", "include", by=cast.bo)
    joining.unmerge(made, by=cast.ada)
    old.refresh_from_db()
    assert (old.report_id, old.superseded_at) == (absorb.pk, None)
    new.refresh_from_db()
    assert (new.report_id, new.superseded_at) == (keep.pk, None)


def test_a_vote_taken_back_while_merged_stays_taken_back(cast, review, make_report):
    keep, absorb = make_report(review), make_report(review)
    slip = actions.decide(absorb, "abstract", "exclude", by=cast.bo)
    made = joining.merge(keep, absorb, by=cast.ada)
    actions.withdraw(Decision.objects.get(pk=slip.pk), by=cast.bo)
    joining.unmerge(made, by=cast.ada)
    assert not Decision.objects.current().on(absorb).exists()


def test_a_removed_duplicate_does_not_take_a_screened_report_with_it(cast, review, make_report):
    screened, removed = make_report(review), make_report(review)
    actions.decide(screened, "abstract", "include", by=cast.bo)
    actions.remove_before_screening(removed, by=cast.ada, why="Seen before")
    made = joining.merge(screened, removed, by=cast.ada)
    assert place(screened) == Place.ABSTRACT_HALF
    joining.unmerge(made, by=cast.ada)
    assert place(removed) == Place.REMOVED_OTHER
    made = joining.merge(removed, screened, by=cast.ada)
    assert place(removed) == Place.ABSTRACT_HALF
    joining.unmerge(made, by=cast.ada)
    assert place(removed) == Place.REMOVED_OTHER


def test_not_retrieved_gives_way_to_a_full_text(cast, review, make_report):
    having, missing = make_report(review), make_report(review)
    for report in (having, missing):
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
    attach(having, cast.ada)
    retrieval.give_up(missing, by=cast.ada, why="Nowhere to be had")
    made = joining.merge(missing, having, by=cast.ada)
    assert place(missing) == Place.FULLTEXT_OPEN
    joining.unmerge(made, by=cast.ada)
    assert place(missing) == Place.NOT_RETRIEVED
    assert place(having) == Place.FULLTEXT_OPEN


def test_one_document_is_one_study(cast, review, make_report):
    reports = [make_report(review), make_report(review)]
    for report in reports:
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        attach(report, cast.ada)
        for user in (cast.bo, cast.cy):
            actions.decide(report, "fulltext", "include", by=user)
    assert flow.boxes(review)["I_studies"] == 2
    made = joining.merge(*reports, by=cast.ada)
    assert flow.boxes(review)["I_studies"] == 1
    joining.unmerge(made, by=cast.ada)
    assert flow.boxes(review)["I_studies"] == 2


def test_the_report_nearer_to_inclusion_keeps_its_id(cast, review, make_report):
    early, late = make_report(review), make_report(review)
    for user in (cast.bo, cast.cy):
        actions.decide(late, "abstract", "include", by=user)
        actions.decide(early, "abstract", "exclude", by=user)
    early.refresh_from_db()
    late.refresh_from_db()
    made = answering.join_by_hand(early, late, by=cast.ada)
    assert (made.keep, made.absorb) == (late, early)
    assert place(late) == Place.SOUGHT


# --- Questions ------------------------------------------------------------------------------


def test_the_later_one_is_told_who_answered(cast, review, make_report):
    pair = ask(make_report(review), make_report(review))
    answering.answer(pair, "different", by=cast.al)
    assert answering.answer(pair, "different", by=cast.ada).answered_by == cast.al
    with pytest.raises(Clash, match="Al has answered this already: different documents"):
        answering.answer(pair, "same", by=cast.ada)
    assert questions.waiting(review) == []


def test_taking_same_back_gives_the_report_back(cast, review, make_report):
    pair = ask(make_report(review), make_report(review))
    answering.answer(pair, "same", by=cast.al)
    assert flow.boxes(review)["D2_dup"] == 1
    answering.take_answer_back(pair, by=cast.al)
    assert flow.boxes(review)["D2_dup"] == 0
    assert questions.waiting(review) == [pair.pk]


def test_related_is_linked_and_unlinked(cast, review, make_report):
    pair = ask(make_report(review), make_report(review))
    answering.answer(pair, "related", by=cast.al)
    assert RelatedReport.objects.filter(removed_at=None).count() == 1
    answering.take_answer_back(pair, by=cast.al)
    assert RelatedReport.objects.filter(removed_at=None).count() == 0


def test_a_question_follows_its_report_into_a_merge(cast, review, make_report):
    first, second, third = (make_report(review) for _ in range(3))
    about = ask(first, second)
    made = joining.merge(third, first, by=cast.ada)
    (question,) = questions.about(questions.waiting(review))
    assert {question.first, question.second} == {second, third}
    answering.answer(about, "same", by=cast.al)
    first.refresh_from_db()
    third.refresh_from_db()
    assert first.merged_into == third.merged_into == second
    joining.unmerge(made, by=cast.ada)
    # First is itself again: whether it is second is a question once more.
    assert questions.waiting(review) == [about.pk]


def test_different_holds_for_whatever_they_are_part_of(cast, review, make_report):
    first, second, third = (make_report(review) for _ in range(3))
    answering.answer(ask(first, second), "different", by=cast.al)
    ask(second, third)
    assert len(questions.waiting(review)) == 1
    joining.merge(third, first, by=cast.ada)
    assert questions.waiting(review) == []
    assert questions.told_apart(review) == {frozenset((second.pk, third.pk))}


def test_unmerging_opens_the_question_again(cast, review, make_report):
    pair = ask(make_report(review), make_report(review))
    answering.answer(pair, "same", by=cast.al)
    pair.refresh_from_db()
    joining.unmerge(pair.merge, by=cast.ada)
    pair.refresh_from_db()
    assert (pair.answer, pair.merge, pair.answered_by) == ("", None, None)


def test_what_is_one_already_cannot_be_called_different(cast, review, make_report):
    first, second = make_report(review), make_report(review)
    pair = ask(first, second)
    joining.merge(first, second, by=cast.ada)
    with pytest.raises(Clash, match="merged in the meantime"):
        answering.answer(pair, "different", by=cast.al)
    with pytest.raises(Refused, match="one report already"):
        answering.join_by_hand(second, first, by=cast.ada)


def test_another_review_is_out_of_reach(cast, review, make_report):
    Membership.objects.create(review=cast.other, user=cast.ada, roles=[Role.LEAD])
    with pytest.raises(Refused, match="different reviews"):
        answering.join_by_hand(make_report(review), make_report(cast.other), by=cast.ada)


# --- What passed is not lost by joining ----------------------------------------------------


def voted(report, votes, *, stage="abstract", word=None, by=None, reason=None):
    """Decide in the order given, and end it with a final word."""
    for user, verdict in votes:
        out = verdict == "exclude" and stage == "fulltext"
        actions.decide(report, stage, verdict, by=user, reason=reason if out else None)
    if word:
        out = word == "exclude" and stage == "fulltext"
        actions.final_word(report, stage, word, by=by, reason=reason if out else None)
    report.refresh_from_db()
    return report


@pytest.mark.parametrize("keep_the_excluded", [True, False])
def test_a_final_exclusion_and_an_inclusion_by_votes_are_a_conflict(
    cast, review, make_report, keep_the_excluded
):
    passed = voted(make_report(review), [(cast.bo, "include"), (cast.cy, "include")])
    out = voted(
        make_report(review),
        [(cast.bo, "include"), (cast.cy, "exclude")],
        word="exclude",
        by=cast.al,
    )
    assert (passed.place, out.place) == (Place.SOUGHT, Place.ABSTRACT_OUT)
    before = snapshot(review)
    keep, absorb = (out, passed) if keep_the_excluded else (passed, out)
    made = joining.merge(keep, absorb, by=cast.ada)
    assert place(keep) == Place.ABSTRACT_CONFLICT
    joining.unmerge(made, by=cast.ada)
    assert snapshot(review) == before


def test_other_people_s_votes_make_it_a_conflict_too(cast, review, make_report, join):
    di, em = join("Di"), join("Em")
    passed = voted(make_report(review), [(di, "include"), (em, "include")])
    out = voted(
        make_report(review),
        [(cast.bo, "exclude"), (cast.cy, "include")],
        word="exclude",
        by=cast.al,
    )
    joining.merge(out, passed, by=cast.ada)
    assert place(out) == Place.ABSTRACT_CONFLICT


def test_two_adjudicators_words_keep_the_study(cast, review, make_report):
    split = [(cast.bo, "include"), (cast.cy, "exclude")]
    passed = voted(make_report(review), split, word="include", by=cast.al)
    out = voted(make_report(review), split, word="exclude", by=cast.ada)
    joining.merge(out, passed, by=cast.ada)
    assert place(out) == Place.SOUGHT


def test_votes_that_exclude_do_not_outweigh_the_copy_that_passed(cast, review, make_report):
    both = [cast.bo, cast.cy]
    passed = voted(make_report(review), [(user, "include") for user in both])
    out = voted(make_report(review), [(user, "exclude") for user in both])
    made = joining.merge(out, passed, by=cast.ada)  # by the API the excluded one may be named first
    assert place(out) == Place.SOUGHT
    joining.unmerge(made, by=cast.ada)
    assert (place(out), place(passed)) == (Place.ABSTRACT_OUT, Place.SOUGHT)


def test_a_study_read_in_full_is_not_called_back_by_a_copy_excluded_on_its_abstract(
    cast, review, at_fulltext, make_report
):
    read = at_fulltext()
    voted(read, [(cast.bo, "include"), (cast.cy, "include")], stage="fulltext")
    split = [(cast.bo, "include"), (cast.cy, "exclude")]
    out = voted(make_report(review), split, word="exclude", by=cast.al)
    answering.join_by_hand(out, read, by=cast.ada)
    assert place(read) == Place.INCLUDED


def test_at_full_text_a_final_exclusion_against_an_inclusion_is_a_conflict(
    cast, review, at_fulltext, reasons
):
    reason = review.reasons.filter(stage="fulltext").first()
    included, out = at_fulltext(), at_fulltext()
    voted(included, [(cast.bo, "include"), (cast.cy, "include")], stage="fulltext")
    split = [(cast.bo, "include"), (cast.cy, "exclude")]
    voted(out, split, stage="fulltext", word="exclude", by=cast.al, reason=reason)
    before, boxes = snapshot(review), flow.boxes(review)
    made = answering.join_by_hand(out, included, by=cast.ada)
    assert place(included) == Place.FULLTEXT_CONFLICT
    joining.unmerge(made, by=cast.ada)
    assert snapshot(review) == before
    assert flow.boxes(review) == boxes


def test_an_outranked_word_waits_until_all_that_outrank_it_have_left(cast, review, make_report):
    out = voted(
        make_report(review),
        [(cast.bo, "include"), (cast.cy, "exclude")],
        word="exclude",
        by=cast.al,
    )
    both = [(cast.bo, "include"), (cast.cy, "include")]
    one, other = (voted(make_report(review), both) for _ in range(2))
    merges = [joining.merge(out, each, by=cast.ada) for each in (one, other)]
    joining.unmerge(merges[0], by=cast.ada)
    assert place(out) == Place.ABSTRACT_CONFLICT
    joining.unmerge(merges[1], by=cast.ada)
    assert place(out) == Place.ABSTRACT_OUT


# --- All that hangs on a report comes back -----------------------------------------------


def test_notes_files_requests_and_extraction_come_back_and_prisma_moves_by_one(
    cast, review, at_fulltext
):
    one, other = at_fulltext("Care at home"), at_fulltext("Care at the home")
    for report in (one, other):
        RetrievalEvent.objects.create(report=report, outcome="asked", where="A library")
        for user in (cast.bo, cast.cy):
            actions.decide(report, "fulltext", "include", by=user, note=f"{user} on {report.pk}")
    book = codebook.start(review, by=cast.ada)
    words = {"section": "Study", "label": "Country", "kind": "text", "help": "Which?"}
    codebook.add_field(book, by=cast.ada, **words, choices=[], required=True)
    codebook.publish(book, by=cast.ada)
    form = extracting.begin(other.studies.get(), by=cast.bo)
    extracting.save_value(form, book.fields.get(), "Kenya", by=cast.bo, report=other, page="3")
    before, boxes = snapshot(review), flow.boxes(review)
    kept = {
        "notes": dict(Decision.objects.values_list("pk", "note")),
        "events": dict(RetrievalEvent.objects.values_list("pk", "report")),
        "studies": set(StudyReport.objects.values_list("study", "report")),
        "forms": set(Extraction.objects.values_list("pk", "study")),
        "values": dict(Value.objects.values_list("pk", "report")),
    }
    made = answering.join_by_hand(one, other, by=cast.ada)
    joined = flow.boxes(review)
    assert joined["D2_dup"] == boxes["D2_dup"] + 1
    assert joined["D3"] == boxes["D3"] - 1
    assert joined["D7"] == boxes["D7"] - 1
    assert joined["I_reports"] == boxes["I_reports"] - 1
    assert {event.report_id for event in RetrievalEvent.objects.all()} == {made.keep_id}
    assert {value.report_id for value in Value.objects.all()} == {made.keep_id}
    assert set(Decision.objects.current().values_list("report", flat=True)) == {made.keep_id}
    assert Decision.objects.filter(gave_way=True).exists()  # superseded, not lost
    joining.unmerge(made, by=cast.ada)
    assert snapshot(review) == before
    assert flow.boxes(review) == boxes
    assert {
        "notes": dict(Decision.objects.values_list("pk", "note")),
        "events": dict(RetrievalEvent.objects.values_list("pk", "report")),
        "studies": set(StudyReport.objects.values_list("study", "report")),
        "forms": set(Extraction.objects.values_list("pk", "study")),
        "values": dict(Value.objects.values_list("pk", "report")),
    } == kept
