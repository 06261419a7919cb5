"""Quotes of a form when a better copy comes: found again, and the doubtful ones listed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from extraction import actions, adjudicating
from extraction.models import ComponentEntry, Extraction, Value
from screening import actions as screening
from synthesis.demo.pdf import pdf

pytestmark = pytest.mark.django_db
FILL = "They kept in touch between the meetings and asked how it was at home. " * 8
KEPT = "Each young person had one mentor for at least nine months of the program"
CHANGED = "The mean score of the scale fell by 12.5 points within the first year"
FOUND = "A case manager visited every family once a week and wrote a plan with it"


@pytest.fixture
def report(study):
    return study.reports.get()


@pytest.fixture
def copy(cast, signed_in, report):
    def send(*paragraphs, **how):
        file = SimpleUploadedFile(
            "a.pdf", pdf("A program", [FILL, *paragraphs], **how), "application/pdf"
        )
        to = reverse("screening:attach", args=["one", report.pk])
        assert signed_in(cast.ada).post(to, {"file": file}).status_code == 302

    return send


@pytest.fixture
def mine(cast, signed_in, study, book, field, components, report, copy):
    screening.moved(report.review)  # the study's report was only said to be included
    for stage in ("abstract", "fulltext"):
        if stage == "fulltext":
            copy(f"{KEPT}.", f"{CHANGED}.", f"{FOUND}.")
        for user in (cast.bo, cast.cy):
            screening.decide(report, stage, "include", by=user)
    signed_in(cast.bo).post(reverse("extraction:begin", args=["one", study.pk]))
    form = Extraction.objects.get(study=study, by=cast.bo)
    for label, value, quote in (
        ("Country", "Canada", KEPT),
        ("n", "12", CHANGED),
        ("Design", None, "My own words"),
    ):
        actions.save_value(
            form, field(label), value, by=cast.bo, quote=quote, page="1", report=report,
            not_reported=value is None,
        )  # fmt: skip
    group = book.fields.filter(kind="component_group").get()
    actions.add_entry(
        form,
        group,
        components["WRAP-CM"],
        by=cast.bo,
        stance="supports",
        quote=FOUND,
        report=report,
    )
    return form


def page(cast, signed_in, study, who="bo"):
    answer = signed_in(getattr(cast, who)).get(reverse("extraction:form", args=["one", study.pk]))
    return answer.content.decode()


def test_the_doubtful_are_listed_with_the_reason_and_saving_again_settles_them(
    cast, signed_in, study, field, report, mine, copy
):
    assert "A better copy has come" not in page(cast, signed_in, study)
    copy(f"{KEPT}.", f"{CHANGED.replace('12.5', '2.5')}.", f"{FOUND}.")
    shown = page(cast, signed_in, study)
    listed = shown[shown.index("A better copy has come") :].split("</section>")[0]
    assert "12.5 points" in listed
    assert "alike, not the same" in listed
    assert "one mentor" not in listed  # it stands where it stood
    assert "My own words" not in listed  # nobody took that from the copy
    value = Value.objects.current().get(extraction=mine, field=field("n"))
    assert value.quote == CHANGED  # what was taken stays as it was taken
    actions.save_value(
        mine,
        field("n"),
        "12",
        by=cast.bo,
        quote=CHANGED.replace("12.5", "2.5"),
        page="1",
        report=report,
    )
    assert "A better copy has come" not in page(cast, signed_in, study)


def test_a_quote_that_moved_says_on_which_page_it_is_now(cast, signed_in, study, mine, copy):
    copy(f"{KEPT}.", *[FILL] * 8, f"{CHANGED}.", f"{FOUND}.", across=60, down=30)
    shown = page(cast, signed_in, study)
    listed = shown[shown.index("A better copy has come") :].split("</section>")[0]
    assert "wrote a plan" in listed
    assert "Case management" in listed
    assert "now on" in listed
    assert "Look at it" not in listed
    assert ComponentEntry.objects.get().quote == FOUND


def test_nobody_sees_it_of_anothers_form(cast, signed_in, study, mine, copy):
    copy(f"{KEPT}.", f"{CHANGED.replace('12.5', '2.5')}.", f"{FOUND}.")
    signed_in(cast.cy).post(reverse("extraction:begin", args=["one", study.pk]))
    assert "A better copy has come" not in page(cast, signed_in, study, who="cy")


def study_page(cast, signed_in, study, who):
    to = reverse("extraction:study", args=["one", study.pk])
    shown = signed_in(getattr(cast, who)).get(to).content.decode()
    _, found, rest = shown.partition("A better copy has come")
    return rest.split("</section>")[0] if found else ""


def test_the_quotes_of_a_handed_in_form_stay_listed_for_those_who_may_see_it(
    cast, signed_in, study, mine, copy
):
    actions.submit(mine, by=cast.bo)
    copy(f"{KEPT}.", f"{CHANGED.replace('12.5', '2.5')}.", f"{FOUND}.")
    listed = study_page(cast, signed_in, study, "bo")
    assert "12.5 points" in listed
    assert "Holds" not in listed  # nothing is settled yet
    for other in ("cy", "obi", "al"):
        assert study_page(cast, signed_in, study, other) == ""


def test_what_was_settled_is_listed_too_and_says_so(
    cast, signed_in, study, field, report, components, mine, copy
):
    actions.submit(mine, by=cast.bo)
    theirs = actions.begin(study, by=cast.cy)
    for label, value in (("Country", "Canada"), ("n", "12")):
        actions.save_value(theirs, field(label), value, by=cast.cy)
    actions.submit(theirs, by=cast.cy)  # both said 12: taken over, with Bo's quote behind it
    adjudicating.settle_component(
        study, mine.entries.get().field, components["WRAP-CM"], "other", by=cast.al,
        stance="qualified", quote=CHANGED, page="1", reason="Said more plainly here.",
    )  # fmt: skip
    copy(f"{KEPT}.", f"{CHANGED.replace('12.5', '2.5')}.", *[FILL] * 8, f"{FOUND}.", across=60, down=30)  # fmt: skip
    for who in ("bo", "cy", "obi", "al"):
        listed = study_page(cast, signed_in, study, who)
        assert listed.count("12.5 points") == 2  # Bo's answer and what Al typed
        assert listed.count("Holds") == 2
        assert "Case management, Al" in listed
        assert "wrote a plan" in listed  # Bo's quote, which does not hold any more
    to = reverse("screening:read", args=["one", report.pk])
    assert f'href="{to}#page-' in listed


def test_a_quote_that_was_settled_as_it_was_taken_is_listed_once(
    cast, signed_in, study, field, components, mine, copy
):
    actions.submit(mine, by=cast.bo)
    theirs = actions.begin(study, by=cast.cy)
    actions.save_value(theirs, field("Country"), "Canada", by=cast.cy)
    actions.submit(theirs, by=cast.cy)
    adjudicating.settle_component(
        study, mine.entries.get().field, components["WRAP-CM"], "first", by=cast.al,
    )  # fmt: skip
    copy(f"{KEPT}.", f"{CHANGED}.", f"{FOUND.replace('once', 'twice')}.")
    listed = study_page(cast, signed_in, study, "al")
    assert listed.count("wrote a plan") == 1
    assert listed.count("Holds") == 1
