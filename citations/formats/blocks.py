"""Cut a stream of bytes into blocks that begin where a pattern matches, with line numbers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from citations.formats.record import Problem, excerpt
from citations.formats.source import decode

# A block (one reference) longer than this is cut there and reported: the largest real record
# known to us has 0.4 MB, a file without line ends must not fill the memory.
MAX_BLOCK = 4 << 20
# A start pattern never needs to see more than this much to match.
LOOKBACK = 256


@dataclass(slots=True)
class Block:
    """Bytes from one start to the next. `dropped` counts the bytes cut off at MAX_BLOCK."""

    line: int
    end_line: int
    data: bytes
    dropped: int = 0


def cut(
    chunks: Iterable[bytes], start: re.Pattern[bytes], *, skip: int = 1, line: int = 1
) -> Iterator[Block]:
    """Blocks in file order; the first begins with the file, whether or not it is a start.

    A block begins `skip` bytes after the start of a match. Patterns for tagged text begin with
    the newline before the line that opens a block: a literal first character makes the search
    three times as fast as `^`. Patterns for XML match the element itself (`skip=0`). `line`
    is the number of the first line.
    """
    pending = b""
    dropped = dropped_lines = 0
    own = 0 if skip else 1  # with skip=0 a pending block would match its own beginning
    searched = own

    def block(data: bytes) -> Block:
        nonlocal line, dropped, dropped_lines
        if len(data) > MAX_BLOCK:
            dropped += len(data) - MAX_BLOCK
            dropped_lines += data.count(b"\n", MAX_BLOCK)
            data = data[:MAX_BLOCK]
        lines = data.count(b"\n") + dropped_lines
        made = Block(line, line + max(0, lines - data.endswith(b"\n")), data, dropped)
        line += lines
        dropped = dropped_lines = 0
        return made

    for chunk in chunks:
        data = pending + chunk
        at = 0
        # Only a tail shorter than a start can hide one that the next chunk completes.
        for match in start.finditer(data, searched):
            yield block(data[at : match.start() + skip])
            at = match.start() + skip
        pending = data[at:]
        if len(pending) > MAX_BLOCK + LOOKBACK:
            gone = len(pending) - LOOKBACK
            dropped += gone - MAX_BLOCK
            dropped_lines += pending.count(b"\n", MAX_BLOCK, gone)
            pending = pending[:MAX_BLOCK] + pending[gone:]
        searched = max(own, len(pending) - LOOKBACK)
    if pending:
        yield block(pending)


def text_of(block: Block) -> tuple[str, list[Problem]]:
    """The block's text without NUL characters, and what had to be done to get it."""
    problems = []
    text, as_windows = decode(block.data)
    if as_windows:
        if block.dropped and _cut_mid_character(block.data):
            text, as_windows = block.data.decode("utf-8", "ignore"), False
        else:
            problems.append(
                Problem(
                    block.line,
                    "This record holds bytes that are not UTF-8; they were read as Windows-1252.",
                    excerpt(text),
                    record=block.line,
                )
            )
    if "\0" in text:
        problems += nul_problems(text, block.line)
        text = text.replace("\0", "")
    if block.dropped:
        problems.append(
            Problem(
                block.line,
                f"This record is longer than {MAX_BLOCK >> 20} MB; the rest of it was left out.",
                excerpt(text),
                record=block.line,
            )
        )
    return text, problems


def nul_problems(text: str, first_line: int) -> list[Problem]:
    """One problem a line that holds NUL characters."""
    return [
        Problem(
            first_line + offset,
            "A NUL character was removed.",
            excerpt(line),
            record=first_line + offset,
        )
        for offset, line in enumerate(text.split("\n"))
        if "\0" in line
    ]


def _cut_mid_character(data: bytes) -> bool:
    try:
        data[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 8
    return True


@dataclass(slots=True)
class Line:
    """One physical line, without its newline. `cut_off` when it was longer than MAX_BLOCK."""

    number: int
    text: str
    as_windows: bool = False
    cut_off: bool = False


def lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """The file's lines, each decoded by itself."""
    number = 0
    pending = b""
    dropping = False
    for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        if dropping:
            first = b""
        pending += first
        for following in rest:
            number += 1
            yield _line(number, pending, dropping)
            pending, dropping = following, False
        if len(pending) > MAX_BLOCK:
            pending, dropping = pending[:MAX_BLOCK], True
    if pending:
        yield _line(number + 1, pending, dropping)


def _line(number: int, data: bytes, cut_off: bool) -> Line:
    if cut_off or len(data) > MAX_BLOCK:
        return Line(number, data[:MAX_BLOCK].decode("utf-8", "replace"), cut_off=True)
    text, as_windows = decode(data)
    return Line(number, text, as_windows)
