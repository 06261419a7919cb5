"""Which words of two texts differ. Pure Python, no Django."""

import re
from difflib import SequenceMatcher

# Words of both texts together up to which they are aligned; above it only words that the other
# text lacks altogether are marked, because an alignment costs the product of the two lengths.
ALIGNED_UP_TO = 6000

Piece = tuple[str, bool]  # (text, does it differ)
_WORD = re.compile(r"\S+\s*")
_BARE = re.compile(r"\W+")


def mark(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut into pieces, in order, each marked when the other text has it otherwise.

    Case, punctuation and white space make no difference: databases set them as they like.
    Joined again, the pieces are the texts.
    """
    ours, theirs = _WORD.findall(left.strip()), _WORD.findall(right.strip())
    bare_ours, bare_theirs = [_bare(word) for word in ours], [_bare(word) for word in theirs]
    if len(ours) + len(theirs) > ALIGNED_UP_TO:
        has_left, has_right = set(bare_ours), set(bare_theirs)
        return (
            _pieces(ours, [word not in has_right for word in bare_ours]),
            _pieces(theirs, [word not in has_left for word in bare_theirs]),
        )
    differs_left, differs_right = [True] * len(ours), [True] * len(theirs)
    matcher = SequenceMatcher(None, bare_ours, bare_theirs, autojunk=False)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            differs_left[block.a + k] = differs_right[block.b + k] = False
    return _pieces(ours, differs_left), _pieces(theirs, differs_right)


def differ(left: str, right: str) -> bool:
    """Whether anything but case, punctuation and white space is different."""
    return _bare(left) != _bare(right)


def _bare(text: str) -> str:
    """The letters and digits alone; a word that has none (a dash, a sign) stands for itself."""
    return _BARE.sub("", text).casefold() or text.strip()


def _pieces(words: list[str], differs: list[bool]) -> list[Piece]:
    """Neighbours of one kind become one piece; the space after a marked piece is not marked."""
    pieces: list[Piece] = []

    def add(text: str, marked: bool) -> None:
        if pieces and pieces[-1][1] == marked:
            pieces[-1] = (pieces[-1][0] + text, marked)
        elif text:
            pieces.append((text, marked))

    for k, (word, marked) in enumerate(zip(words, differs, strict=True)):
        last_marked = marked and not (k + 1 < len(words) and differs[k + 1])
        text = word.rstrip() if last_marked else word
        add(text, marked)
        add(word[len(text) :], False)
    return pieces
