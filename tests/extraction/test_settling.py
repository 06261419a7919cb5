"""Adjudication: what agrees is taken over, what differs is settled by a person, once."""

import random

import pytest

from extraction import actions, adjudicating, codebook, progress
from extraction.comparing import compare, compare_all
from extraction.models import AdjudicatedComponent, AdjudicatedValue
from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db


def holds(study):
    return {
        each.field.label: "not reported" if each.not_reported else each.value
        for each in AdjudicatedValue.objects.current().filter(study=study).select_related("field")
    }


def counted(study):
    return {
        each.component.code: [entry.stance for entry in each.entries.all()]
        for each in AdjudicatedComponent.objects.current().filter(study=study)
    }


def line(study, label):
    return next(each for each in compare(study).lines if each.field.label == label)


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("Country", "group home", " GROUP  home "),
        ("Country", "Stra\u00dfe", "STRASSE"),
        ("Country", "Montr\u00e9al", "Montre\u0301al"),
        ("n", "12.50", "12.5"),
        ("n", "007", "7"),
        ("n", "-0", "0"),
        ("n", None, None),
        ("Outcomes", ["Safety", "School"], ["School", "Safety"]),
    ],
)
def test_what_says_the_same_is_taken_over(study, handed_in, label, first, second):
    handed_in(study, ("bo", {label: first}), ("cy", {label: second}))
    taken = AdjudicatedValue.objects.current().get(field__label=label)
    assert (taken.side, taken.by) == ("agreed", None)
    assert compare(study).is_done


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("Country", "Canada", "Norway"),
        ("Country", "13-18", "13 to 18"),
        ("n", "12", "12.01"),
        ("n", "12", None),
        ("n", "", None),
        ("Fidelity", "yes", "unclear"),
        ("Outcomes", ["Safety"], ["Safety", "School"]),
    ],
)
def test_what_differs_waits_for_a_person(study, handed_in, label, first, second):
    answers = {"Country": "Canada"}
    handed_in(study, ("bo", answers | {label: first}), ("cy", answers | {label: second}))
    assert [each.field.label for each in compare(study).open_lines] == [label]
    assert label not in holds(study)


def test_nothing_is_settled_before_both_have_handed_in(cast, study, handed_in, field):
    handed_in(study, ("bo", {"n": "3"}))
    with pytest.raises(Refused, match="waits for its extractors"):
        adjudicating.settle_value(study, field("n"), "first", by=cast.al)
    assert holds(study) == {}


def test_one_extractor_is_enough_where_the_codebook_asks_for_one(cast, study, book, handed_in):
    handed_in(study, ("bo", {"n": "3"}, ["HOME"]))
    assert holds(study) == {}
    codebook.set_extractors(book, 1, by=cast.ada)
    assert holds(study) == {"Country": "Canada", "n": "3"}
    assert counted(study) == {"HOME": ["supports"]}
    with pytest.raises(Clash, match="Bo has extracted this study already"):
        actions.begin(study, by=cast.cy)


def test_a_second_draft_stays_blind_when_one_extractor_becomes_enough(
    cast, study, book, handed_in, fill
):
    handed_in(study, ("bo", {"n": "3"}))
    cys = fill(actions.begin(study, by=cast.cy), {"n": "4"})
    codebook.set_extractors(book, 1, by=cast.ada)
    assert not compare(study).is_opened
    actions.submit(cys, by=cast.cy)
    assert [each.field.label for each in compare(study).open_lines] == ["n"]


