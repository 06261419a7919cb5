"""CSV and TSV: header found, delimiter told by the header row, damaged rows contained.

A stray quote must not swallow the rows after it: a quoted cell may run over several lines, but
what it then contains must still be a well-formed row.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from citations.formats.blocks import Line, lines
from citations.formats.record import Columns, Item, Problem, Unreadable, excerpt
from citations.formats.table import (
    Header,
    are_glued,
    header_by_hand,
    header_line_of,
    header_of,
    record_of,
    says_nothing,
)

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 20  # rows: preambles are short
MOST_LINES_IN_A_ROW = 2000
MOST_CHARACTERS_IN_A_ROW = 2 << 20
_SEP_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
csv.field_size_limit(1 << 30)  # the rows themselves are limited above

NO_HEADER = (
    "No header row was recognised in this table; "
    "say which column is the title, the authors, the year and so on."
)


def find_header(head: str, columns: Columns | None = None) -> tuple[int, str, Header] | None:
    """(line of the header from 1, delimiter, header) in the beginning of a file, None if none.

    With `columns`, the first row that is not blank counts, whatever it says; its line is one
    less than the row's when it is data already.
    """
    if (chosen := header_line_of(columns)) is not None:
        return _header_chosen(head, chosen, columns or {})
    best: tuple[int, str, Header] | None = None
    line = 1
    physical = head.split("\n")
    for _ in range(HEADER_WITHIN):
        if line > len(physical):
            break
        if sep := _SEP_LINE.match(physical[line - 1]):
            found = find_header_with(physical, line + 1, (sep[1],), columns)
        else:
            found = find_header_with(physical, line, DELIMITERS, columns)
        if found and (best is None or found[2].recognised > best[2].recognised):
            best = found
        if best and columns:
            break
        line += 1
    return best


def find_header_with(
    physical: list[str], line: int, delimiters: Iterable[str], columns: Columns | None
) -> tuple[int, str, Header] | None:
    """The header in this line, read with the delimiter that gives most known columns."""
    if line > len(physical) or not physical[line - 1].strip():
        return None
    best: tuple[int, str, Header] | None = None
    for delimiter in delimiters:
        cells = _cells(physical[line - 1], delimiter)
        if columns is not None:
            try:
                header, has_names = header_by_hand(cells, columns)
            except Unreadable:
                continue
            found = (line if has_names else line - 1, delimiter, header)
            if best is None or len(header.names) > len(best[2].names):
                best = found
            continue
        header = header_of(cells)
        if header.is_telling and (best is None or header.recognised > best[2].recognised):
            best = (line, delimiter, header)
    return best


def _header_chosen(head: str, line: int, columns: Columns) -> tuple[int, str, Header] | None:
    """The header in the line that a person chose; for line 0 the numbers of the columns."""
    physical = head.split("\n")
    if line > len(physical):
        raise Unreadable(f"The file has no line {line} to be the header.")
    delimiter = delimiter_of(head)
    rows = [_cells(physical[line - 1], delimiter)] if line else rows_of(head, delimiter)
    cells = max(rows, key=len, default=[]) if not line else rows[0]
    header, _ = header_by_hand(cells, columns)
    return line or _sep_lines(physical), delimiter, header


def _sep_lines(physical: list[str]) -> int:
    return int(_SEP_LINE.match(physical[0]) is not None)


def delimiter_of(head: str) -> str:
    """What separates the cells: Excel's own word for it, else what gives even rows of many cells."""
    if sep := _SEP_LINE.match(head.split("\n", 1)[0]):
        return sep[1]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in rows_of(head, delimiter)]
        width = max(set(widths), key=widths.count, default=1)
        return (widths.count(width), width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=evenness)


def rows_of(head: str, delimiter: str) -> list[list[str]]:
    """The first rows that are not blank, as cells; Excel's `sep=` line is none."""
    return [cells for _, cells in numbered_rows(head, delimiter)]


