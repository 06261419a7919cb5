"""Interviews through the API: brought, coded, gathered in themes, by analysts alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from components.models import Component
from interviews.models import Coding, Participant
from reviews import tokens

pytestmark = pytest.mark.django_db

API = "/api/v1/reviews/one/"
WORDS = b"We met every week. It helped me to be heard.\n"


@pytest.fixture
def component(review):
    return Component.objects.create(review=review, code="HEARD", name="Being heard")


def bring(client, **more):
    file = SimpleUploadedFile("one.txt", more.pop("words", WORDS), content_type="text/plain")
    return client.post(f"{API}transcripts/", {"file": file, **more})


def sent(client, method, path, **said):
    return getattr(client, method)(f"{API}{path}", said, content_type="application/json")


def test_a_transcript_is_brought_coded_and_its_coding_taken_away(cast, signed_in, component):
    ann = signed_in(cast.ann)
    new = {"pseudonym": "Youth 1", "group": "Youth"}
    brought = bring(ann, **new)
    assert brought.status_code == 201, brought.json()
    pk = brought.json()["id"]
    again = bring(ann, participant=Participant.objects.get().pk)
    assert (again.status_code, again.json()["id"]) == (200, pk)
    assert bring(ann, words=b"Others.").status_code == 422  # of whom?
    assert not Participant.objects.exclude(pseudonym="Youth 1").exists()
    coded = sent(
        ann, "post", "codings/", transcript=pk, component=component.pk, words="to be heard"
    )
    assert coded.status_code == 201
    assert coded.json()["exact"] == "to be heard"
    start = coded.json()["start"]
    by_place = {"transcript": pk, "component": component.pk, "start": start, "end": start + 11}
    same = sent(ann, "post", "codings/", **by_place, stance="opposes")
    assert (same.json()["id"], same.json()["stance"]) == (coded.json()["id"], "opposes")
    assert sent(ann, "post", "codings/", transcript=pk, component=component.pk).status_code == 400
    nowhere = {"transcript": pk, "component": component.pk, "words": "never said"}
    assert sent(ann, "post", "codings/", **nowhere).status_code == 422
    assert ann.delete(f"{API}codings/{coded.json()['id']}/").status_code == 204
    assert Coding.objects.get().removed_at
    assert ann.get(f"{API}codings/").json()["count"] == 0


def test_themes_are_made_and_changed(cast, signed_in, component):
    ann = signed_in(cast.ann)
    made = sent(ann, "post", "themes/", name="Heard", components=[component.pk])
    assert made.status_code == 201
    assert made.json()["components"] == [component.pk]
    one = f"themes/{made.json()['id']}/"
    changed = sent(ann, "put", one, name="Being heard", central_idea="To be heard is to count.")
    assert changed.json()["central_idea"] == "To be heard is to count."
    assert changed.json()["components"] == []
    assert sent(ann, "post", "themes/", name="Being heard").status_code == 422
    assert sent(ann, "post", "themes/", name="X", components=[999]).status_code == 404
    assert ann.get(f"{API}{one}").json()["name"] == "Being heard"


def test_without_the_scope_of_transcripts_a_token_writes_none(cast, client, component):
    _, secret = tokens.make(cast.ann, name="p", scopes=["read", "decide", "manage"])
    asked = {"HTTP_AUTHORIZATION": f"Token {secret}"}
    answer = client.post(f"{API}themes/", {"name": "X"}, content_type="application/json", **asked)
    assert answer.status_code == 403
    assert "transcripts" in answer.json()["detail"]
