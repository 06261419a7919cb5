"""Which pairs are worth a look: records that share at least one integer key.

A key depends on its record alone, so keys can be stored beside the record and a new import can
fetch just the standing records that share one (`block_keys`).
"""

from itertools import combinations
from zlib import crc32

import numpy as np

from citations.matching.model import rarity
from citations.matching.records import Columns

LARGEST_BLOCK = 15  # records that share one key and are all compared with each other
NEIGHBOURS = 3  # in a larger block each record meets this many next in the order of titles
COLUMN_WORDS = 5  # of a title that recurs: "Letter to the editor"
SHORT_TITLE = 12  # bytes without spaces; a shorter title says nothing alone

(
    DOI,
    PMID,
    TITLE,
    TITLE_START,
    TITLE_END,
    RARE_WORDS,
    VOLUME_PAGES,
    VOLUME_PAGE_AUTHOR,
    AUTHOR_YEAR_WORD,
    AUTHOR_PAGE_YEAR,
    ABSTRACT,
    SHORT_AUTHOR_YEAR,
    SHORT_VOLUME_PAGE,
    COLUMN,
) = range(1, 15)


def keys_of(c: Columns, k: int) -> list[int]:
    """The block keys of record k: kind of key in the high bits, CRC of its text in the low 32."""
    out: list[int] = []

    def add(kind: int, text: str) -> None:
        out.append(kind << 32 | crc32(text.encode("utf-8", "surrogatepass")))

    title, first, year = c.title[k], c.first[k], c.year[k]
    volume, page = c.volume[k], c.first_page[k]
    if c.doi[k]:
        add(DOI, c.doi[k])
    if c.pmid[k]:
        add(PMID, str(c.pmid[k]))
    words = title.split()
    compact = "".join(words)
    if len(compact.encode("utf-8", "surrogatepass")) >= SHORT_TITLE:
        add(TITLE, compact)
        add(TITLE_START, compact[:14])
        add(TITLE_END, compact[-14:])
        rare = sorted({w for w in words if len(w) > 3}, key=lambda w: (-rarity(w), w))[:4]
        for pair in combinations(sorted(rare), 2):
            add(RARE_WORDS, "|".join(pair))
    elif compact:
        if first or year:
            add(SHORT_AUTHOR_YEAR, f"{compact}|{first[:4]}|{year}")
        if volume or page:
            add(SHORT_VOLUME_PAGE, f"{compact}|{volume}|{page}")
    if compact and len(words) <= COLUMN_WORDS and volume:
        add(COLUMN, f"{compact}|{c.journal[k][:12]}|{volume}")
    if volume and page:
        add(VOLUME_PAGES, f"{volume}|{page}|{c.last_page[k]}")
        add(VOLUME_PAGE_AUTHOR, f"{volume}|{page}|{first[:3]}")
    if first:
        if words:
            add(AUTHOR_YEAR_WORD, f"{first[:6]}|{year}|{words[0]}")
        if page and year:
            add(AUTHOR_PAGE_YEAR, f"{first[:6]}|{page}|{year}")
    if len(c.abstract[k]) > 120:
        add(ABSTRACT, c.abstract[k].replace(" ", "")[20:60])
    return out


def candidates(
    c: Columns, members: np.ndarray, standing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (a, b), a < b, of `members` (ascending record numbers) that share a key.

    `standing` is a boolean column; a pair of two standing records is left out.
    Time grows with the number of records: large blocks are cut to neighbours in title order.
    """
    n = len(c)
    lists = [keys_of(c, k) for k in members]
    counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    keys = np.fromiter((key for keys in lists for key in keys), dtype=np.int64, count=counts.sum())
    del lists
    owner = np.repeat(members, counts)
    order = np.lexsort((owner, keys))
    keys, owner = keys[order], owner[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, int)
    sizes = np.diff(np.r_[starts, len(keys)])
    found = [np.zeros(0, dtype=np.int64)]

    def add(a: np.ndarray, b: np.ndarray) -> None:
        low, high = np.minimum(a, b), np.maximum(a, b)
        wanted = (low != high) & ~(standing[low] & standing[high])
        found.append(low[wanted] * n + high[wanted])

    for size in range(2, LARGEST_BLOCK + 1):
        of_size = starts[sizes == size]
        if len(of_size):
            block = owner[of_size[:, None] + np.arange(size)]
            i, j = np.triu_indices(size, 1)
            add(block[:, i].ravel(), block[:, j].ravel())
    large = np.flatnonzero(sizes > LARGEST_BLOCK)
    if len(large):
        rank = _title_order(c, members)
        where = np.concatenate([np.arange(starts[g], starts[g] + sizes[g]) for g in large])
        group = np.repeat(large, sizes[large])
        ranked = np.lexsort((rank[owner[where]], group))
        who, group = owner[where][ranked], group[ranked]
        for step in range(1, NEIGHBOURS + 1):
            same = group[step:] == group[:-step]
            add(who[:-step][same], who[step:][same])
    pairs = np.unique(np.concatenate(found))
    return pairs // n, pairs % n


def _title_order(c: Columns, members: np.ndarray) -> np.ndarray:
    """Rank of each record by title, author, year, page and at last by its number."""
    order = sorted(
        members.tolist(),
        key=lambda k: (c.title[k], c.first[k], c.year[k], c.first_page[k], k),
    )
    rank = np.zeros(len(c), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank
