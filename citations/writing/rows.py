"""What every writer asks of a row."""

from collections.abc import Iterator
from typing import Any

from citations.formats.own import FIELDS, list_cell
from citations.formats.text import storable

Row = dict[str, Any]
BIBLIOGRAPHIC = list(FIELDS)


def one_line(value: Any) -> str:
    """A value for formats with a line a value: every run of white space is one space."""
    return " ".join(storable(str(value)).split()) if value is not None else ""


def lines(values: Any) -> list[str]:
    """Names or keywords, a line each, without empty ones."""
    return [line for value in values or [] if (line := one_line(value))]


def verbatim(value: Any) -> str:
    """A value with its line breaks, which are `\\n`."""
    if value is None:
        return ""
    return storable(str(value)).replace("\r\n", "\n").replace("\r", "\n")


def cell(value: Any) -> str:
    """A value as one cell; a list in one cell."""
    if isinstance(value, list):
        return list_cell([verbatim(each) for each in value])
    return verbatim(value)


def notes(row: Row) -> Iterator[str]:
    """`place: Included`, for each thing that the caller added to the bibliography."""
    for name, value in row.items():
        if name not in FIELDS and name != "id" and value not in (None, "", []):
            said = "; ".join(lines(value)) if isinstance(value, list) else one_line(value)
            yield f"{name}: {said}"


def kind_of(row: Row) -> str:
    """The type of reference, of the many words for it, as one of the keys of KINDS' values."""
    said = one_line(row.get("entry_type")).casefold()
    for kind, words in KINDS.items():
        if any(word in said for word in words):
            return kind
    if said in ("", "article") or row.get("journal"):
        return "article"
    return "other"


# The most particular first: "book chapter" is no book, "conference paper" no article.
KINDS = {
    "chapter": ("chap", "incollection", "inbook", "book section", "encyc"),
    "conference": ("conf", "proceedings", "cpaper", "meeting"),
    "thesis": ("thes", "dissertation"),
    "preprint": ("preprint", "unpb", "unpublished"),
    "report": ("rprt", "report", "govdoc"),
    "article": ("jour", "article", "mgzn", "review", "editorial", "letter", "jfull", "ejour"),
    "book": ("book", "monograph"),
    "dataset": ("dataset", "data set"),
    "webpage": ("web", "elec", "online", "blog"),
}
