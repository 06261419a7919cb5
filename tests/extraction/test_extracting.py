"""A form: whose it is, what it takes, and that nothing in it is overwritten."""

import pytest

from extraction import actions, progress
from extraction.models import ComponentEntry, Extraction, Value
from reviews import webhooks
from reviews.models import Message
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db


def stage(study):
    return progress.included(study.review).get(pk=study.pk).stage


def current(extraction):
    return {
        value.field.label: "not reported" if value.not_reported else value.value
        for value in extraction.values.current().select_related("field")
    }


def test_a_third_extractor_is_told(cast, study, book):
    first = actions.begin(study, by=cast.bo)
    assert actions.begin(study, by=cast.bo) == first
    actions.begin(study, by=cast.cy)
    with pytest.raises(Clash, match="Bo and Cy have begun on this study"):
        actions.begin(study, by=cast.ed)
    assert Extraction.objects.count() == 2


def test_only_an_included_study_of_a_published_codebook_is_taken(cast, review, study, make_report):
    with pytest.raises(Refused, match="not published"):
        actions.begin(study, by=cast.bo)


def test_a_study_that_is_no_longer_included_is_refused(cast, study, book):
    study.reports.update(place="fulltext-out")
    with pytest.raises(Refused, match="not among the included"):
        actions.begin(study, by=cast.bo)


@pytest.mark.parametrize(
    ("label", "given", "stored"),
    [
        ("Country", "  Canada ", "Canada"),
        ("Country", "   ", None),
        ("n", "12", "12"),
        ("n", " 12.50 ", "12.50"),
        ("Fidelity", "unclear", "unclear"),
        ("Design", "Qualitative", "Qualitative"),
        ("Outcomes", ["Health", "Safety"], ["Safety", "Health"]),
    ],
)
def test_it_stores_what_each_kind_takes(cast, study, field, label, given, stored):
    extraction = actions.begin(study, by=cast.bo)
    made = actions.save_value(extraction, field(label), given, by=cast.bo)
    assert (made.value if made else None) == stored


@pytest.mark.parametrize(
    ("label", "given", "said"),
    [
        ("n", "twelve", "Write a number in digits"),
        ("n", "1,200", "without words or commas"),
        ("n", "1e9", "Write a number"),
        ("n", "١٢", "Write a number"),
        ("n", "nan", "Write a number"),
        ("Fidelity", "maybe", "Choose one of the list"),
        ("Design", "qualitative", "Choose one of the list"),
        ("Outcomes", ["Safety", "Wealth"], "Choose from the list"),
        ("Components", "WRAP-CM", "one by one"),
        ("Country", "Can\x00ada", "can't be stored"),
        ("Country", ["Canada"], "Write one answer"),
        ("Country", "x" * 20_001, "longer than"),
    ],
)
def test_it_says_what_it_wants(cast, study, field, label, given, said):
    extraction = actions.begin(study, by=cast.bo)
    with pytest.raises(Refused, match=said):
        actions.save_value(extraction, field(label), given, by=cast.bo)
    assert not Value.objects.exists()


def test_not_reported_is_not_empty(cast, study, field):
    extraction = actions.begin(study, by=cast.bo)
    country = field("Country")
    with pytest.raises(Refused, match="can't be both"):
        actions.save_value(extraction, country, "Canada", by=cast.bo, not_reported=True)
    actions.save_value(extraction, country, "", by=cast.bo, not_reported=True)
    assert current(extraction) == {"Country": "not reported"}
    assert actions.missing(extraction) == []
    actions.save_value(extraction, country, "", by=cast.bo)
    assert current(extraction) == {"Country": None}
    assert [each.field for each in actions.missing(extraction)] == [country]


def test_it_keeps_the_old_answer(cast, study, field):
    extraction = actions.begin(study, by=cast.bo)
    for given in ("Canada", "Canada", "Norway"):
        actions.save_value(extraction, field("Country"), given, by=cast.bo)
    rows = Value.objects.order_by("pk")
    assert [(row.value, row.superseded_at is None) for row in rows] == [
        ("Canada", False),
        ("Norway", True),
    ]


def test_the_second_of_two_windows_is_told_and_may_insist(cast, study, field):
    extraction, country = actions.begin(study, by=cast.bo), field("Country")
    first = actions.save_value(extraction, country, "Canada", by=cast.bo, seen=0)
    with pytest.raises(Clash, match="Another window saved “Canada” here"):
        actions.save_value(extraction, country, "Norway", by=cast.bo, seen=0)
    assert actions.save_value(extraction, country, "Canada", by=cast.bo, seen=0) == first
    actions.save_value(extraction, country, "Norway", by=cast.bo, seen=first.pk)
    assert current(extraction) == {"Country": "Norway"}


def test_nobody_writes_in_anothers_form_or_a_closed_one(cast, study, field, fill):
    extraction = fill(actions.begin(study, by=cast.bo))
    with pytest.raises(Refused, match="whose form it is"):
        actions.save_value(extraction, field("n"), "3", by=cast.cy)
    with pytest.raises(Refused, match="whose form it is"):
        actions.submit(extraction, by=cast.cy)
    actions.submit(extraction, by=cast.bo)
    with pytest.raises(Clash, match="handed in"):
        actions.save_value(extraction, field("n"), "3", by=cast.bo)
    actions.reopen(extraction, by=cast.bo)
    actions.save_value(extraction, field("n"), "3", by=cast.bo)
    actions.set_aside(extraction, by=cast.bo, reason="No time")
    with pytest.raises(Clash, match="set aside"):
        actions.save_value(extraction, field("n"), "4", by=cast.bo)


