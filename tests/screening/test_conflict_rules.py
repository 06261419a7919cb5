"""Classes of conflicts, the reason that the order proposes, names hidden, adjudicators barred."""

import pytest

from reviews.models import AuditEvent, Membership
from reviews.refusal import Refused
from screening import actions
from screening.lead import conflicts
from screening.models import Decision

pytestmark = pytest.mark.django_db

LIST = "/r/one/conflicts/"


@pytest.fixture
def al(cast, signed_in):
    return signed_in(cast.al)


@pytest.fixture
def rules(cast, review):
    def change(stage, **more):
        kept = {"screeners": 2, "maybe": "advances", "by": cast.ada}
        return actions.set_rules(review, stage, **kept, **more)

    return change


@pytest.fixture
def split(cast, at_fulltext, reasons):
    """Bo and Cy exclude, for the second and the first reason."""

    def make():
        report = at_fulltext()
        for user, reason in zip((cast.bo, cast.cy), reasons[::-1], strict=True):
            actions.decide(report, "fulltext", "exclude", by=user, reason=reason)
        return report

    return make


def test_the_declared_order_proposes_and_one_button_takes_it(cast, al, split, reasons):
    report, following = split(), split()
    before = list(Decision.objects.independent().order_by("pk").values())
    page = al.get(f"{LIST}{report.pk}/?kind=reasons")
    assert page.context["proposed"] == reasons[0]
    form = {"stage": "fulltext", "take": reasons[0].pk}
    answer = al.post(f"{LIST}{report.pk}/?kind=reasons", form)
    assert answer.url == f"{LIST}{following.pk}/?kind=reasons"
    word = Decision.objects.get(final=True)
    assert (word.verdict, word.reason, word.by) == ("exclude", reasons[0], cast.al)
    assert list(Decision.objects.independent().order_by("pk").values()) == before


def test_the_list_narrows_to_a_class(cast, al, split, at_fulltext, reasons, member):
    report, other, third = split(), at_fulltext(), at_fulltext()
    actions.decide(other, "fulltext", "include", by=cast.bo)
    actions.decide(other, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
    actions.decide(third, "fulltext", "include", by=cast.bo)
    actions.decide(third, "fulltext", "ongoing", by=cast.cy)
    expected = {"reasons": [report], "verdicts": [other], "outcomes": [third], "unsure": []}
    for kind, found in expected.items():
        assert list(conflicts.waiting(member(cast.al), "fulltext", kind)) == found
        page = al.get(f"{LIST}?show=fulltext&kind={kind}")
        assert [row[0] for row in page.context["rows"]] == found
        assert all(row[2].key == kind for row in page.context["rows"])


def test_names_are_hidden_by_the_rules_of_the_stage(cast, al, in_conflict, rules):
    report = in_conflict()
    for address in (LIST, f"{LIST}{report.pk}/"):
        assert "Bo" in al.get(address).content.decode()
    rules("abstract", hide_names=True)
    for address in (LIST, f"{LIST}{report.pk}/"):
        said = str(al.get(address).content.decode()).replace("Bo&#x27;s note", "")
        assert "Reviewer A" in said
        assert "Reviewer B" in said
        assert ">Bo<" not in said
        assert "Bo:" not in said
    assert AuditEvent.objects.filter(verb="changed the rules").exists()


def test_an_adjudicator_is_kept_out_of_own_conflicts(
    cast, review, signed_in, in_conflict, rules, make_report
):
    Membership.objects.filter(review=review, user=cast.cy).update(roles=["adjudicator", "screener"])
    report = in_conflict()
    rules("abstract", bar_own=True)
    cy = signed_in(cast.cy)
    assert "nobody settles a conflict of their own" in cy.get(
        f"{LIST}{report.pk}/"
    ).content.decode().replace("\n", " ")
    form = {"stage": "abstract", "verdict": "include"}
    assert cy.post(f"{LIST}{report.pk}/", form).status_code == 422
    with pytest.raises(Refused, match="your own"):
        actions.final_word(report, "abstract", "include", by=cast.cy)
    assert not Decision.objects.filter(final=True).exists()
    actions.final_word(report, "abstract", "include", by=cast.al)


def test_the_lead_sets_both_on_the_page(cast, review, signed_in):
    form = {"abstract-screeners": "2", "abstract-maybe": "advances", "abstract-bar_own": "on"}
    sent = {"stage": "abstract", **form, "abstract-hide_names": "on"}
    assert signed_in(cast.ada).post("/r/one/rules/", sent).status_code == 302
    found = review.rules("abstract")
    assert (found.bar_own, found.hide_names) == (True, True)
