"""A review out and in again: the same numbers, the same exports, or nothing and the reason."""

import hashlib
import io
import json
import random
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from citations import blobs, writing
from citations.models import Record, Report
from interviews.models import Coding, Excerpt, Transcript
from reviews import audit
from reviews.actions import create_review, set_criteria
from reviews.models import AuditEvent, Review, User
from screening import actions as screening
from screening import flow, verifying
from screening.duplicates import joining
from screening.models import Decision
from screening.reasons import set_reasons
from screening.reporting import snapshots
from synthesis.archive.reading import opened
from synthesis.archive.restoring import restore
from synthesis.matrix import matrix
from tests.test_access import ROWS

KINDS = {
    "kind": [*writing.CONTENT_TYPES, "docx", "svg", "pdf", "png"],
    "stage": ["abstract", "fulltext"],
}
# Packed formats carry the minute in which they were made; what they say must be equal.
CLOCKS = ("docProps/core.xml",)


def archive(slug, out, *options):
    call_command("archive", slug, str(out), *options, stdout=io.StringIO(), stderr=io.StringIO())
    return out


def of(answer):
    body = b"".join(answer) if answer.streaming else answer.content
    if body[:4] != b"PK\x03\x04":
        return hashlib.sha256(body).hexdigest()
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        says = [(name, packed.read(name)) for name in packed.namelist() if name not in CLOCKS]
    return hashlib.sha256(repr(says).encode()).hexdigest()


def told(slug, *people):
    """{address: hash} of everything that these people can download of the review, and the API."""
    found = {}
    for who in people:
        client = Client()
        client.force_login(User.objects.get(username=who))
        for name, rows in ROWS.items():
            for row in rows:
                for args in spread(row.args) if row.method == "get" and not row.objects else []:
                    try:
                        address = reverse(name, kwargs={"slug": slug, **args})
                    except Exception:
                        continue
                    answer = client.get(address)
                    is_file = answer.headers.get("Content-Disposition") or "/api/" in address
                    if name in ("api_queue", "api_jobs"):  # what a screen holds and a worker did
                        continue
                    if answer.status_code == 200 and is_file:
                        found[who, address] = of(answer)
        for kind in writing.CONTENT_TYPES:
            address = f"/api/v1/reviews/{slug}/export/?format={kind}"
            found[who, address] = of(client.get(address))
        for stage in KINDS["stage"]:
            found[who, stage] = of(client.get(f"/api/v1/reviews/{slug}/agreement/?stage={stage}"))
    return found


def spread(args):
    """The arguments of an address, and the same with each kind of file in place of the one."""
    yield args
    if "kind" in args:
        yield from ({**args, "kind": kind} for kind in KINDS["kind"] if kind != args["kind"])


def verified():
    out = io.StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


@pytest.fixture
def worked(cast, review, make_report, settings):
    """A review in which something of most kinds has happened."""
    set_criteria(review, [("inclusion", "Young people")], by=cast.ada)
    reason = set_reasons(review, "fulltext", ["Wrong people"], by=cast.ada)[0]
    reports = [make_report(review, f"Report {n}", authors=["Ö, Zoë"], year=2019) for n in range(6)]
    flow.settle(review)
    first, second = reports[:2]
    joined = joining.merge(first, second, by=cast.ada)
    for report in (first, *reports[2:4]):
        for who in (cast.bo, cast.cy):
            screening.decide(Report.objects.get(pk=report.pk), "abstract", "include", by=who)
    screening.decide(reports[4], "abstract", "exclude", by=cast.bo)
    # Later than the rows: the sequences of its tables are ahead of what the archive holds.
    snapshots.freeze(review, "Draft", by=cast.ada)
    return {"review": review, "merge": joined, "reports": reports, "reason": reason}


def everything(review):
    return flow.boxes(review), [check.differences for check in verifying.checks(review)]


