"""Study x component: what was found where, counted by study and by program."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q

from citations.models import Study
from components.models import Component
from components.tree import outline
from reviews.models import Review

from .evidence import settled_entries
from .models import Stance

# How dark a cell is: 1 to 4 quotes (or studies of a program), and 4 for more.
HEAT = [1, 2, 3, 4]
SIGNS = {Stance.SUPPORTS: "+", Stance.QUALIFIED: "±", Stance.OPPOSES: "−"}


@dataclass
class Column:
    """A component, under which root it stands, and how many have it."""

    component: Component
    root: str
    studies: int = 0
    programs: int = 0


@dataclass
class Cell:
    """A component in one row. `stances` without doubles, in the order of Stance."""

    stances: list[str] = field(default_factory=list)
    quotes: int = 0
    studies: int = 0

    @property
    def heat(self) -> int:
        """Of a study: by its quotes."""
        return min(self.quotes, HEAT[-1])

    @property
    def program_heat(self) -> int:
        """Of a program: by its studies."""
        return min(self.studies, HEAT[-1])

    @property
    def signs(self) -> str:
        return "".join(SIGNS[Stance(stance)] for stance in self.stances)

    @property
    def words(self) -> str:
        return ", ".join(str(Stance(stance).label).lower() for stance in self.stances)


def columns(review: Review) -> list[Column]:
    """The components that can be coded, in the order of the tree; others only if they have been.

    4 queries. A component counts for a study however many quotes it has there, and for a program
    however many of its studies have it; studies without a program count for none.
    """
    entries = settled_entries(review).order_by()
    counted = {
        pk: (studies, programs)
        for pk, studies, programs in entries.values_list("settled__component").annotate(
            Count("settled__study", distinct=True),
            Count("settled__study__program", distinct=True),
        )
    }
    found: list[Column] = []
    root = ""
    for branch in outline(review, retired=True):
        component = branch.component
        if branch.depth == 0:
            root = component.name
        usable = component.is_codable and component.retired_at is None
        if usable or component.pk in counted:
            found.append(Column(component, root, *counted.get(component.pk, (0, 0))))
    return found


def heads(of: Iterable[Column]) -> list[tuple[str, int]]:
    """(root, how many columns stand under it), in order."""
    spans: list[tuple[str, int]] = []
    for column in of:
        if spans and spans[-1][0] == column.root:
            spans[-1] = (column.root, spans[-1][1] + 1)
        else:
            spans.append((column.root, 1))
    return spans


def cells_by_study(review: Review, studies: Iterable[Study]) -> dict[tuple[int, int], Cell]:
    """{(study id, component id): cell} of `studies`. 1 query."""
    return _cells(
        settled_entries(review)
        .filter(settled__study__in=list(studies))
        .values_list("settled__study", "settled__component", "stance", "settled__study")
    )


def cells_by_program(
    review: Review, programs: Collection[int] | None = None
) -> dict[tuple[int, int], Cell]:
    """{(program id, 0 for none; component id): cell} of `programs` (ids, 0 for none), or of all.
    1 query."""
    entries = settled_entries(review)
    if programs is not None:
        asked = Q(settled__study__program__in=programs)
        if 0 in programs:
            asked |= Q(settled__study__program=None)
        entries = entries.filter(asked)
    return _cells(
        entries.values_list(
            "settled__study__program", "settled__component", "stance", "settled__study"
        )
    )


def _cells(rows: Iterable[tuple[int | None, int, str, int]]) -> dict[tuple[int, int], Cell]:
    stances: dict[tuple[int, int], set[str]] = defaultdict(set)
    quotes: dict[tuple[int, int], int] = defaultdict(int)
    studies: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row, component, stance, study in rows:
        key = (row or 0, component)
        stances[key].add(stance)
        quotes[key] += 1
        studies[key].add(study)
    return {
        key: Cell(
            [stance for stance in Stance.values if stance in stances[key]],
            quotes[key],
            len(studies[key]),
        )
        for key in stances
    }
