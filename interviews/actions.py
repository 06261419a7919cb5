"""Every write about participants, transcripts, codings and themes."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from components.models import Component
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from . import reading
from .models import (
    Coding,
    Excerpt,
    Participant,
    ParticipantGroup,
    Stance,
    Theme,
    Transcript,
)

CONTEXT = 32  # letters kept before and after a passage


@transaction.atomic
def add_group(review: Review, name: str, *, by: User) -> ParticipantGroup:
    """A group of participants; the same name again is the same group."""
    if not name.strip():
        raise Refused("Give the group a name.")
    last = review.participant_groups.aggregate(n=Max("order"))["n"]
    group, made = ParticipantGroup.objects.get_or_create(
        review=review, name=name.strip(), defaults={"order": 0 if last is None else last + 1}
    )
    if made:
        audit.record(review, "added a participant group", by=by, target=group)
    return group


@transaction.atomic
def add_participant(
    group: ParticipantGroup, pseudonym: str, *, by: User, role: str = ""
) -> Participant:
    """A participant under a pseudonym that nobody else in the review has."""
    pseudonym = pseudonym.strip()
    if not pseudonym:
        raise Refused("Give the participant a pseudonym.")
    if Participant.objects.filter(review=group.review, pseudonym__iexact=pseudonym).exists():
        raise Refused(f"The pseudonym “{pseudonym}” is in use already.")
    participant = Participant.objects.create(
        review=group.review, group=group, pseudonym=pseudonym, role=role.strip()
    )
    # The log is read by people who may not read transcripts: it holds no pseudonym.
    audit.record(group.review, "added a participant", by=by, target=participant)
    return participant


@transaction.atomic
def add_transcript(
    participant: Participant, data: bytes, name: str, *, by: User
) -> tuple[Transcript, bool]:
    """Store a de-identified transcript; (the transcript, whether it is new).

    The same words again, also in another file format, are the transcript that is there.
    """
    try:
        found = reading.read(data, name)
    except reading.NotATranscript as problem:
        raise Refused(str(problem)) from None
    review = participant.review
    transcript, made = Transcript.objects.get_or_create(
        review=review,
        sha256=reading.fingerprint(found.text),
        defaults={
            "participant": participant,
            "name": name[:255],
            "text": found.text,
            "encoding": found.encoding,
            "by": by,
        },
    )
    if made:
        audit.record(review, "added a transcript", by=by, target=transcript)
    return transcript, made


@transaction.atomic
def receive(
    review: Review,
    data: bytes,
    name: str,
    *,
    by: User,
    participant: Participant | None = None,
    group: str = "",
    pseudonym: str = "",
    role: str = "",
) -> tuple[Transcript, bool]:
    """A transcript with its participant, who may be new and in a new group: a file that can't be read
    leaves neither. (The transcript, whether it is new.)"""
    if participant is None:
        found = add_group(review, group, by=by)
        participant = add_participant(found, pseudonym, by=by, role=role)
    return add_transcript(participant, data, name, by=by)


def find_passage(transcript: Transcript, words: str) -> tuple[int, int]:
    """Where `words` stand in the transcript; Refused unless they stand there exactly once."""
    words = words.strip()
    if not words:
        raise Refused("Mark some words first.")
    count = transcript.text.count(words)
    if count == 0:
        raise Refused("These words are not in the transcript; copy them exactly.")
    if count > 1:
        raise Refused(f"These words stand there {count} times; take a longer passage.")
    start = transcript.text.index(words)
    return start, start + len(words)


@transaction.atomic
def code(
    transcript: Transcript,
    start: int,
    end: int,
    component: Component,
    *,
    by: User,
    stance: str = Stance.SUPPORTS,
    memo: str = "",
) -> Coding:
    """Code the code points [start, end) with a component. The same coding again changes nothing."""
    text = transcript.text
    if not 0 <= start < end <= len(text):
        raise Refused("That passage lies outside the transcript.")
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        raise Refused("Mark some words, not only spaces.")
    if component.review_id != transcript.review_id or component.retired_at:
        raise Refused("That component is not in use in this review.")
    if not component.is_codable:
        raise Refused(f"“{component.name}” is a heading; choose a component below it.")
    if stance not in Stance.values:
        raise Refused("A passage supports, supports with conditions, or opposes.")
    excerpt, _ = Excerpt.objects.get_or_create(
        transcript=transcript,
        start=start,
        end=end,
        defaults={
            "exact": text[start:end],
            "prefix": text[max(0, start - CONTEXT) : start],
            "suffix": text[end : end + CONTEXT],
        },
    )
    coding, made = Coding.objects.get_or_create(
        excerpt=excerpt,
        component=component,
        by=by,
        removed_at=None,
        defaults={"stance": stance, "memo": memo.strip()},
    )
    if not made and (coding.stance, coding.memo) != (stance, memo.strip()):
        coding.stance, coding.memo = stance, memo.strip()
        coding.save(update_fields=["stance", "memo"])
    return coding


@transaction.atomic
def remove_coding(coding: Coding, *, by: User) -> Coding:
    """Take a coding away; the row stays and `restore_coding` brings it back."""
    coding = Coding.objects.select_for_update().get(pk=coding.pk)
    if coding.removed_at is None:
        coding.removed_at = timezone.now()
        coding.save(update_fields=["removed_at"])
        audit.record(coding.component.review, "removed a coding", by=by, target=coding)
    return coding


@transaction.atomic
def restore_coding(coding: Coding, *, by: User) -> Coding:
    coding = Coding.objects.select_for_update().get(pk=coding.pk)
    if coding.removed_at is None:
        return coding
    twin = Coding.objects.filter(
        excerpt=coding.excerpt, component=coding.component, by=coding.by, removed_at=None
    )
    if twin.exists():
        raise Clash("The same coding was made again in the meantime.")
    coding.removed_at = None
    coding.save(update_fields=["removed_at"])
    audit.record(coding.component.review, "restored a coding", by=by, target=coding)
    return coding


@transaction.atomic
def save_theme(
    review: Review,
    theme: Theme | None,
    *,
    by: User,
    name: str,
    central_idea: str,
    status: str = Theme.Status.CANDIDATE,
    components: Iterable[Component] = (),
) -> Theme:
    """Make or change a theme. One without a central idea is kept: the page says what it lacks."""
    name = name.strip()
    if not name:
        raise Refused("Give the theme a name.")
    same = review.themes.filter(name__iexact=name)
    if theme is not None:
        same = same.exclude(pk=theme.pk)
    if same.exists():
        raise Refused(f"There is a theme called “{name}” already.")
    before = None
    if theme is None:
        theme = Theme(review=review, created_by=by, order=review.themes.count())
    else:
        theme = Theme.objects.select_for_update().get(pk=theme.pk)
        before = {"name": theme.name, "central_idea": theme.central_idea, "status": theme.status}
    theme.name, theme.central_idea, theme.status = name, central_idea.strip(), status
    theme.save()
    chosen = list(components)
    if any(component.review_id != review.pk for component in chosen):
        raise Refused("A component of another review cannot belong to this theme.")
    theme.components.set(chosen)
    after = {"name": name, "central_idea": theme.central_idea, "status": status}
    if before != after:
        verb = "changed a theme" if before else "made a theme"
        # Names and ideas of themes may quote participants, so the log holds the fact alone.
        audit.record(review, verb, by=by, target=theme, after={"status": status})
    return theme
