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


def test_no_list_file_or_api_gives_them_away(cast, review, signed_in, secret):
    ada, bo, obi = signed_in(cast.ada), signed_in(cast.bo), signed_in(cast.obi)
    record = secret.records.get()
    record.raw = {"AU": ["Hidden, Ann"], "JO": ["Journal of Secrets"]}
    record.save()
    actions.decide(secret, "abstract", "include", by=cast.bo)  # half-decided, by Bo himself
    addresses = [
        "/r/one/reports/",
        f"/r/one/reports/{secret.pk}/",
        "/r/one/records/",
        f"/r/one/records/{record.pk}/",
        "/r/one/decisions/",
        "/r/one/decisions/all/",
        "/api/v1/reviews/one/reports/",
        f"/api/v1/reviews/one/reports/{secret.pk}/",
        f"/api/v1/reviews/one/reports/{secret.pk}/values/",
        "/api/v1/reviews/one/decisions/",
        *(f"/api/v1/reviews/one/export/?format={kind}" for kind in ("ris", "csv", "json", "bib")),
        *(f"/r/one/reports/export/{kind}/" for kind in ("ris", "csv", "json", "xml")),
        "/r/one/records/export/csv/",
        "/r/one/decisions/export/csv/",
    ]

    def told(client, address):
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return [word for word in TELLING if word in body.decode()], answer.status_code

    hide(ada, True)
    for address in addresses:
        assert told(bo, address)[0] == [], address
    assert told(bo, "/r/one/reports/")[1] == 200
    assert TELLING[0] in told(obi, f"/r/one/reports/{secret.pk}/")[0]  # who does not screen
    assert TELLING[0] in told(ada, "/r/one/reports/export/ris/")[0]
    secret.refresh_from_db()
    assert secret.authors == ["Hidden, Ann"]  # shown without, not stored without
    actions.decide(secret, "abstract", "include", by=cast.cy)
    assert TELLING[0] in told(bo, f"/r/one/reports/{secret.pk}/")[0]


SEARCHES = [
    "/r/one/reports/?q={}",
    "/r/one/records/?q={}",
    "/r/one/decisions/?q={}",
    "/r/one/decisions/all/?q={}",
    "/api/v1/reviews/one/reports/?q={}",
    "/r/one/reports/export/csv/?q={}",
    "/r/one/records/export/csv/?q={}",
    "/r/one/decisions/export/csv/?q={}",
    "/r/one/reports/0/others/?q={}",
]


@pytest.mark.parametrize("words", ["Hidden", "Secrets", "10.5555/secret", "plain Ann"])
def test_a_search_for_what_is_hidden_finds_nothing(
    cast, signed_in, secret, make_report, review, words
):
    """The list of what is found would tell whose report it is."""
    ada, bo = signed_in(cast.ada), signed_in(cast.bo)
    actions.decide(secret, "abstract", "include", by=cast.bo)
    other = make_report(review, "Something else")

    def finds(client, address, words):
        answer = client.get(address.replace("/0/", f"/{other.pk}/").format(words))
        nothing = 422 if "/export/" in address else 200  # an export of nothing says so
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found = "A plain title" in body.decode()
        assert answer.status_code == (200 if found else nothing)
        return found

    for address in SEARCHES:
        assert finds(bo, address, words), address
    hide(ada, True)
    for address in SEARCHES:
        assert not finds(bo, address, words), address
        assert finds(bo, address, "plain"), address
    for address in SEARCHES[:2]:
        assert finds(ada, address, words)  # who does not screen
    actions.decide(secret, "abstract", "include", by=cast.cy)
    for address in SEARCHES:
        assert finds(bo, address, words), address


def test_the_change_is_in_the_log_and_goes_into_a_copy(cast, review, signed_in, secret):
    from reviews.actions import copy_setup

    hide(signed_in(cast.ada), True)
    event = review.events.get(verb="changed the rules")
    assert event.after["hide authors, journal and year"] is True
    copy_setup(review, cast.other, by=cast.zed)
    assert cast.other.rules("abstract").hide_source
    assert not cast.other.rules("fulltext").hide_source