@pytest.mark.timeout(900)  # it downloads everything that four people can, twice
@pytest.mark.django_db(transaction=True)
def test_the_demo_comes_back_as_it_was(tmp_path, settings):
    """On an empty server: verify's words, every export's bytes, and the archive of the restored."""
    call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
    everybody = ["ada", "bo", "al", "ann"]
    before, said = told("demo", *everybody), verified()
    assert len({address for _, address in before}) > 60
    first = archive("demo", tmp_path / "first.zip", "--transcripts")

    call_command("flush", interactive=False, verbosity=0)
    settings.DATA_DIR = tmp_path / "another server"
    call_command("restore", str(first), stdout=io.StringIO(), stderr=io.StringIO())

    assert verified() == said
    after = told("demo", *everybody)
    assert [key for key in before if before[key] != after[key]] == []
    assert before.keys() == after.keys()
    assert not User.objects.get(username="ada").has_usable_password()
    second = archive("demo", tmp_path / "second.zip", "--transcripts")
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as two:
        differ = {name for name in one.namelist() if one.read(name) != two.read(name)}
    # It now says where it came from; everything else is the same to the byte.
    assert differ == {"manifest.json", "rows/reviews.restoration.jsonl"}


@pytest.mark.django_db
def test_beside_others_it_gets_ids_of_its_own(worked, cast, tmp_path):
    review = worked["review"]
    out = archive("one", tmp_path / "one.zip")
    again = restore(out)
    assert again.slug != "one"
    assert again.pk != review.pk
    assert everything(again) == everything(review)
    assert not any(everything(again)[1])
    assert not {r.pk for r in again.reports.all()} & {r.pk for r in review.reports.all()}
    assert set(again.memberships.values_list("user", flat=True)) == set(
        review.memberships.values_list("user", flat=True)
    )
    decisions = Decision.objects.filter(report__review=again)
    assert decisions.count() == Decision.objects.filter(report__review=review).count() == 7

    # What ids say inside JSON speaks of the new rows: the join is undone there, and only there.
    merge = again.merges.get()
    joining.unmerge(merge, by=cast.ada)
    assert not any(everything(again)[1])
    assert again.reports.filter(merged_into=None).count() == 6
    assert review.reports.filter(merged_into=None).count() == 5

    # What is written from now on goes on with the chain; and out of that comes a third.
    third = restore(archive(again.slug, tmp_path / "third.zip"), slug="third")
    assert audit.broken_links(third) == []
    assert third.restorations.count() == 2
    assert everything(third) == everything(again)
    assert third.events.count() == again.events.count() > review.events.count()


@pytest.mark.django_db
def test_a_changed_log_is_seen_after_it_was_restored(worked, tmp_path):
    again = restore(archive("one", tmp_path / "one.zip"))
    AuditEvent.objects.filter(review=again, number=2).update(verb="did something else")
    assert audit.broken_links(again) == ["event 2 (did something else) was changed"]


@pytest.mark.django_db
def test_new_rows_find_ids_of_their_own(worked, cast, tmp_path, make_report):
    """The sequences of PostgreSQL know of the ids that the archive has brought."""
    again = restore(archive("one", tmp_path / "one.zip"))
    made = make_report(again, "A new one")
    assert made.pk > again.reports.exclude(pk=made.pk).latest("pk").pk
    assert create_review("Next", by=cast.zed).pk > again.pk


@pytest.mark.django_db
def test_who_is_not_here_becomes_an_account_without_a_password(worked, cast, tmp_path):
    out = archive("one", tmp_path / "one.zip")
    User.objects.filter(pk=cast.bo.pk).update(email="elsewhere@example.org")
    again = restore(out)
    placeholder = User.objects.get(email="bo@example.org")
    assert placeholder.username == "bo-2"
    assert placeholder.name == "Bo"
    assert not placeholder.has_usable_password()
    mine = Decision.objects.filter(report__review=again, by=placeholder)
    assert mine.count() == Decision.objects.filter(by=cast.bo).count() > 0
    assert audit.broken_links(again) == []


