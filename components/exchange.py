"""The tree as files, in and out: which format a file is, and one way in for pages and API.

`bring_in` returns what was taken and what the format could not carry, each in a sentence.
"""

import json
from dataclasses import dataclass

from reviews.models import Review, User

from . import actions, interchange, qdc, tables, versions
from .interchange import Node
from .nodes import nodes_of
from .sheets import csv_text

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "qdc": "application/xml",  # REFI-QDA
}
ENOUGH = interchange.LARGEST + 1  # bytes: one more than is allowed shows that it is too much


@dataclass(frozen=True)
class Taken:
    """How many components a file added, changed and left, and what was lost on the way."""

    added: int
    changed: int
    unchanged: int
    lost: list[str]


def read(review: Review, name: str, content: bytes) -> tuple[list[Node], list[str]]:
    """(nodes, what was lost) of a file, by the end of its name; Refused when it can't be read."""
    known = actions.parents_by_code(review)
    ending = name.rpartition(".")[2].casefold()
    if ending == "qdc" or content.lstrip()[:5] == b"<?xml":
        guids = {str(guid): code for guid, code in review.components.values_list("guid", "code")}
        nodes, told = qdc.read(content, known=guids)
    elif ending in ("csv", "tsv", "txt"):
        nodes, told = tables.read_csv(content)
    elif ending == "docx":
        nodes, told = tables.read_docx(content)
    else:
        return interchange.read(content, known=known), []
    return interchange.checked(nodes, known=known), told


def bring_in(review: Review, name: str, content: bytes, *, by: User) -> Taken:
    """Take a file into the tree, whole or not at all; Refused with the reason."""
    nodes, lost = read(review, name, content)
    is_json = name.casefold().endswith(".json")
    version, history = interchange.about(content) if is_json else ("", [])
    done = actions.bring_in(review, nodes, by=by, name=name, version=version, history=history)
    return Taken(done.added, done.changed, done.unchanged, lost)


def written(review: Review, format: str) -> bytes:
    """The tree as it stands as a file of one of FORMATS; Refused where the format has no room for it
    (an empty codebook is no REFI-QDA)."""
    nodes = nodes_of(review)
    if format == "csv":
        rows = [tables.cells(node) for node in nodes]
        return csv_text(list(tables.COLUMNS), rows).encode()
    if format == "qdc":
        return qdc.write(nodes)
    if format == "docx":
        version = versions.current(review)
        return tables.write_docx(review.title, nodes, version.name if version else "")
    told = interchange.write(review.title, nodes)
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def lost_in_qdc(review: Review) -> list[str]:
    """What a REFI-QDA codebook would not carry, each in a sentence."""
    return qdc.lost_in(nodes_of(review))
