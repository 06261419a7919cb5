"""A whole review restored from the page: by a job, whole, or not at all and the reason."""

import json
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reviews import jobs
from reviews.models import Job, Review, User
from screening import actions, flow, verifying
from synthesis.archive import arriving, writing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archived(cast, make_report, tmp_path):
    """The bytes of an archive of a review in which something was decided."""
    reports = [make_report(cast.review, f"Report {n}") for n in range(4)]
    for by in (cast.bo, cast.cy):
        actions.decide(reports[0], "abstract", "exclude", by=by)
    writing.write(cast.review, tmp_path / "one.zip", transcripts=False)
    return (tmp_path / "one.zip").read_bytes()


@pytest.fixture(autouse=True)
def everybody(settings):
    settings.RESTORE_FROM_PAGE = "everybody"


def test_only_whom_the_administrator_lets(cast, signed_in, archived, settings):
    settings.RESTORE_FROM_PAGE = "administrators"
    eve = signed_in(cast.eve)
    assert "/reviews/restore/" not in eve.get("/reviews/new/").content.decode()
    answer = send(eve, archived)
    assert answer.status_code == 403
    assert "only administrators of the site" in answer.content.decode()
    assert not Job.objects.filter(kind=arriving.KIND).exists()
    assert not arriving.folder().exists()
    User.objects.filter(pk=cast.eve.pk).update(is_superuser=True)
    assert "/reviews/restore/" in eve.get("/reviews/new/").content.decode()
    assert send(eve, archived).status_code == 302


def send(client, content, name="one.zip"):
    return client.post("/reviews/restore/", {"file": SimpleUploadedFile(name, content)})


def left_over():
    return list(arriving.folder().iterdir())


def test_it_comes_back_whole_and_who_sent_it_may_come_in(cast, signed_in, archived):
    eve = signed_in(cast.eve)
    answer = send(eve, archived)
    assert answer.status_code == 302
    assert "Waiting its turn" in eve.get(answer.url).content.decode()
    assert signed_in(cast.ada).get(answer.url).status_code == 404
    assert jobs.run_one()
    again = Review.objects.latest("pk")
    assert again != cast.review
    assert flow.boxes(again) == flow.boxes(cast.review)
    assert not any(check.differences for check in verifying.checks(again))
    eve = signed_in(cast.eve)
    page = eve.get(answer.url).content.decode()
    assert f"/r/{again.slug}/" in page
    assert "4 reports" in page
    assert eve.get(f"/r/{again.slug}/").status_code == 200
    assert again.events.first().verb == "joined by restoring the archive"
    assert (
        again.memberships.get(user=cast.bo).roles == cast.review.memberships.get(user=cast.bo).roles
    )
    assert left_over() == []


def test_a_member_comes_back_as_what_they_were(cast, signed_in, archived):
    send(signed_in(cast.bo), archived)
    jobs.run_one()
    again = Review.objects.latest("pk")
    assert (
        again.memberships.get(user=cast.bo).roles == cast.review.memberships.get(user=cast.bo).roles
    )
    assert again.events.count() == cast.review.events.count()


def changed(archived, member, content):
    """The archive with another `member`, sealed anew as who forges one would."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(archived)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name != member else content(old.read(name)))
        if member not in old.namelist():
            new.writestr(member, content(b""))
    return out.getvalue()


def test_what_is_not_whole_is_refused_with_the_reason_and_nothing_is_kept(
    cast, signed_in, archived
):
    before, people = Review.objects.count(), User.objects.count()
    newer = changed(
        archived, "manifest.json", lambda old: json.dumps(json.loads(old) | {"version": 99})
    )
    middle = len(archived) // 2
    flipped = archived[:middle] + bytes([archived[middle] ^ 1]) + archived[middle + 1 :]
    wrong = {
        "newer": (newer, "Upgrade Concord"),
        "cut short": (archived[:-200], "cut short"),
        "changed byte": (flipped, "changed"),
        "escaping": (changed(archived, "../evil", lambda _: b"x"), "leads out"),
        "no archive": (b"no zip at all", ""),
    }
    eve = signed_in(cast.eve)
    for name, (content, says) in wrong.items():
        address = send(eve, content).url
        jobs.run_one()
        job = Job.objects.latest("pk")
        assert job.state == "failed", name
        assert "our side" not in job.error, name
        assert says in job.error, (name, job.error)
        assert "Failed" in eve.get(address).content.decode()
        assert left_over() == [], name
    assert Review.objects.count() == before
    assert User.objects.count() == people


def test_a_worker_that_died_after_storing_it_stores_no_second_one(cast, signed_in, archived):
    send(signed_in(cast.eve), archived)
    job = Job.objects.latest("pk")
    run = jobs.claim(job.pk)
    arriving.arrive(run)  # and dies before it says so
    count = Review.objects.count()
    Job.objects.filter(pk=job.pk).update(lease_until="2000-01-01T00:00Z")
    assert jobs.run_one()
    job.refresh_from_db()
    assert job.state == "done"
    assert Review.objects.count() == count


def test_a_worker_that_lost_its_lease_keeps_nothing(cast, signed_in, archived):
    send(signed_in(cast.eve), archived)
    run = jobs.claim(Job.objects.latest("pk").pk)
    Job.objects.update(worker="another")
    count = Review.objects.count()
    with pytest.raises(jobs.LeaseLost):
        arriving.arrive(run)
    assert Review.objects.count() == count
    assert len(left_over()) == 1


def test_one_at_a_time_and_one_can_be_stopped(cast, signed_in, archived):
    eve = signed_in(cast.eve)
    address = send(eve, archived).url
    refused = send(eve, archived)
    assert refused.status_code == 422
    assert "already" in refused.content.decode()
    assert len(left_over()) == 1
    eve.post(f"{address}stop/")
    assert Job.objects.latest("pk").state == "cancelled"
    assert left_over() == []
    assert send(eve, archived).status_code == 302


def test_a_file_above_the_limit_is_refused_at_the_door(cast, signed_in, settings):
    settings.UPLOAD_LIMIT_MB = 0
    answer = send(signed_in(cast.eve), b"x")
    assert answer.status_code == 422
    assert "command restore" in answer.content.decode()
