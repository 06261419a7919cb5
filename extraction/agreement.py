"""How far two extractors agreed, field by field. Pure arithmetic, without a database.

A figure that is not defined (chance agreement is total, or nothing was compared) is None, never a
number that looks like a result. Cohen 1960 (kappa); Jaccard 1901 (shared of all that either chose).
"""

from collections import Counter
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Agreed:
    """The figures of one field. `percent` is of 100."""

    n: int
    agreements: int
    kappa: float | None = None
    weighted: float | None = None  # kappa with linear weights, of a scale

    @property
    def percent(self) -> float | None:
        return 100 * self.agreements / self.n if self.n else None


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa over the answers of two people; None when both always gave one answer."""
    n = len(pairs)
    if not n:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    # In whole numbers, so that "chance agreement is total" is seen exactly.
    by_chance = sum(first[answer] * second[answer] for answer in first)
    if by_chance == n * n:
        return None
    observed = sum(a == b for a, b in pairs)
    return (observed * n - by_chance) / (n * n - by_chance)


def weighted_kappa(
    pairs: Sequence[tuple[Hashable, Hashable]], scale: Sequence[Hashable]
) -> float | None:
    """Cohen's kappa with linear weights (Cohen 1968) over `scale`, from one end to the other. Pairs
    in which somebody said nothing of the scale are left out. None where chance alone would agree."""
    at = {word: place for place, word in enumerate(scale)}
    placed = [(at[a], at[b]) for a, b in pairs if a in at and b in at]
    first, second = Counter(a for a, _ in placed), Counter(b for _, b in placed)
    by_chance = sum(m * n * abs(a - b) for a, m in first.items() for b, n in second.items())
    if not by_chance:
        return None
    return 1 - sum(abs(a - b) for a, b in placed) * len(placed) / by_chance


def within(a: Decimal, b: Decimal, percent: Decimal) -> bool:
    """Whether two numbers are the same within `percent` of the larger one."""
    return abs(a - b) * 100 <= percent * max(abs(a), abs(b))


def of_answers(pairs: Sequence[tuple[Hashable, Hashable]], *, has_categories: bool) -> Agreed:
    """Figures of a field with one answer; kappa only where the answers are categories."""
    same = sum(a == b for a, b in pairs)
    return Agreed(len(pairs), same, kappa(pairs) if has_categories else None)


@dataclass(frozen=True)
class AgreedSets:
    """The figures of a field where several of a list may be chosen."""

    n: int
    exact: int  # both chose exactly the same
    mean_jaccard: float | None
    option_agreement: float | None  # of 1: each option is one yes or no per study
    option_kappa: float | None


def of_sets(
    pairs: Sequence[tuple[Set[Hashable], Set[Hashable]]], options: Sequence[Hashable]
) -> AgreedSets:
    """Figures over the chosen sets. Two empty sets are the same: their Jaccard is 1."""
    shares = [len(a & b) / len(a | b) if a | b else 1.0 for a, b in pairs]
    votes = [(option in a, option in b) for a, b in pairs for option in options]
    return AgreedSets(
        n=len(pairs),
        exact=sum(a == b for a, b in pairs),
        mean_jaccard=sum(shares) / len(shares) if shares else None,
        option_agreement=sum(a == b for a, b in votes) / len(votes) if votes else None,
        option_kappa=kappa(votes),
    )
