"""EndNote XML, as EndNote, Zotero and Mendeley import it."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from citations.formats.own import NAME, XML_PATHS
from citations.writing.rows import Row, kind_of, notes, verbatim

# EndNote's own names and numbers of the types of reference.
TYPES = {
    "article": ("Journal Article", 17), "book": ("Book", 6), "chapter": ("Book Section", 5),
    "conference": ("Conference Paper", 47), "thesis": ("Thesis", 32), "report": ("Report", 27),
    "preprint": ("Unpublished Work", 34), "dataset": ("Dataset", 59), "webpage": ("Web Page", 12),
    "other": ("Generic", 13),
}  # fmt: skip
# XML 1.0 has no way to write these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPECIAL = {"\r": "&#13;", "\ufeff": "&#65279;"}


def xml(rows: Iterable[Row]) -> Iterator[str]:
    """One piece a record, between the document's head and foot."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
    for number, row in enumerate(rows, start=1):
        yield _record(row, number)
    yield "</records></xml>\n"


def _record(row: Row, number: int) -> str:
    name, code = TYPES[kind_of(row)]
    said = {path: _text(row.get(field)) for field, path in XML_PATHS.items()}
    authors = "".join(_element("author", _text(each)) for each in row.get("authors") or [])
    words = "".join(_element("keyword", _text(each)) for each in row.get("keywords") or [])
    journal = said["titles/secondary-title"]
    parts = [
        _element("database", NAME, f' name="{NAME}"'),
        _element("source-app", NAME, f' name="{NAME}"'),
        _element("rec-number", str(row.get("id", number))),
        _element("ref-type", str(code), f' name="{name}"'),
        _element("contributors", _element("authors", authors)),
        _element("titles", _element("title", said["titles/title"]) + _element("secondary-title", journal)),
        _element("periodical", _element("full-title", journal)),
        *(_element(path, said[path]) for path in ("pages", "volume", "number")),
        _element("keywords", words),
        _element("dates", _element("year", said["dates/year"])),
        *(_element(path, said[path]) for path in ("isbn", "accession-num", "electronic-resource-num")),
        _element("abstract", said["abstract"]),
        _element("notes", _text("\n".join(notes(row)))),
        _element("urls", _element("related-urls", _element("url", said["urls/related-urls/url"]))),
        *(_element(path, said[path]) for path in ("work-type", "language")),
    ]  # fmt: skip
    return f"<record>{''.join(parts)}</record>\n"


def _element(name: str, content: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{content}</{name}>" if content else ""


def _text(value: object) -> str:
    text = _FORBIDDEN.sub("", verbatim(value))
    return escape(text, _SPECIAL) if text.strip() else ""
