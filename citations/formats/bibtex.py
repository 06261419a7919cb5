"""BibTeX and BibLaTeX through bibtexparser, one entry at a time.

One entry at a time keeps the memory small, the line known, equal citation keys harmless, and a
broken entry from eating the next: a line that begins with `@word{` always opens a new block.
What bibtexparser alone would change or drop without a word is looked after here: repeated
fields, a missing comma (which swallows the next field into this value), stray braces, macros.
"""

import logging
import re
from collections.abc import Iterable, Iterator

from bibtexparser.model import Block as BibtexBlock
from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ParsingFailedBlock
from bibtexparser.splitter import Splitter

from citations.formats import dates, identifiers, latex, own, pages, people
from citations.formats.blocks import Block, cut, text_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import one_line, readable, split_list

# Each failed entry is reported to the person with its line; the log would say it twice.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

# The brace may stand on a line below.
START = re.compile(rb"\n[ \t]*@[ \t]*[A-Za-z]{1,40}(?:[ \t]*[{(]|\s{1,64}\{)")
_OPENING = re.compile(r"@[ \t]*([A-Za-z]{1,40})(?:[ \t]*(?=[{(])|\s{1,64}(?=\{))([{(])")
_HEAD = re.compile(r"\A@\s*(\w+)\s+")
# A line outside all entries that begins like one.
_NO_BRACE = re.compile(
    r"^[ \t]*@[ \t]*(?!(?:comment|preamble|string)\b)[A-Za-z]{1,40}\b(?![ \t]*[{(]|\s{1,64}\{).*",
    re.MULTILINE | re.IGNORECASE,
)
# A group without another group in it is one step, a brace by itself another.
_GROUP_OR_BRACE = re.compile(r"(?<!\\)(?:\{[^{}\\]*\}|[{}])")
_BRACE_OR_PAREN = re.compile(r'(?<!\\)[{}()"]')
_FIELD_LINE = re.compile(
    r"^[ \t]*([A-Za-z][\w \u00a0+:-]{0,60}?)[ \t]*=[ \t]*(?=[{\"\w])", re.MULTILINE
)
_SWALLOWED = re.compile(r"""(?:[}"]|^\x01?\w+)\s*[A-Za-z][\w-]*\s*=\s*[{"\w\x01]""")
_STRING = re.compile(r"\s*([^\s={}\"#,]+)\s*=\s*", re.DOTALL)
_PIECE = re.compile(r'\s*(?:(\d+)|([^\s{}"#,=]+)|(?=[{"]))')
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
# Stands for a value in braces; a control character that no bibliography holds.
STAND_IN = "\x01"
_STAND_IN = re.compile(STAND_IN + r"(\d+)")
_MONTHS = {
    name[:3].lower(): name
    for name in [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
}
_PMID_NOTE = re.compile(r"\bPMID[:\s{}]{1,5}(\d{4,9})\b")
MOST_COMMAS_MISSING = 50  # an entry that lacks more is not repaired but reported


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every entry and problem, in file order."""
    macros = dict(_MONTHS)
    for block in cut(chunks, START):
        text, problems = text_of(block)
        yield from problems
        yield from _entries(text, block, macros)


def _entries(text: str, block: Block, macros: dict[str, str]) -> Iterator[Item]:
    at = 0
    line = block.line
    while opening := _OPENING.search(text, at):
        kind = opening[1].lower()
        yield from _without_brace(text, at, opening.start(), line)
        line += text.count("\n", at, opening.start())
        groups: list[tuple[int, int]] = []
        end = _closing(text, opening.end() - 1, groups)
        if end is None:
            if kind not in ("comment", "preamble"):
                yield Problem(
                    line,
                    "Unterminated brace: this entry is never closed, so it was not imported.",
                    excerpt(text[opening.start() :]),
                    lost=kind != "string",
                )
            return
        if kind == "string":
            _remember(text[opening.end() : end - 1], macros)
        elif kind not in ("comment", "preamble"):
            following = _OPENING.search(text, end)
            until = following.start() if following else len(text)
            if stray := _NO_BRACE.search(text, end, until):
                until = stray.start()
            tail = text[end:until]
            if _FIELD_LINE.search(tail):
                whole = text[opening.start() : end] + tail
                yield from _line_by_line(whole, kind, line)
                end += len(tail)
            else:
                entry = _Entry(text, opening.start(), end, groups)
                yield from _entry(entry, kind, line, macros)
        line += text.count("\n", opening.start(), end)
        at = end
    yield from _without_brace(text, at, len(text), line)


def _without_brace(text: str, at: int, end: int, line: int) -> Iterator[Problem]:
    """Lines between entries that begin like an entry. `line` is the number of the line at `at`."""
    if "@" not in text[at:end]:
        return
    for stray in _NO_BRACE.finditer(text, at, end):
        yield Problem(
            line + text.count("\n", at, stray.start()),
            "This line begins like an entry but has no opening brace, so it was not imported.",
            excerpt(stray[0]),
            lost=True,
        )


def _closing(text: str, opening: int, groups: list[tuple[int, int]] | None = None) -> int | None:
    """The index after the bracket that closes the one at `opening`; None if nothing does.

    `groups` receives the spans of the brace groups directly inside a `{`.
    """
    depth = 0
    if text[opening] == "{":
        start = opening
        for match in _GROUP_OR_BRACE.finditer(text, opening):
            found = match[0]
            if found == "{":
                depth += 1
                if depth == 2:
                    start = match.start()
            elif found == "}":
                depth -= 1
                if depth == 0:
                    return match.end()
                if depth == 1 and groups is not None:
                    groups.append((start, match.end()))
            elif depth == 1 and groups is not None:
                groups.append(match.span())
            elif depth == 0:
                return match.end()
        return None
    quoted = False
    for match in _BRACE_OR_PAREN.finditer(text, opening + 1):
        char = match[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == '"' and depth == 0:
            quoted = not quoted
        elif char == ")" and depth == 0 and not quoted:
            return match.end()
    return None


def _remember(body: str, macros: dict[str, str]) -> None:
    """`@string{name = "value"}`."""
    if match := _STRING.match(body):
        macros[match[1].lower()] = _value(body[match.end() :].strip(), macros)


class _Entry:
    """One entry, with the values in braces taken out: bibtexparser splits `title = ⟨0⟩, year = ⟨1⟩`
    in a fifth of the time that the values would take it, and decides the same."""

    def __init__(self, text: str, start: int, end: int, groups: list[tuple[int, int]]) -> None:
        self.text = text[start:end]
        if STAND_IN in self.text:
            groups = []
        self.values = [text[first:last] for first, last in groups]
        pieces = []
        at = start
        for number, (first, last) in enumerate(groups):
            pieces.append(text[at:first])
            pieces.append(f"{STAND_IN}{number}")
            at = last
        pieces.append(text[at:end])
        self.skeleton = _HEAD.sub(r"@\1", "".join(pieces))
        if groups:  # then line ends mean no more than spaces
            self.skeleton = self.skeleton.replace("\n", " ")

    def written(self, value: str) -> str:
        """A value as the file has it."""
        if not self.values or STAND_IN not in value:
            return value
        return _STAND_IN.sub(lambda match: self.values[int(match[1])], value)


def _entry(entry: _Entry, kind: str, line: int, macros: dict[str, str]) -> Iterator[Item]:
    end_line = line + entry.text.count("\n")
    found: tuple[str, Fields] | str | None = _plain(entry.skeleton)
    is_plain = found is not None
    if found is None:
        found = _split(entry.skeleton)
    if isinstance(found, str):
        yield Problem(
            line,
            f"This entry can't be read, so it was not imported: {found}",
            excerpt(entry.text),
            lost=True,
        )
        return
    key, as_split = found
    repaired, fields = (
        (False, as_split) if is_plain else _with_missing_commas(entry.skeleton, as_split)
    )
    if fields is None:
        yield Problem(
            line,
            "Missing comma: fields of this entry run into each other, so it was not imported.",
            excerpt(entry.text),
            lost=True,
        )
        return
    if not fields:
        yield Problem(
            line, "This entry has no field; it was not imported.", excerpt(entry.text), lost=True
        )
        return
    if repaired:
        yield Problem(
            line,
            "Missing comma between two fields of this entry; it was read as if it were there.",
            excerpt(entry.text),
            record=line,
        )
    raw: dict[str, list[str]] = {"@type": [kind], "@key": [key]}
    values: dict[str, list[str]] = {}
    for name, value in fields:
        if entry.values and value[:1] == STAND_IN and value[1:].isdecimal():
            value = entry.values[int(value[1:])]
            said = value[1:-1].strip()
        else:
            value = entry.written(value)
            said = _value(value, macros)
        if name in raw:
            raw[name].append(value)
        else:
            raw[name] = [value]
        values.setdefault(name.lower(), []).append(said)
    yield from_fields(kind, values, raw, line, end_line)


Fields = list[tuple[str, str]]


_NAME = r"[A-Za-z][\w:.+-]*+"
_WRITTEN = STAND_IN + r"\d++|\w++"
_PLAIN = re.compile(
    rf"@\s*+[A-Za-z]++\s*+\{{\s*+([^\s,={{}}\"#@\\{STAND_IN}]*+)\s*+"
    rf"((?:,\s*+{_NAME}\s*+=\s*+(?:{_WRITTEN})\s*+)++),?\s*+\}}"
)
_PLAIN_FIELD = re.compile(rf",\s*+({_NAME})\s*+=\s*+({_WRITTEN})")


def _plain(skeleton: str) -> tuple[str, Fields] | None:
    """The same as `_split` of an entry whose values are all in braces, numbers or single words.

    Most entries are so, and nothing in them is left to decide. None for any other.
    """
    match = _PLAIN.fullmatch(skeleton)
    return (match[1], _PLAIN_FIELD.findall(match[2])) if match else None


def _split(text: str) -> tuple[str, Fields] | str:
    """The entry's citation key and (name, value as written), or why it can't be read."""
    for found in Splitter(text).split().blocks:
        block: BibtexBlock | None = found
        if isinstance(found, DuplicateFieldKeyBlock):  # Scopus repeats fields; all are kept
            block = found.ignore_error_block
        if isinstance(block, Entry):
            return block.key, [(field.key, field.value) for field in block.fields]
        if isinstance(block, ParsingFailedBlock):
            return _in_plain_words(getattr(block.error, "abort_reason", str(block.error)))
    return "no entry was found in it."


def _in_plain_words(reason: str) -> str:
    if "Expected a `=`" in reason:
        return "a field without = (equals sign)."
    if "comma after entry key" in reason:
        return "no comma after its citation key."
    if "Expected either a `,`" in reason:
        return "a comma is missing between two fields."
    return one_line(reason)


def _with_missing_commas(text: str, fields: Fields) -> tuple[bool, Fields | None]:
    """(were commas missing, the fields read with them), None for the fields if that failed."""
    repaired = False
    for _ in range(MOST_COMMAS_MISSING):
        swallowed = next((value for _, value in fields if "=" in value and _gap_in(value)), None)
        if swallowed is None:
            return repaired, fields
        gap = _gap_in(swallowed)
        start = text.index(swallowed)
        text = text[: start + gap] + "," + text[start + gap :]
        again = _split(text)
        if isinstance(again, str):
            return True, None
        fields, repaired = again[1], True
    return True, None


def _gap_in(value: str) -> int:
    """Where a comma is missing inside this value, 0 if none is."""
    if not _SWALLOWED.search(value):
        return 0
    if value[0] == "{":
        end = _closing(value, 0) or len(value)
    elif value[0] == '"':
        end = _closing_quote(value)
    else:
        match = re.match(r"[\x01\w.-]+", value)
        end = match.end() if match else len(value)
    rest = value[end:].lstrip()
    return end if rest and rest[0] not in "#," and "=" in rest else 0


def _closing_quote(value: str) -> int:
    depth = 0
    for match in re.finditer(r'(?<!\\)[{}"]', value[1:]):
        if match[0] == '"' and depth == 0:
            return match.end() + 1
        depth += (match[0] == "{") - (match[0] == "}")
    return len(value)


def _value(written: str, macros: dict[str, str]) -> str:
    """What a value says: delimiters removed, macros and `#` resolved."""
    if not written:
        return ""
    if (
        written[0] == "{"
        and written[-1] == "}"
        and ("#" not in written or _closing(written, 0) == len(written))
    ):
        return written[1:-1].strip()
    out = []
    at = 0
    while at < len(written):
        piece = _PIECE.match(written, at)
        if piece is None:
            at += 1
            continue
        at = piece.end()
        if piece[1] is not None:
            out.append(piece[1])
        elif piece[2] is not None:
            out.append(macros.get(piece[2].lower(), piece[2]))
        elif at < len(written) and written[at] in '{"':
            quote = written[at] == '"'
            end = at + _closing_quote(written[at:]) if quote else _closing(written, at)
            end = end or len(written)
            out.append(written[at + 1 : end - 1])
            at = end
        hash_mark = written.find("#", at)
        if hash_mark < 0 or written[at:hash_mark].strip():
            rest = written[at:].strip()
            if rest and rest != "#":
                out.append(" " + rest)
            break
        at = hash_mark + 1
    return "".join(out).strip()


def _line_by_line(text: str, kind: str, line: int) -> Iterator[Item]:
    """An entry that is closed too early: each line `name = value` opens a field."""
    key = text[text.index("{") + 1 :].partition(",")[0] if "{" in text else ""
    raw: dict[str, list[str]] = {"@type": [kind], "@key": ["" if "=" in key else key.strip()]}
    values: dict[str, list[str]] = {}
    starts = list(_FIELD_LINE.finditer(text))
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        written = text[match.end() : following.start() if following else len(text)].strip()
        raw.setdefault(match[1], []).append(written)
        end = _closing(written, 0) if written.startswith("{") else None
        if end and not written[end:].strip(" \n\t,})"):
            said = written[1 : end - 1]
        else:
            said = written.rstrip(" \n\t,").removesuffix("}").removeprefix("{")
        values.setdefault(match[1].lower(), []).append(said)
    yield Problem(
        line,
        "A stray closing brace ends this entry too early; it was read line by line.",
        excerpt(text),
        record=line,
    )
    yield from_fields(kind, values, raw, line, line + text.rstrip().count("\n"))


def from_fields(
    kind: str, values: dict[str, list[str]], raw: dict[str, list[str]], line: int, end_line: int
) -> ParsedRecord:
    """The record that these BibTeX or BibLaTeX fields (names in lower case) describe."""

    if values.get(own.BIB_MARK[0]) == [own.BIB_MARK[1]]:
        return _own(kind, values, raw, line, end_line)

    def text(*names: str) -> str:
        for name in names:
            for value in values.get(name, ()):
                if value:
                    return readable(latex.to_unicode(value))
        return ""

    def plain(*names: str) -> str:
        return next((latex.unescape(v) for n in names for v in values.get(n, ()) if v), "")

    title = text("title")
    if title and (subtitle := text("subtitle")) and subtitle.lower() not in title.lower():
        title = f"{title}: {subtitle}"
    authors = [name for value in values.get("author", ()) for name in _names(value)]
    url = plain("url", "link")
    return ParsedRecord(
        0,
        line,
        end_line,
        title,
        authors,
        dates.first_year(*values.get("year", ()), *values.get("date", ())),
        text("fjournal", "journaltitle", "journal", "booktitle", "maintitle"),
        text("volume"),
        text("number", "issue"),
        pages.tidy(text("pages", "art_number", "article-number", "eid")),
        identifiers.doi_of(plain("doi")) or (identifiers.doi_of(url) if "doi.org" in url else ""),
        _pmid(values),
        plain("isbn"),
        text("abstract"),
        _keywords(values),
        kind,
        url,
        text("language", "langid"),
        raw,
    )


def _own(
    kind: str, values: dict[str, list[str]], raw: dict[str, list[str]], line: int, end_line: int
) -> ParsedRecord:
    """The record of an entry that we wrote ourselves."""
    said = {
        name: latex.unescaped(values[field][0])
        for name, field in own.BIB_FIELDS.items()
        if field in values
    }
    said |= (
        {"pages": latex.unescaped(_PAGES.sub("-", values["pages"][0]))} if "pages" in values else {}
    )
    lists = {
        name: [latex.unescaped(_unbraced(part)) for part in split(values[field][0])]
        for name, field, split in (
            ("authors", "author", _split_outside_braces),
            ("keywords", "keywords", _at_commas),
        )
        if field in values
    }
    return own.record({**said, **lists}, raw, line, end_line)


_PAGES = re.compile(r"(?<=[^-])--(?=[^-]+\Z)")
_COMMA_OR_BRACE = re.compile(r", |[{}]")


def _at_commas(value: str) -> list[str]:
    """The keywords between commas that stand in no braces."""
    words, start, depth = [], 0, 0
    for match in _COMMA_OR_BRACE.finditer(value):
        if match[0] != ", ":
            depth += 1 if match[0] == "{" else -1
        elif depth == 0:
            words.append(value[start : match.start()])
            start = match.end()
    return [*words, value[start:]]


def _unbraced(value: str) -> str:
    whole = value[:1] == "{" and _closing(value, 0) == len(value)
    return value[1:-1] if whole and value != "{}" else value


def _pmid(values: dict[str, list[str]]) -> str:
    for name in ("pmid", "pubmed_id", "pubmedid"):
        for value in values.get(name, ()):
            if pmid := identifiers.pmid_of(value):
                return pmid
    for value in values.get("note", ()):
        if match := _PMID_NOTE.search(value):
            return match[1]
    if any(value.lower() == "pubmed" for value in values.get("eprinttype", ())):
        return identifiers.pmid_of(values.get("eprint", [""])[0])
    return ""


def _keywords(values: dict[str, list[str]]) -> list[str]:
    found: list[str] = []
    for name in ("author_keywords", "keywords", "keyword", "keywords-plus"):
        for value in values.get(name, ()):
            value = latex.to_unicode(value)
            found += split_list([value], r"[;\n]" if ";" in value else r"[,\n]")
    return list(dict.fromkeys(found))


def _names(value: str) -> Iterator[str]:
    for name in _AND.split(value) if "{" not in value else _split_outside_braces(value):
        name = one_line(name)
        if not name or name.lower() in ("others", "et al.", "et al"):
            continue
        if name[0] == "{" and _closing(name, 0) == len(name):
            yield readable(latex.to_unicode(name))  # an institution, or a name to keep as it is
        else:
            yield people.given_first(readable(latex.to_unicode(name)))


def _split_outside_braces(value: str) -> list[str]:
    names, start = [], 0
    for match in _AND.finditer(value):
        before = value[start : match.start()]
        if before.count("{") - before.count("\\{") <= before.count("}") - before.count("\\}"):
            names.append(before)
            start = match.end()
    return [*names, value[start:]]
