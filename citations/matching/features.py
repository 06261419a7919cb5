"""What two records have in common, as numbers: one row a pair, one column a feature."""

from functools import lru_cache
from math import ceil
from typing import Any

import numpy as np
from rapidfuzz import distance, fuzz, process

from citations.matching import normal
from citations.matching.model import rarity
from citations.matching.records import Columns

# name -> direction in which more of it makes "same record" more (+1) or less (-1) probable, 0 = free
FEATURES: dict[str, int] = {
    "title_ratio": 1,
    "title_set": 0,
    "title_sort": 1,
    "title_part": 0,
    "title_length": 0,
    "title_info": 0,  # summed rarity of the words of the shorter title
    "length_ratio": 0,
    "swapped_rarity": -1,  # rarest word on each side that the other side lacks; the smaller one
    "extra_rarity": 0,  # the same where only one side has words of its own
    "swapped_words": -1,
    "extra_words": 0,
    "numbers_differ": -1,  # 1 both name other ones, 0.75 opposite words, 0.5 one names more
    "title_start": 0,
    "kinds_differ": -1,
    "doi": 1,  # -1 differ, 0 one is missing, 1 equal; so for the fields below
    "doi_ratio": 0,
    "pmid": 1,
    "year_gap": -1,  # -1 = unknown
    "journal_set": 0,
    "journal_abbreviated": 1,
    "issn": 1,
    "volume": 1,
    "volume_close": 0,
    "issue": 0,
    "first_page": 1,
    "page_gap": 0,
    "last_page": 0,
    "consecutive": -1,  # one begins on the page after the other's last: Part 1 and Part 2
    "page_letters_differ": 0,
    "first_author": 1,
    "authors_set": 1,
    "names_set": 1,  # as authors_set, given names included
    "author_counts": 0,
    "initial_differs": 0,
    "first_author_listed": 0,
    "abstract": 0,
    "conference_one": -1,
    "conference_both": 0,
    "supplement": 0,  # both stand in a supplement ("Suppl 1", "S12"): meeting abstracts
    "preprint_one": -1,
    "preprint_both": 0,
    "registry": 0,
    "both_updated": 0,  # Cochrane reviews keep title, page and authors from version to version
    "same_source": 0,
    "agreeing": 1,  # how many of volume, first page, issue, year agree
    "differing": -1,
}
NAMES = tuple(FEATURES)
INDEX = {name: k for k, name in enumerate(NAMES)}
UNKNOWN = -1.0


FAR_APART = 3  # years
NEARLY_THE_SAME = 90  # likeness of two titles


