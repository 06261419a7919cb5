"""Words of titles and abstracts as numbers, packed into bytes.

A word becomes its CRC-32, so that nothing has to be looked up and parts of a review that are read on
different days fit together. What is stored are a record's different words and how often each occurs;
how rare a word is among all records is worked out when they are read (screening/ranking/features.py).
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w\w+")

# A title with an abstract has some 250 words. What goes on for longer is not an abstract.
CHARACTERS_READ = 50_000

WORDS_KEPT = 200_000  # with their numbers, in memory

# Changes when the same text gives other numbers: what was packed before is then made again.
VERSION = 1

Numbers = NDArray[np.uint32]


def words(text: str) -> list[str]:
    """The words of `text` in order, in small letters, two characters and more."""
    text = text[:CHARACTERS_READ]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return WORD.findall(text.lower())


class _Numbers(dict[str, int]):
    """{word: its number} of words met lately. A look into it costs half of a call to a cached function."""

    def __missing__(self, word: str) -> int:
        if len(self) >= WORDS_KEPT:
            self.clear()
        found = self[word] = zlib.crc32(stem(word).encode(errors="replace"))
        return found


_numbers = _Numbers()


def number(word: str) -> int:
    """The 32-bit number of a word, taken of its stem."""
    return _numbers[word]


ENDINGS = tuple(
    [
        "ization",
        "isation",
        "ational",
        "ations",
        "ation",
        "izing",
        "ising",
        "ized",
        "ised",
        "ingly",
        "ments",
        "ment",
        "ness",
        "ings",
        "ing",
        "edly",
        "ied",
        "ed",
        "ally",
        "ical",
        "ic",
        "al",
        "ive",
        "ize",
        "ise",
        "ly",
        "er",
        "or",
        "ion",
        "e",
        "y",
    ]
)
STEM_AT_LEAST = 4  # letters


def stem(word: str) -> str:
    """`word` without its plural and one English ending, so that randomised meets randomisation.

    Cruder than Porter's and quick. Other languages lose a letter here and there, in every record alike.
    """
    if len(word) > 3 and word.endswith("s"):
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM_AT_LEAST:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True)
class Bags:
    """The words of several records: `sizes[i]` different words of record i stand one after another.

    sizes uint32 (records), words uint32 (entries, ascending within a record), counts uint8 (entries).
    """

    sizes: Numbers
    words: Numbers
    counts: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.sizes)

    def packed(self) -> bytes:
        head = struct.pack("<BII", VERSION, len(self.sizes), len(self.words))
        parts = (self.sizes.astype("<u4"), self.words.astype("<u4"), self.counts)
        return head + zlib.compress(b"".join(part.tobytes() for part in parts), 1)


class OtherVersion(ValueError):
    """The bytes were packed by a release that numbers words in another way."""


def unpacked(packed: bytes) -> Bags:
    """What `Bags.packed` gave. OtherVersion when they have to be made again."""
    version, records, entries = struct.unpack_from("<BII", packed)
    if version != VERSION:
        raise OtherVersion(version)
    body = zlib.decompress(packed[struct.calcsize("<BII") :])
    middle, end = 4 * records, 4 * (records + entries)
    return Bags(
        sizes=np.frombuffer(body[:middle], "<u4").astype(np.uint32),
        words=np.frombuffer(body[middle:end], "<u4").astype(np.uint32),
        counts=np.frombuffer(body[end:], np.uint8),
    )


def bags(texts: Iterable[str]) -> Bags:
    """Count the words of each text."""
    return counted(words(text) for text in texts)


def counted(records: Iterable[list[str]]) -> Bags:
    """Count the words of each list of them."""
    number_of = _numbers.__getitem__
    found = [list(map(number_of, some)) for some in records]
    lengths = np.fromiter((len(numbers) for numbers in found), np.int64, len(found))
    flat = np.fromiter(chain.from_iterable(found), np.uint64, int(lengths.sum()))
    owners = np.repeat(np.arange(len(found), dtype=np.uint64), lengths)
    pairs, counts = np.unique(owners << np.uint64(32) | flat, return_counts=True)
    sizes = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(found))
    return Bags(
        sizes=sizes.astype(np.uint32),
        words=(pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        counts=np.minimum(counts, 255).astype(np.uint8),
    )


def joined(parts: Sequence[Bags]) -> Bags:
    """The records of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    return Bags(
        sizes=np.concatenate([np.zeros(0, np.uint32), *(part.sizes for part in parts)]),
        words=np.concatenate([np.zeros(0, np.uint32), *(part.words for part in parts)]),
        counts=np.concatenate([np.zeros(0, np.uint8), *(part.counts for part in parts)]),
    )


def some_of(parts: Sequence[Bags], which: NDArray[np.int64]) -> Bags:
    """The records `which`, numbered through all parts, in that order."""
    whole = joined(parts)
    sizes = whole.sizes[which].astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(whole.sizes, dtype=np.int64)])[which]
    entries = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    return Bags(whole.sizes[which], whole.words[entries], whole.counts[entries])
