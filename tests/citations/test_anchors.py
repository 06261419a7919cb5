"""A quote found again in a better copy of its document: kept, doubtful or lost, never wrong."""

import random

import pytest

from citations.documents import anchors
from citations.documents.anchors import DOUBTFUL, KEPT, LOST, Anchor, find, located, make

WORDS = [
    "the",
    "program",
    "offered",
    "staff",
    "flexible",
    "training",
    "sufficient",
    "efforts",
    "to",
    "find",
    "affected",
    "girls",
    "after",
    "three",
    "months",
    "scores",
    "fell",
    "by",
    "differences",
    "between",
    "groups",
    "were",
    "well-known",
    "follow-up",
    "family",
    "self-reported",
    "résumé",
    "naïve",
    "care",
    "services",
    "housing",
    "and",
    "with",
    "in",
    "of",
    "for",
    "a",
    "was",
    "not",
    "significant",
]
FIGURES = [
    "0.3",
    "-0.3",
    "12.5 %",
    "2.5 %",
    "95% CI 1.2–3.4",
    "p = 0.04",
    "p = 0.004",
    "n = 112",
    "n = 12",
]
LIGATURES = (("ffi", "ﬃ"), ("fl", "ﬂ"), ("fi", "ﬁ"), ("ff", "ﬀ"))


def words_of(dice, many=2600):
    """A paper's words, with figures and with sentences that come back as they were or nearly so."""
    out = []
    while len(out) < many:
        sentence = [dice.choice(WORDS) for _ in range(dice.randint(6, 20))]
        sentence.insert(dice.randint(2, len(sentence)), dice.choice(FIGURES))
        if out and dice.random() < 0.12:  # in the abstract and again in the results
            at = dice.randrange(max(1, len(out) - 30))
            sentence = out[at : at + 14]
            if dice.random() < 0.5:
                sentence[dice.randrange(len(sentence))] = dice.choice(FIGURES)
        out += sentence
    return out


def typeset(words, width, a_page, dice, *, hyphenate=0.0, ligatures=False, head=""):
    """(text, where each word begins in it): lines, pages, broken words, running heads."""
    text, begins, line, lines = "", [], 0, 0
    for word in words:
        if ligatures:
            for plain, joined in LIGATURES:
                word = word.replace(plain, joined)
        if line and line + len(word) + 1 > width:
            half = len(word) // 2
            breaks = word.isalpha() and half > 2 and dice.random() < hyphenate
            if breaks:
                text += " "
                begins.append(len(text))
                text += word[:half] + "-"
            lines += 1
            text += "\f" + head if lines % a_page == 0 else "\n"
            if breaks:
                text += word[half:]
                line = len(word) - half
                continue
            line = 0
        elif line:
            text += " "
        begins.append(len(text))
        text += word
        line += len(word) + 1
    return text, begins


def offset(text, anchor):
    """Where the anchor's quote stands in the whole text, by its page and what stands before it."""
    pages = text.split("\f")
    start = sum(len(page) + 1 for page in pages[: anchor.page - 1])
    here = pages[anchor.page - 1]
    first = anchor.quote.split("\n")[0]
    spot = anchor.before + first
    at = here.find(spot)
    assert at >= 0
    return start + at + len(anchor.before)


@pytest.mark.parametrize("seed", range(2))
def test_nearly_all_are_kept_in_another_typesetting_and_none_is_wrong(seed):
    dice = random.Random(seed)
    words = words_of(dice)
    old, old_at = typeset(words, 88, 46, dice)
    new, new_at = typeset(words, 52, 60, dice, hyphenate=0.5, ligatures=True)
    kept = made = 0
    for _ in range(150):
        first = dice.randrange(len(words) - 30)
        last = first + dice.randint(4, 28)
        start, end = old_at[first], old_at[last] + len(words[last])
        if "\f" in old[start:end]:
            continue  # a selection is of one page
        page = old.count("\f", 0, start) + 1
        shift = old.rfind("\f", 0, start) + 1
        anchor = make(old, page, start - shift, end - shift)
        found = find(anchor, new)
        made += 1
        if found.state == KEPT:
            kept += 1
            assert offset(new, found.anchor) == new_at[first], anchor.quote
    assert kept >= 0.99 * made, (kept, made)


