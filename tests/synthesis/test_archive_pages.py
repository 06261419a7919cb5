"""The archive from the page, and a review that begins with one."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from components.actions import add as add_component
from reviews import jobs
from reviews.actions import set_criteria
from reviews.models import Membership, Review, User
from screening.reasons import set_reasons
from synthesis.archive import keeping, writing
from synthesis.archive.restoring import restore


def asked(client, **data):
    return client.post("/r/one/archive/", data)


@pytest.mark.django_db(transaction=True)
def test_the_lead_asks_for_it_and_downloads_it(cast, make_report, signed_in, tmp_path):
    make_report(cast.review)
    ada = signed_in(cast.ada)
    assert asked(ada).status_code == 302
    assert "Waiting its turn" in ada.get("/r/one/archive/").content.decode()
    assert jobs.run_one()
    job = keeping.newest(cast.review)
    assert job.state == "done"
    assert job.total > 10
    page = ada.get("/r/one/archive/").content.decode()
    assert f"/r/one/archive/{job.pk}/" in page
    out = tmp_path / "downloaded.zip"
    out.write_bytes(b"".join(ada.get(f"/r/one/archive/{job.pk}/")))
    assert restore(out).reports.count() == 1
    assert cast.review.events.first().verb == "made an archive"

    # The next one takes its place.
    asked(ada)
    jobs.run_one()
    assert ada.get(f"/r/one/archive/{job.pk}/").status_code == 404
    assert len(list(keeping.folder().iterdir())) == 1


@pytest.mark.django_db(transaction=True)
def test_words_of_interviews_are_for_who_may_read_them(cast, signed_in):
    ada = signed_in(cast.ada)
    asked(ada, transcripts="on")
    assert keeping.newest(cast.review) is None
    Membership.objects.filter(user=cast.ada).update(roles=["lead", "analyst"])
    asked(ada, transcripts="on")
    jobs.run_one()
    job = keeping.newest(cast.review)
    assert b"".join(ada.get(f"/r/one/archive/{job.pk}/"))[:2] == b"PK"
    Membership.objects.filter(user=cast.ada).update(roles=["lead"])
    assert ada.get(f"/r/one/archive/{job.pk}/").status_code == 403


@pytest.mark.django_db
def test_a_lead_who_screens_is_blind_here_too(cast, signed_in):
    Membership.objects.filter(user=cast.ada).update(roles=["lead", "screener"])
    assert signed_in(cast.ada).get("/r/one/archive/").status_code == 403


@pytest.mark.django_db
def test_only_one_is_written_at_a_time(cast, signed_in):
    ada = signed_in(cast.ada)
    asked(ada)
    asked(ada)
    assert cast.review.jobs.filter(kind="archive").count() == 1


@pytest.mark.django_db
def test_a_review_begins_with_the_set_up_of_an_archive(cast, make_report, signed_in, tmp_path):
    review = cast.review
    set_criteria(review, [("inclusion", "Old")], by=cast.ada)
    set_criteria(review, [("inclusion", "Youth"), ("exclusion", "Adults")], by=cast.ada)
    set_reasons(review, "fulltext", ["Wrong people", "No program"], by=cast.ada)
    add_component(review, code="A", name="First", by=cast.ada)
    make_report(review)
    writing.write(review, tmp_path / "one.zip", transcripts=False)
    people = User.objects.count()
    sent = {
        "title": "Anew",
        "file": SimpleUploadedFile("one.zip", (tmp_path / "one.zip").read_bytes()),
    }
    answer = signed_in(cast.eve).post("/reviews/from-archive/", sent)
    assert answer.status_code == 302, answer.content.decode()
    made = Review.objects.get(title="Anew")
    assert [str(each) for each in made.criteria.filter(until_version=None)] == ["Adults", "Youth"]
    assert [str(each) for each in made.reasons.order_by("order")] == ["Wrong people", "No program"]
    assert [each.code for each in made.components.all()] == ["A"]
    assert made.stage_rules.count() == 2
    assert made.reports.count() == 0
    assert [each.user for each in made.memberships.all()] == [cast.eve]
    assert User.objects.count() == people
    assert made.events.first().after["from"] == review.title


@pytest.mark.django_db
def test_what_is_no_archive_begins_nothing(cast, signed_in):
    before = Review.objects.count()
    other = BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("../evil", "x")
    for content in (b"", b"no zip", other.getvalue()):
        sent = {"title": "Anew", "file": SimpleUploadedFile("one.zip", content)}
        assert signed_in(cast.eve).post("/reviews/from-archive/", sent).status_code == 422
    assert Review.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_the_api_asks_for_an_archive_lists_it_and_gives_its_file(cast, signed_in):
    ada = signed_in(cast.ada)
    archives = "/api/v1/reviews/one/archives/"
    answer = ada.post(archives, {}, content_type="application/json")
    assert answer.status_code == 202
    one = f"{archives}{answer.json()['id']}/"
    assert ada.get(one).status_code == 404
    assert ada.post(archives, {}, content_type="application/json").status_code == 422
    jobs.run_one()
    assert [each["state"] for each in ada.get(archives).json()["results"]] == ["done"]
    answer = ada.get(one)
    assert answer["Content-Type"] == "application/zip"
    assert b"".join(answer)[:2] == b"PK"
