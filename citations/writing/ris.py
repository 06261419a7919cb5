"""RIS, a line a value."""

from collections.abc import Iterable, Iterator

from citations.formats.own import RIS_MARK, RIS_TAGS
from citations.writing.rows import Row, kind_of, lines, notes, one_line

TYPES = {
    "article": "JOUR", "book": "BOOK", "chapter": "CHAP", "conference": "CPAPER", "thesis": "THES",
    "report": "RPRT", "preprint": "UNPB", "dataset": "DATA", "webpage": "ELEC", "other": "GEN",
}  # fmt: skip


def ris(rows: Iterable[Row]) -> Iterator[str]:
    """One piece a record."""
    for row in rows:
        tags = [("TY", TYPES[kind_of(row)])]
        if row.get("id") is not None:
            tags.append(("ID", str(row["id"])))
        tags += [("AU", name) for name in lines(row.get("authors"))]
        for name, tag in RIS_TAGS.items():
            value = one_line(row.get(name))
            first, _dash, last = value.partition("-")
            if name == "pages" and first and last:
                tags += [("SP", first), ("EP", last)]
            elif value:
                tags.append((tag, value))
        tags += [("KW", word) for word in lines(row.get("keywords"))]
        tags += [("N1", note) for note in notes(row)]
        tags += [RIS_MARK, ("ER", "")]
        yield "".join(f"{tag}  - {value}\r\n" for tag, value in tags) + "\r\n"
