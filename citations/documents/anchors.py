"""Where a quote stands in a document, and where it stands in another copy of it.

An anchor is the page, the quote, and the words before and behind it. Found again in a better copy
(another typesetting, with words broken at other places, ligatures, other page numbers) it is
either *kept*, when it can only be there, or *doubtful*, with the likeliest place, or *lost*. A
quote that stands there twice is told apart by the words around it; where those do not decide, it
is doubtful. Kept must never be wrong: somebody quotes it in a paper.

Texts have one form feed between two pages. Pages count from 1, offsets from 0 in a page's text.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

AROUND = 60  # letters of context kept on either side
KEPT, DOUBTFUL, LOST = "kept", "doubtful", "lost"
# A quote that was changed at all is never kept: one figure more or less is another finding.
LIKELY = 80.0  # per cent alike from which a changed passage is offered as doubtful
AROUND_ALIKE = 75.0  # per cent alike from which the words around a quote count as the same
AROUND_APART = 15.0  # per cent by which the best of several places must lead
LEAST = 8  # letters of a quote that may be found without its context
_LIGATURES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})
HEADS = 3  # pages on which a line stands first or last to be a running head or foot
AT_EDGES = 2  # lines at the top and at the foot of a page that may be one
# The reader of PDFs puts U+0002 for a hyphen at a line's end and runs the next line on.
_LINE_END = re.compile(r"[\n\u0002\ufffe]")
_FIGURES = re.compile(r"\d+")
_SOFT = "\u00ad\u200b\u200c\u200d\ufeff\u0002\ufffe"
_DASHES = "-\u2010\u2011"


@dataclass(frozen=True)
class Anchor:
    """A passage: its page, the quote as it was selected, and the text around it."""

    page: int
    quote: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Found:
    """What became of an anchor. `anchor` is the new one; None when it is lost."""

    state: str
    anchor: Anchor | None
    why: str = ""


@dataclass(frozen=True)
class _Squeezed:
    """A text without spaces, line breaks and hyphens, and where each letter stood."""

    letters: str
    places: list[int]


def squeeze(text: str) -> _Squeezed:
    """What is left when all that a typesetter may change is taken out.

    Upper and lower case, accents and figures stay; ligatures and compatibility forms are resolved.
    Hyphens go, because a word may be broken at any; a minus before a figure stays.
    """
    letters: list[str] = []
    places: list[int] = []
    for at, raw in enumerate(text):
        if raw.isspace() or raw in _SOFT:
            continue
        if raw in _DASHES and not _is_minus(text, at):
            continue
        for letter in unicodedata.normalize("NFKC", raw.translate(_LIGATURES)):
            if not letter.isspace():
                letters.append(letter)
                places.append(at)
    # An accent that follows its letter, as some PDFs have it, becomes one with it.
    joined = "".join(letters)
    if any(unicodedata.combining(letter) for letter in joined):
        return _composed(letters, places)
    return _Squeezed(joined, places)


def _composed(letters: list[str], places: list[int]) -> _Squeezed:
    out: list[str] = []
    where: list[int] = []
    for letter, place in zip(letters, places, strict=True):
        if unicodedata.combining(letter) and out:
            out[-1] = unicodedata.normalize("NFC", out[-1] + letter)
            if len(out[-1]) > 1:  # no composed form: keep it apart
                out[-1], rest = out[-1][0], out[-1][1:]
                out.append(rest)
                where.append(place)
        else:
            out.append(letter)
            where.append(place)
    return _Squeezed("".join(out), where)


def _is_minus(text: str, at: int) -> bool:
    """ "-0.3" and "(-2" hold a minus; "0-3", "well-known" and a broken word do not."""
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return after.isdigit() and not before.isalnum()


def make(text: str, page: int, start: int, end: int) -> Anchor:
    """The anchor of text[start:end] of a page. ValueError when there is nothing in it."""
    pages = text.split("\f")
    if not 1 <= page <= len(pages):
        raise ValueError("There is no such page.")
    here = pages[page - 1]
    quote = here[max(0, start) : end]
    if not squeeze(quote).letters:
        raise ValueError("Nothing is selected.")
    return Anchor(page, quote, here[max(0, start - AROUND) : start], here[end : end + AROUND])


def located(text: str, quote: str, page: int, before: str = "", after: str = "") -> Anchor | None:
    """The anchor of a quote that somebody selected on `page`, its context taken from the text.

    None when the page does not hold it: what a browser sends is checked against what we read.
    """
    pages = text.split("\f")
    if not 1 <= page <= len(pages):
        return None
    here, wanted = squeeze(pages[page - 1]), squeeze(quote).letters
    hits = _hits(here.letters, wanted) if wanted else []
    if not hits:
        return None
    best = max(hits, key=lambda hit: _around(here.letters, hit, hit + len(wanted), before, after))
    return make(text, page, here.places[best], here.places[best + len(wanted) - 1] + 1)


def find(anchor: Anchor, text: str, *, old: str = "") -> Found:
    """The anchor in another text of the document.

    `old` is the text that it was made in. Words that stood there twice and stand here once may be
    the other ones, those of the quote having been changed: they are doubtful.
    """
    wanted = squeeze(anchor.quote).letters
    pages = text.split("\f")
    reading = _flowing
    whole = reading(text)
    hits = _hits(whole.letters, wanted) if wanted else []
    if not hits:  # words of a running head itself
        reading = _squeezed
        whole = reading(text)
        hits = _hits(whole.letters, wanted) if wanted else []
    if not hits:
        return _likeliest(anchor, wanted, whole, text)
    scored = sorted(
        ((_around(whole.letters, hit, hit + len(wanted), anchor.before, anchor.after), hit) for hit in hits),
        key=lambda each: (-each[0], abs(_page_of(pages, whole.places[each[1]])[0] - anchor.page)),
    )  # fmt: skip
    best, hit = scored[0]
    made = _anchor_at(pages, whole, hit, len(wanted))
    if _splits_a_word(whole.letters, text, whole, hit, len(wanted), anchor):
        return Found(DOUBTFUL, made, "the quote is part of a longer word or figure here")
    if old and len(hits) != len(_hits(reading(old).letters, wanted)):
        return Found(DOUBTFUL, made, "these words stand more or fewer times than before")
    alone = len(hits) == 1
    if alone and len(wanted) >= LEAST and (len(wanted) >= 40 or best >= AROUND_ALIKE / 2):
        return Found(KEPT, made)
    if best >= AROUND_ALIKE and (alone or best - scored[1][0] >= AROUND_APART):
        return Found(KEPT, made)
    if alone:
        return Found(DOUBTFUL, made, "the words around it are others")
    return Found(DOUBTFUL, made, f"these words stand {len(hits)} times in the new copy")


@lru_cache(maxsize=4)  # many quotes are looked for in one text
def _squeezed(text: str) -> _Squeezed:
    return squeeze(text)


@lru_cache(maxsize=4)
def _flowing(text: str) -> _Squeezed:
    """A text squeezed without its running heads and feet: a sentence flows over the page's end."""
    edges = _edges(text)
    looks = Counter(_look(text[start:end]) for start, end in edges)
    heads = {
        at
        for start, end in edges
        if looks[_look(text[start:end])] >= HEADS and not _is_row(text[start:end])
        for at in range(start, end)
    }
    whole = _squeezed(text)
    kept = [n for n, place in enumerate(whole.places) if place not in heads]
    if len(kept) == len(whole.places):
        return whole
    return _Squeezed("".join(whole.letters[n] for n in kept), [whole.places[n] for n in kept])


