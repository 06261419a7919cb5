"""The output of `parse_citations`: one JSON object a line, a summary at the end."""

import json
from pathlib import Path
from typing import TextIO

from citations.formats.reading import read
from citations.formats.record import Problem, Unreadable

PRINTED, UNREADABLE = 0, 2


def print_citations(path: Path, out: TextIO, errors: TextIO, *, format: str | None = None) -> int:
    """Print every record and problem of a file; return the exit code.

    A file that can't be read as a whole is one problem on `out` and one sentence on `errors`,
    without a summary.
    """
    try:
        reading = read(path, name=path.name, format=format)
        for item in reading:
            out.write(json.dumps(item.as_json()) + "\n")
    except Unreadable as refusal:
        out.write(json.dumps(Problem(refusal.line, str(refusal)).as_json()) + "\n")
        errors.write(f"{refusal}\n")
        return UNREADABLE
    summary = {
        "type": "summary",
        "format": reading.format,
        "dialect": reading.dialect,
        "encoding": reading.encoding,
        "newline": reading.newline,
        "records": reading.records,
        "problems": reading.problems,
        "lost": reading.lost,
        "put_right": reading.put_right,
    }
    out.write(json.dumps(summary) + "\n")
    return PRINTED
