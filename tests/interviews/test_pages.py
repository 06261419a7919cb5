"""Analysts read and code; nobody else learns what was said."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from components.models import Component
from interviews.models import Coding, Participant, Transcript

pytestmark = pytest.mark.django_db
WORDS = "Wren: A 🌱 grows. The door was open. Then the door was shut.\n"


@pytest.fixture
def component(review):
    return Component.objects.create(review=review, code="HOME-RF", name="Return after absence")


def upload(client, text=WORDS, **fields):
    data = {
        "file": SimpleUploadedFile("t.txt", text.encode()),
        "pseudonym": "Wren",
        "group": "survivors",
        **fields,
    }
    return client.post(reverse("interviews:add", args=["one"]), data)


@pytest.fixture
def transcript(cast, signed_in):
    upload(signed_in(cast.ann))
    return Transcript.objects.get()


def test_an_analyst_adds_a_transcript_with_its_participant(cast, signed_in, transcript):
    assert transcript.participant.group.name == "survivors"
    assert transcript.text == WORDS


def test_the_same_interview_again_adds_nothing(cast, signed_in, transcript):
    response = upload(
        signed_in(cast.ann), WORDS.replace("\n", "\r\n"), participant=transcript.participant_id
    )
    assert response.status_code == 302
    assert Transcript.objects.count() == 1


def test_a_broken_file_leaves_no_participant_and_says_why(cast, signed_in):
    response = upload(signed_in(cast.ann), "\x00" * 40)
    assert response.status_code == 422
    assert "not a text file" in response.content.decode()
    assert not Participant.objects.exists()


def test_a_pseudonym_is_used_once(cast, signed_in, transcript):
    response = upload(signed_in(cast.ann), "Other words entirely.")
    assert response.status_code == 422
    assert "in use already" in response.content.decode()


@pytest.mark.parametrize("who", ["ada", "bo", "al", "obi"])
def test_others_get_403_and_not_a_word(cast, signed_in, transcript, who):
    response = signed_in(getattr(cast, who)).get(
        reverse("interviews:transcript", args=["one", transcript.pk])
    )
    assert response.status_code == 403
    assert "door" not in response.content.decode()


def post_code(client, transcript, component, **fields):
    address = reverse("interviews:code", args=["one", transcript.pk])
    return client.post(address, {"component": component.pk, "stance": "supports", **fields})


def test_a_marked_passage_is_coded_by_code_points(cast, signed_in, transcript, component):
    start = WORDS.index("grows")
    post_code(signed_in(cast.ann), transcript, component, start=start, end=start + 5, words="grows")
    assert Coding.objects.get().excerpt.exact == "grows"


def test_pasted_words_are_found_when_they_stand_there_once(cast, signed_in, transcript, component):
    client = signed_in(cast.ann)
    assert post_code(client, transcript, component, words="The door was open").status_code == 302
    assert Coding.objects.get().excerpt.exact == "The door was open"
    twice = post_code(client, transcript, component, words="door was")
    assert twice.status_code == 422
    assert "2 times" in twice.content.decode()
    assert "door was" in twice.content.decode()


def test_only_spaces_or_outside_is_refused(cast, signed_in, transcript, component):
    client = signed_in(cast.ann)
    assert (
        "only spaces" in post_code(client, transcript, component, start=5, end=6).content.decode()
    )
    assert "outside" in post_code(client, transcript, component, start=5, end=999).content.decode()
    assert not Coding.objects.exists()


def test_the_same_coding_again_is_the_same_row_and_removal_keeps_it(
    cast, signed_in, transcript, component
):
    client = signed_in(cast.ann)
    for _ in range(2):
        post_code(client, transcript, component, words="The door was open")
    coding = Coding.objects.get()
    client.post(reverse("interviews:remove_coding", args=["one", coding.pk]))
    coding.refresh_from_db()
    assert coding.removed_at is not None


def test_a_heading_is_not_coded_with(cast, signed_in, transcript, component):
    component.is_codable = False
    component.save()
    assert post_code(signed_in(cast.ann), transcript, component, words="grows").status_code == 422


def test_a_theme_without_a_central_idea_is_kept_and_hinted_at(cast, signed_in, component):
    client = signed_in(cast.ann)
    response = client.post(
        reverse("interviews:new_theme", args=["one"]),
        {
            "name": "The spare key",
            "central_idea": "",
            "status": "candidate",
            "components": [component.pk],
        },
        follow=True,
    )
    assert "topic summary" in response.content.decode()
    again = client.post(
        reverse("interviews:new_theme", args=["one"]),
        {"name": "the spare KEY", "status": "candidate"},
    )
    assert again.status_code == 422
