"""Making a review and writing its protocol."""

import pytest
from django.urls import reverse

from reviews import actions
from reviews.models import Criterion, Review
from screening import actions as screening
from screening import reasons

pytestmark = pytest.mark.django_db


def url(name, *args, review="one"):
    return reverse(f"reviews:{name}", args=[review, *args])


def texts(review):
    return [(each.kind, each.text) for each in actions.criteria_in_force(review)]


# --- A new review -----------------------------------------------------------------------------


def test_it_asks_only_for_a_title(cast, signed_in):
    client = signed_in(cast.eve)
    answer = client.post("/reviews/new/", {"title": "Care", "framework": "pico", "screeners": 2})
    review = Review.objects.get(title="Care")
    assert answer.headers["Location"] == f"/r/{review.slug}/"
    assert review.memberships.get().roles == ["lead"]
    assert [rules.screeners for rules in review.stage_rules.all()] == [2, 2]
    assert review.blind


def test_it_keeps_what_was_typed_under_another_framework(cast, signed_in):
    sent = {
        "title": "Care",
        "framework": "spider",
        "screeners": 3,
        "screen_too": "on",
        "population": "Children",
        "sample": "Parents",
    }
    signed_in(cast.eve).post("/reviews/new/", sent)
    review = Review.objects.get(title="Care")
    assert review.question == {"population": "Children", "sample": "Parents"}
    assert review.memberships.get().roles == ["lead", "screener"]
    assert review.rules("abstract").screeners == 3


