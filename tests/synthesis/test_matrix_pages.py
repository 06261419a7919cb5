"""Judging a row: two answers make the category, a reason is needed, what changed is marked."""

import csv
import io
import zipfile

import pytest
from django.urls import reverse

from components.models import Component
from interviews import actions as interviewing
from synthesis.models import Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def spoken(cast, review):
    """A component that both groups speak of; the literature is silent."""
    component = Component.objects.create(review=review, code="REL-TR", name="=One relationship")
    for group, pseudonym in (("workers", "Alder"), ("survivors", "Wren")):
        person = interviewing.add_participant(
            interviewing.add_group(review, group, by=cast.ann), pseudonym, by=cast.ann
        )
        text = f"{pseudonym}: somebody who stays matters most."
        transcript, _ = interviewing.add_transcript(person, text.encode(), "t.txt", by=cast.ann)
        interviewing.code(transcript, 0, len(text), component, by=cast.ann)
    return component


def pair_key(review, left="workers", right="survivors"):
    ids = {group.name: group.pk for group in review.participant_groups.all()}
    return f"{ids.get(left, 0)}-{ids[right]}"


def judge(client, component, key, **answers):
    data = {"pair": key} | {f"pair-{key}-{name}": value for name, value in answers.items()}
    return client.post(reverse("synthesis:topic", args=["one", component.pk]), data)


def test_two_answers_and_a_reason_make_a_judgement(cast, signed_in, review, spoken):
    client, key = signed_in(cast.ann), pair_key(review)
    response = judge(client, spoken, key, same_meaning="yes", same_coverage="no", reason="Years.")
    assert response.status_code == 302
    assert Topic.objects.get().category == "partial agreement"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"same_meaning": "yes", "reason": "Because."}, "Answer both questions"),
        ({"same_meaning": "yes", "same_coverage": "yes", "reason": " "}, "required"),
    ],
)
def test_without_answers_or_reason_nothing_is_stored_and_nothing_typed_is_lost(
    cast, signed_in, review, spoken, answers, says
):
    response = judge(signed_in(cast.ann), spoken, pair_key(review), **answers)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert answers["reason"].strip() in response.content.decode()
    assert not Topic.objects.exists()


def test_a_silent_side_is_silence_whatever_was_answered(cast, signed_in, review, spoken):
    key = pair_key(review, left="literature")
    judge(signed_in(cast.ann), spoken, key, same_meaning="yes", reason="No study asks.")
    assert (Topic.objects.get().category, Topic.objects.get().same_meaning) == ("silence", None)


def test_a_new_judgement_supersedes_the_old_one_and_keeps_it(cast, signed_in, review, spoken):
    client, key = signed_in(cast.ann), pair_key(review)
    for coverage in ("no", "yes"):
        judge(client, spoken, key, same_meaning="yes", same_coverage=coverage, reason="Read.")
    assert Topic.objects.count() == 2
    assert Topic.objects.get(superseded_at=None).category == "agreement"


def test_changed_evidence_is_marked(cast, signed_in, review, spoken):
    client, key = signed_in(cast.ann), pair_key(review)
    judge(client, spoken, key, same_meaning="yes", same_coverage="yes", reason="Read.")
    interviewing.remove_coding(spoken.codings.first(), by=cast.ann)
    page = client.get(reverse("synthesis:matrix", args=["one"])).content.decode()
    assert "evidence changed" in page


def test_who_may_not_read_transcripts_sees_numbers_and_no_words(cast, signed_in, spoken):
    page = signed_in(cast.obi).get(reverse("synthesis:topic", args=["one", spoken.pk]))
    assert "1 of 1" in page.content.decode()
    assert "somebody who stays" not in page.content.decode()
    assert "Wren" not in page.content.decode()


def test_the_matrix_costs_a_fixed_number_of_queries(
    cast, signed_in, review, spoken, django_assert_max_num_queries
):
    for n in range(12):
        Component.objects.create(review=review, code=f"X-{n}", name=f"Component {n}")
    client = signed_in(cast.obi)
    with django_assert_max_num_queries(9):
        client.get(reverse("synthesis:matrix", args=["one"]))


def test_exports_hold_counts_and_judgements_and_no_participant(cast, signed_in, review, spoken):
    client = signed_in(cast.ann)
    judge(client, spoken, pair_key(review), same_meaning="yes", same_coverage="yes", reason="Same.")
    raw = client.get(reverse("synthesis:matrix_download", args=["one", "csv"])).getvalue().decode()
    rows = list(csv.reader(io.StringIO(raw)))
    assert rows[1][1] == "'=One relationship"  # a spreadsheet would run it
    assert "Agreement" in rows[1]
    word = client.get(reverse("synthesis:matrix_download", args=["one", "docx"])).content
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    for text in (raw.encode(), everything):
        assert b"Wren" not in text
        assert b"somebody who stays" not in text
    assert client.get(reverse("synthesis:matrix_download", args=["one", "exe"])).status_code == 404
