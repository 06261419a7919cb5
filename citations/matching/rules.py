"""Zones, and the rules that let no model join two records without a person.

A rule asks: it neither joins nor rejects in silence. Policy: the same bibliographic record is a
duplicate. An erratum, a reply, a preprint, a conference abstract, an update or the second part of
an article is related, and another publication.
"""

import numpy as np

from citations.matching.features import INDEX, OPPOSITE_WORDS

JOIN_FROM = 0.95  # at least this probable: joined without a question
ASK_FROM = 0.05  # more than this: a question
REFUSE_CHAIN = 0.15  # two members of one cluster less probable than this contradict each other
HELD = 0.9499  # what a rule leaves of a probability that would have joined
SUBTITLE = 4  # words that only one title has
YEARS_APART = 3  # online first, in print and in the index: two years are nothing unusual
OTHER_TITLE = 90  # likeness of two titles below which different DOIs are no slip of one record
NEARBY_PAGES = 2  # first pages this close may be a slip of the same place

COMMON_TITLE = 400  # summed word rarity of "Editor's comments"; below it a title tells little

# In the order in which they are named when several hold.
RULES = (
    "kind",
    "number",
    "opposite",
    "part",
    "pmid-conflict",
    "preprint",
    "registry",
    "place-conflict",
    "doi-conflict",
    "update",
    "year-conflict",
    "conference",
    "journal-conflict",
    "abstract-conflict",
    "common-title",
    "authors-conflict",
    "title-conflict",
    "consecutive",
    "supplement",
    "bare-title",
    "cut-title",
)

# What these hold is no question of missing evidence: a chain through a third record that says less
# proves nothing against them.
UNCHAINED = tuple(
    RULES.index(rule)
    for rule in (
        *(
            "kind",
            "number",
            "opposite",
            "pmid-conflict",
            "preprint",
            "registry",
            "update",
            "consecutive",
        ),
        "supplement",
    )
)


