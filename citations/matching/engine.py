"""One run of the duplicate engine, from citations to pairs and clusters."""

import gc
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np

from citations.matching import blocks, clusters, features, model, reasons, records, rules
from citations.matching.citation import Citation, Id, Matches, Pair, Zone
from citations.matching.clusters import Edge
from citations.matching.index import Index
from citations.matching.records import Columns

CHUNK = 50_000  # pairs compared at a time: bounds memory
ENOUGH_INFORMATION = 640  # summed word rarity from which a title alone tells a publication
COPIES_ASKED = 3  # equal records that say too little: more of them are no question
SERIES = 3  # improbable partners; a record with more belongs to a column that recurs
SERIAL = ("number", "part")  # the rules that hold "Imported 17" and "Imported 18"
FAINT = 0.5  # less probable than this is an improbable partner
RELATED_SHOWN = 8  # related ones a record; a column with more siblings is not linked at all


def match(
    citations: Sequence[Citation],
    *,
    standing: Sequence[Citation] = (),
    together: Mapping[Any, Hashable] = MappingProxyType({}),
    different: Collection[frozenset[Id]] = (),
    crowded: np.ndarray | None = None,
    known: Iterable[Index] = (),
    every_pair: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Matches:
    """Compare `citations` with each other and with `standing`; the order of neither matters.

    Pairs of two standing citations are not looked at. Those with an equal name in `together` are
    one already, and stay one. `different` are pairs that a person told apart: they never come
    back and never end in one cluster. `crowded` are keys that tell nothing (see `index.Met`).
    `known` are indexes of some of them: what these have normalised is not normalised again.
    With `every_pair` all compared pairs are given, those called distinct too. `progress` is called
    with the share of the comparing that is done, 0..1. Raises ValueError if an id is there twice.
    """
    with uncollected():
        run = _Run(citations, standing, together, different, known)
        return run.matches(crowded, every_pair, progress or (lambda share: None))


@contextmanager
def uncollected() -> Iterator[None]:
    """No cycle is made in here, and the collector would walk through all citations again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
        together: Mapping[Any, Hashable],
        different: Collection[frozenset[Id]],
        known: Iterable[Index],
    ) -> None:
        told = [(c, False) for c in new] + [(c, True) for c in standing]
        told.sort(key=lambda pair: _id_order(pair[0].id))
        self.ids: list[Id] = [c.id for c, _ in told]
        number = {identifier: k for k, identifier in enumerate(self.ids)}
        if len(number) < len(told):
            raise ValueError("An id of a citation stands there twice.")
        self.standing = np.array([stands for _, stands in told], dtype=bool)
        self.columns: Columns = _columns([c for c, _ in told], known)
        groups: dict[Hashable, list[int]] = {}
        for identifier, name in together.items():
            if identifier in number:
                groups.setdefault(name, []).append(number[identifier])
        self.given = [sorted(group) for group in groups.values() if len(group) > 1]
        self.tangled: set[Id] = set()
        self.different: set[Edge] = set()
        for pair in different:
            both = sorted(number[k] for k in pair if k in number)
            if len(both) == 2:
                self.different.add((both[0], both[1]))
        self.touched = self._touched()

    def _touched(self) -> np.ndarray:
        """Which records a person told apart from another one: compared like all others, copy or not."""
        out = np.zeros(len(self.columns), dtype=bool)
        out[[k for pair in self.different for k in pair]] = True
        for group in self.given:
            out[group] = out[group].any()
        return out

    def matches(
        self, crowded: np.ndarray | None, every_pair: bool, progress: Callable[[float], None]
    ) -> Matches:
        if not len(self.columns):
            return Matches()
        copies, copy_pairs = self._copies()
        alone = np.setdiff1d(np.arange(len(self.columns)), np.array(sorted(copies), dtype=np.int64))
        a, b = blocks.candidates(self.columns, alone, self.standing, crowded)
        known = self._known_copies(a, b)
        scored = self._score(a[~known], b[~known], every_pair, progress)
        sure = scored.probability >= rules.JOIN_FROM
        edges = [
            e for e in clusters.as_edges(scored.a[sure], scored.b[sure]) if e not in self.different
        ]
        certain = [(original, copy) for original, copy, sure in copy_pairs if sure]
        home, refused, scored = self._join(edges, certain, scored)
        pairs = [self._copy_pair(*pair) for pair in copy_pairs]
        pairs += self._pairs(scored, home, set(refused), every_pair)
        pairs.sort(key=lambda p: (-p.probability, _id_order(p.a), _id_order(p.b)))
        return Matches(pairs=pairs, clusters=self._names(home), tangled=self.tangled)

    # -- records that are copies of each other, word for word

    def _copies(self) -> tuple[set[int], list[tuple[int, int, bool]]]:
        """Copies need no comparison with each other: ({copies}, [(original, copy, is it sure)]).

        The first are those of one source, which need none with others either. The original is the
        standing copy with the smallest number, else the new one.
        """
        order = np.lexsort((np.arange(len(self.columns.says)), ~self.standing, self.columns.says))
        bounds = np.flatnonzero(np.diff(self.columns.says[order])) + 1
        copies: set[int] = set()
        pairs = []
        for some in np.split(order, bounds):
            if len(some) < 2:
                continue
            group = some[~self.touched[some]].tolist()
            if len(group) < 2:
                continue
            original, *others = group
            seen: set[int] = set()
            for k in group:
                if (here := int(self.columns.prints[k])) in seen:
                    copies.add(k)
                seen.add(here)
            new = [k for k in others if not self.standing[k]]
            certain = self._says_enough(original)
            if certain or (self.columns.title[original] and len(group) <= COPIES_ASKED):
                pairs += [(original, copy, certain) for copy in new]
        return copies, pairs

    def _known_copies(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Which candidate pairs (a, b) are copies of each other, about which `_copies` has the word: bool."""
        free = ~self.touched[a] & ~self.touched[b]
        return free & (self.columns.says[a] == self.columns.says[b])

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

    def _name(self, k: int) -> Hashable:
        """The same for copies of one record, and another one for everything else."""
        if self.touched[k] or not self._says_enough(k):
            return ("alone", k)
        return int(self.columns.says[k])

    def _one_source(self, a: int, b: int) -> bool:
        source = self.columns.source
        return bool(source[a] > 0 and source[a] == source[b])

    def _copy_pair(self, original: int, copy: int, certain: bool) -> Pair:
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

    def _score(
        self,
        a: np.ndarray,
        b: np.ndarray,
        every_pair: bool,
        progress: Callable[[float], None],
    ) -> "_Scored":
        """Strangers' records are looked at closer only where all pairs are wanted, and change nothing."""
        parts = []
        for at in range(0, len(a), CHUNK):
            progress(at / len(a))
            x, y = features.worth_comparing(self.columns, a[at : at + CHUNK], b[at : at + CHUNK])
            other = features.other_work(self.columns, x, y)
            if not every_pair:
                x, y, other = x[~other], y[~other], other[~other]
            parts.append(self._score_chunk(x, y, other))
        return _Scored.concatenate(parts)

    def _score_chunk(self, a: np.ndarray, b: np.ndarray, other: np.ndarray) -> "_Scored":
        """`other` says of each pair whether it is of strangers (features.other_work)."""
        x = features.table(self.columns, a, b)
        probability = model.trees().probability(x)
        rule = rules.held_by(x, features.cut_off(self.columns, a, b))
        held = (rule >= 0) & (probability >= rules.JOIN_FROM)
        probability[held] = rules.HELD
        bare = rules.bare_title(x) & (probability <= rules.ASK_FROM)
        probability[bare] = rules.BARE_TITLE
        probability[other] = np.minimum(probability[other], rules.ASK_FROM)
        relation = np.where(other, 0, rules.related_by(x))
        return _Scored(a, b, probability, rule, relation, reasons.evidence(x))

    def _join(
        self, edges: list[Edge], certain: list[Edge], scored: "_Scored"
    ) -> tuple[dict[int, int], list[Edge], "_Scored"]:
        """Clusters of the sure pairs. Every two members of a cluster have been compared.

        Also gives the edges that were refused, and `scored` with what was compared on the way.
        A group too large to compare so is held for a contradiction: only its copies are joined.
        """
        standing = [(group[0], k) for group in self.given for k in group[1:]]
        inside = np.zeros(len(self.columns), dtype=bool)
        inside[[k for edge in (*edges, *standing) for k in edge]] = True
        both = np.flatnonzero(inside[scored.a] & inside[scored.b])
        at = dict(
            zip(clusters.as_edges(scored.a[both], scored.b[both]), both.tolist(), strict=True)
        )
        joining = clusters.joining([*certain, *edges], [*certain, *edges, *standing])
        missing, unwieldy = clusters.unproved(joining, self._name, self._one_source, at)
        if missing:
            a, b = (np.array(side, dtype=np.int64) for side in zip(*missing, strict=True))
            at.update(zip(missing, range(len(scored.a), len(scored.a) + len(a)), strict=True))
            other = features.other_work(self.columns, a, b)
            scored = _Scored.concatenate([scored, self._score_chunk(a, b, other)])
        contradict = scored.probability < rules.REFUSE_CHAIN
        contradict |= np.isin(scored.rule, rules.UNCHAINED)
        contradict &= self.columns.says[scored.a] != self.columns.says[scored.b]
        apart = {edge for edge, k in at.items() if contradict[k]}
        prints = self.columns.prints

        def falling(edge: Edge) -> tuple[float, int, int]:
            # What two records are breaks a tie, and their numbers never: those depend on the order
            # in which files came in.
            one, other = int(prints[edge[0]]), int(prints[edge[1]])
            return -round(float(scored.probability[at[edge]]), 6), min(one, other), max(one, other)

        self._note_tangled(joining, apart | self.different, unwieldy)
        left = [edge for edge in edges if edge[0] in unwieldy]
        in_order = [*certain, *sorted(set(edges).difference(left), key=falling)]
        home, refused = clusters.join(in_order, apart=apart, told=self.different, given=self.given)
        return home, refused + left, scored

    def _note_tangled(
        self, groups: list[list[int]], against: set[Edge], unwieldy: set[int]
    ) -> None:
        """Find the groups that hold a contradiction: there the order of joining matters."""
        if not self.standing.any():
            return
        group = {k: n for n, members in enumerate(groups) for k in members}
        unsure = {group[a] for a, b in against if a in group and group[a] == group.get(b)}
        unsure.update(group[k] for k in unwieldy)
        for n in unsure:
            if self.standing[groups[n]].any():
                self.tangled.update(self.ids[k] for k in groups[n])

    def _pairs(
        self, scored: "_Scored", home: dict[int, int], refused: set[Edge], every_pair: bool
    ) -> list[Pair]:
        told_apart = {self._between(home, edge) for edge in self.different}
        shown: set[Edge] = set()  # pairs of clusters: one question or link each, the most probable
        linked: Counter[int] = Counter()
        series = self._series(scored, home)
        out = []
        order = np.lexsort((scored.b, scored.a, -np.round(scored.probability, 6)))
        old = self.standing[scored.a] & self.standing[scored.b]
        wanted = (scored.probability > rules.ASK_FROM) | (scored.relation > 0) | every_pair
        for k in order[(wanted & ~old)[order]].tolist():
            edge = a, b = int(scored.a[k]), int(scored.b[k])
            p = float(scored.probability[k])
            between = self._between(home, edge)
            if edge in self.different or between in told_apart:
                continue
            held = rules.RULES[scored.rule[k]] if scored.rule[k] >= 0 else ""
            column = not series.isdisjoint(between)
            if between[0] == between[1]:
                zone, shows = Zone.AUTO, p >= rules.JOIN_FROM and edge not in refused
                rule = reasons.join_rule(int(scored.evidence[k])) if shows else "through"
            elif p > rules.ASK_FROM and not (column and (held in SERIAL or p < FAINT)):
                zone, shows, p = Zone.ASK, between not in shown, min(p, rules.HELD)
                rule = "chain" if edge in refused else held or "unsure"
            elif self._is_linked(edge, p, scored.relation[k], linked) and not column:
                zone, p = Zone.RELATED, min(p, rules.RELATED_PROBABILITY)
                rule, shows = rules.RELATIONS[scored.relation[k] - 1], between not in shown
            else:
                zone, rule, shows = Zone.DISTINCT, "column" if column else "unlike", False
                p = min(p, rules.RELATED_PROBABILITY) if column else p
            if not (shows or every_pair):
                continue
            if zone in (Zone.ASK, Zone.RELATED):
                shown.add(between)
                linked.update(edge if zone is Zone.RELATED and shows else ())
            why = reasons.sentence(int(scored.evidence[k]), rule)
            out.append(Pair(self.ids[a], self.ids[b], round(p, 5), zone, rule, why))
        return out

    @staticmethod
    def _is_linked(edge: Edge, p: float, relation: int, linked: Counter[int]) -> bool:
        few = max(linked[edge[0]], linked[edge[1]]) < RELATED_SHOWN
        return bool(relation) and p <= rules.ASK_FROM and few

    @staticmethod
    def _between(home: dict[int, int], edge: Edge) -> Edge:
        x, y = home.get(edge[0], edge[0]), home.get(edge[1], edge[1])
        return (x, y) if x <= y else (y, x)

    def _series(self, scored: "_Scored", home: dict[int, int]) -> set[int]:
        """Clusters with many improbable partners: "Imported 17", "Imported 18"; "Editorial"."""
        root = np.arange(len(self.columns))
        root[list(home)] = list(home.values())
        number = np.isin(scored.rule, [rules.RULES.index(rule) for rule in SERIAL])
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


def _columns(cited: list[Citation], known: Iterable[Index]) -> Columns:
    wanted, parts, ids = {c.id for c in cited}, [], list[Id]()
    for each in known:
        rows = [k for k, pk in enumerate(each.ids.tolist()) if pk in wanted]
        if each.columns is not None and rows:
            mine = each.ids[rows].tolist()
            wanted.difference_update(mine)
            parts.append(each.columns.taken(rows))
            ids += mine
    if not parts:
        return records.columns(cited)
    rest = [c for c in cited if c.id in wanted]
    at = {pk: k for k, pk in enumerate([*ids, *(c.id for c in rest)])}
    return Columns.joined([*parts, records.columns(rest)]).taken([at[c.id] for c in cited])


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
    pairs = blocks.distinct((low * n + high)[low != high])
    crowd, partners = np.unique(np.concatenate([pairs // n, pairs % n]), return_counts=True)
    return set(crowd[partners > most].tolist())
