"""A codebook or an appraisal tool of another review as a draft of this one: questions, no answers."""

from django.db import transaction

from reviews import audit
from reviews.models import Membership, Review, User
from reviews.refusal import Refused
from reviews.roles import Role

from .appraising import free_name
from .codebook import WORDS
from .models import Codebook, Field


def sources(target: Review, *, by: User) -> list[Codebook]:
    """What `by` may copy into `target`: codebooks and tools of the other reviews that they lead.
    2 queries."""
    roles = Membership.objects.filter(user=by).exclude(review=target).values_list("review", "roles")
    led = [review for review, held in roles if Role.LEAD in held]
    found = Codebook.objects.filter(review__in=led, withdrawn_at=None).select_related("review")
    return list(found.order_by("review__title", "purpose", "name", "pk"))


@transaction.atomic
def copy(source: Codebook, target: Review, *, by: User) -> Codebook:
    """The questions in use of `source` as a draft in `target`; of a tool with its scale and source.

    What was settled, which studies a tool appraises, and retired questions stay behind.
    """
    if source not in sources(target, by=by):
        raise Refused("Choose a codebook or a tool of another review of which you are a lead.")
    target = Review.objects.select_for_update(no_key=True).get(pk=target.pk)
    if source.is_tool:
        free_name(target, source.name)
    elif Codebook.objects.of(target):
        raise Refused("This review has a codebook already.")
    made = Codebook.objects.create(
        review=target,
        purpose=source.purpose,
        name=source.name,
        source=source.source,
        extractors=source.extractors,
        verified=source.verified,
        third_person=source.third_person,
        with_score=source.with_score,
        created_by=by,
    )
    standing = list(source.fields.filter(retired_at=None).order_by("order", "pk"))
    known = {field.pk for field in standing}
    standing = [each for each in standing if each.part_of_id is None or each.part_of_id in known]
    copies: dict[int | None, int] = {}
    for field in standing:
        old = field.pk
        words = {word: getattr(field, word) for word in WORDS if not word.endswith("_id")}
        copies[old] = Field.objects.create(codebook=made, order=field.order, **words).pk
    for field in standing:
        decides = copies.get(field.shown_if_id)
        Field.objects.filter(pk=copies[field.pk]).update(
            part_of=copies.get(field.part_of_id),
            shown_if=decides,
            shown_values=field.shown_values if decides else [],
        )
    audit.record(
        target,
        "copied an appraisal tool" if made.is_tool else "copied the codebook",
        by=by,
        target=made,
        after={"from": source.review.title, "questions": len(standing)},
    )
    return made