def _edges(text: str) -> list[tuple[int, int]]:
    """(start, end) of the first and last lines of every page that say something."""
    found, begins = [], 0
    for page in text.split("\f"):
        lines, at = [], begins
        for line in _LINE_END.split(page):
            if line.strip():
                lines.append((at, at + len(line)))
            at += len(line) + 1
        found += lines[:AT_EDGES] + lines[AT_EDGES:][-AT_EDGES:]
        begins += len(page) + 1
    return found


def _is_row(line: str) -> bool:
    """More figures than letters, as a table's rows have, and more than a page's number."""
    figures = sum(letter.isdigit() for letter in line)
    return figures > sum(letter.isalpha() for letter in line) and len(line.split()) > 1


def _look(line: str) -> str:
    """The line with every number alike; one that is a number alone is a page's."""
    return _FIGURES.sub("0", " ".join(line.split()))


def _hits(text: str, wanted: str) -> list[int]:
    found, at = [], text.find(wanted)
    while at >= 0:
        found.append(at)
        at = text.find(wanted, at + 1)
    return found


def _around(letters: str, start: int, end: int, before: str, after: str) -> float:
    """How alike the words around a place are to those around the quote, 0 to 100."""
    left, right = squeeze(before).letters, squeeze(after).letters
    scores = []
    if left:
        scores.append(fuzz.ratio(left, letters[max(0, start - len(left)) : start]))
    if right:
        scores.append(fuzz.ratio(right, letters[end : end + len(right)]))
    if not scores:
        return 0.0
    # A running head or a page's end may stand on one side: the better side counts more.
    return 0.7 * max(scores) + 0.3 * min(scores)