@pytest.mark.django_db
def test_it_takes_no_slug_from_another(worked, tmp_path):
    with pytest.raises(CommandError, match="called “two” already"):
        call_command("restore", str(archive("one", tmp_path / "one.zip")), "--slug", "two")


# --- Confidential words -------------------------------------------------------------------------


@pytest.mark.django_db
def test_transcripts_are_sealed_unless_somebody_says_so(tmp_path):
    call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
    review = Review.objects.get(slug="demo")
    sealed = archive("demo", tmp_path / "sealed.zip")
    words = [
        *Transcript.objects.values_list("text", flat=True),
        *Excerpt.objects.values_list("exact", flat=True),
        *Coding.objects.exclude(memo="").values_list("memo", flat=True),
        *review.participants.values_list("pseudonym", flat=True),
    ]
    with zipfile.ZipFile(sealed) as packed:
        text = b"".join(
            packed.read(name) for name in packed.namelist() if "rows/interviews" in name
        ).decode()
        for word in words:
            assert json.dumps(word, ensure_ascii=False).strip('"') not in text
        assert json.loads(packed.read("manifest.json"))["transcripts"] == "sealed"

    # What follows from the codings is the same without their words.
    again = restore(sealed)
    here, there = matrix(review), matrix(again)
    assert [len(row.studies) for row in there.rows] == [len(row.studies) for row in here.rows]
    judged = [
        (len(r.judgements), [r.is_stale(p) for p in m.pairs]) for m in (here, there) for r in m.rows
    ]
    assert judged[: len(here.rows)] == judged[len(here.rows) :]
    ann = Client()
    ann.force_login(User.objects.get(username="ann"))
    page = ann.get(
        reverse("interviews:transcript", args=[again.slug, again.transcripts.first().pk])
    )
    assert page.status_code == 200


# --- Bad archives -------------------------------------------------------------------------------


