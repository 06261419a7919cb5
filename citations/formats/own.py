"""Our own exports, recognised by a mark inside them and read back letter by letter.

What other programs write has to be interpreted: names turned round, entities decoded, list cells
taken apart. What `citations.writing` writes says exactly what was meant; interpreting it again
would change it. Both sides use what stands here, so that a guard that one puts in the other takes out.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from citations.formats.record import ParsedRecord
from citations.formats.text import storable

NAME = "Concord"
FIELDS = (
    "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "isbn",
    "abstract", "keywords", "entry_type", "url", "language",
)  # fmt: skip
LISTS = ("authors", "keywords")
# What spreadsheets take for the beginning of a formula, also in the wide forms of East Asian text.
_STARTS_A_FORMULA = tuple("=+-@\t\r＝＋－＠")
CONTINUED = "continued"  # the column of a workbook after which a long text goes on


def record(
    values: Mapping[str, Any], raw: dict[str, list[str]], line: int, end: int
) -> ParsedRecord:
    """The record with these values of FIELDS; missing ones and None are empty."""
    said = {name: value for name in FIELDS if (value := values.get(name)) not in (None, "", [])}
    year = str(said.pop("year", ""))
    return ParsedRecord(
        0,
        line,
        end,
        year=int(year) if year.isdecimal() and year.isascii() else None,
        raw=raw,
        **said,
    )


def guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{cell}" if _runs(cell.lstrip("'")) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if cell[:1] == "'" and _runs(cell.lstrip("'")) else cell


def _runs(cell: str) -> bool:
    return cell.startswith(_STARTS_A_FORMULA) or cell.lstrip().startswith(_STARTS_A_FORMULA)


def list_cell(values: Iterable[str]) -> str:
    """`Lind, B.; Reyes, A.`; a JSON list where a value holds what would part it wrongly."""
    values = [value for value in values if value.strip()]
    plain = all(
        value == value.strip() and ";" not in value and "\n" not in value for value in values
    )
    if plain and not (values and values[0].startswith("[")):
        return "; ".join(values)
    return json.dumps(values, ensure_ascii=False)


def listed(cell: str) -> list[str]:
    """The values of a `list_cell`."""
    if cell.startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return [storable(str(value)) for value in found if str(value).strip()]
    return [value for value in cell.split("; ") if value]


def begin_of_table(names: Sequence[str]) -> int | None:
    """The column of the title if this header is ours, else None."""
    if "title" not in names:
        return None
    at = list(names).index("title")
    return at if tuple(names[at : at + len(FIELDS)]) == FIELDS else None


def of_row(
    names: Sequence[str],
    begin: int,
    cells: Sequence[str],
    raw: dict[str, list[str]],
    line: int,
    end: int,
) -> ParsedRecord:
    """The record of one row of our own table, whose title stands in column `begin`."""
    found = {name: unguarded(cell) for name, cell in zip(FIELDS, cells[begin:], strict=False)}
    if CONTINUED in names:
        for cell in map(unguarded, cells[names.index(CONTINUED) :]):
            name, _, more = cell.partition(": ")
            if name in found:
                found[name] += more
    values: dict[str, Any] = {
        name: listed(cell) if name in LISTS else cell
        for name, cell in found.items()
        if cell and not cell.isspace()
    }
    return record(values, raw, line, end)


def of_ris(raw: dict[str, list[str]], line: int, end: int) -> ParsedRecord:
    """The record of our own RIS."""
    values: dict[str, Any] = {name: raw[tag][0] for name, tag in RIS_TAGS.items() if tag in raw}
    if "EP" in raw:
        values["pages"] = f"{values['pages']}-{raw['EP'][0]}"
    values["authors"] = raw.get("AU", [])
    values["keywords"] = raw.get("KW", [])
    return record(values, raw, line, end)


RIS_MARK = ("DP", NAME)  # database provider, where EBSCO and others name themselves
RIS_TAGS = {
    "title": "TI", "year": "PY", "journal": "JO", "volume": "VL", "issue": "IS", "pages": "SP",
    "doi": "DO", "pmid": "AN", "isbn": "SN", "abstract": "AB", "entry_type": "M3", "url": "UR",
    "language": "LA",
}  # fmt: skip

BIB_MARK = ("owner", NAME)  # JabRef's field for whose entry this is
BIB_FIELDS = {
    "title": "title", "year": "year", "journal": "journal", "volume": "volume", "issue": "number",
    "pages": "pages", "doi": "doi", "pmid": "pmid", "isbn": "isbn", "abstract": "abstract",
    "entry_type": "type", "url": "url", "language": "language",
}  # fmt: skip

XML_PATHS = {
    "title": "titles/title", "year": "dates/year", "journal": "titles/secondary-title",
    "volume": "volume", "issue": "number", "pages": "pages", "doi": "electronic-resource-num",
    "pmid": "accession-num", "isbn": "isbn", "abstract": "abstract", "entry_type": "work-type",
    "url": "urls/related-urls/url", "language": "language",
}  # fmt: skip


def of_xml(raw: dict[str, list[str]], line: int, end: int) -> ParsedRecord:
    """The record of our own EndNote XML."""
    values: dict[str, Any] = {name: raw[path][0] for name, path in XML_PATHS.items() if path in raw}
    values["authors"] = raw.get("contributors/authors/author", [])
    values["keywords"] = raw.get("keywords/keyword", [])
    return record(values, raw, line, end)


def of_csl(item: dict[str, Any], raw: dict[str, list[str]], line: int, end: int) -> ParsedRecord:
    """The record of our own CSL-JSON item."""
    values: dict[str, Any] = {
        name: storable(str(item[key])) for name, key in CSL_KEYS.items() if key in item
    }
    own = item["custom"][NAME]
    if isinstance(own.get("entry_type"), str):
        values["entry_type"] = storable(own["entry_type"])
    if isinstance(words := own.get("keywords"), list):
        values["keywords"] = [storable(str(word)) for word in words if str(word).strip()]
    names = item.get("author")
    values["authors"] = [
        name for each in (names if isinstance(names, list) else []) if (name := _csl_name(each))
    ]
    issued = item.get("issued")
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        values["year"] = parts[0][0]
    return record(values, raw, line, end)


CSL_KEYS = {
    "title": "title", "journal": "container-title", "volume": "volume", "issue": "issue",
    "pages": "page", "doi": "DOI", "pmid": "PMID", "isbn": "ISBN", "abstract": "abstract",
    "url": "URL", "language": "language",
}  # fmt: skip


def is_our_csl(item: dict[str, Any]) -> bool:
    custom = item.get("custom")
    return isinstance(custom, dict) and isinstance(custom.get(NAME), dict)


def _csl_name(name: Any) -> str:
    if not isinstance(name, dict):
        return ""
    if "literal" in name:
        return storable(str(name["literal"]))
    return storable(f"{name.get('family', '')}, {name.get('given', '')}")
