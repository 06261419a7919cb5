"""The keys of records that stand, packed, so that a new import finds those that it could meet.

Keys depend on their record alone and a record never changes, so an index is made once and never
updated. It is a few sorted arrays: searching it for the keys of a new import costs as much as the
import is long, and reading it back from where it was kept costs 12 bytes a key. Titles are kept with
them: most records that share a key have nothing else in common, and need not be read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np

from citations.matching import blocks, features, model, records
from citations.matching.citation import Citation

Buffer = bytes | memoryview


@cache
def version() -> str:
    """Changes when a release would make other keys of the same record: then an index is stale."""
    here = Path(__file__)
    made_by = [
        here.with_name(f"{name}.py").read_bytes()
        for name in ("blocks", "index", "normal", "records")
    ]
    return f"{crc32(b''.join([*made_by, model.rarities()])):08x}"


@dataclass(frozen=True)
class Index:
    """Keys of some records, numbered by their place in `ids`.

    ids: ids of the records, int64. copies: their fingerprints with the source (records.Columns.prints), int64.
    keys: all keys in ascending order, int64. owners: whose key each is, as a place in `ids`, int32.
    columns: what the keys were made of, as long as it is at hand; what was packed has none.
    titles: their normalised titles one after another in UTF-8; that of record k runs from starts[k] to
    starts[k + 1], int32. Each of the next three is 0 where it is unknown: places, a number for volume
    and first page, and firsts, one for the first author's name, uint32; years, int32.
    """

    ids: np.ndarray
    copies: np.ndarray
    keys: np.ndarray
    owners: np.ndarray
    titles: Buffer
    starts: np.ndarray
    places: np.ndarray
    firsts: np.ndarray
    years: np.ndarray
    columns: records.Columns | None = None

    def packed(self) -> dict[str, bytes]:
        """The arrays as bytes, for a database; `unpacked` takes them back."""
        return {
            "ids": self.ids.astype("<i8").tobytes(),
            "copies": self.copies.astype("<i8").tobytes(),
            "keys": self.keys.astype("<i8").tobytes(),
            "owners": self.owners.astype("<i4").tobytes(),
            "titles": bytes(self.titles),
            "starts": self.starts.astype("<i4").tobytes(),
            "places": self.places.astype("<u4").tobytes(),
            "firsts": self.firsts.astype("<u4").tobytes(),
            "years": self.years.astype("<i4").tobytes(),
        }

    def titles_of(self, some: np.ndarray) -> list[str]:
        """The titles of the records at these places."""
        return [
            str(self.titles[low:high], "utf-8", "surrogatepass")
            for low, high in zip(
                self.starts[some].tolist(), self.starts[some + 1].tolist(), strict=True
            )
        ]


PARTS = (  # of a packed index
    *("ids", "copies", "keys", "owners"),
    *("titles", "starts", "places", "firsts", "years"),
)


def unpacked(
    *,
    ids: Buffer,
    copies: Buffer,
    keys: Buffer,
    owners: Buffer,
    titles: Buffer,
    starts: Buffer,
    places: Buffer,
    firsts: Buffer,
    years: Buffer,
) -> Index:
    return Index(
        np.frombuffer(ids, "<i8"),
        np.frombuffer(copies, "<i8"),
        np.frombuffer(keys, "<i8"),
        np.frombuffer(owners, "<i4"),
        titles,
        np.frombuffer(starts, "<i4"),
        np.frombuffer(places, "<u4"),
        np.frombuffer(firsts, "<u4"),
        np.frombuffer(years, "<i4"),
    )


def index(citations: Sequence[Citation]) -> Index:
    """The index of records whose ids are integers."""
    c = records.columns(citations)
    everyone = np.arange(len(c))
    keys, owners = blocks.keys_and_owners(c, everyone)
    copies = c.prints
    all_keys = np.concatenate([keys, blocks.COPY << 32 | (c.says & 0xFFFFFFFF)])
    owners = np.concatenate([owners, everyone])
    order = np.argsort(all_keys, kind="stable")
    ids = np.fromiter((int(each.id) for each in citations), np.int64, len(citations))
    titles = [title.encode("utf-8", "surrogatepass") for title in c.title]
    return Index(
        ids,
        copies,
        all_keys[order],
        owners[order].astype(np.int32),
        b"".join(titles),
        np.cumsum([0, *map(len, titles)], dtype=np.int64).astype(np.int32),
        np.fromiter(
            (
                _number(f"{volume}|{page}" if volume and page else "")
                for volume, page in zip(c.volume.tolist(), c.first_page.tolist(), strict=True)
            ),
            np.uint32,
            len(c),
        ),
        np.fromiter(map(_number, c.first), np.uint32, len(c)),
        c.year.astype(np.int32),
        c,
    )


def _number(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) or 1 if text else 0


@dataclass(frozen=True)
class Met:
    """Standing records that a new one must be compared with, and the keys that tell nothing.

    ids: int64, ascending. crowded: keys with more than blocks.largest holders, new ones and
    copies counted once; int64, ascending. outgrown: for each of these that only the new ones have made
    so common, the ids of its standing holders.
    """

    ids: np.ndarray
    crowded: np.ndarray
    outgrown: list[list[int]] = field(default_factory=list)


@dataclass
class _Held:
    """Who holds some of the wanted keys, one element a key and holder; and the holders' looks.

    key: place in the wanted keys. copy: fingerprint. who: id. row: place in titles, places, firsts
    and years.
    """

    key: np.ndarray
    copy: np.ndarray
    who: np.ndarray
    row: np.ndarray
    titles: list[str]
    places: np.ndarray
    firsts: np.ndarray
    years: np.ndarray

    @classmethod
    def joined(cls, parts: Iterable["_Held"]) -> "_Held":
        parts = list(parts)
        before = np.cumsum([0, *(len(each.titles) for each in parts)])
        rows = [each.row + n for each, n in zip(parts, before[:-1], strict=True)]

        def column(name: str) -> np.ndarray:
            return np.concatenate([getattr(each, name) for each in parts])

        return cls(
            key=column("key"),
            copy=column("copy"),
            who=column("who"),
            row=np.concatenate(rows),
            titles=[title for each in parts for title in each.titles],
            places=column("places"),
            firsts=column("firsts"),
            years=column("years"),
        )


def meeting(new: Iterable[Index], standing: Iterable[Index]) -> Met:
    """Which standing records the new ones must be compared with.

    They share a telling key, and features.worth_comparing may want a closer look at the two. Of
    standing copies from one source only the one with the smallest id is met: that is enough.
    `standing` is gone through once, one index in memory at a time.
    """
    new = [each for each in new if len(each.ids)]
    if not new:
        return Met(np.zeros(0, np.int64), np.zeros(0, np.int64))
    wanted = blocks.distinct(np.concatenate([each.keys for each in new]))
    ours = _Held.joined(_holders(wanted, each) for each in new)
    ours.who[:] = -1
    held = _Held.joined([ours, *(_holders(wanted, each) for each in standing)])
    order = np.lexsort((held.who, held.copy, held.key))
    key, copy, who, row = (each[order] for each in (held.key, held.copy, held.who, held.row))
    another = np.r_[True, (key[1:] != key[:-1]) | (copy[1:] != copy[:-1])]
    crowd = np.bincount(key[another], minlength=len(wanted)) > blocks.largest(wanted)
    stands = who >= 0
    key, copy, who, row = key[stands], copy[stands], who[stands], row[stands]
    first = np.r_[True, (key[1:] != key[:-1]) | (copy[1:] != copy[:-1])][: len(key)]
    key, who, row = key[first], who[first], row[first]
    before = np.bincount(key, minlength=len(wanted))
    outgrown = np.flatnonzero((crowd & (before > 1) & (before <= blocks.largest(wanted)))[key])
    holders = np.split(who[outgrown], np.flatnonzero(np.diff(key[outgrown])) + 1)
    key, who, row = (each[~crowd[key]] for each in (key, who, row))
    return Met(
        blocks.distinct(who[_worth_reading(wanted, ours, held, key, row)]),
        wanted[crowd],
        [each.tolist() for each in holders if len(each)],
    )


def still_meeting(pairs: list[tuple[int, int]], indexes: Callable[[], Iterable[Index]]) -> set[int]:
    """Which of `pairs` (of ids), by place, share a key that tells something. `indexes` are those of all records."""
    ids = blocks.distinct(np.array(pairs, dtype=np.int64).ravel())
    keys: dict[int, set[int]] = {int(pk): set() for pk in ids}
    for each in indexes():
        at = np.flatnonzero(np.isin(each.ids, ids))
        mine = np.zeros(len(each.ids), dtype=bool)
        mine[at] = True
        some = np.flatnonzero(mine[each.owners])
        for pk, key in zip(
            each.ids[each.owners[some]].tolist(), each.keys[some].tolist(), strict=True
        ):
            keys[pk].add(key)
    shared = [keys[a] & keys[b] for a, b in pairs]
    wanted = np.array(sorted(set().union(*shared)), dtype=np.int64)
    held = [_holders(wanted, each) for each in indexes()]
    key, copy = (np.concatenate([getattr(each, n) for each in held]) for n in ("key", "copy"))
    order = np.lexsort((copy, key))
    key, copy = key[order], copy[order]
    another = np.r_[True, (key[1:] != key[:-1]) | (copy[1:] != copy[:-1])][: len(key)]
    few = np.bincount(key[another], minlength=len(wanted)) <= blocks.largest(wanted)
    telling = set(wanted[few].tolist())
    return {k for k, both in enumerate(shared) if not telling.isdisjoint(both)}


# Whoever shares one of these is looked at closer, however unlike the titles.
_TIES = (blocks.DOI, blocks.PMID, blocks.COPY, blocks.AUTHOR_ISSUE)


def _worth_reading(
    wanted: np.ndarray, ours: _Held, held: _Held, key: np.ndarray, row: np.ndarray
) -> np.ndarray:
    """For each standing holder (key[k], row[k]): may a new holder of that key be worth comparing?

    Says yes at least where features.worth_comparing would, which knows more about the two.
    """
    order = np.argsort(ours.key, kind="stable")
    low = np.searchsorted(ours.key[order], np.arange(len(wanted)))
    counts = np.bincount(ours.key, minlength=len(wanted))[key]
    theirs = np.repeat(np.arange(len(key)), counts)  # which standing holder
    before = np.repeat(np.cumsum(counts) - counts, counts)
    mine = ours.row[order][np.repeat(low[key], counts) + np.arange(len(theirs)) - before]
    there = row[theirs]
    tied = np.isin(wanted[key[theirs]] >> 32, _TIES)
    tied |= (held.places[mine] > 0) & (held.places[mine] == held.places[there])
    far = features.far_apart(held.years[mine], held.years[there])
    other = held.firsts[mine] != held.firsts[there]
    strangers = far & other & (held.firsts[mine] > 0) & (held.firsts[there] > 0)
    loose = np.flatnonzero(~tied & ~strangers)
    pairs, at = blocks.numbered(mine[loose] * len(held.titles) + there[loose])
    titles = np.array(held.titles, dtype=object)
    x, y = np.divmod(pairs, len(held.titles))
    tied[loose] = features.alike_titles(titles[x], titles[y])[at]
    return blocks.distinct(theirs[tied])


def _holders(wanted: np.ndarray, index: Index) -> _Held:
    """Who in `index` holds wanted keys."""
    low = np.searchsorted(index.keys, wanted)
    counts = np.searchsorted(index.keys, wanted, side="right") - low
    key = np.repeat(np.arange(len(wanted)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    owner = index.owners[np.repeat(low, counts) + np.arange(len(key)) - before]
    some, row = blocks.numbered(owner)
    return _Held(
        key,
        index.copies[owner],
        index.ids[owner],
        row,
        index.titles_of(some),
        index.places[some],
        index.firsts[some],
        index.years[some],
    )
