"""My decisions: found, changed with their history kept, taken back."""

import pytest

from screening import actions
from screening.models import Decision

pytestmark = pytest.mark.django_db

LIST = "/r/one/decisions/"


@pytest.fixture
def bo(cast, signed_in):
    return signed_in(cast.bo)


def test_they_are_mine_alone(cast, review, bo, in_conflict):
    in_conflict("A trial")
    page = bo.get(LIST).content.decode()
    assert "A trial" in page
    assert "Bo&#x27;s note" in page
    assert "Cy&#x27;s note" not in page


def test_they_can_be_searched_and_filtered(cast, review, bo, make_report):
    for title, verdict in (("Asthma camp", "include"), ("Epilepsy school", "exclude")):
        actions.decide(make_report(review, title), "abstract", verdict, by=cast.bo)
    assert [d.report.title for d, _ in bo.get(f"{LIST}?q=asthma").context["rows"]] == [
        "Asthma camp"
    ]
    found = bo.get(f"{LIST}?verdict=exclude&stage=abstract").context["rows"]
    assert [d.report.title for d, _ in found] == ["Epilepsy school"]
    assert bo.get(f"{LIST}?stage=fulltext").context["rows"] == []
    assert len(bo.get(f"{LIST}?stage=nonsense&page=x").context["rows"]) == 2


def test_a_changed_answer_keeps_the_old_one(cast, review, bo, make_report):
    report = make_report(review)
    for verdict in ("include", "maybe", "exclude"):
        actions.decide(report, "abstract", verdict, by=cast.bo)
    ((decision, earlier),) = bo.get(LIST).context["rows"]
    assert decision.verdict == "exclude"
    assert [each.verdict for each in earlier] == ["maybe", "include"]
    assert f"/r/one/screen/?report={report.pk}" in bo.get(LIST).content.decode()


def test_one_is_taken_back(cast, review, bo, make_report):
    decision = actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    response = bo.post(f"{LIST}{decision.pk}/withdraw/", {"back": f"{LIST}?page=1"})
    assert response.url == f"{LIST}?page=1"
    assert not Decision.objects.current().exists()


def test_it_does_not_lead_away_from_the_site(cast, review, bo, make_report):
    decision = actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    response = bo.post(f"{LIST}{decision.pk}/withdraw/", {"back": "//elsewhere.example/r/"})
    assert response.url == LIST


def test_what_can_no_longer_be_taken_back_is_explained(cast, review, bo, in_conflict):
    report = in_conflict()
    actions.final_word(report, "abstract", "include", by=cast.al)
    mine = Decision.objects.get(by=cast.bo)
    page = bo.post(f"{LIST}{mine.pk}/withdraw/", follow=True).content.decode()
    assert "An adjudicator has settled" in page
    mine.refresh_from_db()
    assert mine.superseded_at is None


def test_the_decision_of_another_is_not_mine_to_take_back(cast, bo, in_conflict):
    in_conflict()
    theirs = Decision.objects.get(by=cast.cy)
    assert bo.post(f"{LIST}{theirs.pk}/withdraw/").status_code == 404


def test_a_fixed_number_of_queries(cast, review, bo, make_report, django_assert_max_num_queries):
    for number in range(60):
        report = make_report(review)
        actions.decide(report, "abstract", "include", by=cast.bo)
        if number % 3 == 0:
            actions.decide(report, "abstract", "exclude", by=cast.bo)
        if number in (0, 59):
            with django_assert_max_num_queries(12):
                bo.get(LIST)
    assert len(bo.get(LIST).context["rows"]) == 50
    assert len(bo.get(f"{LIST}?page=2").context["rows"]) == 10


def test_an_empty_list_shows_the_way(bo):
    assert "You have not decided on anything yet" in bo.get(LIST).content.decode()
