"""By the API: field by field which record's value a report shows, and the choice of another."""

import pytest

from citations import composing
from citations.models import Record
from reviews.models import AuditEvent

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def joined(review, make_report, make_search):
    report = make_report(review, "Care at home", records=1, journal="J Care", year=2019)
    Record.objects.create(
        review=review,
        search=make_search(review),
        report=report,
        title="Care at home",
        journal="Journal of Care",
        year=2019,
    )
    return composing.compose(report)


def test_it_shows_which_value_won_and_lets_a_person_choose(cast, signed_in, joined):
    ada, obi = signed_in(cast.ada), signed_in(cast.obi)
    url = f"/api/v1/reviews/one/reports/{joined.pk}/values/"
    first, second = joined.records.order_by("pk")

    def journal(answer):
        assert answer.status_code == 200, answer.content
        return next(each for each in answer.json()["results"] if each["name"] == "journal")

    assert journal(obi.get(url)) == {
        "name": "journal",
        "value": "J Care",
        "winner": first.pk,
        "chosen": False,
        "register": None,
        "choices": [
            {"text": "J Care", "record": first.pk, "is_shown": True},
            {"text": "Journal of Care", "record": second.pk, "is_shown": False},
        ],
    }
    said = {"field": "journal", "record": second.pk}
    assert obi.post(url, said, JSON).status_code == 403
    told = journal(ada.post(url, said, JSON))
    assert (told["value"], told["winner"], told["chosen"]) == ("Journal of Care", second.pk, True)
    assert AuditEvent.objects.get(verb="chose a value").after["journal"] == "Journal of Care"
    told = journal(ada.post(url, {"field": "journal", "record": None}, JSON))
    assert (told["value"], told["chosen"]) == ("J Care", False)


def test_only_a_record_of_the_report_is_chosen(cast, signed_in, review, joined, make_report):
    ada, url = signed_in(cast.ada), f"/api/v1/reviews/one/reports/{joined.pk}/values/"
    other = make_report(review, "Something else", journal="Other").records.get()
    assert ada.post(url, {"field": "journal", "record": other.pk}, JSON).status_code == 409
    assert ada.post(url, {"field": "journal", "record": 10**9}, JSON).status_code == 404
    assert ada.post(url, {"field": "place", "record": None}, JSON).status_code == 400
    assert ada.post(url, {"field": "journal"}, JSON).status_code == 400