def _splits_a_word(
    letters: str, text: str, whole: _Squeezed, hit: int, length: int, anchor: Anchor
) -> bool:
    """Whether the place begins or ends inside a word or number, where the quote did not."""
    first, last = whole.places[hit], whole.places[hit + length - 1]
    for mine, inside, there, edge in (
        (anchor.before[-1:], text[first], text[first - 1 : first] if first else "", "start"),
        (anchor.after[:1], text[last], text[last + 1 : last + 2], "end"),
    ):
        cut_before = bool(mine) and mine.isalnum()
        cut_here = there.isalnum() and inside.isalnum()
        decimal = (
            inside.isdigit() and there in (".", ",") and _digit_beyond(text, first, last, edge)
        )
        mine_decimal = mine in (".", ",")
        if (cut_here and not cut_before) or (decimal and not mine_decimal):
            return True
    return False


def _digit_beyond(text: str, first: int, last: int, edge: str) -> bool:
    beyond = text[first - 2 : first - 1] if edge == "start" else text[last + 2 : last + 3]
    return beyond.isdigit()


def _page_of(pages: list[str], place: int) -> tuple[int, int]:
    """(page from 1, offset in it) of an offset in the whole text."""
    for number, page in enumerate(pages, start=1):
        if place <= len(page):
            return number, place
        place -= len(page) + 1
    return len(pages), 0


def _anchor_at(pages: list[str], whole: _Squeezed, hit: int, length: int) -> Anchor:
    """The anchor at a place of the whole text; one that runs over a page's end keeps both parts."""
    page, start = _page_of(pages, whole.places[hit])
    last_page, last = _page_of(pages, whole.places[hit + length - 1])
    here, there = pages[page - 1], pages[last_page - 1]
    quote = here[start : last + 1]
    if page != last_page:
        quote = _flowing_words(pages, whole, hit, length)
    return Anchor(
        page, quote, here[max(0, start - AROUND) : start], there[last + 1 : last + 1 + AROUND]
    )


def _flowing_words(pages: list[str], whole: _Squeezed, hit: int, length: int) -> str:
    """The words from one page to the next, without the running head and foot between them."""
    text, parts = "\f".join(pages), []
    places = whole.places[hit : hit + length]
    for place, following in zip(places, [*places[1:], places[-1] + 1], strict=True):
        between = text[place:following]
        # What lies between two letters is space, a hyphen, or the foot of the page.
        parts.append(text[place] + "\n" if "\f" in between else between)
    return "".join(parts)


def _likeliest(anchor: Anchor, wanted: str, whole: _Squeezed, text: str) -> Found:
    """The passage most like the quote, to be looked at; never kept."""
    if len(wanted) < LEAST:  # too short to be like anything: look for it with its words around it
        wanted = squeeze(anchor.before + anchor.quote + anchor.after).letters
    if len(wanted) >= LEAST and len(whole.letters) >= len(wanted):
        alike = fuzz.partial_ratio_alignment(wanted, whole.letters, score_cutoff=LIKELY)
        if alike is not None and alike.dest_end > alike.dest_start:
            made = _anchor_at(
                text.split("\f"), whole, alike.dest_start, alike.dest_end - alike.dest_start
            )
            return Found(
                DOUBTFUL, made, f"the words are {round(alike.score)} % alike, not the same"
            )
    return Found(LOST, None, "these words are not in the new copy")