def numbered_rows(head: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The same, each with the line that it begins in."""
    skip = _sep_lines(head.split("\n", 1))
    rows = _Rows(lines([head.encode()]), skip, delimiter, 0)
    found = ((line, cells) for line, _, cells, _ in rows if cells is not None)
    return list(islice(found, HEADER_WITHIN))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def records(
    chunks: Iterable[bytes], *, head: str, columns: Columns | None = None
) -> Iterator[Item]:
    """Every row below the header, in file order."""
    found = find_header(head, columns)
    if found is None:
        if columns:
            raise Unreadable("The columns chosen are not in this file.")
        raise Unreadable(NO_HEADER)
    header_line, delimiter, header = found
    return _rows_as_items(chunks, header_line, delimiter, header)


def _rows_as_items(
    chunks: Iterable[bytes], header_line: int, delimiter: str, header: Header
) -> Iterator[Item]:
    reader = _Rows(lines(chunks), header_line, delimiter, len(header.names))
    rows = 0
    glued = False
    for line, end_line, cells, problems in reader:
        yield from problems
        if cells is None:
            rows += 1
            continue
        record = record_of(header, cells, line, end_line)
        if record is None:
            continue
        rows += 1
        if [cell.strip() for cell in cells] == header.names:
            yield Problem(line, "The header row is repeated here.", excerpt(delimiter.join(cells)))
            continue
        if says_nothing(header, cells):
            yield Problem(
                line,
                "This row has nothing in the columns that say what it is; it was not imported.",
                excerpt(delimiter.join(cells)),
                lost=True,
            )
            continue
        yield from _fits(header, cells, line, delimiter)
        if are_glued(record.authors):
            if not glued:
                yield Problem(
                    line,
                    "Authors in this and later rows are written without a separator; they can't be "
                    "told apart and were left out.",
                    excerpt(record.authors[0]),
                    record=line,
                )
            glued = True
            record.authors = []
        yield record
    if not rows:
        yield Problem(header_line + 1, "There are no rows below the header.", "")


def _fits(header: Header, cells: list[str], line: int, delimiter: str) -> Iterator[Problem]:
    expected = len(header.names)
    if len(cells) > expected and any(cell.strip() for cell in cells[expected:]):
        yield Problem(
            line,
            f"This row has more cells ({len(cells)}) than the header ({expected}).",
            excerpt(delimiter.join(cells[expected:])),
            record=line,
        )
    elif len(cells) < expected:
        yield Problem(
            line,
            f"This row has fewer cells ({len(cells)}) than the header ({expected}).",
            excerpt(delimiter.join(cells)),
            record=line,
        )


Row = tuple[int, int, list[str] | None, list[Problem]]


class _Rows:
    """Rows out of physical lines: (first line, last line, cells or None, problems)."""

    def __init__(self, source: Iterator[Line], skip_to: int, delimiter: str, width: int) -> None:
        self._source = source
        self._again: deque[Line] = deque()
        self._skip_to = skip_to
        self._delimiter = delimiter
        self._width = width

    def _next(self) -> Line | None:
        if self._again:
            return self._again.popleft()
        return next(self._source, None)

    def __iter__(self) -> Iterator[Row]:
        while (line := self._next()) is not None:
            if line.number <= self._skip_to or not line.text.strip():
                continue
            yield self._row(line)

    def _row(self, line: Line) -> Row:
        if '"' not in line.text:
            return self._finished([line], line.text.split(self._delimiter))
        parts = [line]
        quotes = line.text.count('"')
        size = len(line.text)
        if not self._malformed(line.text):
            while (
                quotes % 2 and len(parts) < MOST_LINES_IN_A_ROW and size < MOST_CHARACTERS_IN_A_ROW
            ):
                following = self._next()
                if following is None:
                    break
                parts.append(following)
                quotes += following.text.count('"')
                size += len(following.text)
            if quotes % 2 == 0:
                text = "\n".join(part.text for part in parts)
                if not self._malformed(text):
                    return self._finished(parts, self._parsed(text))
        # A quote in this line does not belong: the lines after it are rows of their own.
        self._again.extendleft(reversed(parts[1:]))
        return self._damaged(line)

    def _malformed(self, text: str) -> bool:
        """Whether a closing quote is followed by something other than a delimiter."""
        try:
            list(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            return "unexpected end of data" not in str(error)
        return False

    def _parsed(self, text: str) -> list[str]:
        return next(csv.reader([text], delimiter=self._delimiter), [])

    def _damaged(self, line: Line) -> Row:
        problem = Problem(
            line.number,
            "Unbalanced quote in this row; it was read without it.",
            excerpt(line.text),
            record=line.number,
        )
        for attempt in self._repairs(line.text):
            cells = self._parsed(attempt)
            if len(cells) == self._width and not any("\n" in cell for cell in cells):
                return self._finished([line], cells, problem)
        problem.message = (
            "Unbalanced quote in this row; it can't be told what belongs to which column."
        )
        problem.lost, problem.record = True, 0
        return line.number, line.number, None, [problem]

    def _repairs(self, text: str) -> Iterator[str]:
        """The row with one quote less, the quote at a time, most likely first; then as it is."""
        places = [match.start() for match in re.finditer('"', text)][:200]
        for at in places:
            attempt = text[:at] + text[at + 1 :]
            if attempt.count('"') % 2 == 0 and not self._malformed(attempt):
                yield attempt
        yield text

    def _finished(self, parts: list[Line], cells: list[str], *problems: Problem) -> Row:
        told = list(problems)
        for part in parts:
            if part.as_windows:
                told.append(
                    Problem(
                        part.number,
                        "This row holds bytes that are not UTF-8; they were read as Windows-1252.",
                        excerpt(part.text),
                        record=parts[0].number,
                    )
                )
            if "\0" in part.text:
                told.append(
                    Problem(
                        part.number,
                        "A NUL character was removed.",
                        excerpt(part.text),
                        record=parts[0].number,
                    )
                )
            if part.cut_off:
                told.append(
                    Problem(
                        part.number,
                        "This line is too long; the rest of it was left out.",
                        excerpt(part.text),
                        record=parts[0].number,
                    )
                )
        if any("\0" in cell for cell in cells):
            cells = [cell.replace("\0", "") for cell in cells]
        return parts[0].number, parts[-1].number, cells, told
