"""What changed between two versions of the criteria. Pure Python, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from citations.differences import Piece, mark


@dataclass(frozen=True)
class Change:
    """One criterion of either version: how = same, changed, gone or new; the words cut in pieces."""

    how: str
    before: list[Piece] = field(default_factory=list)
    after: list[Piece] = field(default_factory=list)


def compare(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """The criteria of both versions in the order of the page; what was reworded stands as a pair."""
    changes: list[Change] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, from_, to, begin, end in matcher.get_opcodes():
        if tag == "equal":
            changes += [Change("same", after=[(text, False)]) for text in old[from_:to]]
            continue
        pairs = min(to - from_, end - begin)
        for k in range(pairs):
            before, after = mark(old[from_ + k], new[begin + k])
            changes.append(Change("changed", before, after))
        changes += [Change("gone", before=[(text, True)]) for text in old[from_ + pairs : to]]
        changes += [Change("new", after=[(text, True)]) for text in new[begin + pairs : end]]
    return changes
