"""What a person chooses about the figure: pure, numbers in, numbers out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

OTHER_REASONS = "Other reasons"
MOST = 99  # reasons that may stand by themselves


@dataclass(frozen=True)
class Choices:
    """`keep` reasons stand by themselves in each box, the rest are one line; 0 keeps all."""

    sources: bool = True  # each source by its own name under Databases and Registers
    keep: int = 0
    both: bool = False  # the column of other methods also where there is none
    plain: bool = False  # black and white

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Choices":
        """From an address; what it says wrongly counts as not said."""
        keep = asked.get("keep", "")
        return cls(
            sources=asked.get("sources", "") != "kind",
            keep=min(int(keep), MOST) if keep.isdecimal() and len(keep) < 4 else 0,
            both=asked.get("columns", "") == "both",
            plain=asked.get("tone", "") == "plain",
        )

    @property
    def query(self) -> str:
        """As an address says it; "" for the figure as it comes."""
        said = {
            "sources": "" if self.sources else "kind",
            "keep": str(self.keep or ""),
            "columns": "both" if self.both else "",
            "tone": "plain" if self.plain else "",
        }
        return urlencode({key: value for key, value in said.items() if value})


def chosen(numbers: dict[str, Any], by: Choices) -> dict[str, Any]:
    """`numbers` (the shape of prisma.report) as the figure is to say them."""
    said = dict(numbers)
    if not by.sources:
        said["sources"] = []
    if by.both:
        said["template"] = f"{said['template'].split()[0]} v2"
    for column in ("reasons", "other_reasons"):
        said[column] = folded(said[column], by.keep)
    return said


def folded(reasons: list[dict[str, Any]], keep: int) -> list[dict[str, Any]]:
    """The `keep` first, and one line for the others; its id is theirs, joined by dots.

    One reason is not folded: its own name takes no more room.
    """
    rest = reasons[keep:]
    if not keep or len(rest) < 2 or any(each["id"] is None for each in rest):
        return reasons
    other = {
        "id": ".".join(str(each["id"]) for each in rest),
        "reason": OTHER_REASONS,
        "n": sum(each["n"] for each in rest),
    }
    return [*reasons[:keep], other]
