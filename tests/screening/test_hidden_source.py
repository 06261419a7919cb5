"""Authors, journal and year are left off what screeners are handed, a stage at a time."""

import pytest

from screening import actions

pytestmark = pytest.mark.django_db

TELLING = ["Hidden, Ann", "Journal of Secrets", "1987", "10.5555/secret", "secret.example"]


@pytest.fixture
def secret(review, make_report):
    return make_report(
        review,
        "A plain title",
        authors=["Hidden, Ann"],
        journal="Journal of Secrets",
        year=1987,
        doi="10.5555/secret",
        url="https://secret.example/",
    )


def hide(client, hidden):
    form = {"stage": "abstract", "abstract-screeners": "2", "abstract-maybe": "advances"}
    answer = client.post("/r/one/rules/", form | ({"abstract-hide_source": "on"} if hidden else {}))
    assert answer.status_code == 302


def handed_out(client):
    """Everything that a screener is handed of the next reports."""
    urls = ["/r/one/screen/", "/r/one/screen/abstract/next/", "/api/v1/reviews/one/queue/"]
    return [client.get(url).content.decode() for url in urls]


def test_they_are_left_out_while_the_report_is_open(cast, review, signed_in, secret):
    ada, bo = signed_in(cast.ada), signed_in(cast.bo)
    for body in handed_out(bo):
        assert all(word in body for word in TELLING[:3])
    hide(ada, True)
    for body in handed_out(bo):
        assert "A plain title" in body
        assert not [word for word in TELLING if word in body]
    # Who has decided goes back to it and finds it the same; with the second answer it opens.
    actions.decide(secret, "abstract", "include", by=cast.bo)
    assert TELLING[0] not in bo.get(f"/r/one/screen/?report={secret.pk}").content.decode()
    actions.decide(secret, "abstract", "include", by=cast.cy)
    assert TELLING[0] in bo.get(f"/r/one/screen/?report={secret.pk}").content.decode()
    hide(ada, False)


def test_the_change_is_in_the_log_and_goes_into_a_copy(cast, review, signed_in, secret):
    from reviews.actions import copy_setup

    hide(signed_in(cast.ada), True)
    event = review.events.get(verb="changed the rules")
    assert event.after["hide authors, journal and year"] is True
    copy_setup(review, cast.other, by=cast.zed)
    assert cast.other.rules("abstract").hide_source
    assert not cast.other.rules("fulltext").hide_source