def test_a_wrong_field_loses_nothing(cast, signed_in):
    sent = {"title": "", "framework": "pcc", "screeners": 12, "concept": "A long thought"}
    answer = signed_in(cast.eve).post("/reviews/new/", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A long thought" in page
    assert answer.context["form"].errors.keys() == {"title", "screeners"}
    assert not Review.objects.filter(title="").exists()


def test_two_reviews_may_have_one_title(cast):
    first = actions.create_review("Same", by=cast.eve)
    second = actions.create_review("Same", by=cast.eve)
    assert first.slug == "same" != second.slug


def test_a_slug_that_was_taken_in_between_is_not_the_end(cast, monkeypatch):
    actions.create_review("Same", by=cast.eve)
    monkeypatch.setattr(actions, "free_slug", lambda title: "same")
    assert actions.create_review("Same", by=cast.eve).slug.startswith("same-")


def test_my_reviews_are_mine(cast, signed_in):
    page = signed_in(cast.bo).get("/").content.decode()
    assert "Programs for youth" in page
    assert "Another review" not in page
    assert "Start a review" in signed_in(cast.eve).get("/").content.decode()


def test_my_reviews_take_a_fixed_number_of_queries(cast, signed_in, django_assert_max_num_queries):
    for number in range(5):
        actions.create_review(f"Review {number}", by=cast.bo)
    client = signed_in(cast.bo)
    with django_assert_max_num_queries(5):
        client.get("/")


# --- The question -----------------------------------------------------------------------------


def question(review, **changes):
    sent = {"title": review.title, "framework": review.framework, **review.question}
    return {**sent, "seen": actions.said_now(review), **changes}


def test_the_question_is_changed_and_logged(cast, review, signed_in):
    sent = question(review, framework="pcc", concept="Peer support")
    assert signed_in(cast.ada).post(url("set_question"), sent).status_code == 302
    review.refresh_from_db()
    assert (review.framework, review.question) == ("pcc", {"concept": "Peer support"})
    event = review.events.get(verb="changed the question")
    assert event.before["framework"] == "pico"


def test_the_second_lead_is_told_and_loses_nothing(cast, review, signed_in):
    before = question(review, outcome="Theirs")
    after = question(review, outcome="Mine")
    client = signed_in(cast.ada)
    client.post(url("set_question"), before)
    answer = client.post(url("set_question"), after)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody changed the question" in page
    assert "Mine" in page
    assert "Theirs" in page
    review.refresh_from_db()
    assert review.question == {"outcome": "Theirs"}
    # Saving once more is a choice, and goes through.
    again = {**after, "seen": answer.context["question_form"]["seen"].value()}
    assert client.post(url("set_question"), again).status_code == 302
    review.refresh_from_db()
    assert review.question == {"outcome": "Mine"}


# --- Criteria ---------------------------------------------------------------------------------


def test_criteria_are_kept_in_order_and_by_version(cast, review, signed_in):
    client = signed_in(cast.ada)
    sent = {"seen": 1, "inclusion": ["Youth", " ", "A program"], "exclusion": ["Animals"]}
    assert client.post(url("set_criteria"), sent).status_code == 302
    assert texts(review) == [
        ("exclusion", "Animals"),
        ("inclusion", "Youth"),
        ("inclusion", "A program"),
    ]
    sent = {"seen": 1, "inclusion": ["A program", "Youth"], "exclusion": [], "reason": "Wider"}
    assert client.post(url("set_criteria"), sent).status_code == 302
    assert actions.criteria_version(review) == 2
    assert [each.text for each in actions.criteria_at(review, 1)] == [
        "Animals",
        "Youth",
        "A program",
    ]
    assert [each.text for each in actions.criteria_at(review, 2)] == ["A program", "Youth"]
    versions = client.get(url("setup")).context["versions"]
    assert [(v["number"], v["event"].reason, len(v["criteria"])) for v in versions] == [
        (2, "Wider", 2),
        (1, "", 3),
    ]


def test_saving_the_same_criteria_makes_no_version(cast, review):
    wanted = [("inclusion", "Youth"), ("exclusion", "Mice"), ("inclusion", "Care")]
    actions.set_criteria(review, wanted, by=cast.ada)
    assert actions.set_criteria(review, wanted, by=cast.ada) == 1
    assert Criterion.objects.filter(review=review).count() == 3
    assert review.events.filter(verb="changed the criteria").count() == 1


@pytest.mark.parametrize(
    ("move", "inclusion"),
    [
        ("up:inclusion:1", ["b", "a", "c"]),
        ("up:inclusion:0", ["a", "b", "c"]),
        ("down:inclusion:1", ["a", "c", "b"]),
        ("down:inclusion:2", ["a", "b", "c"]),
        ("remove:inclusion:1", ["a", "c"]),
        ("remove:inclusion:9", ["a", "b", "c"]),
        ("remove:inclusion:-1", ["a", "b", "c"]),
        ("add:inclusion", ["a", "b", "c", ""]),
        ("add:nothing", ["a", "b", "c"]),
        ("", ["a", "b", "c"]),
    ],
)
def test_rows_move_without_javascript(cast, review, signed_in, move, inclusion):
    actions.set_criteria(review, [("inclusion", "a")], by=cast.ada)
    sent = {"seen": 1, "inclusion": ["a", "b", "c"], "exclusion": ["x"], "move": move}
    sent["reason"] = "half a sentence"
    answer = signed_in(cast.ada).post(url("set_criteria"), sent)
    assert answer.status_code == 200
    form = answer.context["criteria_form"]
    assert form.rows == {"inclusion": inclusion, "exclusion": ["x"]}
    page = answer.content.decode()
    assert "data-unsaved>" in page
    assert "half a sentence" in page
    assert texts(review) == [("inclusion", "a")]


def test_a_criterion_twice_is_refused_by_its_words(cast, review, signed_in):
    sent = {"seen": 1, "inclusion": ["Youth", "youth "], "exclusion": []}
    answer = signed_in(cast.ada).post(url("set_criteria"), sent)
    assert answer.status_code == 422
    assert "the same criterion twice" in answer.content.decode()
    assert answer.context["criteria_form"].rows["inclusion"] == ["Youth", "youth "]


def test_criteria_of_two_leads_do_not_overwrite_each_other(cast, review, signed_in):
    client = signed_in(cast.ada)
    client.post(url("set_criteria"), {"seen": 1, "inclusion": ["Youth"]})
    client.post(url("set_criteria"), {"seen": 1, "inclusion": ["Youth", "Theirs"]})
    answer = client.post(url("set_criteria"), {"seen": 1, "inclusion": ["Youth", "Mine"]})
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    assert ("inclusion", "Mine") not in texts(review)
    seen = answer.context["criteria_form"]["seen"].value()
    again = client.post(url("set_criteria"), {"seen": seen, "inclusion": ["Youth", "Mine"]})
    assert again.status_code == 302
    assert ("inclusion", "Mine") in texts(review)


# --- The blind --------------------------------------------------------------------------------


def test_opening_the_blind_takes_a_lead_and_a_reason_and_is_said_on_every_page(
    cast, review, signed_in
):
    client = signed_in(cast.ada)
    assert client.post(url("open_blind"), {"reason": " "}).status_code == 422
    review.refresh_from_db()
    assert review.blind
    assert client.post(url("open_blind"), {"reason": "Training"}).status_code == 302
    event = review.events.get(verb="opened the blind")
    assert (event.actor, event.reason) == (cast.ada, "Training")
    assert "Blinding is off" in signed_in(cast.bo).get("/r/one/").content.decode()
    client.post(url("close_blind"), {"reason": "Done"})
    assert "Blinding is off" not in signed_in(cast.bo).get("/r/one/").content.decode()
    refused = signed_in(cast.bo).post(url("open_blind"), {"reason": "Curious"})
    assert refused.status_code == 403
    review.refresh_from_db()
    assert review.blind


def test_the_refusal_says_what_is_missing(cast, review, signed_in):
    page = signed_in(cast.bo).get(url("setup")).content.decode()
    assert "does not let you manage this review" in page


# --- A set-up without its data ----------------------------------------------------------------


@pytest.fixture
def rich(cast, review, make_report):
    from components.models import Component

    actions.describe(
        review, by=cast.ada, title=review.title, framework="pcc", question={"concept": "Peers"}
    )
    actions.set_criteria(review, [("inclusion", "Old")], by=cast.ada)
    actions.set_criteria(review, [("inclusion", "Youth"), ("exclusion", "Mice")], by=cast.ada)
    screening.set_rules(review, "abstract", by=cast.ada, screeners=1, maybe="discussed")
    reasons.set_reasons(review, "fulltext", ["Retired one"], by=cast.ada)
    reasons.set_reasons(review, "fulltext", ["Population", "Design"], by=cast.ada)
    made = {}
    for code, name, parent in [("A", "Team", None), ("B", "Team", "A"), ("C", "Peer", "B")]:
        made[code] = Component.objects.create(
            review=review, code=code, name=name, parent=made.get(parent), definition=f"{code}?"
        )
    actions.set_blind(review, False, by=cast.ada, reason="Training")
    screening.decide(make_report(review), "abstract", "include", by=cast.bo)
    return review


def test_a_set_up_is_taken_over_without_data(cast, rich, signed_in):
    answer = signed_in(cast.bo).post("/r/one/copy/", {"title": "Again", "screen_too": "on"})
    made = Review.objects.get(title="Again")
    assert answer.headers["Location"] == f"/r/{made.slug}/"
    assert (made.framework, made.question) == ("pcc", {"concept": "Peers"})
    assert texts(made) == [("exclusion", "Mice"), ("inclusion", "Youth")]
    assert actions.criteria_version(made) == 1
    assert (made.rules("abstract").screeners, made.rules("abstract").maybe) == (1, "discussed")
    assert made.rules("fulltext").screeners == 2
    assert [reason.label for reason in made.reasons.all()] == ["Population", "Design"]
    tree = {c.code: c.parent and c.parent.code for c in made.components.select_related("parent")}
    assert tree == {"A": None, "B": "A", "C": "B"}
    assert made.components.get(code="C").definition == "C?"
    assert [(m.user, m.roles) for m in made.memberships.all()] == [(cast.bo, ["lead", "screener"])]
    assert made.blind
    assert not made.reports.exists()
    assert not made.searches.exists()
    assert made.events.filter(verb="copied a set-up", after={"from": rich.title}).exists()
    # The one it came from is as it was.
    assert rich.components.count() == 3
    assert rich.memberships.count() == 7


def test_new_review_offers_my_reviews_only(cast, rich, signed_in):
    page = signed_in(cast.bo).get("/reviews/new/").content.decode()
    assert "/r/one/copy/" in page
    assert "/r/two/copy/" not in page