def worth_comparing(c: Columns, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the pairs whose titles are alike or that agree in an identifier or a place in print."""
    tied = (
        ((c.doi_code[a] > 0) & (c.doi_code[a] == c.doi_code[b]))
        | ((c.pmid[a] > 0) & (c.pmid[a] == c.pmid[b]))
        | (
            (c.volume[a] > 0)
            & (c.volume[a] == c.volume[b])
            & (c.first_page[a] > 0)
            & (c.first_page[a] == c.first_page[b])
            & (np.abs(c.year[a] - c.year[b]) <= 1)
        )
    )
    # One export has "Editorial" or nothing for the title: the same author in one issue.
    k = np.flatnonzero(
        ~tied
        & ((c.words[a] <= 1) | (c.words[b] <= 1))
        & (c.volume[a] > 0)
        & (c.volume[a] == c.volume[b])
        & (c.issue[a] > 0)
        & (c.issue[a] == c.issue[b])
        & (np.abs(c.year[a] - c.year[b]) <= 1)
    )
    tied[k] = (c.first[a[k]] == c.first[b[k]]) & (c.first[a[k]] != "")
    # Other people, years apart, and nothing ties them: one title, perhaps, but two publications.
    strangers = far_apart(c.year[a], c.year[b])
    k = np.flatnonzero(strangers & ~tied)
    first_a, first_b = c.first[a[k]], c.first[b[k]]
    strangers[:] = False
    strangers[k] = (first_a != first_b) & (first_a != "") & (first_b != "")
    a, b, tied = a[~strangers], b[~strangers], tied[~strangers]
    loose = np.flatnonzero(~tied)
    tied[loose] = alike_titles(c.title[a[loose]], c.title[b[loose]])
    return a[tied], b[tied]


def other_work(c: Columns, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Which pairs, worth comparing by their titles, are of other people, elsewhere, and one kind: bool.

    Titles are made of few words: among many records, most that are somewhat alike belong to
    strangers. Only a title that is nearly the same is worth a closer look then, and no identifier
    may agree.
    """
    other = (c.kinds[a] == c.kinds[b]) & _known_and_unlike(c.volume, a, b)
    other &= _known_and_unlike(c.first_page, a, b)
    other &= (c.doi_code[a] == 0) | (c.doi_code[a] != c.doi_code[b])
    other &= (c.pmid[a] == 0) | (c.pmid[a] != c.pmid[b])
    k = np.flatnonzero(other)
    names = zip(c.first[a[k]], c.families[a[k]], c.first[b[k]], c.families[b[k]], strict=True)
    other[k] = [
        bool(x and y) and x not in their_families and y not in our_families
        for x, our_families, y, their_families in names
    ]
    k = np.flatnonzero(other)
    other[k] = (
        process.cpdist(
            c.title[a[k]],
            c.title[b[k]],
            scorer=fuzz.ratio,
            score_cutoff=NEARLY_THE_SAME,
            dtype=np.uint8,
        )
        == 0
    )
    return other


def _known_and_unlike(column: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (column[a] > 0) & (column[b] > 0) & (column[a] != column[b])


def far_apart(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which pairs of years (0 = unknown) are too far apart for one record of strangers: bool."""
    return (x > 0) & (y > 0) & (np.abs(x - y) >= FAR_APART)


def alike_titles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which pairs of normalised titles (x[k], y[k]) are alike enough for a closer look: bool."""
    alike = process.cpdist(x, y, scorer=fuzz.ratio, score_cutoff=62, dtype=np.uint8) > 0
    rest = np.flatnonzero(~alike)
    if len(rest):
        alike[rest] = (
            process.cpdist(
                x[rest], y[rest], scorer=fuzz.token_set_ratio, score_cutoff=85, dtype=np.uint8
            )
            > 0
        )
    return alike


def table(c: Columns, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The features of the pairs (a[k], b[k]) as float32, shape (pairs, len(NAMES)).

    Which of the two comes first doesn't matter.
    """
    swap = c.says[a] > c.says[b]  # some likenesses of texts are not the same both ways
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    f: dict[str, np.ndarray] = {}
    _titles(f, c, a, b)
    _identifiers(f, c, a, b)
    _journals(f, c, a, b)
    _places(f, c, a, b)
    _authors(f, c, a, b)
    f["abstract"] = _abstracts(c, a, b)
    for name, bit in (("conference", normal.CONFERENCE), ("preprint", normal.PREPRINT)):
        x, y = (c.form[a] & bit) > 0, (c.form[b] & bit) > 0
        f[name + "_one"] = x != y
        f[name + "_both"] = x & y
    f["registry"] = ((c.form[a] & normal.REGISTRY) > 0).astype(int) + (
        (c.form[b] & normal.REGISTRY) > 0
    )
    f["both_updated"] = (c.form[a] & c.form[b] & normal.UPDATED) > 0
    f["same_source"] = (c.source[a] > 0) & (c.source[a] == c.source[b])
    f["supplement"] = (c.form[a] & c.form[b] & normal.SUPPLEMENT) > 0
    three = [f[k] for k in ("volume", "first_page", "issue")]
    f["agreeing"] = sum((x > 0).astype(int) for x in three) + (f["year_gap"] == 0)
    f["differing"] = sum((x < 0).astype(int) for x in three) + (f["year_gap"] > 0)
    return np.column_stack([f[name].astype(np.float32) for name in NAMES])


def cut_off(c: Columns, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """For each pair whether one title, and not the other, ends with "...": no feature, bool."""
    return ((c.form[a] ^ c.form[b]) & normal.CUT) > 0


def _compare(x: np.ndarray, y: np.ndarray, scorer: Any) -> np.ndarray:
    return process.cpdist(x, y, scorer=scorer, dtype=np.float32)


def _three(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """1 where both are known and equal, -1 where both are known and differ, else 0."""
    return np.where((x == 0) | (y == 0), 0, np.where(x == y, 1, -1))


def _titles(f: dict[str, np.ndarray], c: Columns, a: np.ndarray, b: np.ndarray) -> None:
    ta, tb = c.title[a], c.title[b]
    m = len(a)
    la = np.fromiter(map(len, ta), dtype=np.float32, count=m)
    lb = np.fromiter(map(len, tb), dtype=np.float32, count=m)
    equal = np.fromiter((x == y for x, y in zip(ta, tb, strict=True)), dtype=bool, count=m)
    known = (la > 0) & (lb > 0)
    for name in ("title_ratio", "title_set", "title_sort", "title_part"):
        f[name] = np.where(known, np.float32(100), np.float32(UNKNOWN))
    k = np.flatnonzero(~equal & known)
    xa, xb = ta[k], tb[k]
    f["title_ratio"][k] = _compare(xa, xb, fuzz.ratio)
    f["title_set"][k] = _compare(xa, xb, fuzz.token_set_ratio)
    f["title_sort"][k] = _compare(xa, xb, fuzz.token_sort_ratio)
    f["title_length"] = np.minimum(la, lb)
    f["length_ratio"] = np.minimum(la, lb) / np.maximum(1, np.maximum(la, lb))
    shorter = np.where(la <= lb, ta, tb)
    f["title_info"] = np.fromiter(map(information, shorter), dtype=np.float32, count=m)
    for name in (
        "swapped_rarity",
        "extra_rarity",
        "swapped_words",
        "extra_words",
        "numbers_differ",
    ):
        f[name] = np.zeros(m, dtype=np.float32)
    f["title_start"] = equal.astype(np.float32)
    rows = np.zeros((len(k), 7), dtype=np.float32)
    for row, (x, y) in enumerate(zip(xa, xb, strict=True)):
        rows[row] = _compare_closely(x, y)
    names = ("swapped_rarity", "extra_rarity", "swapped_words", "extra_words", "numbers_differ")
    for column, name in enumerate(("title_part", *names, "title_start")):
        f[name][k] = rows[:, column]
    f["kinds_differ"] = c.kinds[a] != c.kinds[b]


@lru_cache(maxsize=100_000)
def information(title: str) -> float:
    return float(sum(sorted(map(rarity, set(title.split())), reverse=True)[:12]))


@lru_cache(maxsize=100_000)
def _compare_closely(x: str, y: str) -> tuple[float, ...]:
    """What is dear to tell of two titles; copies of two records bring the same two many times."""
    return (float(fuzz.partial_ratio(x, y)), *compare_words(x, y))


MANY_WORDS = 7  # own words on both sides: two different titles, no need to look closer


def compare_words(x: str, y: str) -> tuple[float, ...]:
    """Words that one title has and the other lacks, typing errors and joined words aside.

    Gives (swapped rarity, extra rarity, swapped words, extra words, numbers differ, same start).
    """
    wx, wy = x.split(), y.split()
    own_x, own_y = set(wx).difference(wy, _LITTLE), set(wy).difference(wx, _LITTLE)
    if own_x and own_y:
        _drop_initials(own_x, own_y, wy)
        _drop_initials(own_y, own_x, wx)
    start = float(x[:12] == y[:12])
    nx, ny = normal.numbers(wx), normal.numbers(wy)
    conflict = 0.0
    if nx != ny:
        if nx - ny and ny - nx:
            conflict = 1.0
        elif len(own_x) + len(own_y) <= 2 and not (own_x and own_y):
            conflict = 0.5  # "Title" and "Title 2"
        elif normal.part(wx) != normal.part(wy):
            conflict = 0.5  # "Title in ten clinics. Part 2" and "Title"
    elif normal.part(wx) != normal.part(wy):
        conflict = 0.5  # "The Web 2.0. Part 2" and "The Web 2.0"
    if conflict < OPPOSITE_WORDS and (_opposite(own_x, wy) or _opposite(own_y, wx)):
        conflict = OPPOSITE_WORDS
    if len(own_x) > MANY_WORDS and len(own_y) > MANY_WORDS:
        return (255.0, 0.0, MANY_WORDS, 0.0, conflict, start)
    left_x, left_y = _unmatched(own_x, own_y), _unmatched(own_y, own_x)
    if left_x and left_y:
        return (
            float(min(max(map(rarity, left_x)), max(map(rarity, left_y)))) + 1,
            0.0,
            float(min(len(left_x), len(left_y))),
            float(abs(len(left_x) - len(left_y))),
            conflict,
            start,
        )
    left = left_x or left_y
    return (
        0.0,
        float(max(map(rarity, left))) if left else 0.0,
        0.0,
        float(len(left)),
        conflict,
        start,
    )


OPPOSITE_WORDS = 0.75
# Twin articles of one group, in one issue or even on one page, differ in such a pair alone.
_TWINS = (
    *("left right", "high low", "higher lower", "men women", "male female", "males females"),
    *("boys girls", "mothers fathers", "maternal paternal", "children adults", "acute chronic"),
    *("rats mice", "vitro vivo", "urban rural", "positive negative", "increases decreases"),
    *("increased decreased", "before after", "early late", "upper lower", "anterior posterior"),
    *("medial lateral", "systolic diastolic", "arterial venous", "oral intravenous"),
    *("young old", "younger older", "short long", "primary secondary", "benign malignant"),
    *("baseline follow", "prospective retrospective", "qualitative quantitative", "with without"),
)
_OPPOSITE: dict[str, set[str]] = {}
for _pair in _TWINS:
    for _one, _other in (_pair.split(), _pair.split()[::-1]):
        _OPPOSITE.setdefault(_one, set()).add(_other)


def _opposite(own: set[str], words: list[str]) -> bool:
    """Has one of `own`, which the other title lacks, its opposite among that title's words?"""
    return any(not _OPPOSITE[w].isdisjoint(words) for w in own if w in _OPPOSITE)


# One title has "in" where the other has "on": nobody writes two articles that differ in that.
_LITTLE = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to"))


def _drop_initials(own: set[str], others: set[str], words: list[str]) -> None:
    """Take out "is" of `own` and "information", "systems" of `others`, if they stand so in `words`."""
    initials = "".join(w[0] for w in words)
    for short in [w for w in own if 2 <= len(w) <= 5 and w.isalpha()]:
        at = initials.find(short)
        spelled = words[at : at + len(short)] if at >= 0 else []
        if spelled and others.issuperset(spelled):
            own.discard(short)
            others.difference_update(spelled)


STEM, STEM_SHARE = 6, 0.65  # letters that two forms of a word share, and of how much of the shorter
TYPING_ERROR = 78  # ratio of two words from which one counts as the other, mistyped or inflected
OTHER_START = 88  # the same where the words begin with different letters ("male", "female")
_OPPOSITES = (
    *(("hyper", "hypo"), ("intra", "inter"), ("intra", "infra"), ("pre", "post"), ("pre", "peri")),
    *(("micro", "macro"), ("uni", "bi"), ("mono", "poly"), ("endo", "exo"), ("ab", "ad")),
)
_NEGATIONS = ("a", "an", "un", "in", "im", "ir", "il", "non", "dis", "de", "anti", "ab")


def _unmatched(own: set[str], others: set[str]) -> list[str]:
    """Words of `own` that are no form, part or misspelling of one of `others`."""
    return [w for w in own if (len(w) > 1 or w.isdecimal()) and not _matched(w, own, others)]


# How much of a word of each length two forms of it share; words are hardly ever longer than that.
_STEMS = tuple(max(STEM, ceil(STEM_SHARE * n)) for n in range(64))


def _matched(word: str, own: set[str], others: set[str]) -> bool:
    if word.isdecimal():
        return False
    n, first = len(word), word[0]
    for other in others:
        m = len(other)
        alike = other[0] == first  # "male" and "female" begin differently: no form of each other
        if n <= m:
            short, long, mates, least = word, other, own, n
        else:
            short, long, mates, least = other, word, others, m
        # inflected ("developing", "development"), cut off, or the start of a compound
        if alike and long.startswith(short[: _STEMS[least] if least < 64 else least]):
            return True
        if long.endswith(short) and long[:-least] in mates:  # "non native", "nonnative"
            return True
        needed = TYPING_ERROR if alike else OTHER_START
        if 200 * least < needed * (n + m):
            continue  # too unlike in length to reach that ratio
        if fuzz.ratio(word, other, score_cutoff=needed) and not _opposed(word, other):
            return True
    return False


def _opposed(x: str, y: str) -> bool:
    short, long = (x, y) if len(x) <= len(y) else (y, x)
    if long.endswith(short) and long[: -len(short)] in _NEGATIONS:
        return True
    return any(
        (x.startswith(p) and y.startswith(q)) or (x.startswith(q) and y.startswith(p))
        for p, q in _OPPOSITES
    )


def _identifiers(f: dict[str, np.ndarray], c: Columns, a: np.ndarray, b: np.ndarray) -> None:
    f["doi"] = _three(c.doi_code[a], c.doi_code[b])
    f["doi_ratio"] = np.full(len(a), UNKNOWN, dtype=np.float32)
    k = np.flatnonzero(f["doi"] < 0)
    f["doi_ratio"][k] = _compare(c.doi[a[k]], c.doi[b[k]], fuzz.ratio)
    f["pmid"] = _three(c.pmid[a], c.pmid[b])
    known = (c.issn1[a] > 0) & (c.issn1[b] > 0)
    shared = known & (
        (c.issn1[a] == c.issn1[b])
        | (c.issn1[a] == c.issn2[b])
        | (c.issn2[a] == c.issn1[b])
        | ((c.issn2[a] > 0) & (c.issn2[a] == c.issn2[b]))
    )
    f["issn"] = np.where(shared, 1, np.where(known, -1, 0))


def _journals(f: dict[str, np.ndarray], c: Columns, a: np.ndarray, b: np.ndarray) -> None:
    f["journal_set"] = np.full(len(a), UNKNOWN, dtype=np.float32)
    f["journal_abbreviated"] = np.full(len(a), UNKNOWN, dtype=np.float32)
    for k, (x, y) in enumerate(zip(c.journal[a], c.journal[b], strict=True)):
        if x and y:
            f["journal_set"][k], f["journal_abbreviated"][k] = compare_journals(x, y)


@lru_cache(maxsize=50_000)
def compare_journals(x: str, y: str) -> tuple[float, float]:
    """(token set ratio, how far one is an abbreviation of the other), both 0..100."""
    if x == y:
        return (100.0, 100.0)
    short, long = x.split(), y.split()
    if (len(short), short) > (len(long), long):
        short, long = long, short
    alike = float(fuzz.token_set_ratio(x, y))
    if len(short) == 1 and len(long) > 1:
        initials = "".join(w[0] for w in long)
        hit = len(short[0]) > 2 and initials.startswith(short[0])
        return (alike, 100.0 if hit else 60.0 * _abbreviates(short[0], long[0]))
    hits = at = 0
    for word in short:
        for k in range(at, len(long)):
            if _abbreviates(word, long[k]):
                hits += 1
                at = k + 1
                break
    return (alike, 100.0 * hits / len(short))


def _abbreviates(x: str, y: str) -> bool:
    short, long = (x, y) if len(x) <= len(y) else (y, x)
    if long.startswith(short):
        return True
    if len(short) < 3 or short[0] != long[0]:
        return False
    rest = iter(long)  # "natl" in "national": its letters in order
    return all(letter in rest for letter in short)


def _places(f: dict[str, np.ndarray], c: Columns, a: np.ndarray, b: np.ndarray) -> None:
    ya, yb = c.year[a], c.year[b]
    f["year_gap"] = np.where((ya == 0) | (yb == 0), UNKNOWN, np.minimum(9, np.abs(ya - yb)))
    f["volume"] = _three(c.volume[a], c.volume[b])
    f["volume_close"] = (f["volume"] < 0) & (np.abs(c.volume[a] - c.volume[b]) <= 1)
    f["issue"] = _three(c.issue[a], c.issue[b])
    f["first_page"] = _three(c.first_page[a], c.first_page[b])
    gap = np.minimum(50, np.abs(c.first_page[a] - c.first_page[b]))
    f["page_gap"] = np.where(f["first_page"] == 0, UNKNOWN, gap)
    f["last_page"] = _three(c.last_page[a], c.last_page[b])
    first_a, first_b, last_a, last_b = (
        column[side] for column in (c.first_page, c.last_page) for side in (a, b)
    )
    f["consecutive"] = (first_a > 0) & (first_b > 0) & (first_a != first_b)
    f["consecutive"] &= (first_b == last_a + 1) | (first_a == last_b + 1)
    f["page_letters_differ"] = (f["first_page"] != 0) & (c.page_letter[a] != c.page_letter[b])


def _authors(f: dict[str, np.ndarray], c: Columns, a: np.ndarray, b: np.ndarray) -> None:
    m = len(a)
    known = (c.author_count[a] > 0) & (c.author_count[b] > 0)
    f["first_author"] = np.full(m, UNKNOWN, dtype=np.float32)
    f["authors_set"] = np.full(m, UNKNOWN, dtype=np.float32)
    f["first_author_listed"] = np.zeros(m, dtype=np.float32)
    k = np.flatnonzero(known)
    first_a, first_b, all_a, all_b = (
        c.first[a[k]],
        c.first[b[k]],
        c.families[a[k]],
        c.families[b[k]],
    )
    f["first_author"][k] = 100 * _compare(
        first_a, first_b, distance.JaroWinkler.normalized_similarity
    )
    f["authors_set"][k] = _compare(all_a, all_b, fuzz.token_set_ratio)
    f["names_set"] = f["authors_set"].copy()
    swapped = k[f["authors_set"][k] < 80]
    f["names_set"][swapped] = np.maximum(
        f["authors_set"][swapped],
        _compare(c.names[a[swapped]], c.names[b[swapped]], fuzz.token_set_ratio),
    )
    f["first_author_listed"][k] = [
        x.rsplit(" ", 1)[-1] in q or y.rsplit(" ", 1)[-1] in p
        for x, y, p, q in zip(first_a, first_b, all_a, all_b, strict=True)
    ]
    counts = np.minimum(c.author_count[a], c.author_count[b]) / np.maximum(
        1, np.maximum(c.author_count[a], c.author_count[b])
    )
    f["author_counts"] = np.where(known, counts, UNKNOWN)
    f["initial_differs"] = _three(c.initial[a], c.initial[b]) < 0


def _abstracts(c: Columns, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Likeness of the abstracts 0..100: of their starts, or of a piece of one within the other."""
    out = np.full(len(a), UNKNOWN, dtype=np.float32)
    known = [
        k for k, (x, y) in enumerate(zip(c.abstract[a], c.abstract[b], strict=True)) if x and y
    ]
    if not known:
        return out
    xs, ys = c.abstract[a[known]].tolist(), c.abstract[b[known]].tolist()
    starts = process.cpdist(
        [x[:180] for x in xs], [y[:180] for y in ys], scorer=fuzz.ratio, dtype=np.float32
    )
    unlike = np.flatnonzero(starts < 85)
    if len(unlike):
        pieces = [xs[k][90:150] or xs[k] for k in unlike]
        within = process.cpdist(
            pieces, [ys[k] for k in unlike], scorer=fuzz.partial_ratio, dtype=np.float32
        )
        starts[unlike] = np.maximum(starts[unlike], within)
    out[known] = starts
    return out
