"""The 16 items of PRISMA-S: what a report says about its searches. Pure.

Source: Rethlefsen ML et al., PRISMA-S: an extension to the PRISMA statement for reporting
literature searches in systematic reviews. Systematic Reviews 2021;10:39. Numbers, order and names
of the items are theirs; what each asks is put in our words.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    number: int
    name: str
    asks: str
    # Whether a sentence for the whole review can answer it; the others are facts of each source.
    takes_note: bool = True


SECTIONS = [
    (
        "Information sources and methods",
        [
            Item(1, "Database name", "Every database, each with its platform.", False),
            Item(2, "Multi-database searching", "Databases searched at once on one platform."),
            Item(3, "Study registries", "Every registry of studies that was searched."),
            Item(
                4,
                "Online resources and browsing",
                "Websites, journals and printed sources that were searched or browsed, and how.",
            ),
            Item(
                5, "Citation searching", "Whether cited or citing references were looked at, how."
            ),
            Item(
                6, "Contacts", "Whether authors, experts or makers were asked for studies or data."
            ),
            Item(7, "Other methods", "Any other way of finding studies."),
        ],
    ),
    (
        "Search strategies",
        [
            Item(
                8,
                "Full search strategies",
                "Each search string as it was run, word for word.",
                False,
            ),
            Item(9, "Limits and restrictions", "Limits used and why, or that there were none."),
            Item(10, "Search filters", "Published filters used, cited, and whether changed."),
            Item(
                11, "Prior work", "Strategies of other reviews that were adapted or reused, cited."
            ),
            Item(12, "Updates", "How the search was kept up to date: run again, alerts."),
            Item(13, "Dates of searches", "When each source was last searched.", False),
        ],
    ),
    ("Peer review", [Item(14, "Peer review", "How the search strategy was peer reviewed.")]),
    (
        "Managing records",
        [
            Item(15, "Total records", "Records that each source gave.", False),
            Item(16, "Deduplication", "How duplicates were found and joined, with what software."),
        ],
    ),
]
ITEMS = [item for _, items in SECTIONS for item in items]
NOT_YET = "Not reported yet"


def takes_note(number: int) -> bool:
    return any(item.number == number and item.takes_note for item in ITEMS)


@dataclass(frozen=True)
class Reckoning:
    """Hits that a source reported against the records that came of it."""

    hits: int
    imported: int
    removed: int

    @property
    def missing(self) -> int:
        """Hits of which nothing is known; below 0 when more came than were reported."""
        return self.hits - self.imported - self.removed

    @property
    def sentence(self) -> str:
        """The difference in words; "" when there is none."""
        if not self.missing:
            return ""
        hits = f"{self.hits:,} hit{'' if self.hits == 1 else 's'}"
        came = f"{self.imported:,} {'was' if self.imported == 1 else 'were'} imported"
        before = f" and {self.removed:,} removed before" if self.removed else ""
        if self.missing > 0:
            rest = f"{self.missing:,} {'is' if self.missing == 1 else 'are'} unaccounted for"
        else:
            rest = f"{-self.missing:,} more than it reported"
        return f"The source reported {hits}; {came}{before}: {rest}."


def reckon(hits: int | None, imported: int, removed: int) -> str:
    """The sentence about a difference; "" while hits are not known or nothing was imported."""
    if hits is None or not imported:
        return ""
    return Reckoning(hits, imported, removed).sentence
