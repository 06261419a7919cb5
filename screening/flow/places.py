"""The places that a report can stand in, and the sets of them that have a name."""

from django.db.models import (
    TextChoices,
)

from reviews.models import Stage

from ..models import Decision


class Place(TextChoices):
    MERGED = "merged", "Merged into another report"
    ARRIVING = "arriving", "Being imported"  # citations.querysets.ARRIVING
    WITHDRAWN = "withdrawn", "Its import was undone"  # citations.querysets.WITHDRAWN
    REMOVED_AUTOMATION = "removed-automation", "Removed by automation tools"
    REMOVED_OTHER = "removed-other", "Removed before screening"
    ABSTRACT_OPEN = "abstract-open", "Awaiting title and abstract"
    ABSTRACT_HALF = "abstract-half", "Awaiting more answers on title and abstract"
    ABSTRACT_CONFLICT = "abstract-conflict", "Conflict on title and abstract"
    ABSTRACT_OUT = "abstract-out", "Excluded on title and abstract"
    SOUGHT = "sought", "Full text sought"
    NOT_RETRIEVED = "not-retrieved", "Not retrieved"
    FULLTEXT_OPEN = "fulltext-open", "Awaiting full-text decision"
    FULLTEXT_HALF = "fulltext-half", "Awaiting more answers on full text"
    FULLTEXT_CONFLICT = "fulltext-conflict", "Conflict on full text"
    FULLTEXT_OUT = "fulltext-out", "Excluded on full text"
    AWAITING = "awaiting", "Awaiting classification"
    ONGOING = "ongoing", "Ongoing study"
    INCLUDED = "included", "Included"


# Reports that are not in the review: absorbed, not there yet, or taken out with their import.
NOWHERE = [Place.MERGED, Place.ARRIVING, Place.WITHDRAWN]


EXCLUDE, MAYBE = Decision.Verdict.EXCLUDE, Decision.Verdict.MAYBE


# Where reviewers are still asked: nobody has answered yet, or some have and others are to come. The
# two are places of their own so that the queue finds the half-decided ones by an index.
UNTOUCHED_PLACE = {Stage.ABSTRACT: Place.ABSTRACT_OPEN, Stage.FULLTEXT: Place.FULLTEXT_OPEN}


HALF_PLACE = {Stage.ABSTRACT: Place.ABSTRACT_HALF, Stage.FULLTEXT: Place.FULLTEXT_HALF}


OPEN_PLACES = {stage: [UNTOUCHED_PLACE[stage], HALF_PLACE[stage]] for stage in UNTOUCHED_PLACE}


CONFLICT_PLACE = {Stage.ABSTRACT: Place.ABSTRACT_CONFLICT, Stage.FULLTEXT: Place.FULLTEXT_CONFLICT}


REMOVED = [Place.REMOVED_AUTOMATION, Place.REMOVED_OTHER]


ABSTRACT_PENDING = [*OPEN_PLACES[Stage.ABSTRACT], Place.ABSTRACT_CONFLICT]


FULLTEXT_PENDING = [*OPEN_PLACES[Stage.FULLTEXT], Place.FULLTEXT_CONFLICT]


# Read, and neither included nor excluded: what the template has no box for, and Cochrane reviews list.
ASIDE_PLACE = {
    Decision.Verdict.AWAITING: Place.AWAITING,
    Decision.Verdict.ONGOING: Place.ONGOING,
}


ASSESSED = [*FULLTEXT_PENDING, Place.FULLTEXT_OUT, *ASIDE_PLACE.values(), Place.INCLUDED]


ADVANCED = [Place.SOUGHT, Place.NOT_RETRIEVED, *ASSESSED]


SCREENED = [*ABSTRACT_PENDING, Place.ABSTRACT_OUT, *ADVANCED]


# Where nothing is asked of anybody any more. Named one by one: a place that no box knows is not here.
SETTLED = [
    *NOWHERE,
    *REMOVED,
    Place.ABSTRACT_OUT,
    Place.NOT_RETRIEVED,
    Place.FULLTEXT_OUT,
    *ASIDE_PLACE.values(),
    Place.INCLUDED,
]
