"""The convergence matrix: components x literature and participant groups, counted afresh each time."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from components.models import Component
from extraction import evidence as literature
from interviews import evidence as voices
from interviews.models import ParticipantGroup
from reviews.models import Review

from .models import Topic


@dataclass(frozen=True)
class Pair:
    """Two columns to compare; `left` None is the literature."""

    left: ParticipantGroup | None
    right: ParticipantGroup

    @property
    def key(self) -> str:
        return f"{self.left.pk if self.left else 0}-{self.right.pk}"

    @property
    def label(self) -> str:
        return f"{self.left or 'Literature'} and {str(self.right).lower()}"


@dataclass
class Row:
    component: Component
    heading: Component | None
    studies: set[int] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    # group id -> the participants who speak of it
    speakers: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # pair key -> the standing judgement
    judgements: dict[str, Topic] = field(default_factory=dict)

    def sources(self, group: ParticipantGroup | None) -> set[int]:
        return self.studies if group is None else self.speakers[group.pk]

    def fingerprint(self, pair: Pair) -> dict[str, list[int]]:
        return {"left": sorted(self.sources(pair.left)), "right": sorted(self.sources(pair.right))}

    def is_stale(self, pair: Pair) -> bool:
        judged = self.judgements.get(pair.key)
        return judged is not None and judged.evidence != self.fingerprint(pair)


@dataclass
class Matrix:
    rows: list[Row]
    groups: list[tuple[ParticipantGroup, int]]
    studies: int
    pairs: list[Pair]

    def row(self, component: int) -> Row | None:
        return next((row for row in self.rows if row.component.pk == component), None)


def matrix(review: Review) -> Matrix:
    """All rows: each codable component in the order of the tree, and those that were retired or
    made a heading while evidence still hangs on them. A fixed number of queries."""
    groups = voices.groups(review)
    pairs = [Pair(None, group) for group, _ in groups]
    names = [group for group, _ in groups]
    pairs += [Pair(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
    told, said_by = literature.component_evidence(review), voices.component_evidence(review)
    used = {each.component for each in told} | {each.component for each in said_by}
    rows = {node.pk: Row(node, heading) for node, heading in in_order(review, used)}
    for each in told:
        if each.component in rows:
            rows[each.component].studies.add(each.study)
            if each.program:
                rows[each.component].programs.add(each.program)
    for said in said_by:
        if said.component in rows:
            rows[said.component].speakers[said.group].add(said.participant)
    standing = Topic.objects.filter(component__review=review, superseded_at=None)
    for judged in standing.select_related("by"):
        if judged.component_id in rows:
            key = f"{judged.left_id or 0}-{judged.right_id}"
            rows[judged.component_id].judgements[key] = judged
    return Matrix(list(rows.values()), groups, literature.studies_total(review), pairs)


def in_order(
    review: Review, used: Collection[int] = ()
) -> Iterator[tuple[Component, Component | None]]:
    """(codable component, its top heading) depth first, siblings in their order. 1 query.

    One that can't be coded with any more is there as long as it is `used`: after a split, until
    its queue of codings is empty.
    """
    children: dict[int | None, list[Component]] = defaultdict(list)
    for node in Component.objects.filter(review=review).order_by("order", "pk"):
        children[node.parent_id].append(node)

    def below(
        parent: int | None, top: Component | None
    ) -> Iterator[tuple[Component, Component | None]]:
        for node in children[parent]:
            if (node.is_codable and node.retired_at is None) or node.pk in used:
                yield node, top
            yield from below(node.pk, top or node)

    return below(None, None)
