"""Citation readers: bytes in, records and line-numbered problems out. No Django here.

    for item in read(Path("export.ris")):
        ...                              # ParsedRecord or Problem, in file order

`read` finds format and encoding by content. It streams: a file of any length costs the
memory of a few records. It raises `Unreadable` and nothing else.
"""

from citations.formats.reading import FORMATS, Reading, read
from citations.formats.record import ParsedRecord, Problem, Unreadable

__all__ = ["FORMATS", "ParsedRecord", "Problem", "Reading", "Unreadable", "read"]
