"""Why two records belong together or not, in words that a librarian accepts."""

from functools import lru_cache

import numpy as np

from citations.matching.features import INDEX

# Each aspect of a pair takes one of at most eight states; three bits each in one number, so that
# the sentence of each combination is made once.
UNKNOWN, SAME, ALIKE, PARTLY, OTHER = range(5)
ASPECTS = (
    "DOI",
    "PMID",
    "title",
    "first author",
    "authors",
    "year",
    "journal",
    "volume",
    "first page",
    "abstract",
)
_BITS = 3


def evidence(x: np.ndarray) -> np.ndarray:
    """The states of all aspects for each row of features, packed into one int64 a row."""

    def f(name: str) -> np.ndarray:
        return x[:, INDEX[name]]

    def three(name: str) -> np.ndarray:
        return np.select([f(name) > 0, f(name) < 0], [SAME, OTHER], UNKNOWN)

    ratio, same_set = f("title_ratio"), f("title_set")
    states = (
        three("doi"),
        three("pmid"),
        np.select(
            [ratio < 0, ratio >= 99.99, (ratio >= 90) | (same_set >= 97), ratio >= 70],
            [UNKNOWN, SAME, ALIKE, PARTLY],
            OTHER,
        ),
        np.select(
            [
                f("first_author") < 0,
                f("first_author") >= 96,
                (f("first_author") >= 85) | (f("first_author_listed") > 0),
            ],
            [UNKNOWN, SAME, ALIKE],
            OTHER,
        ),
        np.select(
            [f("authors_set") < 0, f("authors_set") >= 97, f("authors_set") >= 60],
            [UNKNOWN, SAME, PARTLY],
            OTHER,
        ),
        np.select(
            [f("year_gap") < 0, f("year_gap") == 0, f("year_gap") == 1],
            [UNKNOWN, SAME, ALIKE],
            OTHER,
        ),
        np.select(
            [
                (f("journal_set") < 0) & (f("issn") == 0),
                (f("journal_abbreviated") >= 99) | (f("journal_set") >= 99) | (f("issn") > 0),
                f("journal_set") >= 75,
            ],
            [UNKNOWN, SAME, ALIKE],
            OTHER,
        ),
        three("volume"),
        three("first_page"),
        np.select(
            [f("abstract") < 0, f("abstract") >= 90, f("abstract") >= 60],
            [UNKNOWN, SAME, PARTLY],
            OTHER,
        ),
    )
    packed = np.zeros(len(x), dtype=np.int64)
    for k, state in enumerate(states):
        packed |= state.astype(np.int64) << (_BITS * k)
    return packed


def states(packed: int) -> dict[str, int]:
    """The aspects of one pair by name."""
    return {name: packed >> (_BITS * k) & 7 for k, name in enumerate(ASPECTS)}


_PHRASES = {
    ("title", ALIKE): "almost the same title",
    ("title", PARTLY): "a similar title",
    ("first author", ALIKE): "a similar first author",
    ("authors", PARTLY): "some of the same authors",
    ("year", ALIKE): "years one apart",
    ("journal", ALIKE): "a similar journal name",
    ("abstract", PARTLY): "partly the same abstract",
}
_OPENINGS = {
    "identical": "Every field is the same.",
    "too-little": "Both records say the same, but too little to be sure.",
    "kind": "One looks like an erratum, a reply, a retraction or an editorial of the other.",
    "number": "The titles name different numbers or parts.",
    "opposite": "The titles differ in opposite words.",
    "part": "One title names a number or a part that the other lacks.",
    "pmid-conflict": "Two different PMIDs.",
    "preprint": "One is a preprint, the other is not.",
    "registry": "An entry of a trial registry.",
    "place-conflict": "Volume and page are both different.",
    "doi-conflict": "Two different DOIs, and other pages or other words in the titles.",
    "update": "Two versions of a review that is updated, or one review with two years.",
    "year-conflict": "The years are three or more apart, and no identifier or place in print agrees.",
    "journal-conflict": "Different journals, and no identifier or place in print agrees.",
    "abstract-conflict": "The abstracts are different.",
    "common-title": "The title is short and common, and the pages don't settle it.",
    "authors-conflict": "Different authors, and no identifier agrees.",
    "title-conflict": "Each title has words that the other lacks, and no page or identifier agrees.",
    "consecutive": "One begins on the page after the other ends, as parts of a series do.",
    "supplement": "Two abstracts of one supplement with different titles.",
    "bare-title": "One title says nothing; the people and the issue are the same.",
    "cut-title": "One title is cut off, and what is left of it does not tell it from others.",
    "chain": "Joining them would put contradicting records together.",
    "unsure": "The evidence is not enough to join them without a look.",
    "conference": "One is a conference paper, the other is not.",
    "same-doi": "One DOI stands under two different titles.",
    "through": "They are one through other records that each is surely the same as.",
    "column": "Each stands in a column that recurs.",
    "unlike": "Nothing that would make them one.",
    "sibling": "Much alike, but another publication.",
}


@lru_cache(maxsize=20_000)
def sentence(packed: int, rule: str) -> str:
    """What is the same and what is not, opened by what the rule saw."""
    found = states(packed)
    same = [name for name, state in found.items() if state == SAME]
    if "authors" in same and "first author" in same:
        same.remove("first author")
    like = [_PHRASES[pair] for pair in found.items() if pair in _PHRASES]
    other = [name for name, state in found.items() if state == OTHER]
    if "authors" in other and "first author" in other:
        other.remove("first author")
    parts = [_OPENINGS.get(rule, "")]
    shared = ([f"the same {_list(same)}"] if same else []) + like
    if shared and rule != "identical":
        parts.append(_capital(_list(shared)) + ".")
    if other:
        parts.append(f"Different: {_list(other)}.")
    return " ".join(part for part in parts if part)


def join_rule(packed: int) -> str:
    """Short name of what carried an automatic join."""
    found = states(packed)
    if found["DOI"] == SAME:
        return "doi"
    if found["PMID"] == SAME:
        return "pmid"
    if found["volume"] == SAME and found["first page"] == SAME:
        return "place"
    if found["title"] in (SAME, ALIKE) and found["authors"] in (SAME, PARTLY):
        return "title-authors"
    return "title" if found["title"] in (SAME, ALIKE) else "likeness"


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
