"""Source yield, PRISMA-S and the rules of joining through the API: as the pages say."""

import pytest

from citations.models import DuplicatePair, SearchNote

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client, cast, review):
    client.force_login(cast.ada)
    return f"/api/v1/reviews/{review.slug}/"


def test_the_yield_counts_each_source_and_what_they_share(
    client, api, review, make_search, make_report
):
    first, second = (make_search(review, name, "database") for name in ("Embase", "MEDLINE"))
    make_report(review, search=first, records=2)
    make_report(review, search=second)
    told = client.get(f"{api}yield/").json()
    embase = next(each for each in told["sources"] if each["name"] == "Embase")
    assert (embase["records"], embase["reports"], embase["unique"]) == (2, 1, 1)
    assert embase["searches"] == [first.pk]
    assert told["together"]["reports"] == 2
    assert {tuple(each["sources"]) for each in told["combinations"]} == {("Embase",), ("MEDLINE",)}
    assert client.get(f"{api}yield/", {"by_serach": "1"}).status_code == 400


def test_a_note_on_an_item_of_prisma_s_is_written_and_taken_back(client, api, review):
    def note(text, item=6):
        address = f"{api}prisma-s/{item}/"
        return client.put(address, {"text": text}, content_type="application/json")

    assert note("Grey literature was asked for.").json()["note"] == "Grey literature was asked for."
    items = client.get(f"{api}prisma-s/").json()["items"]
    assert [each["item"] for each in items] == list(range(1, 17))
    assert items[5]["said"] == [{"source": "", "text": "Grey literature was asked for."}]
    assert note("").json()["note"] == ""
    assert not SearchNote.objects.filter(review=review).exclude(text="").exists()
    assert note("x", item=99).status_code == 404


def test_rules_of_joining_are_read_and_set(client, api, review, make_report):
    first, second = make_report(review), make_report(review)
    DuplicatePair.objects.create(
        review=review,
        first=first,
        second=second,
        probability=0.9,
        rule="title",
        why="x",
        zone="ask",
    )

    def put(**said):
        return client.put(f"{api}duplicates/rules/", said, content_type="application/json")

    assert client.get(f"{api}duplicates/rules/").json()["join_from"] == 0.95
    seen = {"join_from": 0.85, "join_one_file": True}
    assert put(**seen, joins=7, parts=0).status_code == 409
    assert put(**seen, joins=1, parts=0).json() == {"joined": 1, "parted": 0, "job": None}
    assert client.get(f"{api}duplicates/rules/").json() == seen
    assert put(join_from=0.2, join_one_file=False).status_code == 400
