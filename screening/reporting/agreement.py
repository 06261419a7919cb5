"""Agreement between reviewers: pure arithmetic, with Python's standard library alone.

This very file lies in the download of decisions (screening/reporting/reproducing.py), so that a
stranger with Python gets the same figures and intervals as the page.

Two people's answers on the same reports make a table of four cells:

                    second: include   second: exclude
    first: include        a                 b
    first: exclude        c                 d

A figure that is not defined (0 divided by 0) is None, never a number that looks like a result.

Sources: Cohen 1960 (kappa); Byrt, Bishop and Carlin 1993 (PABAK); Gwet 2008 (AC1); Cicchetti and
Feinstein 1990 (positive and negative agreement); Fleiss 1971; Krippendorff 2011 (nominal alpha).
"""

import bisect
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

# The seed is stated on the page, so that anybody gets the same interval from the same cells.
BOOTSTRAP_SEED = 20_200_510
BOOTSTRAP_SAMPLES = 2_000
# When a figure is undefined in more than this share of the samples, an interval would mislead.
UNDEFINED_AT_MOST = 0.05


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Cells:
    """Counts of reports, by what the first and the second person answered."""

    a: int  # both include
    b: int  # only the first includes
    c: int  # only the second includes
    d: int  # both exclude

    @property
    def n(self) -> int:
        return self.a + self.b + self.c + self.d

    @property
    def observed(self) -> float | None:
        """p_o: the share of reports on which both said the same."""
        return _share(self.a + self.d, self.n)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: agreement beyond what the two rates of inclusion would give by chance."""
        if not self.n:
            return None
        first, second = (self.a + self.b) / self.n, (self.a + self.c) / self.n
        by_chance = first * second + (1 - first) * (1 - second)
        return _share((self.a + self.d) / self.n - by_chance, 1 - by_chance)

    @property
    def pabak(self) -> float | None:
        """Kappa as it would be if half of all answers were includes: 2 p_o - 1."""
        return None if self.observed is None else 2 * self.observed - 1

    @property
    def ac1(self) -> float | None:
        """Gwet's AC1: chance agreement 2q(1 - q), q the mean rate of inclusion."""
        if self.observed is None:
            return None
        mean = (2 * self.a + self.b + self.c) / (2 * self.n)
        by_chance = 2 * mean * (1 - mean)
        return (self.observed - by_chance) / (1 - by_chance)  # by_chance is 1/2 at the most

    @property
    def positive(self) -> float | None:
        """p_pos: of all includes by either, the share that the other gave too."""
        return _share(2 * self.a, 2 * self.a + self.b + self.c)

    @property
    def negative(self) -> float | None:
        """p_neg: of all excludes by either, the share that the other gave too."""
        return _share(2 * self.d, 2 * self.d + self.b + self.c)


FIGURES: dict[str, Callable[[Cells], float | None]] = {
    "observed": lambda cells: cells.observed,
    "kappa": lambda cells: cells.kappa,
    "pabak": lambda cells: cells.pabak,
    "ac1": lambda cells: cells.ac1,
    "positive": lambda cells: cells.positive,
    "negative": lambda cells: cells.negative,
}


def why_undefined(name: str, cells: Cells) -> str:
    """Why the figure `name` divides by nothing over `cells`, in words; "" where it is defined."""
    if not cells.n:
        return "no report"
    if FIGURES[name](cells) is not None:
        return ""
    return {
        "positive": "nobody included",
        "negative": "nobody excluded",
    }.get(name, "everybody said the same throughout")


class _Binomial:
    """Draws the number of hits in `n` trials of probability `p` from one uniform number each."""

    REACH = 8  # standard deviations on either side; what lies beyond has a chance below 1e-14

    def __init__(self, n: int, p: float) -> None:
        spread = self.REACH * (math.sqrt(n * p * (1 - p)) + 1)
        self.low = max(0, math.floor(n * p - spread))
        high = min(n, math.ceil(n * p + spread))
        chance = math.exp(
            math.lgamma(n + 1)
            - math.lgamma(self.low + 1)
            - math.lgamma(n - self.low + 1)
            + self.low * math.log(p)
            + (n - self.low) * math.log1p(-p)
        )
        odds = p / (1 - p)
        self.below = [chance]
        for k in range(self.low, high):
            chance *= (n - k) / (k + 1) * odds
            self.below.append(self.below[-1] + chance)

    def draw(self, uniform: float) -> int:
        return self.low + bisect.bisect(
            self.below, uniform * self.below[-1], hi=len(self.below) - 1
        )


