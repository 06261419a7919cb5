"""Transcripts, codings, themes: analysts alone."""

from interviews.models import Coding, Excerpt, Participant, ParticipantGroup, Theme, Transcript

from . import Row

ROWS = {
    "interviews:transcripts": Row("ann"),
    "interviews:add": Row("ann", 422, method="post"),
    "interviews:transcript": Row("ann", objects={"pk": "transcript"}),
    "interviews:code": Row("ann", 422, method="post", objects={"pk": "transcript"}),
    "interviews:remove_coding": Row("ann", 302, method="post", objects={"pk": "coding"}),
    "interviews:themes": Row("ann"),
    "interviews:new_theme": [Row("ann"), Row("ann", 422, method="post")],
    "interviews:theme": [
        Row("ann", objects={"pk": "theme"}),
        Row("ann", 422, method="post", objects={"pk": "theme"}),
    ],
}


def seed(review, lead):
    group = ParticipantGroup.objects.create(review=review, name="Youth")
    person = Participant.objects.create(review=review, group=group, pseudonym="Youth 1")
    transcript = Transcript.objects.create(
        review=review,
        participant=person,
        name="a.txt",
        text="They met every week.",
        sha256="0" * 64,
        by=lead,
    )
    excerpt = Excerpt.objects.create(transcript=transcript, start=0, end=4, exact="They")
    return {
        "transcript": transcript,
        "coding": Coding.objects.create(
            excerpt=excerpt, component=review.components.first(), by=lead
        ),
        "theme": Theme.objects.create(review=review, name="Being heard", created_by=lead),
        "participants": group,
    }
