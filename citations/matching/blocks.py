"""Which pairs are worth a look: records that share at least one integer key.

A key depends on its record alone, so the keys of what stands are kept (`index`) and a new import
fetches just the standing records that share one.
"""

from array import array
from itertools import combinations
from zlib import crc32

import numpy as np

from citations.matching.model import rarity
from citations.matching.records import Columns

# A key that more different records share tells nothing. Whoever belongs together shares another.
LARGEST_BLOCK = 25
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
    COPY,  # what word-for-word copies share (index.py)
    AUTHOR_ISSUE,
) = range(1, 17)
KINDS = 17
# Two rare words recur among strangers as records grow; what is alike in
# more than these has a more telling key as well.
_LARGEST = np.full(KINDS, LARGEST_BLOCK)
_LARGEST[RARE_WORDS] = 7
_LARGEST[COPY] = 1 << 40  # whoever says the same is the same, however many they are


def largest(keys: np.ndarray) -> np.ndarray:
    """How many different records may hold each of these keys, if it is to tell anything."""
    return _LARGEST[keys >> 32]


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
        if volume and c.issue[k]:
            add(AUTHOR_ISSUE, f"{first}|{volume}|{c.issue[k]}")
        if words:
            add(AUTHOR_YEAR_WORD, f"{first[:6]}|{year}|{words[0]}")
        if page and year:
            add(AUTHOR_PAGE_YEAR, f"{first[:6]}|{page}|{year}")
    if len(c.abstract[k]) > 120:
        add(ABSTRACT, c.abstract[k].replace(" ", "")[20:60])
    return out


def candidates(
    c: Columns, members: np.ndarray, standing: np.ndarray, crowded: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (a, b), a < b, of `members` (ascending record numbers) that share a key.

    `standing` is a boolean column; a pair of two standing records is left out. A key that more
    than `largest` members hold is not looked at, nor one of `crowded` (sorted): keys of which
    the caller knows more holders than are here. So time grows with the number of records.
    """
    n = len(c)
    keys, owner = keys_and_owners(c, members)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, int)
    sizes = np.diff(np.r_[starts, len(keys)])
    if crowded is not None and len(crowded):
        sizes = np.where(np.isin(keys[starts], crowded), 0, sizes)
    sizes = np.where(sizes > largest(keys[starts]), 0, sizes)
    found = [np.zeros(0, dtype=np.int64)]
    for size in range(2, LARGEST_BLOCK + 1):
        of_size = starts[sizes == size]
        if len(of_size):
            block = owner[of_size[:, None] + np.arange(size)]
            i, j = np.triu_indices(size, 1)
            a, b = block[:, i].ravel(), block[:, j].ravel()
            wanted = ~(standing[a] & standing[b])
            found.append(distinct(a[wanted] * n + b[wanted]))
    pairs = distinct(np.concatenate(found))
    return pairs // n, pairs % n


def distinct(numbers: np.ndarray) -> np.ndarray:
    """As np.unique, by sorting: NumPy's own, by hashing, takes twenty times as long for a million."""
    inorder = np.sort(numbers)
    return inorder[np.r_[True, inorder[1:] != inorder[:-1]][: len(inorder)]]


def numbered(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct ones in ascending order, and where among them each of `numbers` stands."""
    some = distinct(numbers)
    return some, np.searchsorted(some, numbers)


def keys_and_owners(c: Columns, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All keys of `members` in ascending order, one a record, and whose each is (int64 both)."""
    keys = array("q")
    counts = np.zeros(len(members), dtype=np.int64)
    for at, k in enumerate(members.tolist()):
        mine = set(keys_of(c, k))
        counts[at] = len(mine)
        keys.extend(mine)
    all_keys = np.frombuffer(keys, dtype=np.int64) if keys else np.zeros(0, dtype=np.int64)
    owner = np.repeat(members, counts)
    order = np.argsort(all_keys, kind="stable")  # owners of one key stay in their order
    return all_keys[order], owner[order]