@pytest.mark.parametrize("seed", [7])
def test_what_was_changed_in_the_new_copy_is_never_kept(seed):
    dice = random.Random(seed)
    words = words_of(dice)
    changed = [word if dice.random() > 0.02 else dice.choice(FIGURES) for word in words]
    old, old_at = typeset(words, 88, 46, dice)
    new, new_at = typeset(changed, 60, 52, dice, hyphenate=0.3)
    for _ in range(60):
        first = dice.randrange(len(words) - 30)
        last = first + dice.randint(4, 28)
        start, end = old_at[first], old_at[last] + len(words[last])
        if "\f" in old[start:end]:
            continue
        shift = old.rfind("\f", 0, start) + 1
        found = find(make(old, old.count("\f", 0, start) + 1, start - shift, end - shift), new)
        if words[first : last + 1] != changed[first : last + 1]:
            assert found.state != KEPT or offset(new, found.anchor) != new_at[first]
            # Elsewhere the very words may stand, with the same words around them; never with others.
            if found.state == KEPT:
                assert (
                    anchors.squeeze(found.anchor.quote).letters
                    == anchors.squeeze(old[start:end]).letters
                )


CASES = [
    # (quote, before, after, new text, what becomes of it)
    ("p = 0.04", "difference (", "), and", "The difference (p = 0.004), and more", DOUBTFUL),
    ("fell by 12.5 %", "scores ", " after", "scores fell by 2.5 % after", DOUBTFUL),
    ("fell by 2.5 %", "scores ", " after", "our scores fell by 12.5 % after", DOUBTFUL),
    ("r was 0.3 here", "the ", " in all", "the r was -0.3 here in all", DOUBTFUL),
    ("sufficient efforts", "with ", " of staff", "with suﬃ-\ncient efforts of staff", KEPT),
    ("a well-known program", "was ", " of care", "was a well-\nknown program of care", KEPT),
    ("résumé of care", "a ", " given", "a re\u0301sume\u0301 of care given", KEPT),
    ("“quoted words”", "said ", " then", 'said "quoted words" then', KEPT),
    ("girls in care", "", "", "one girls in care two girls in care three", DOUBTFUL),
    ("girls in care", "for thirty ", " were seen", "we saw girls in care. For thirty girls in care were seen", KEPT),
    ("words that left the paper", "", "", "nothing of that kind is in it", LOST),
    ("fund", "to ", " it", "the refunding of all", DOUBTFUL),
    ("", "", "", "anything", LOST),
]  # fmt: skip


@pytest.mark.parametrize(("quote", "before", "after", "new", "state"), CASES)
def test_what_becomes_of_it(quote, before, after, new, state):
    found = find(Anchor(1, quote, before, after), new)
    assert found.state == state, found
    assert (found.anchor is None) == (state == LOST)
    assert state == KEPT or found.why


def test_a_quote_that_runs_over_a_page_s_end_is_found():
    found = find(
        Anchor(1, "staff were trained twice", "all ", " a year"),
        "all staff were\ftrained twice a year",
    )
    assert (found.state, found.anchor.page) == (KEPT, 1)


def test_what_a_browser_sends_is_checked_against_the_text():
    text = "One two three.\fFour two three four."
    assert located(text, "two  three", 1) == Anchor(1, "two three", "One ", ".")
    assert located(text, "two three", 2).after == " four."
    assert located(text, "five", 1) is None
    assert located(text, "two", 3) is None
    twice = "in care we saw. Later in care they were"
    assert located(twice, "in care", 1, "Later ", " they").before.endswith("Later ")
    with pytest.raises(ValueError, match="no such page"):
        make(text, 9, 0, 3)
    with pytest.raises(ValueError, match="Nothing"):
        make(text, 1, 3, 4)


def test_a_sentence_flows_over_running_heads_and_feet():
    letters = "abcdefghij"
    words = [f"word{letters[n // 10]}{letters[n % 10]}" for n in range(90)]
    old = " ".join(words)
    pages = [
        f"Child Abuse {7 + n}\n{' '.join(words[30 * n : 30 * n + 30])}\nPage {n + 1} of 3"
        for n in range(3)
    ]
    quote = " ".join(words[25:35])
    at = old.index(quote)
    found = find(make(old, 1, at, at + len(quote)), "\f".join(pages))
    assert found.state == KEPT
    assert (found.anchor.page, found.anchor.quote.split()) == (1, words[25:35])
    head = find(Anchor(1, "Child Abuse 8"), "\f".join(pages))
    assert head.state != LOST  # a head that was quoted is found as well


def test_words_that_stood_twice_and_stand_once_may_be_the_other_ones():
    around = "the girls of the program were asked again about their families and their friends"
    quote = "the mean score fell by 12.5 % in three months"
    old = f"{around} {quote} {around}. Later: {around} {quote} {around}."
    new = f"{around} {quote.replace('12.5', '2.5')} {around}. Later: {around} {quote} {around}."
    at = old.index(quote)
    anchor = make(old, 1, at, at + len(quote))
    assert find(anchor, new, old=old).state == DOUBTFUL
