"""The keys of records that stand, packed, so that a new import finds those that it could meet.

Keys depend on their record alone and a record never changes, so an index is made once and never
updated. It is a few sorted arrays: searching it for the keys of a new import costs as much as the
import is long, and reading it back from where it was kept costs 12 bytes a key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np

from citations.matching import blocks, model, records
from citations.matching.citation import Citation

COPY = 15  # the kind of key that word-for-word copies share; blocks.py has the kinds below


Buffer = bytes | memoryview


@cache
def version() -> str:
    """Changes when a release would make other keys of the same record: then an index is stale."""
    here = Path(__file__)
    made_by = [
        here.with_name(f"{name}.py").read_bytes() for name in ("blocks", "normal", "records")
    ]
    return f"{crc32(b''.join([*made_by, model.rarities()])):08x}"


@dataclass(frozen=True)
class Index:
    """Keys of some records, numbered by their place in `ids`.

    ids: ids of the records, int64. copies: their fingerprints (records.Columns), int64.
    keys: all keys in ascending order, int64. owners: whose key each is, as a place in `ids`, int32.
    """

    ids: np.ndarray
    copies: np.ndarray
    keys: np.ndarray
    owners: np.ndarray

    def packed(self) -> dict[str, bytes]:
        """The arrays as bytes, for a database; `unpacked` takes them back."""
        return {
            "ids": self.ids.astype("<i8").tobytes(),
            "copies": self.copies.astype("<i8").tobytes(),
            "keys": self.keys.astype("<i8").tobytes(),
            "owners": self.owners.astype("<i4").tobytes(),
        }


def unpacked(*, ids: Buffer, copies: Buffer, keys: Buffer, owners: Buffer) -> Index:
    return Index(
        np.frombuffer(ids, "<i8"),
        np.frombuffer(copies, "<i8"),
        np.frombuffer(keys, "<i8"),
        np.frombuffer(owners, "<i4"),
    )


def index(citations: Sequence[Citation]) -> Index:
    """The index of records whose ids are integers."""
    c = records.columns(citations)
    everyone = np.arange(len(c))
    keys, owners = blocks.keys_and_owners(c, everyone)
    copies = c.says
    all_keys = np.concatenate([keys, COPY << 32 | (copies & 0xFFFFFFFF)])
    owners = np.concatenate([owners, everyone])
    order = np.argsort(all_keys, kind="stable")
    ids = np.fromiter((int(each.id) for each in citations), np.int64, len(citations))
    return Index(ids, copies, all_keys[order], owners[order].astype(np.int32))


@dataclass(frozen=True)
class Met:
    """Standing records that share a telling key with a new one, and the keys that tell nothing.

    ids: int64, ascending. crowded: keys with more than blocks.largest holders, new ones and
    copies counted once; int64, ascending.
    """

    ids: np.ndarray
    crowded: np.ndarray


def meeting(new: Iterable[Index], standing: Iterable[Index]) -> Met:
    """Which standing records the new ones must be compared with.

    Of standing copies only the one with the smallest id is met: comparing with it is enough.
    `standing` is gone through once, one index in memory at a time.
    """
    new = list(new)
    if not any(len(each.ids) for each in new):
        return Met(np.zeros(0, np.int64), np.zeros(0, np.int64))
    keys = np.concatenate([each.keys for each in new])
    copies = np.concatenate([each.copies[each.owners] for each in new])
    wanted = np.unique(keys)
    holders = [(np.searchsorted(wanted, keys), copies, np.full(len(keys), -1))]
    holders += [_holders(wanted, each) for each in standing]
    key, copy, who = (np.concatenate(column) for column in zip(*holders, strict=True))
    order = np.lexsort((who, copy, key))
    key, copy, who = key[order], copy[order], who[order]
    another = np.r_[True, (key[1:] != key[:-1]) | (copy[1:] != copy[:-1])]
    crowd = np.bincount(key[another], minlength=len(wanted)) > blocks.largest(wanted)
    stands = who >= 0
    key, copy, who = key[stands], copy[stands], who[stands]
    first = np.r_[True, (key[1:] != key[:-1]) | (copy[1:] != copy[:-1])][: len(key)]
    return Met(np.unique(who[first & ~crowd[key]]), wanted[crowd])


def _holders(wanted: np.ndarray, standing: Index) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(place of the key in `wanted`, fingerprint, id) of each holder of a wanted key."""
    low = np.searchsorted(standing.keys, wanted)
    counts = np.searchsorted(standing.keys, wanted, side="right") - low
    key = np.repeat(np.arange(len(wanted)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    owner = standing.owners[np.repeat(low, counts) + np.arange(len(key)) - before]
    return key, standing.copies[owner], standing.ids[owner]
