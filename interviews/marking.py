"""A transcript as pieces to show: where excerpts begin and end, line by line. Pure."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """Code points [start, start + len(text)) that lie in the same excerpts."""

    start: int
    text: str
    excerpts: tuple[int, ...]


def pieces(text: str, spans: Iterable[tuple[int, int, int]]) -> list[list[Piece]]:
    """Lines of pieces; `spans` are (excerpt id, start, end) in code points, overlaps allowed.

    Empty lines are left out of the result; offsets stay those of the whole text.
    """
    marks = sorted(spans, key=lambda span: (span[1], span[2]))
    cuts = sorted({edge for _, start, end in marks for edge in (start, end)})
    lines: list[list[Piece]] = []
    offset = 0
    for line in text.split("\n"):
        if line.strip():
            lines.append(_line(line, offset, marks, cuts))
        offset += len(line) + 1
    return lines


def _line(
    line: str, offset: int, marks: Sequence[tuple[int, int, int]], cuts: Sequence[int]
) -> list[Piece]:
    end = offset + len(line)
    edges = [offset, *(cut for cut in cuts if offset < cut < end), end]
    found = []
    for start, stop in itertools.pairwise(edges):
        inside = tuple(pk for pk, first, last in marks if first <= start and stop <= last)
        found.append(Piece(start, line[start - offset : stop - offset], inside))
    return found
