"""The equations between the numbers of the diagram, and what keeps it a draft (PRISMA.md 4.5)."""

from dataclasses import dataclass

from citations.models import DATABASE_KINDS, Report
from reviews.models import Review

from ..duplicates import questions
from .boxes import reasons_by_column, studies_in
from .places import NOWHERE, SETTLED, Place
from .tally import DATABASES, OTHER_METHODS, Tally, take


@dataclass(frozen=True)
class Identity:
    """An equation between boxes that must hold at every instant (PRISMA.md 4.5)."""

    number: int
    says: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        return self.left == self.right


def identities(
    review: Review,
    b: dict[str, int],
    found: Tally | None = None,
    given: dict[str, dict[int, int]] | None = None,
    waits: dict[str, int] | None = None,
) -> list[Identity]:
    """The identities over the numbers `b` of `boxes`, which were made of `found`; `given`: reasons,
    `waits`: what `pending` says."""
    found = found or take(review)
    given = given or reasons_by_column(review)
    waits = waits or pending(review, b)
    imported = found.records(*DATABASE_KINDS)
    declared = sum(each.removed for each in found.searches if each.kind in DATABASE_KINDS)
    included = Report.objects.filter(review=review, place=Place.INCLUDED)
    without_study = included.filter(studies=None).count()
    here = sum(
        n
        for (column, place), n in found.placed.items()
        if column == DATABASES and place not in NOWHERE
    )
    return [
        Identity(1, "identified = imported + removed before import", b["D1"], imported + declared),
        Identity(
            2,
            "identified = duplicates + automation + other reasons + screened",
            b["D1"],
            b["D2_dup"] + b["D2_auto"] + b["D2_other"] + b["D3"],
        ),
        Identity(
            3,
            "excluded = by people + by automation tools",
            b["D4"],
            b["D4_human"] + b["D4_auto"],
        ),
        Identity(
            3, "screened = excluded + sought + pending", b["D3"], b["D4"] + b["D5"] + b["D_Q"]
        ),
        # Counted by the reports' places, and by the records that lead to them. A record opens one
        # report, so the extra reports of PRISMA.md 4.5 (x) are those that no record leads to: 0.
        Identity(4, "sought = records advanced", b["D5"], found.advanced),
        Identity(
            5, "sought = not retrieved + awaiting + assessed", b["D5"], b["D6"] + b["D_W"] + b["D7"]
        ),
        Identity(
            6,
            "assessed = excluded + included + awaiting classification + ongoing + pending",
            b["D7"],
            b["D8"] + b["D_included"] + b["D_C"] + b["D_G"] + b["D_F"],
        ),
        Identity(7, "excluded = sum of the reasons", b["D8"], sum(given[DATABASES].values())),
        Identity(
            8,
            "other methods: identified = sought + known or set aside",
            b["O1"],
            b["O5"] + b["O_U"],
        ),
        Identity(
            9,
            "other methods: sought = not retrieved + awaiting + assessed",
            b["O5"],
            b["O6"] + b["O_W"] + b["O7"],
        ),
        Identity(
            9,
            "other methods: assessed = excluded + included + awaiting classification + ongoing "
            "+ pending",
            b["O7"],
            b["O8"] + b["O_included"] + b["O_C"] + b["O_G"] + b["O_F"],
        ),
        Identity(
            9,
            "other methods: excluded = sum of the reasons",
            b["O8"],
            sum(given[OTHER_METHODS].values()),
        ),
        Identity(
            10,
            "reports included = from databases + from other methods - new reports of earlier studies",
            b["I_reports"],
            b["D_included"] + b["O_included"] - b["N_prev"],
        ),
        Identity(11, "included reports without a study = 0", without_study, 0),
        Identity(
            12,
            "studies in total = of all versions",
            b["T_studies"],
            review.previous_studies + studies_in(review).count(),
        ),
        Identity(
            12,
            "reports in total = of all versions",
            b["T_reports"],
            review.previous_reports + included.count(),
        ),
        # Counted by the reports' places, and by the reports that the records belong to.
        Identity(
            13,
            "every report of the databases stands in one place, and has a record",
            here,
            found.first,
        ),
        # By the boxes, and by whatever stands anywhere but at an outcome: a report that no box knows
        # would otherwise leave the figure final.
        Identity(
            14,
            "reports that the draft names as pending = reports without an outcome",
            sum(n for name, n in waits.items() if name != "duplicates"),
            sum(n for (_, place), n in found.placed.items() if place not in SETTLED),
        ),
    ]


def pending(review: Review, b: dict[str, int]) -> dict[str, int]:
    """What keeps the diagram a draft: Q, W and F of both columns, what the previous version had left
    open, and open duplicate questions."""
    return {
        "abstract": b["D_Q"] + b["O_Q"],
        "retrieval": b["D_W"] + b["O_W"],
        "fulltext": b["D_F"] + b["O_F"],
        "previous": b["P_pending"],
        "duplicates": len(questions.waiting(review)),
    }
