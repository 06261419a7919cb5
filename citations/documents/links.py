"""Which file belongs to which reference, as an export of a reference manager says.

Zotero and Mendeley write BibTeX `file = {Full text:files/12/a.pdf:application/pdf}` or RIS
`L1  - files/12/a.pdf`, Mendeley with LaTeX in the path; EndNote writes `internal-pdf://0123/a.pdf` into
RIS and XML. Names are compared in one form (NFC): macOS takes letters with accents apart.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from ..formats import latex
from ..formats.record import ParsedRecord

_TAGS = {"l1", "l2", "l3", "l4", "lk", "file", "%>", "pdf", "attachments", "localfile"}
_FILE = re.compile(r"([^;{}|<>\"\n]+?\.(?:pdf|docx|html?))(?=$|[:;}|\s])", re.I)
_SCHEME = re.compile(r"^(?:(?:internal-pdf|file):/*(?:localhost/)?|:+/*)", re.I)


@dataclass(frozen=True)
class Reference:
    """What a library says of the work that a file holds."""

    library: str  # the name of the export
    title: str
    authors: tuple[str, ...]
    year: int | None
    doi: str
    pmid: str
    looked_up: bool = False  # a register said so, no person put the file there


def files_of(record: ParsedRecord) -> list[str]:
    """The paths that the record gives for its files, "/" between folders, in its order."""
    found = []
    for tag, values in record.raw.items():
        name = tag.lower()
        if name in _TAGS or "pdf-urls" in name or "related-urls" in name:
            found += [path for value in values for path in _paths(value)]
    return list(dict.fromkeys(found))


def _paths(value: str) -> list[str]:
    """The paths in one value. Of "Title:folder/a.pdf:application/pdf" the middle is meant."""
    found = []
    value = value.replace("$\\backslash$:", ":")  # Mendeley's drive
    if "{\\" in value:
        value = latex.to_unicode(value)
    for match in _FILE.finditer(value.replace("\\:", ":").replace("\\;", ",").replace("\\_", "_")):
        path = unquote(match[1].strip()).replace("\\", "/")
        if re.match(r"https?:", path, re.I):
            continue
        path = _SCHEME.sub("", path)
        if ":" in path:  # the words before Zotero's path, or a drive
            path = path.rsplit(":", 1)[1]
        if parts := [part for part in path.strip(" ").split("/") if part]:
            found.append("/".join(parts))
    return found


def reference_of(record: ParsedRecord, library: str) -> Reference:
    return Reference(
        library, record.title, tuple(record.authors), record.year, record.doi, record.pmid
    )


def linked(
    records: Iterable[ParsedRecord], library: str, names: Mapping[int, str]
) -> dict[int, Reference]:
    """{key of a file: the reference that names it} among the files `names`.

    A path is believed when its end meets one file only; a name that two references give, or two
    files have, is nobody's.
    """
    by_name: dict[str, list[int]] = {}
    for key, name in names.items():
        by_name.setdefault(_parts(name)[-1], []).append(key)
    claims: dict[int, set[Reference]] = {}
    for record in records:
        for path in files_of(record):
            parts = _parts(path)
            alike = {
                key: _shared_end(parts, _parts(names[key])) for key in by_name.get(parts[-1], [])
            }
            best = [key for key, shared in alike.items() if shared == max(alike.values())]
            if len(best) == 1:
                claims.setdefault(best[0], set()).add(reference_of(record, library))
    return {key: claim.pop() for key, claim in claims.items() if len(claim) == 1}


def _parts(path: str) -> list[str]:
    return unicodedata.normalize("NFC", path).lower().split("/")


def _shared_end(one: list[str], other: list[str]) -> int:
    shared = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        shared += 1
    return shared
