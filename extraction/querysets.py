"""Blinding: the only ways in which what extractors answered reaches a page or a file."""

from typing import Any

from django.db.models import Q, QuerySet

from reviews.access import abilities
from reviews.models import Membership, Review


def oversees(member: Membership) -> bool:
    """Whether `member` sees forms before they are handed in: a lead who does not extract."""
    can = abilities(member)
    return "oversee" in can and "extract" not in can


def open_to(member: Membership, prefix: str = "") -> Q:
    """The condition under which an extraction (reached by `prefix`) may be seen by `member`.

    One's own; others' once every form that the study needs was handed in; and the one that one
    verifies. Who oversees sees all, as does everyone once the lead has opened the blind.
    """
    here = Q(**{f"{prefix}study__review_id": member.review_id})
    if oversees(member) or not member.review.blind:
        return here
    mine = Q(**{f"{prefix}by_id": member.user_id})
    checked = Q(**{f"{prefix}pk__in": verified_by(member)})
    return here & (mine | Q(**{f"{prefix}opened_at__isnull": False}) | checked)


def verified_by(member: Membership) -> QuerySet[Any]:
    """The ids of the forms that `member` verifies."""
    from .models import Extraction  # which takes its managers from here

    checks = Extraction.objects.standing().filter(by=member.user_id, verifies__isnull=False)
    return checks.values("verifies")


class CodebookQuerySet(QuerySet[Any]):
    def tools(self) -> "CodebookQuerySet":
        """Appraisal tools in use."""
        return self.filter(purpose="appraisal", withdrawn_at=None).order_by("name", "pk")

    def of(self, review: Review | int) -> Any:
        """The codebook of a review's extraction, or None."""
        return self.filter(review=review, purpose="extraction").first()


class FieldQuerySet(QuerySet[Any]):
    def on_the_form(self) -> "FieldQuerySet":
        """Those that extractors are asked: published and not retired."""
        standing = self.filter(since_version__isnull=False, retired_at=None)
        # The questions of a repeating group leave the form together with it.
        asked = Q(part_of=None) | Q(part_of__retired_at=None, part_of__since_version__isnull=False)
        return standing.filter(asked).select_related("shown_if", "part_of")


class ExtractionQuerySet(QuerySet[Any]):
    def standing(self) -> "ExtractionQuerySet":
        return self.filter(set_aside_at=None)

    def drafts(self) -> "ExtractionQuerySet":
        return self.standing().filter(submitted_at=None)

    def submitted(self) -> "ExtractionQuerySet":
        return self.standing().filter(submitted_at__isnull=False)

    def visible_to(self, member: Membership) -> "ExtractionQuerySet":
        """The forms of `member`'s review whose answers `member` may see now."""
        return self.filter(open_to(member))


class StandingQuerySet(QuerySet[Any]):
    def current(self) -> Any:
        return self.filter(superseded_at=None)


class ValueQuerySet(StandingQuerySet):
    def visible_to(self, member: Membership) -> "ValueQuerySet":
        return self.filter(open_to(member, "extraction__"))


class EntryQuerySet(StandingQuerySet):
    def visible_to(self, member: Membership) -> "EntryQuerySet":
        return self.filter(open_to(member, "extraction__"))