def held_by(x: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """For each row of features the number of the first rule that asks for a person, or -1.

    `cut` says of each row whether one of the titles is cut off (features.cut_off).
    """

    def f(name: str) -> np.ndarray:
        return x[:, INDEX[name]]

    # What stands in one place of one volume under one DOI is one publication, however marked.
    one_place = (f("first_page") > 0) & ((f("doi") > 0) | (f("volume") > 0))
    one_text = one_place & (f("last_page") >= 0) & (f("authors_set") >= 90)
    # Nobody prints two articles with one text under one DOI, or in one place with one abstract.
    one_copy = one_text & ((f("doi") > 0) | (f("abstract") >= 90))
    # One title and the same people in one issue: a journal has several names, in several languages.
    one_issue = (
        (f("agreeing") >= 3)
        & (f("differing") == 0)
        & (f("title_ratio") >= 95)
        & (f("authors_set") >= 90)
    )
    # Parts of a series have titles or at least abstracts of their own.
    one_summary = (f("title_ratio") >= 99.9) & (f("abstract") >= 90) & (f("authors_set") >= 90)
    one_number = (f("volume") > 0) & (f("issue") > 0)
    identified = (f("doi") > 0) | (f("pmid") > 0)
    other_words = (f("swapped_words") > 0) | (f("extra_words") > 0)
    holds = {
        "kind": (f("kinds_differ") > 0) & ~(one_place & (f("doi") > 0)) & ~one_text,
        "number": f("numbers_differ") >= 1,
        "opposite": (f("numbers_differ") == OPPOSITE_WORDS) & ~identified,
        "part": (f("numbers_differ") == 0.5) & ~one_copy,
        "pmid-conflict": f("pmid") < 0,
        "preprint": (f("preprint_one") > 0) & ~one_place,
        "registry": f("registry") > 0,
        "place-conflict": (f("first_page") < 0)
        & (f("doi") <= 0)
        & (
            (f("volume") < 0)
            | ((f("year_gap") > 0) & (f("volume") == 0) & (f("page_gap") > NEARBY_PAGES))
        ),
        "doi-conflict": (f("doi") < 0)
        & (
            ((f("first_page") < 0) & (f("page_gap") > NEARBY_PAGES))
            # siblings in one issue: the journal, the people and nearly the place are the same
            | (other_words & (f("title_ratio") < OTHER_TITLE) & (f("pmid") <= 0))
        ),
        "update": (f("both_updated") > 0) & ((f("year_gap") != 0) | (f("doi") < 0)) & ~identified,
        "year-conflict": (f("year_gap") >= YEARS_APART) & ~one_place & ~identified,
        "conference": (f("conference_one") > 0)
        & ((f("author_counts") < 1) | (f("year_gap") != 0))
        & ~one_place
        & ~identified,
        "journal-conflict": (f("journal_set") >= 0)
        & (f("journal_set") < 70)
        & (f("journal_abbreviated") < 70)
        & ((f("issn") <= 0) | (f("first_page") <= 0))
        & ~one_place
        & ~one_issue
        & ~identified,
        "abstract-conflict": (f("abstract") >= 0) & (f("abstract") < 65) & ~identified,
        "common-title": (f("title_info") < COMMON_TITLE)
        & (f("title_ratio") >= 0)
        & (
            (f("first_page") < 0)
            | ((f("first_page") == 0) & other_words)
            | ((f("year_gap") > 0) & (f("title_info") < COMMON_TITLE / 2))
            | ((f("first_page") == 0) & ~one_number)
        )
        & ~identified,
        "authors-conflict": (f("authors_set") >= 0)
        & (f("names_set") < 60)
        & (f("first_author") < 80)
        & (f("first_author_listed") <= 0)
        & ~identified,
        "title-conflict": (
            ((f("swapped_words") > 0) & (f("first_page") <= 0))
            | ((f("extra_words") >= SUBTITLE) & (f("first_page") < 0))
        )
        & (f("abstract") < 90)
        & ~identified,
        "consecutive": (f("consecutive") > 0) & ~identified & ~one_summary,
        "supplement": (f("supplement") > 0) & other_words & (f("abstract") < 90),
        "bare-title": bare_title(x) & ~identified,
        "cut-title": cut
        & other_words
        & (f("first_page") <= 0)
        & ~identified
        & (f("abstract") < 90),
    }
    first = np.full(len(x), -1, dtype=np.int8)
    for k in reversed(range(len(RULES))):
        first[holds[RULES[k]]] = k
    return first


BARE_TITLE = 0.1  # what the probability is lifted to, where one title says nothing
ONE_WORD = 255  # the most that a title of one word tells: "Editorial"


def bare_title(x: np.ndarray) -> np.ndarray:
    """For each row: does one title say nothing beside the other, and all people and the issue agree?

    The model goes by titles, and calls them unlike. A person is asked.
    """

    def f(name: str) -> np.ndarray:
        return x[:, INDEX[name]]

    journal = (f("journal_set") >= 95) | (f("journal_abbreviated") >= 99) | (f("issn") > 0)
    people = (f("first_author") >= 99) & (f("authors_set") >= 99) & (f("author_counts") == 1)
    issue = journal & (f("volume") > 0) & (f("issue") > 0)
    bare = (f("title_info") <= ONE_WORD) & (f("length_ratio") < 0.5)
    return bare & people & issue & (f("pmid") >= 0) & (f("first_page") <= 0)


RELATED_PROBABILITY = 0.03  # what a related pair states at most: it is not a question


def related_by(x: np.ndarray) -> np.ndarray:
    """For each row the reason why the two are related publications (1-based in RELATIONS), or 0."""

    def f(name: str) -> np.ndarray:
        return x[:, INDEX[name]]

    people = f("authors_set") >= 75
    nobody = f("authors_set") < 0
    journal = (f("journal_abbreviated") >= 99) | (f("journal_set") >= 95) | (f("issn") > 0)
    volume = journal & (f("volume") > 0)
    title = (f("title_ratio") >= 85) | ((f("title_set") >= 97) & (f("title_info") >= 350))
    holds = {
        "kind": (f("kinds_differ") > 0)
        & (f("title_part") >= 88)
        & (f("title_info") >= 300)
        & (people | journal),
        "preprint": (f("preprint_one") > 0) & title & (people | nobody),
        "number": (f("numbers_differ") > 0)
        & title
        & people
        & (journal | (f("first_author") >= 85)),
        "conference": (f("conference_one") > 0) & title & people,
        "same-doi": f("doi") > 0,
        "sibling": (title & people)
        | (title & nobody & volume)
        | ((f("authors_set") >= 90) & volume & (f("page_gap") >= 0) & (f("page_gap") <= 1))
        # a column of a journal: "Editorial" in the same volume, or under the next DOI
        | ((f("title_ratio") >= 99.99) & (volume | (f("doi_ratio") >= 94))),
    }
    first = np.zeros(len(x), dtype=np.int8)
    for k in reversed(range(len(RELATIONS))):
        first[holds[RELATIONS[k]]] = k + 1
    return first


RELATIONS = ("kind", "preprint", "number", "conference", "same-doi", "sibling")
