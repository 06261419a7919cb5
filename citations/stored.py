"""Which rows name a stored file (blobs.py), whatever room they belong to.

A room whose rows name files says so in `ready()` of its apps.py; until then its files would pass for
unused, and nobody would check that they are whole.
"""

from dataclasses import dataclass

from django.db.models import Model

from reviews.models import Review


@dataclass(frozen=True)
class Naming:
    """Rows of `model` with the fields `sha256` and `name`; `review` leads from one to its review."""

    model: type[Model]
    review: str


_NAMINGS: list[Naming] = []


def register(naming: Naming) -> None:
    if naming not in _NAMINGS:
        _NAMINGS.append(naming)


def is_in_use(sha256: str) -> bool:
    """Whether a row of any review names the file. A query for each kind of row."""
    return any(each.model._base_manager.filter(sha256=sha256).exists() for each in _NAMINGS)


def of_review(review: Review) -> dict[str, str]:
    """{sha256: name} of the files that a review's rows name."""
    named: dict[str, str] = {}
    for each in _NAMINGS:
        rows = each.model._base_manager.filter(**{each.review: review.pk}).exclude(sha256="")
        named |= dict(rows.values_list("sha256", "name"))
    return named