def rewritten(path, out, change):
    """The archive with its members changed by `change({name: bytes})`, sealed anew as it should be."""
    with zipfile.ZipFile(path) as packed:
        members = {info.filename: packed.read(info) for info in packed.infolist()}
    members = change(members) or members
    manifest = json.loads(members["manifest.json"])
    for each in manifest["members"]:
        if each["name"] in members:
            content = members[each["name"]]
            each["size"], each["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
        packed.comment = b"concord-archive sha256 " + b"0" * 64
    content = out.read_bytes()[:-64]
    out.write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    return out


def refused(path, why):
    counts = [
        model.objects.count() for model in (Review, Report, Record, Decision, User, AuditEvent)
    ]
    with pytest.raises(CommandError, match=why):
        call_command("restore", str(path), stdout=io.StringIO(), stderr=io.StringIO())
    assert counts == [
        model.objects.count() for model in (Review, Report, Record, Decision, User, AuditEvent)
    ]


@pytest.mark.django_db
def test_one_changed_byte_anywhere_is_refused(worked, tmp_path):
    out = archive("one", tmp_path / "one.zip")
    content, rng = out.read_bytes(), random.Random(8)
    changed = tmp_path / "changed.zip"
    places = [0, 30, len(content) - 1, len(content) - 70, len(content) - 90]
    for place in [*places, *(rng.randrange(len(content)) for _ in range(60))]:
        byte = bytes([content[place] ^ (1 << rng.randrange(8))])
        changed.write_bytes(content[:place] + byte + content[place + 1 :])
        refused(changed, "archive")


@pytest.mark.django_db
def test_an_archive_cut_short_is_refused(worked, tmp_path):
    content = archive("one", tmp_path / "one.zip").read_bytes()
    short = tmp_path / "short.zip"
    for length in [0, 1, 100, len(content) // 2, len(content) - 100, len(content) - 1]:
        short.write_bytes(content[:length])
        refused(short, "cut short|archive")


def newer(members):
    manifest = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps(manifest | {"version": 2}).encode()


def of_a_newer_model(members):
    rows = members["rows/screening.decision.jsonl"].splitlines()
    rows = [json.dumps(json.loads(row) | {"mood": "good"}).encode() for row in rows]
    members["rows/screening.decision.jsonl"] = b"\n".join(rows)


def escaping(members):
    members["../../escaped.txt"] = b"out"


def absolute(members):
    members["/tmp/escaped.txt"] = b"out"


def bomb(members):
    members["files/" + "0" * 64] = b"\0" * (300 << 20)


def promising_more(members):
    manifest = json.loads(members["manifest.json"])
    manifest["prisma"]["D3"] += 1
    members["manifest.json"] = json.dumps(manifest).encode()


def without_a_report(members):
    rows = members["rows/citations.report.jsonl"].splitlines(keepends=True)
    members["rows/citations.report.jsonl"] = b"".join([*rows[:2], *rows[3:]])


def of_anothers_report(members):
    rows = [json.loads(row) for row in members["rows/screening.decision.jsonl"].splitlines()]
    rows[0]["report_id"] += 1_000_000
    members["rows/screening.decision.jsonl"] = b"\n".join(json.dumps(r).encode() for r in rows)


def without_a_member(members):
    del members["rows/citations.study.jsonl"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (newer, "of version 2 of the format, and this Concord reads up to 1"),
        (of_a_newer_model, "made by a newer Concord: screening.Decision has “mood”"),
        (escaping, "leads out of it: “../../escaped.txt”"),
        (absolute, "leads out of it"),
        (bomb, "zip bomb"),
        (promising_more, "box D3 .* where the archive promises"),
        (without_a_report, "contradicts itself"),
        (of_anothers_report, "speaks of citations.Report 10"),
        (without_a_member, "does not hold what its manifest lists"),
    ],
)
def test_what_is_wrong_is_refused_whole(worked, tmp_path, change, why):
    out = archive("one", tmp_path / "one.zip")
    refused(rewritten(out, tmp_path / "wrong.zip", change), why)


@pytest.mark.django_db
def test_what_is_no_archive_is_refused(tmp_path):
    other = tmp_path / "other.zip"
    other.write_bytes(b"TY  - JOUR\nER  -\n")
    refused(other, "no archive of a review")
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("README.txt", "hello")
    refused(other, "no manifest.json")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(tmp_path / "nothing.zip"))


@pytest.mark.django_db
def test_a_restore_that_fails_late_leaves_no_row_and_no_file(worked, cast, tmp_path, settings):
    with blobs.received([b"an export"]) as draft:
        draft.keep()
        worked["review"].uploads.create(
            search=worked["review"].searches.first(),
            name="export.ris",
            sha256=draft.sha256,
            size=9,
            by=cast.ada,
        )
    out = archive("one", tmp_path / "one.zip")
    with opened(out) as found:
        assert len(found.files) == 1
    settings.DATA_DIR = tmp_path / "another server"
    wrong = rewritten(out, tmp_path / "wrong.zip", promising_more)
    # The other review of this installation holds the same file: here it does not.
    worked["review"].uploads.all().delete()
    refused(wrong, "promises")
    assert [
        path for path in blobs.folder().rglob("*") if path.is_file() and path.name != ".lock"
    ] == []
    assert not any(restore(out).uploads.values_list("unreadable", flat=True))
    assert blobs.is_whole(draft.sha256)


@pytest.mark.django_db
def test_no_archive_is_made_while_work_is_going_on(worked, tmp_path):
    worked["review"].jobs.create(kind="import")
    with pytest.raises(CommandError, match="“Import” is still at work"):
        archive("one", tmp_path / "one.zip")
    assert list(tmp_path.glob("*.zip")) == []
