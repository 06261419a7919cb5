"""The demo review: made once, whole, and equal to the sample's expected figures."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from reviews.models import Review, User
from screening import flow, verifying
from screening.duplicates import questions
from synthesis.matrix import matrix

SAMPLE = Path(__file__).resolve().parents[2] / "sample"


def run_demo():
    out = io.StringIO()
    call_command("demo", stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_the_demo_is_whole(settings):
    """One long test, because making the demo is what takes the time."""
    said = run_demo()
    review = Review.objects.get(slug="demo")

    # It prints the address and five sign-ins that work; a second run changes nothing.
    assert "/r/demo/" in said
    signed = Client()
    password = next(line for line in said.splitlines() if line.strip().startswith("ada")).split()[1]
    answer = signed.post("/accounts/login/", {"login": "ada", "password": password})
    assert answer.status_code == 302
    counts = (review.records.count(), review.events.count(), User.objects.count())
    assert run_demo() == said
    assert counts == (review.records.count(), review.events.count(), User.objects.count())

    # Every stage has something to show, and everything adds up.
    placed = flow.placed(review)
    nowhere = {"removed-automation", "removed-other", "arriving", "withdrawn"}
    assert set(flow.Place) - set(placed) <= nowhere
    assert questions.waiting(review)
    assert [check.name for check in verifying.checks(review) if check.differences] == []
    assert flow.boxes(review)["I_studies"] == 40

    # The matrix counts what the sample says it must.
    found = matrix(review)
    with (SAMPLE / "matrix_expected.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["code"]: row for row in csv.DictReader(file)}
    for row in found.rows:
        literature = f"{len(row.studies)}/{found.studies} studies ({len(row.programs)} programs)"
        voices = [f"{len(row.speakers[group.pk])}/{n}" for group, n in found.groups]
        wanted = expected.pop(row.component.code)
        assert [literature, *voices] == [
            wanted["literature"],
            wanted["workers"],
            wanted["survivors"],
        ]
        for pair, column in zip(found.pairs, ("final_L-W", "final_L-S", "final_W-S"), strict=True):
            judged = row.judgements.get(pair.key)
            if judged:
                assert judged.get_category_display() == wanted[column]
                assert not row.is_stale(pair)
    assert expected == {}

    # Its pages answer for the people whom they are for.
    for who, pages in {
        "ada": ["synthesis:home", "synthesis:matrix", "screening:prisma", "screening:studies"],
        "bo": ["screening:screen", "screening:screen_fulltext", "extraction:studies"],
        "al": ["screening:conflicts", "screening:duplicates"],
        "ann": ["interviews:transcripts", "interviews:themes", "synthesis:matrix"],
    }.items():
        client = Client()
        client.force_login(User.objects.get(username=who))
        for page in pages:
            assert client.get(reverse(page, args=["demo"])).status_code == 200, (who, page)