def test_required_questions_hold_the_form_back(cast, study, book):
    extraction = actions.begin(study, by=cast.bo)
    with pytest.raises(Refused, match="Still empty: “Country”"):
        actions.submit(extraction, by=cast.bo)
    extraction.refresh_from_db()
    assert extraction.state == "draft"


def test_components_come_from_the_tree(cast, study, field, components):
    extraction, group = actions.begin(study, by=cast.bo), field("Components")
    entry = actions.add_entry(extraction, group, components["HOME"], by=cast.bo, quote="A home.")
    again = actions.add_entry(extraction, group, components["HOME"], by=cast.bo, quote="A home.")
    assert entry == again
    with pytest.raises(Refused, match="WRAP can't be coded with"):
        actions.add_entry(extraction, group, components["WRAP"], by=cast.bo)
    with pytest.raises(Refused, match="does not ask for components"):
        actions.add_entry(extraction, field("n"), components["HOME"], by=cast.bo)
    with pytest.raises(Refused, match="how the study speaks"):
        actions.add_entry(extraction, group, components["HOME"], by=cast.bo, stance="loves")
    changed = actions.change_entry(entry, by=cast.bo, stance="opposes", quote="No home.")
    with pytest.raises(Clash, match="Another window"):
        actions.change_entry(entry, by=cast.bo, stance="supports")
    actions.remove_entry(changed, by=cast.bo)
    assert not ComponentEntry.objects.current().exists()
    assert ComponentEntry.objects.count() == 2


def test_no_component_reported_and_a_component_exclude_each_other(cast, study, field, components):
    extraction, group = actions.begin(study, by=cast.bo), field("Components")
    actions.save_value(extraction, group, None, by=cast.bo, not_reported=True)
    actions.add_entry(extraction, group, components["HOME"], by=cast.bo)
    assert current(extraction) == {}
    with pytest.raises(Refused, match="There are components on the form"):
        actions.save_value(extraction, group, None, by=cast.bo, not_reported=True)


def test_a_quote_hangs_on_a_report_of_the_study(cast, review, study, field, make_study):
    extraction = actions.begin(study, by=cast.bo)
    own, foreign = study.reports.get(), make_study(review, "Lind 2020").reports.get()
    with pytest.raises(Refused, match="does not tell of this study"):
        actions.save_value(extraction, field("n"), "3", by=cast.bo, report=foreign)
    made = actions.save_value(extraction, field("n"), "3", by=cast.bo, report=own, page="12-13")
    assert (made.report, made.page) == (own, "12-13")
    with pytest.raises(Refused, match="A page is at most"):
        actions.save_value(extraction, field("n"), "3", by=cast.bo, page="x" * 21)


def test_the_stages_of_a_study(cast, study, book, fill):
    assert stage(study) == "free"
    bos = fill(actions.begin(study, by=cast.bo))
    assert stage(study) == "begun"
    actions.submit(bos, by=cast.bo)
    cys = fill(actions.begin(study, by=cast.cy), {"n": "3"})
    assert stage(study) == "begun"
    actions.submit(cys, by=cast.cy)
    assert stage(study) == "to-settle"
    webhooks.add(cast.review, "https://example.org/hook", ["extraction.reopened"], by=cast.ada)
    with pytest.raises(Refused, match="Say why"):
        actions.reopen(bos, by=cast.bo)
    actions.reopen(bos, by=cast.bo, reason="Overlooked n")
    (told,) = Message.objects.all()  # nobody's name
    assert (told.event, told.facts) == ("extraction.reopened", {"study": study.pk})
    assert stage(study) == "reopened"
    fill(bos, {"n": "3.0"})
    actions.submit(bos, by=cast.bo)
    assert stage(study) == "settled"


def test_a_form_is_set_aside_so_that_another_can_take_the_study(cast, study, book, fill):
    bos = fill(actions.begin(study, by=cast.bo))
    actions.submit(bos, by=cast.bo)
    cys = actions.begin(study, by=cast.cy)
    with pytest.raises(Refused, match="Say why"):
        actions.set_aside(cys, by=cast.ada, reason=" ")
    actions.set_aside(cys, by=cast.ada, reason="Cy has left")
    assert stage(study) == "begun"
    eds = fill(actions.begin(study, by=cast.ed))
    actions.submit(eds, by=cast.ed)
    assert stage(study) == "settled"
    with pytest.raises(Clash, match="this one counts"):
        actions.set_aside(bos, by=cast.bo, reason="Too late")
    with pytest.raises(Clash, match="Bo and Ed have extracted this study already"):
        actions.begin(study, by=cast.cy)


def test_handing_in_and_reopening_early_does_not_open_the_other_form(cast, study, book, fill):
    """Who hands an empty form in and takes it back must not see the other's by that."""
    bos, cys = (fill(actions.begin(study, by=user)) for user in (cast.bo, cast.cy))
    actions.submit(bos, by=cast.bo)
    actions.reopen(bos, by=cast.bo)
    actions.submit(cys, by=cast.cy)
    seen = Extraction.objects.visible_to(cast.member("bo"))
    assert list(seen) == [bos]
    actions.submit(bos, by=cast.bo)
    assert set(Extraction.objects.visible_to(cast.member("bo"))) == {bos, cys}
