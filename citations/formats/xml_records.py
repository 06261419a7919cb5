"""XML exports, one record element at a time.

The file is cut at `<record>` … `</record>`; each piece is parsed by itself with lxml, so that one
broken record costs one record, the line is known, and memory stays small. Nothing outside the
pieces is parsed: a DOCTYPE is skipped, no DTD is ever loaded, and entity declarations refuse the
file (billion laughs, quadratic blow-up, files of the server in a title).
"""

import html
import html.entities
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from citations.formats.blocks import MAX_BLOCK, Block, cut
from citations.formats.record import Problem, Unreadable, excerpt
from citations.formats.source import decode

PROLOG = 1 << 16
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
# EndNote dresses every text in it; without it the tree has half as many nodes.
_STYLE = re.compile(rb"</?style\b[^<>]*>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CHARACTER = re.compile(r"&#(\d{1,7}|[xX][0-9a-fA-F]{1,6});")


@dataclass(slots=True)
class Piece:
    """One record element, None with a problem when it can't be parsed."""

    line: int
    end_line: int
    element: etree._Element | None
    problems: list[Problem]


def refuse_entities(head: bytes) -> None:
    """Raise `Unreadable` if the prolog declares an entity; name the line."""
    match = _ENTITY.search(head, 0, PROLOG)
    if match is None:
        return
    line = head.count(b"\n", 0, match.start()) + 1
    external = re.match(
        rb"<!ENTITY\s[^>\"']{0,200}\b(?:SYSTEM|PUBLIC)\b", head[match.start() :][:400]
    )
    what = "external entities" if external else "entity declarations"
    raise Unreadable(
        f"This XML file declares entities (line {line}); {what} are not allowed.", line=line
    )


def pieces(chunks: Iterable[bytes], names: tuple[str, ...]) -> Iterator[Piece]:
    """Every element of these names, in file order; they do not nest in one another."""
    start = re.compile(rb"<(?:" + "|".join(names).encode() + rb")(?=[\s>/])")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    waiting: Block | None = None
    for block in cut(chunks, start, skip=0):
        if waiting is not None:
            yield _piece(waiting, parser, at_end=False)
            waiting = None
        if start.match(block.data):
            waiting = block
    if waiting is not None:
        yield _piece(waiting, parser, at_end=True)


def _piece(block: Block, parser: etree.XMLParser, *, at_end: bool) -> Piece:
    data = block.data
    end = data.rfind(b"</" + data[1:64].split(None, 1)[0].split(b">")[0].rstrip(b"/") + b">")
    if end < 0:
        return _without_end(block, at_end=at_end)
    end = data.index(b">", end) + 1
    data = _STYLE.sub(b"", data[:end])
    end_line = block.line + data.count(b"\n")
    try:
        return Piece(block.line, end_line, etree.fromstring(data, parser), [])
    except etree.XMLSyntaxError as error:
        return _repaired(data, block.line, end_line, parser, error)


def _without_end(block: Block, *, at_end: bool) -> Piece:
    if at_end and not block.dropped:
        message = "The file ends inside this record: it is cut short and was not imported."
    elif block.dropped:
        message = f"This record is longer than {MAX_BLOCK >> 20} MB; it was not imported."
    else:
        message = "This record is never closed (XML not well-formed); it was not imported."
    shown = excerpt(block.data[:1000].decode("utf-8", "replace"))
    return Piece(block.line, block.end_line, None, [Problem(block.line, message, shown, lost=True)])


def _repaired(
    data: bytes, line: int, end_line: int, parser: etree.XMLParser, error: etree.XMLSyntaxError
) -> Piece:
    """What EndNote and Mendeley do write: bare `&`, control characters, HTML entities, bytes of
    another encoding. Those are put right and reported; a broken tag costs the record."""
    text, as_windows = decode(data)
    problems = []
    if as_windows:
        problems.append(
            Problem(
                line,
                "This record holds bytes that are not UTF-8; they were read as Windows-1252.",
                excerpt(text),
                record=line,
            )
        )
    faults = [
        match.start() for match in (_CONTROL.search(text), _BARE_AMPERSAND.search(text)) if match
    ]
    faults += [match.start() for match in _CHARACTER.finditer(text) if not _is_allowed(match[1])]
    if faults:
        at = min(faults)
        problems.append(
            Problem(
                line + text.count("\n", 0, at),
                "Invalid character or bare & in this record; it was read as text.",
                excerpt(text[max(0, at - 60) : at + 100]),
                record=line,
            )
        )
        text = _CONTROL.sub("", text)
        text = _CHARACTER.sub(lambda m: m[0] if _is_allowed(m[1]) else "", text)
        text = _NAMED.sub(_named, text)
        text = _BARE_AMPERSAND.sub("&amp;", text)
    try:
        return Piece(
            line, end_line, etree.fromstring(text.encode("utf-8", "replace"), parser), problems
        )
    except etree.XMLSyntaxError as still:
        reason = (still.msg or error.msg or "").split(", line")[0].split("\n")[0]
        problems.append(
            Problem(
                line,
                f"XML not well-formed in this record, so it was not imported: {reason}.",
                excerpt(text),
                lost=True,
            )
        )
        return Piece(line, end_line, None, problems)


def _is_allowed(reference: str) -> bool:
    code = int(reference[1:], 16) if reference[0] in "xX" else int(reference)
    return (
        code in (9, 10, 13)
        or 32 <= code < 0xD800
        or 0xE000 <= code < 0xFFFE
        or 0x10000 <= code < 0x110000
    )


def _named(match: re.Match[str]) -> str:
    """An HTML entity as its character; the five of XML, and unknown names, as they are."""
    if match[1] in ("amp", "lt", "gt", "quot", "apos"):
        return match[0]
    return html.unescape(match[0]) if match[1] + ";" in html.entities.html5 else match[0]


def text_in(element: etree._Element) -> str:
    """All text inside, styles and markup dropped: `<i>`, `<style>`, `<sub>`."""
    if len(element) == 0:
        return element.text or ""
    return "".join(element.itertext())