def test_a_person_settles_field_by_field(cast, study, handed_in, field):
    handed_in(
        study,
        ("bo", {"n": "3", "Design": "Qualitative", "Outcomes": ["Safety"], "Fidelity": "yes"}),
        ("cy", {"n": "4", "Design": "Quantitative", "Outcomes": ["School"], "Fidelity": None}),
    )
    settle = adjudicating.settle_value
    settle(study, field("n"), "first", by=cast.al)
    settle(study, field("Design"), "second", by=cast.al)
    settle(study, field("Outcomes"), "both", by=cast.al)
    with pytest.raises(Refused, match="Give a reason"):
        settle(study, field("Fidelity"), "other", by=cast.al, given="unclear")
    with pytest.raises(Refused, match="Choose one of the list"):
        settle(study, field("Fidelity"), "other", by=cast.al, given="perhaps", reason="Page 4")
    with pytest.raises(Refused, match="Both can hold where several"):
        settle(study, field("Fidelity"), "both", by=cast.al)
    settle(study, field("Fidelity"), "other", by=cast.al, given="unclear", reason="Page 4")
    assert holds(study) == {
        "Country": "Canada",
        "n": "3",
        "Design": "Quantitative",
        "Outcomes": ["Safety", "School"],
        "Fidelity": "unclear",
    }
    assert compare(study).is_done
    assert progress.counts(study.review)["settled"] == 1
    assert AuditEvent.objects.filter(verb="settled a value").count() == 4


def test_the_later_of_two_adjudicators_is_told(cast, study, handed_in, field):
    handed_in(study, ("bo", {"n": "3"}), ("cy", {"n": "4"}))
    first = adjudicating.settle_value(study, field("n"), "first", by=cast.al)
    with pytest.raises(Clash, match="Al has settled this already"):
        adjudicating.settle_value(study, field("n"), "second", by=cast.ada)
    assert adjudicating.settle_value(study, field("n"), "first", by=cast.ada) == first
    again = adjudicating.settle_value(study, field("n"), "second", by=cast.ada, seen=first.pk)
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert (again.value, again.by) == ("4", cast.ada)


def test_an_answer_that_changed_under_the_adjudicator_is_not_settled(
    cast, study, handed_in, field, fill
):
    bos, _ = handed_in(study, ("bo", {"n": "3"}), ("cy", {"n": "4"}))
    basis = line(study, "n").basis
    actions.reopen(bos, by=cast.bo, reason="Look again")
    with pytest.raises(Clash, match="Bo has reopened"):
        adjudicating.settle_value(study, field("n"), "first", by=cast.al, basis=basis)
    fill(bos, {"n": "5"})
    actions.submit(bos, by=cast.bo)
    with pytest.raises(Clash, match="since you opened this page"):
        adjudicating.settle_value(study, field("n"), "first", by=cast.al, basis=basis)


def test_a_reopened_form_makes_stale_what_it_changes_and_nothing_else(
    cast, study, handed_in, field, fill
):
    bos, _ = handed_in(
        study, ("bo", {"n": "3", "Fidelity": "yes"}), ("cy", {"n": "4", "Fidelity": "no"})
    )
    for label in ("n", "Fidelity"):
        adjudicating.settle_value(study, field(label), "first", by=cast.al)
    actions.reopen(bos, by=cast.bo, reason="Look again")
    fill(bos, {"n": "5"})
    assert (line(study, "n").is_stale, line(study, "Fidelity").is_stale) == (True, False)
    actions.submit(bos, by=cast.bo)
    assert [each.field.label for each in compare(study).open_lines] == ["n"]
    assert holds(study)["n"] == "3"  # it holds, marked stale, until it is settled anew
    stale = line(study, "n").settled
    adjudicating.settle_value(study, field("n"), "second", by=cast.al, seen=stale.pk)
    assert compare(study).is_done
    assert holds(study)["n"] == "4"


def test_components_are_compared_by_stance_and_keep_both_quotes(cast, study, handed_in, components):
    handed_in(
        study,
        ("bo", {}, ["HOME", "WRAP-CM:supports"]),
        ("cy", {}, ["HOME", "WRAP-CM:qualified", "WRAP-MH"]),
    )
    assert counted(study) == {"HOME": ["supports"]}  # one and the same quote is kept once
    assert [each.component.code for each in compare(study).open_lines] == ["WRAP-CM", "WRAP-MH"]


def test_different_quotes_for_one_component_are_no_difference(cast, study, field, components, fill):
    for user, quote in ((cast.bo, "One worker."), (cast.cy, "A named worker.")):
        extraction = fill(actions.begin(study, by=user))
        actions.add_entry(extraction, field("Components"), components["HOME"], by=user, quote=quote)
        actions.submit(extraction, by=user)
    settled = AdjudicatedComponent.objects.get()
    assert settled.side == "agreed"
    assert [entry.quote for entry in settled.entries.all()] == ["One worker.", "A named worker."]


