"""The rules of both stages, and the list of reasons with its history."""

import pytest

from reviews.models import AuditEvent
from screening import actions
from screening.models import Reason
from screening.reasons import USUAL_REASONS, reasons_in_use, set_reasons

pytestmark = pytest.mark.django_db

RULES, REASONS = "/r/one/rules/", "/r/one/reasons/"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def labels(review):
    return [reason.label for reason in reasons_in_use(review, "fulltext")]


def test_a_changed_rule_places_every_report_anew(cast, review, ada, make_report):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    form = {"stage": "abstract", "abstract-screeners": "1", "abstract-maybe": "discussed"}
    assert ada.post(RULES, form).status_code == 302
    report.refresh_from_db()
    assert report.place == "sought"
    event = AuditEvent.objects.get(verb="changed the rules")
    assert event.before == {"screeners": 2, "maybe": "advances"}
    assert event.after == {"screeners": 1, "maybe": "discussed"}


@pytest.mark.parametrize("number", ["0", "10", "x", ""])
def test_a_wrong_number_is_said_by_its_field(review, ada, number):
    form = {"stage": "abstract", "abstract-screeners": number, "abstract-maybe": "advances"}
    response = ada.post(RULES, form)
    assert response.status_code == 422
    assert 'class="errorlist' in response.content.decode()
    assert review.rules("abstract").screeners == 2


def test_full_text_knows_no_maybe(review, ada):
    assert "fulltext-maybe" not in ada.get(RULES).content.decode()
    ada.post(RULES, {"stage": "fulltext", "fulltext-screeners": "1", "fulltext-maybe": "discussed"})
    assert (review.rules("fulltext").screeners, review.rules("fulltext").maybe) == (1, "advances")


def test_everybody_reads_and_the_lead_changes(cast, signed_in):
    obi = signed_in(cast.obi)
    assert "Reviewers per report" in obi.get(RULES).content.decode()
    assert "Add a reason" not in obi.get(REASONS).content.decode()
    assert obi.post(RULES, {"stage": "abstract"}).status_code == 403
    assert obi.post(f"{REASONS}fulltext/add/", {"label": "Mine"}).status_code == 403
    assert signed_in(cast.eve).get(RULES).status_code == 404


def test_an_empty_list_offers_the_usual_reasons(review, ada):
    assert "Begin with these" in ada.get(REASONS).content.decode()
    ada.post(f"{REASONS}fulltext/usual/")
    assert labels(review) == USUAL_REASONS
    page = ada.post(f"{REASONS}fulltext/usual/", follow=True).content.decode()
    assert "There are reasons already" in page


def change(client, reason, act, **more):
    return client.post(f"{REASONS}{reason.pk}/change/", {"act": act, **more}, follow=True)


def test_a_reason_is_added_once(review, ada):
    ada.post(f"{REASONS}fulltext/add/", {"label": "  Wrong   design "})
    assert labels(review) == ["Wrong design"]
    response = ada.post(f"{REASONS}fulltext/add/", {"label": "wrong DESIGN"})
    assert response.status_code == 422
    assert "already" in response.content.decode()


def test_an_unused_reason_is_renamed_in_place(review, ada, reasons):
    change(ada, reasons[0], "rename", label="Wrong people")
    assert labels(review) == ["Wrong people", "Not a program"]
    assert Reason.objects.count() == 2


def test_a_used_reason_keeps_its_words_where_it_was_chosen(cast, review, ada, at_fulltext, reasons):
    report = at_fulltext()
    decision = actions.decide(report, "fulltext", "exclude", by=cast.bo, reason=reasons[0])
    change(ada, reasons[0], "rename", label="Wrong people")
    assert labels(review) == ["Wrong people", "Not a program"]
    decision.refresh_from_db()
    assert decision.reason.label == "Wrong population"
    assert decision.reason.retired_at is not None


def test_reasons_are_reordered(review, ada, reasons):
    change(ada, reasons[1], "up")
    assert labels(review) == ["Not a program", "Wrong population"]
    change(ada, reasons[1], "down")
    assert labels(review) == ["Wrong population", "Not a program"]
    change(ada, reasons[0], "up")  # the first stays the first
    assert labels(review) == ["Wrong population", "Not a program"]


def test_a_retired_reason_can_be_taken_up_again_and_is_the_same(cast, review, ada, reasons):
    change(ada, reasons[0], "retire")
    assert labels(review) == ["Not a program"]
    assert "Retired:" in ada.get(REASONS).content.decode()
    ada.post(f"{REASONS}fulltext/add/", {"label": "Wrong population"})
    assert labels(review) == ["Not a program", "Wrong population"]
    assert Reason.objects.count() == 2


def test_a_retired_reason_cannot_be_chosen_or_changed(cast, review, ada, at_fulltext, reasons):
    change(ada, reasons[0], "retire")
    reasons[0].refresh_from_db()
    report = at_fulltext()
    with pytest.raises(actions.Refused, match="no longer in use"):
        actions.decide(report, "fulltext", "exclude", by=cast.bo, reason=reasons[0])
    assert "no longer in use" in change(ada, reasons[0], "up").content.decode()


def test_each_change_is_in_the_log(cast, review, ada, reasons):
    change(ada, reasons[1], "up")
    change(ada, reasons[1], "retire")
    events = AuditEvent.objects.filter(verb="changed the reasons").order_by("number")
    assert [event.after for event in events] == [
        ["Wrong population", "Not a program"],
        ["Not a program", "Wrong population"],
        ["Wrong population"],
    ]


def test_the_reason_of_another_review_does_not_exist(cast, ada):
    foreign = set_reasons(cast.other, "fulltext", ["Theirs"], by=cast.zed)[0]
    assert change(ada, foreign, "retire").status_code == 404
