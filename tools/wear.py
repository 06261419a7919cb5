"""Records as worse exports would have them: for `train_matching.py`, which learns from them too.

What is done to a record depends on chance alone, not on whether it is somebody's duplicate: so what
was the same publication stays it, and what was another stays another.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from citations.matching import Citation

# What journals and indexes put before a title.
LABELS = (
    *("Research Paper", "Special Issue Paper", "Original Contribution", "Invited Talk", "Focus"),
    *("Student Competition Paper", "Practice Note", "Congress Paper", "Feature", "Reports from"),
    *("Award Winner", "Viewpoint", "Methods Corner", "In Brief", "How did it", "Case Study"),
)
VOWELS = "aeiou"


def _labelled(c: Citation, chance: random.Random) -> Citation:
    return replace(c, title=f"{chance.choice(LABELS)}{chance.choice((' - ', ': '))}{c.title}")


def _without_subtitle(c: Citation, chance: random.Random) -> Citation:
    head = c.title.split(": ")[0]
    return replace(c, title=head) if len(head.split()) > 2 else c


def _cut(c: Citation, chance: random.Random) -> Citation:
    if len(c.title) < 60:
        return c
    return replace(c, title=c.title[: chance.randrange(45, len(c.title) - 5)])


def _mistyped(c: Citation, chance: random.Random) -> Citation:
    t = c.title
    if len(t) < 8:
        return c
    k = chance.randrange(2, len(t) - 2)
    changed = (t[:k] + t[k + 1 :], t[:k] + t[k + 1] + t[k] + t[k + 2 :], t[:k] + "e" + t[k + 1 :])
    return replace(c, title=chance.choice(changed))


def _other_year(c: Citation, chance: random.Random) -> Citation:
    # An "Editorial" of the year after is another one.
    year = str(c.year or "")
    if not year.isdecimal() or len(c.title.split()) < 5:
        return c
    return replace(c, year=int(year) + chance.choice((-2, -1, -1, 1, 1, 2)))


def _fewer_authors(c: Citation, chance: random.Random) -> Citation:
    if len(c.authors) < 2:
        return c
    gone = chance.randrange(len(c.authors))
    return replace(c, authors=(*c.authors[:gone], *c.authors[gone + 1 :]))


def _other_order(c: Citation, chance: random.Random) -> Citation:
    return replace(c, authors=tuple(reversed(c.authors)))


def _family_names(c: Citation, chance: random.Random) -> Citation:
    return replace(c, authors=tuple(name.split(",")[0] for name in c.authors))


def _other_issue(c: Citation, chance: random.Random) -> Citation:
    return replace(c, issue=str(int(c.issue) + 1)) if c.issue.isdecimal() else c


# Share of records of a worn copy to which each is done.
DONE: dict[Callable[[Citation, random.Random], Citation], float] = {
    _labelled: 0.04,
    _without_subtitle: 0.03,
    _cut: 0.02,
    _mistyped: 0.04,
    _other_year: 0.03,
    _fewer_authors: 0.04,
    _other_order: 0.01,
    _family_names: 0.05,
    _other_issue: 0.02,
}


def worn(cited: list[Citation], seed: int) -> list[Citation]:
    """Copies of the records, in their order, some with a flaw or two."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    out = []
    for c in cited:
        for flaw, share in DONE.items():
            if chance.random() < share:
                c = flaw(c, chance)
        out.append(c)
    return out
