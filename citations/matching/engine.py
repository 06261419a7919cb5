"""One run of the duplicate engine, from citations to pairs and clusters."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from citations.matching import blocks, clusters, features, model, reasons, records, rules
from citations.matching.citation import Citation, Id, Matches, Pair, Zone
from citations.matching.clusters import Edge
from citations.matching.records import Columns

CHUNK = 100_000  # pairs compared at a time: bounds memory
ENOUGH_INFORMATION = 640  # summed word rarity from which a title alone tells a publication
COPIES_ASKED = 3  # equal records that say too little: more of them are no question
SERIES = 3  # improbable partners; a record with more belongs to a column that recurs
FAINT = 0.5  # less probable than this is an improbable partner
WORD_FOR_WORD = [
    "title",
    "families",
    "initial",
    "author_count",
    "year",
    "journal",
    "volume",
    "issue",
    "first_page",
    "last_page",
    "page_letter",
    "doi",
    "pmid",
    "issn1",
    "abstract",
    "kinds",
    "form",
]
RELATED_SHOWN = 8  # related ones a record; a column with more siblings is not linked at all


def block_keys(citations: Sequence[Citation]) -> list[tuple[int, ...]]:
    """For each citation the keys under which it meets others: two are compared if they share one.

    Keys (below 2**36) depend on their citation alone. Stored beside the records, they let a new
    import fetch just the standing records that share one, and pass only those to `match`. A key
    that more than `blocks.LARGEST_BLOCK` records hold tells little and may be left out.
    """
    c = records.columns(citations)
    return [tuple(sorted(set(blocks.keys_of(c, k)))) for k in range(len(c))]


def match(
    citations: Sequence[Citation],
    *,
    standing: Sequence[Citation] = (),
    different: Collection[frozenset[Id]] = (),
) -> Matches:
    """Compare `citations` with each other and with `standing`; the order of neither matters.

    Pairs of two standing citations are not looked at. `different` are pairs that a person told
    apart: they never come back and never end in one cluster. Raises ValueError if an id is
    there twice.
    """
    return _Run(citations, standing, different).matches()


def _id_order(identifier: Id) -> tuple[bool, int, str]:
    if isinstance(identifier, int):
        return (False, identifier, "")
    return (True, 0, identifier)


class _Run:
    """Records are numbered in the order of their ids: nothing depends on the order of the input."""

    def __init__(
        self,
        new: Sequence[Citation],
        standing: Sequence[Citation],
        different: Collection[frozenset[Id]],
    ) -> None:
        told = [(c, False) for c in new] + [(c, True) for c in standing]
        told.sort(key=lambda pair: _id_order(pair[0].id))
        self.ids: list[Id] = [c.id for c, _ in told]
        number = {identifier: k for k, identifier in enumerate(self.ids)}
        if len(number) < len(told):
            raise ValueError("An id of a citation stands there twice.")
        self.standing = np.array([stands for _, stands in told], dtype=bool)
        self.columns: Columns = records.columns([c for c, _ in told])
        self.different: set[Edge] = set()
        for pair in different:
            known = sorted(number[k] for k in pair if k in number)
            if len(known) == 2:
                self.different.add((known[0], known[1]))

    def matches(self) -> Matches:
        if not len(self.columns):
            return Matches()
        copies, copy_pairs = self._copies()
        alone = np.setdiff1d(np.arange(len(self.columns)), np.array(sorted(copies), dtype=np.int64))
        scored = self._score(*blocks.candidates(self.columns, alone, self.standing))
        sure = scored.probability >= rules.JOIN_FROM
        edges = [
            e for e in clusters.as_edges(scored.a[sure], scored.b[sure]) if e not in self.different
        ]
        home, refused = self._join(edges, scored)
        for copy, original, certain in copy_pairs:
            if certain:
                home[copy] = home.setdefault(original, original)
        pairs = [self._copy_pair(*pair) for pair in copy_pairs]
        pairs += self._pairs(scored, home, set(refused))
        pairs.sort(key=lambda p: (-p.probability, _id_order(p.a), _id_order(p.b)))
        return Matches(pairs=pairs, clusters=self._names(home))

    # -- records that are copies of each other, word for word

    def _copies(self) -> tuple[set[int], list[tuple[int, int, bool]]]:
        """Copies need no comparison: ({copies}, [(copy, original, is it sure)]).

        The original is the copy with the smallest number. Standing records and those that a
        person told apart from another one are compared like all others.
        """
        c = self.columns
        touched = {k for pair in self.different for k in pair}
        fields = [getattr(c, name) for name in WORD_FOR_WORD]
        groups: dict[tuple, list[int]] = {}
        for k, row in enumerate(zip(*(f.tolist() for f in fields), strict=True)):
            if not self.standing[k] and k not in touched:
                groups.setdefault(row, []).append(k)
        copies: set[int] = set()
        pairs = []
        for group in groups.values():
            if len(group) < 2:
                continue
            original, *others = group
            copies.update(others)
            certain = self._says_enough(original)
            if certain or (c.title[original] and len(group) <= COPIES_ASKED):
                pairs += [(copy, original, certain) for copy in others]
        return copies, pairs

    def _says_enough(self, k: int) -> bool:
        """Does this record tell one publication from all others?"""
        c = self.columns
        if not c.title[k]:
            return bool(c.pmid[k])
        if c.doi[k] or c.pmid[k]:
            return True
        if c.first_page[k] and (c.volume[k] or c.year[k]) and (c.journal[k] or c.first[k]):
            return True
        information = features.information(c.title[k])
        if c.first[k] or c.abstract[k]:
            return c.words[k] >= 4 and information >= ENOUGH_INFORMATION / 2
        return c.words[k] >= 3 and information >= ENOUGH_INFORMATION

    def _copy_pair(self, copy: int, original: int, certain: bool) -> Pair:
        rule = "identical" if certain else "too-little"
        return Pair(
            self.ids[original],
            self.ids[copy],
            0.9999 if certain else 0.5,
            Zone.AUTO if certain else Zone.ASK,
            rule,
            reasons.sentence(0, rule),
        )

    # -- pairs

    def _score(self, a: np.ndarray, b: np.ndarray) -> "_Scored":
        parts = []
        for at in range(0, len(a), CHUNK):
            x, y = features.worth_comparing(self.columns, a[at : at + CHUNK], b[at : at + CHUNK])
            parts.append(self._score_chunk(x, y))
        return _Scored.concatenate(parts)

    def _score_chunk(self, a: np.ndarray, b: np.ndarray) -> "_Scored":
        x = features.table(self.columns, a, b)
        probability = model.trees().probability(x)
        rule = rules.held_by(x)
        held = (rule >= 0) & (probability >= rules.JOIN_FROM)
        probability[held] = rules.HELD
        return _Scored(a, b, probability, rule, rules.related_by(x), reasons.evidence(x))

    def _join(self, edges: list[Edge], scored: "_Scored") -> tuple[dict[int, int], list[Edge]]:
        """Clusters of the sure pairs. Every two members of a cluster have been compared."""
        inside = {k for edge in edges for k in edge}
        members = np.zeros(len(self.columns), dtype=bool)
        members[list(inside)] = True
        both = members[scored.a] & members[scored.b]
        known = dict(
            zip(
                clusters.as_edges(scored.a[both], scored.b[both]),
                scored.probability[both].tolist(),
                strict=True,
            )
        )
        missing = clusters.unproved(edges, set(known))
        if missing:
            a, b = (np.array(side, dtype=np.int64) for side in zip(*missing, strict=True))
            proved = self._score_chunk(a, b)
            known.update(zip(missing, proved.probability.tolist(), strict=True))
        apart = {edge for edge, p in known.items() if p < rules.REFUSE_CHAIN} | self.different
        return clusters.join(edges, known.__getitem__, apart)

    def _pairs(self, scored: "_Scored", home: dict[int, int], refused: set[Edge]) -> list[Pair]:
        told_apart = {self._between(home, edge) for edge in self.different}
        shown: set[Edge] = set()  # pairs of clusters: one question or link each, the most probable
        linked: Counter[int] = Counter()
        series = self._series(scored, home)
        out = []
        order = np.lexsort((scored.b, scored.a, -np.round(scored.probability, 6)))
        wanted = (scored.probability > rules.ASK_FROM) | (scored.relation > 0)
        for k in order[wanted[order]].tolist():
            edge = a, b = int(scored.a[k]), int(scored.b[k])
            if edge in self.different:
                continue
            p = float(scored.probability[k])
            between = self._between(home, edge)
            if p >= rules.JOIN_FROM and edge not in refused and between[0] == between[1]:
                zone, rule = Zone.AUTO, reasons.join_rule(int(scored.evidence[k]))
            elif between[0] == between[1] or between in told_apart or between in shown:
                continue
            elif p > rules.ASK_FROM:
                held = rules.RULES[scored.rule[k]] if scored.rule[k] >= 0 else ""
                if (held == "number" or p < FAINT) and not series.isdisjoint(between):
                    continue
                zone, p = Zone.ASK, min(p, rules.HELD)
                rule = "chain" if edge in refused else held or "unsure"
            else:
                rule = rules.RELATIONS[scored.relation[k] - 1]
                if not series.isdisjoint(between) or max(linked[a], linked[b]) >= RELATED_SHOWN:
                    continue
                zone, p = Zone.RELATED, min(p, rules.RELATED_PROBABILITY)
                linked.update(edge)
            if zone is not Zone.AUTO:
                shown.add(between)
            why = reasons.sentence(int(scored.evidence[k]), rule)
            out.append(Pair(self.ids[a], self.ids[b], round(p, 5), zone, rule, why))
        return out

    @staticmethod
    def _between(home: dict[int, int], edge: Edge) -> Edge:
        x, y = home.get(edge[0], edge[0]), home.get(edge[1], edge[1])
        return (x, y) if x <= y else (y, x)

    def _series(self, scored: "_Scored", home: dict[int, int]) -> set[int]:
        """Clusters with many improbable partners: "Imported 17", "Imported 18"; "Editorial"."""
        root = np.arange(len(self.columns))
        root[list(home)] = list(home.values())
        number = scored.rule == rules.RULES.index("number")
        faint = (scored.probability > rules.ASK_FROM) & (scored.probability < FAINT)
        sibling = scored.relation == rules.RELATIONS.index("sibling") + 1
        a, b = root[scored.a], root[scored.b]
        few = _crowded(a, b, number | faint, SERIES)
        return few | _crowded(a, b, sibling & (scored.probability < FAINT), RELATED_SHOWN)

    def _names(self, home: dict[int, int]) -> dict[Id, Id]:
        groups: dict[int, list[int]] = {}
        for k, first in home.items():
            groups.setdefault(first, []).append(k)
        out: dict[Id, Id] = {
            self.ids[k]: self.ids[k] for k in np.flatnonzero(~self.standing).tolist()
        }
        for group in groups.values():
            if len(group) > 1:
                name = min(group, key=lambda k: (not self.standing[k], k))
                out.update((self.ids[k], self.ids[name]) for k in sorted(group))
        return out


class _Scored:
    """Compared pairs as columns: a < b, probability, rule (-1 = none), relation, evidence."""

    __slots__ = ("a", "b", "evidence", "probability", "relation", "rule")

    def __init__(self, *parts: np.ndarray) -> None:
        self.a, self.b, self.probability, self.rule, self.relation, self.evidence = parts

    @classmethod
    def concatenate(cls, chunks: Iterable["_Scored"]) -> "_Scored":
        chunks = list(chunks)
        if not chunks:
            none = np.zeros(0, dtype=np.int64)
            return cls(none, none, np.zeros(0), none, none, none)
        names = ("a", "b", "probability", "rule", "relation", "evidence")
        return cls(*(np.concatenate([getattr(chunk, n) for chunk in chunks]) for n in names))


def _crowded(a: np.ndarray, b: np.ndarray, some: np.ndarray, most: int) -> set[int]:
    """Clusters that stand in more than `most` of some pairs of clusters."""
    low, high = np.minimum(a[some], b[some]), np.maximum(a[some], b[some])
    n = int(high.max(initial=0)) + 1
    pairs = np.unique((low * n + high)[low != high])
    crowd, partners = np.unique(np.concatenate([pairs // n, pairs % n]), return_counts=True)
    return set(crowd[partners > most].tolist())
