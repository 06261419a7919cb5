"""CSL-JSON as citeproc, pandoc and Zotero read it; what CSL has no place for stands in `custom`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from citations.formats.own import CSL_KEYS, NAME
from citations.writing.rows import Row, kind_of, notes, verbatim

TYPES = {
    "article": "article-journal", "book": "book", "chapter": "chapter",
    "conference": "paper-conference", "thesis": "thesis", "report": "report", "preprint": "article",
    "dataset": "dataset", "webpage": "webpage", "other": "document",
}  # fmt: skip


def csl(rows: Iterable[Row]) -> Iterator[str]:
    """An array, one piece an item."""
    first = True
    yield "["
    for number, row in enumerate(rows, start=1):
        item = json.dumps(_item(row, number), ensure_ascii=False, default=str)
        yield ("" if first else ",") + "\n" + item
        first = False
    yield "\n]\n"


def _item(row: Row, number: int) -> dict[str, Any]:
    item: dict[str, Any] = {"id": str(row.get("id", number)), "type": TYPES[kind_of(row)]}
    for name, key in CSL_KEYS.items():
        if value := verbatim(row.get(name)):
            item[key] = value
    names = [verbatim(name) for name in row.get("authors") or []]
    if names := [name for name in names if name.strip()]:
        item["author"] = [_name(name) for name in names]
    if row.get("year") is not None:
        item["issued"] = {"date-parts": [[row["year"]]]}
    words = [verbatim(word) for word in row.get("keywords") or []]
    if words := [word for word in words if word.strip()]:
        item["keyword"] = ", ".join(words)
    if said := "\n".join(notes(row)):
        item["note"] = said
    bibliographic = {*CSL_KEYS, "authors", "year", "id"}
    own = {name: value for name, value in row.items() if name not in bibliographic}
    own |= {"keywords": words, "entry_type": verbatim(row.get("entry_type"))}
    item["custom"] = {NAME: own}
    return item


def _name(name: str) -> dict[str, str]:
    family, _, given = name.partition(", ")
    if family and given:
        return {"family": family, "given": given}
    return {"literal": name}