def _drawn(cells: Cells, seed: int, samples: int) -> Counter[Cells]:
    """Tables of n reports drawn with the shares of `cells`, and how often each was drawn.

    Written out, because a script with Python's standard library alone has to draw the same ones.
    """
    counts = (cells.a, cells.b, cells.c, cells.d)
    # The largest cell is what is left over: the others spread less, which keeps the tables short.
    order = sorted(range(4), key=lambda i: counts[i])
    uniform = random.Random(seed).random  # noqa: S311 - a seed anybody can repeat is the point
    known: dict[tuple[int, int], _Binomial] = {}
    found: Counter[Cells] = Counter()
    for _ in range(samples):
        table, left, whole = [0, 0, 0, 0], cells.n, cells.n
        for i in order[:3]:
            if counts[i] and left:
                by = known.get((i, left))
                if by is None:
                    by = known[i, left] = _Binomial(left, counts[i] / whole)
                table[i] = by.draw(uniform())
            left -= table[i]
            whole -= counts[i]
        table[order[3]] = left
        found[Cells(*table)] += 1
    return found


def _percentile(values: Sequence[tuple[float, int]], share: float) -> float:
    """The percentile of sorted (value, how often), with straight lines between neighbours."""
    position = share * (sum(n for _, n in values) - 1)
    before, seen = values[0][0], 0
    for value, n in values:
        if position <= seen - 1 + 1e-9:
            return before
        if position < seen:  # between the last of the values before and the first of these
            return before + (value - before) * (position - seen + 1)
        before, seen = value, seen + n
    return before


@lru_cache(maxsize=512)
def intervals(
    cells: Cells, *, seed: int = BOOTSTRAP_SEED, samples: int = BOOTSTRAP_SAMPLES
) -> dict[str, tuple[float, float] | None]:
    """95 % percentile bootstrap intervals by figure, the report being the unit drawn.

    None where the figure is undefined, or was so in too many samples to say, and where every sample
    gave the same: "0.00 to 0.00" of 25 reports would claim a certainty that nobody has.
    """
    if not cells.n:
        return dict.fromkeys(FIGURES)
    tables = _drawn(cells, seed, samples)
    found: dict[str, tuple[float, float] | None] = {}
    for name, figure in FIGURES.items():
        values = [(figure(table), n) for table, n in tables.items()]
        kept = sorted((value, n) for value, n in values if value is not None)
        defined = sum(n for _, n in kept)
        if (
            figure(cells) is None
            or defined < samples * (1 - UNDEFINED_AT_MOST)
            or kept[0][0] == kept[-1][0]
        ):
            found[name] = None
        else:
            found[name] = (_percentile(kept, 0.025), _percentile(kept, 0.975))
    return found


# --- More than two people, or more than two answers ------------------------------------------


def fleiss_kappa(answers: Sequence[Sequence[str]]) -> float | None:
    """Fleiss' kappa; each row holds the answers on one report, the same number in every row.

    None without rows, with fewer than two answers a row, with rows of different length, and when
    everybody gave the same answer throughout.
    """
    sizes = {len(row) for row in answers}
    if len(sizes) != 1 or min(sizes) < 2:
        return None
    raters, n = sizes.pop(), len(answers)
    totals: Counter[str] = Counter()
    agreeing = 0.0
    for row in answers:
        counts = Counter(row)
        totals.update(counts)
        agreeing += sum(k * (k - 1) for k in counts.values()) / (raters * (raters - 1))
    observed = agreeing / n
    by_chance = sum((total / (n * raters)) ** 2 for total in totals.values())
    return _share(observed - by_chance, 1 - by_chance)


def krippendorff_alpha(answers: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha for nominal answers; rows may differ in length.

    Rows with a single answer can't be paired and are left out. None when nothing can be paired or
    everybody gave the same answer throughout.
    """
    totals: Counter[str] = Counter()
    disagreeing = 0.0
    for row in answers:
        m = len(row)
        if m < 2:
            continue
        counts = Counter(row)
        totals.update(counts)
        disagreeing += (m * m - sum(k * k for k in counts.values())) / (m - 1)
    n = sum(totals.values())
    if not n:
        return None
    expected = (n * n - sum(k * k for k in totals.values())) / (n - 1)
    share = _share(disagreeing, expected)
    return None if share is None else 1 - share


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa over any number of answers, for where "maybe" is an answer of its own."""
    n = len(pairs)
    if not n:
        return None
    same = sum(first == second for first, second in pairs) / n
    firsts, seconds = Counter(f for f, _ in pairs), Counter(s for _, s in pairs)
    by_chance = sum(firsts[answer] * seconds[answer] for answer in firsts) / (n * n)
    return _share(same - by_chance, 1 - by_chance)