def test_a_component_is_settled_by_side_or_otherwise(cast, study, handed_in, field, components):
    handed_in(
        study,
        ("bo", {}, ["HOME", "WRAP-CM:supports", "WRAP-MH:supports"]),
        ("cy", {}, ["WRAP-CM:qualified", "WRAP-MH:opposes"]),
    )
    group = field("Components")

    def settle(code, side, **more):
        return adjudicating.settle_component(
            study, group, components[code], side, by=cast.al, **more
        )

    settle("HOME", "second")
    settle("WRAP-CM", "both")
    with pytest.raises(Refused, match="Give a reason"):
        settle("WRAP-MH", "other", stance="qualified")
    settled = settle("WRAP-MH", "other", stance="qualified", quote="Later.", reason="Page 5")
    assert counted(study) == {
        "HOME": [],
        "WRAP-CM": ["supports", "qualified"],
        "WRAP-MH": ["qualified"],
    }
    assert compare(study).is_done
    with pytest.raises(Clash, match="settled this already"):
        settle("WRAP-MH", "first")
    settle("WRAP-MH", "first", seen=settled.pk)
    assert counted(study)["WRAP-MH"] == ["supports"]
    with pytest.raises(Refused, match="Nobody has found"):
        settle("WRAP", "first")


def test_a_component_that_both_take_back_is_left_out(cast, study, handed_in):
    forms = handed_in(study, ("bo", {}, ["HOME"]), ("cy", {}, ["HOME"]))
    for extraction in forms:
        actions.reopen(extraction, by=extraction.by, reason="Not there after all")
        actions.remove_entry(extraction.entries.current().get(), by=extraction.by)
    for extraction in forms:
        actions.submit(extraction, by=extraction.by)
    assert counted(study) == {"HOME": []}
    assert compare(study).is_done


def test_the_stage_of_many_studies_says_what_the_comparison_of_each_says(
    cast, review, make_study, book, field, components
):
    """Random histories: the SQL of progress.py against Comparison, and every stage reached."""
    chance = random.Random(7)
    reached = set()
    studies = [make_study(review, f"Study {number}") for number in range(4)]
    people = [cast.bo, cast.cy]
    for _ in range(150):
        study, user = chance.choice(studies), chance.choice(people)
        form = study.extractions.filter(by=user).first()
        try:
            if form is None:
                actions.begin(study, by=user)
            elif chance.random() < 0.35:
                if form.submitted_at:
                    actions.reopen(form, by=user, reason="again")
                else:
                    actions.submit(form, by=user)
            elif chance.random() < 0.6:
                label, given = chance.choice(
                    [("Country", "A"), ("Country", "B"), ("n", "1"), ("n", "1.0"), ("n", "")]
                )
                actions.save_value(form, field(label), given, by=user)
            elif entry := form.entries.current().filter(component=components["HOME"]).first():
                actions.remove_entry(entry, by=user)
            else:
                actions.add_entry(form, field("Components"), components["HOME"], by=user)
            if chance.random() < 0.3:
                for open_line in compare(study).open_lines:
                    seen = open_line.settled.pk if open_line.settled else None
                    if hasattr(open_line, "component"):
                        adjudicating.settle_component(
                            study,
                            open_line.field,
                            open_line.component,
                            "first",
                            by=cast.al,
                            seen=seen,
                        )
                    else:
                        adjudicating.settle_value(
                            study, open_line.field, "second", by=cast.al, seen=seen
                        )
        except Refused:
            pass
        staged = progress.included(review)
        for each, comparison in zip(staged, compare_all(staged, book), strict=True):
            if not comparison.extractions:
                expected = "free"
            elif not comparison.is_opened:
                expected = "begun"
            elif comparison.reopened:
                expected = "reopened"
            else:
                expected = "to-settle" if comparison.open_lines else "settled"
            assert each.stage == expected
            reached.add(expected)
    assert reached == {"free", "begun", "reopened", "to-settle", "settled"}
