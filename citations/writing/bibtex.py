r"""BibTeX, with every character that TeX would take as a command written so that it prints.

Braces are written as commands: BibTeX counts `\{` as a brace, and one alone would eat the file.
"""

from collections.abc import Iterable, Iterator

from citations.formats.latex import escape
from citations.formats.own import BIB_FIELDS, BIB_MARK
from citations.writing.rows import Row, kind_of, lines, notes, one_line

TYPES = {
    "article": "article", "book": "book", "chapter": "incollection", "conference": "inproceedings",
    "thesis": "phdthesis", "report": "techreport", "preprint": "unpublished", "dataset": "misc",
    "webpage": "misc", "other": "misc",
}  # fmt: skip
# BibLaTeX takes these letter by letter; only what would upset the braces is written otherwise.
_ADDRESSES = frozenset({"doi", "url"})


def bib(rows: Iterable[Row]) -> Iterator[str]:
    """One piece an entry."""
    for number, row in enumerate(rows, start=1):
        kind = TYPES[kind_of(row)]
        fields = [("author", " and ".join(map(_name, lines(row.get("authors")))))]
        for name, field in BIB_FIELDS.items():
            fields.append((field, _value(name, one_line(row.get(name)))))
        fields.append(("keywords", ", ".join(map(_word, lines(row.get("keywords"))))))
        fields.append(("note", escape("; ".join(notes(row)))))
        fields.append(BIB_MARK)
        body = "".join(f"  {field} = {{{value}}},\n" for field, value in fields if value)
        yield f"@{kind}{{ref{row.get('id', number)},\n{body}}}\n\n"


def _value(name: str, value: str) -> str:
    if name == "pages":
        first, _dash, last = value.partition("-")
        if first and last and "-" not in last:
            return f"{escape(first)}--{escape(last)}"
        return escape(value).replace("--", "-{}-").replace("--", "-{}-")
    return escape(value, only_braces=name in _ADDRESSES)


def _name(name: str) -> str:
    """`Lind, Bo` as it is; braces hold together whatever BibTeX would take apart."""
    family, _comma, given = name.partition(", ")
    person = bool(family and given) and "," not in family + given
    alone = {"and", "others"}.isdisjoint(name.casefold().replace(",", " ").split())
    return escape(name) if person and alone else f"{{{escape(name)}}}"


def _word(word: str) -> str:
    return f"{{{escape(word)}}}" if "," in word or ";" in word else escape(word)
