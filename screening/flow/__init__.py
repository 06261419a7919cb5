"""Where every report stands, and every PRISMA number. The only room that counts.

Imported as a whole: `flow.boxes(review)`, `flow.Place`. Callers need not know which file holds what.
"""

from .boxes import (
    RECORD_BOXES,
    REPORT_BOXES,
    STUDY_BOXES,
    boxes,
    identified,
    is_update,
    placed,
    reasons,
    reasons_by_column,
    records_in,
    removed_before_import,
    reports_in,
    studies_in,
    studies_of,
)
from .extent import Extent, of_reports, of_studies
from .identities import identities, pending
from .past import as_of, unknown
from .places import (
    ABSTRACT_PENDING,
    ADVANCED,
    ASIDE_PLACE,
    ASSESSED,
    CONFLICT_PLACE,
    FULLTEXT_PENDING,
    HALF_PLACE,
    NOWHERE,
    OPEN_PLACES,
    REMOVED,
    SCREENED,
    UNTOUCHED_PLACE,
    Place,
)
from .placing import RULES, Rules, misplaced, rules_in, settle
from .tally import DATABASES, OTHER_METHODS, Tally, one_moment, take

__all__ = [
    "ABSTRACT_PENDING",
    "ADVANCED",
    "ASIDE_PLACE",
    "ASSESSED",
    "CONFLICT_PLACE",
    "DATABASES",
    "FULLTEXT_PENDING",
    "HALF_PLACE",
    "NOWHERE",
    "OPEN_PLACES",
    "OTHER_METHODS",
    "RECORD_BOXES",
    "REMOVED",
    "REPORT_BOXES",
    "RULES",
    "SCREENED",
    "STUDY_BOXES",
    "UNTOUCHED_PLACE",
    "Extent",
    "Place",
    "Rules",
    "Tally",
    "as_of",
    "boxes",
    "identified",
    "identities",
    "is_update",
    "misplaced",
    "of_reports",
    "of_studies",
    "one_moment",
    "pending",
    "placed",
    "reasons",
    "reasons_by_column",
    "records_in",
    "removed_before_import",
    "reports_in",
    "rules_in",
    "settle",
    "studies_in",
    "studies_of",
    "take",
    "unknown",
]
