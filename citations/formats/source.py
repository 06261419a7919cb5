"""The bytes of a file: opened, surveyed once for encoding and newlines, handed out in chunks.

Every text reader downstream sees UTF-8 bytes with `\n` as the only line end and without
byte-order marks. Only in a file that mixes encodings do bytes remain that are not UTF-8; the
readers decode those record by record with `decode`, so that one bad record can't change another.
"""

import codecs
import io
import re
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from citations.formats.record import Unreadable, excerpt

CHUNK = 1 << 17
# Enough to tell the encoding; a record further down that is not UTF-8 is read by itself.
SURVEYED = 8 << 20
HEAD = 1 << 18  # bytes looked at to tell the format
SPOOL_IN_MEMORY = 4 << 20

ENCODINGS = {
    "ascii": "ASCII",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with byte-order mark",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "Windows-1252 (Western European)",
    "gb18030": "GB18030 (Chinese)",
}
# Those that a person chooses among; UTF-8 covers ASCII and a byte-order mark.
OFFERED = ("utf-8", "cp1252", "gb18030", "utf-16-le", "utf-16-be")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_GB_PAIR = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
# Held back at the end of a chunk: the next one may complete a CRLF or a line's byte-order mark.
_UNFINISHED = re.compile(rb"(?:\n?\r|\n(?:\xef\xbb?)?)\Z")


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Windows-1252 leaves open keep their Latin-1 meaning: nothing is lost."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _marked(error: UnicodeError) -> tuple[str, int]:
    """A stand-in for bytes that the encoding does not have, until their line is known."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODED, error.end


UNDECODED = "\uffff"  # no character in any text
_UNDECODED, _REPLACED = UNDECODED.encode(), "\ufffd".encode()
codecs.register_error("as_latin1", _as_latin1)
codecs.register_error("marked", _marked)


@dataclass(slots=True)
class Undecoded:
    """A line that holds bytes which the encoding does not have."""

    line: int
    excerpt: str


@dataclass(slots=True)
class Survey:
    """What one pass over the bytes tells before anything is parsed."""

    encoding: str
    newline: str
    head: bytes  # the beginning, as the readers will see it
    guessed: bool = False  # neither a mark nor valid UTF-8 said so: tell the person


def open_source(source: bytes | BinaryIO | Path) -> BinaryIO:
    """A seekable binary file at its start. A stream that can't seek is spooled to disk."""
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if isinstance(source, Path):
        try:
            return source.open("rb")
        except OSError as error:
            raise Unreadable(f"The file can't be opened: {error.strerror}.") from error
    if source.seekable():
        source.seek(0)
        return source
    spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY)  # noqa: SIM115 (it is handed on)
    while chunk := source.read(CHUNK):
        spool.write(chunk)
    spool.seek(0)
    return spool  # type: ignore[return-value]


def _raw_chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _by_mark_or_nul_pattern(start: bytes) -> str | None:
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    # Western text in UTF-16 has a NUL in every other byte; a stray NUL in UTF-8 has not.
    sample = start[:4096]
    if len(sample) >= 4:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        half = len(sample) // 2
        if odd > 0.4 * half and even < 0.1 * half:
            return "utf-16-le"
        if even > 0.4 * half and odd < 0.1 * half:
            return "utf-16-be"
    return None


class _HighBytes:
    """Counts that tell UTF-8, Windows-1252 and GB18030 apart."""

    def __init__(self) -> None:
        self.ascii = True
        self.valid_utf8 = True
        self.multibyte = self.stray = self.runs = self.gb_runs = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, chunk: bytes) -> None:
        if chunk.isascii():
            if self.valid_utf8 and self._decoder.getstate()[0]:
                self.valid_utf8 = False
            return
        self.ascii = False
        if self.valid_utf8:
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.valid_utf8 = False
        if self.valid_utf8:
            self.multibyte += 1
            return
        for run in _HIGH.findall(chunk):
            self.runs += 1
            self.gb_runs += _GB_PAIR.fullmatch(run) is not None
            rest, found = _MULTIBYTE.subn(b"", run)
            self.multibyte += found
            self.stray += len(rest)

    def verdict(self) -> tuple[str, bool]:
        """(encoding, whether it is a guess). UTF-8 with a few other bytes counts as UTF-8."""
        if self.ascii:
            return "ascii", False
        if self.valid_utf8 and not self._decoder.getstate()[0]:
            return "utf-8", False
        if self.gb_runs > 0.9 * self.runs and self.gb_runs:
            return "gb18030", True
        if self.multibyte > self.stray:
            return "utf-8", False
        return "cp1252", True


def declared_xml_encoding(start: bytes) -> str | None:
    """The encoding that an XML declaration names, if Python knows it and it is not UTF-8/16."""
    match = re.match(rb"""\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.-]{1,40})""", start)
    if not match:
        return None
    try:
        name = codecs.lookup(match[1].decode()).name
    except LookupError:
        return None
    if name == "iso8859-1":  # what says Latin-1 is written by Windows
        name = "cp1252"
    if name.startswith("utf-") or name == "ascii":
        return None
    try:
        "a".encode(name)
    except (LookupError, TypeError):  # base64, rot13 and the like are codecs, not encodings
        return None
    return name


def _refuse_what_it_is_not(start: bytes, encoding: str) -> None:
    """`Unreadable` for a chosen encoding in which no character of the file can be meant."""
    marked = _by_mark_or_nul_pattern(start)
    label = ENCODINGS[encoding]
    if marked in ("utf-16-le", "utf-16-be"):
        if encoding != marked:
            raise Unreadable(f"This file is {ENCODINGS[marked]}; it can't be read as {label}.")
    elif encoding.startswith("utf-16") and b"\0" not in start:
        raise Unreadable(f"This file can't be read as {label}: its letters have one byte each.")


def survey(file: BinaryIO, encoding: str | None = None) -> Survey:
    """Look at the first megabytes; tell how the file is encoded and how its lines end.

    Order: byte-order mark, NUL pattern of UTF-16, strict UTF-8, then Windows-1252 or GB18030.
    """
    start = b""
    guessed = False
    high = _HighBytes()
    crlf = cr = lf = size = 0
    last = b""
    known: str | None = None
    for chunk in _raw_chunks(file):
        if size >= SURVEYED:
            break
        if not size:
            start = chunk[:HEAD]
            if encoding:
                _refuse_what_it_is_not(start, encoding)
            known = encoding or _by_mark_or_nul_pattern(start) or declared_xml_encoding(start)
        size += len(chunk)
        if known in ("utf-16-le", "utf-16-be", "utf-16"):
            continue
        lf += chunk.count(b"\n")
        if returns := chunk.count(b"\r"):
            cr += returns
            crlf += chunk.count(b"\r\n")
        crlf += last == b"\r" and chunk[:1] == b"\n"
        last = chunk[-1:]
        if known is None:
            high.add(chunk)
    if known is None:
        known, guessed = high.verdict()
    result = Survey(known, "none", b"", guessed)
    if known.startswith("utf-16"):
        for text in text_chunks_raw(file, known):
            crlf += text.count(b"\r\n")
            cr += text.count(b"\r")
            lf += text.count(b"\n")
    names = (("CRLF", crlf), ("LF", lf - crlf), ("CR", cr - crlf))
    result.newline = "+".join(name for name, count in names if count > 0) or "none"
    result.head = next(text_chunks(file, known), b"")[:HEAD]
    return result


def text_chunks_raw(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The file as UTF-8 bytes, newlines as they are."""
    if encoding in ("ascii", "utf-8", "utf-8-sig"):
        yield from _raw_chunks(file)
        return
    errors = "as_latin1" if encoding == "cp1252" else "marked"
    decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
    for number, chunk in enumerate(_raw_chunks(file)):
        if not number and not encoding.startswith("utf-16"):
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def text_chunks(
    file: BinaryIO, encoding: str, undecoded: deque[Undecoded] | None = None
) -> Iterator[bytes]:
    """The file as UTF-8 bytes with `\n` line ends and no byte-order mark at a line's start.

    A lone CR ends a line too: Web of Science writes several tags on one LF line that way.
    `undecoded` receives the lines with bytes that the encoding does not have; each stands as
    U+FFFD in the text.
    """
    chunks = _lines_ended(file, encoding)
    if encoding in ("ascii", "utf-8", "utf-8-sig", "cp1252"):
        return chunks
    return _told_of(chunks, deque() if undecoded is None else undecoded)


def _told_of(chunks: Iterator[bytes], undecoded: deque[Undecoded]) -> Iterator[bytes]:
    line = 1
    for chunk in chunks:
        if _UNDECODED in chunk:
            pieces = enumerate(chunk.split(b"\n"), start=line)
            chunk = chunk.replace(_UNDECODED, _REPLACED)
            for number, piece in pieces:
                if _UNDECODED in piece and not (undecoded and undecoded[-1].line == number):
                    at = max(0, piece.index(_UNDECODED) - 60)
                    words = piece[at : at + 200].replace(_UNDECODED, _REPLACED)
                    undecoded.append(Undecoded(number, excerpt(words.decode("utf-8", "ignore"))))
        line += chunk.count(b"\n")
        yield chunk


def _lines_ended(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    held = b""
    first = True
    for chunk in text_chunks_raw(file, encoding):
        chunk = held + chunk
        if first and len(chunk) >= 3:
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
            first = False
        unfinished = _UNFINISHED.search(chunk, max(0, len(chunk) - 4))
        held = unfinished[0] if unfinished else b""
        if held:
            chunk = chunk[: -len(held)]
        if chunk:
            yield _one_newline(chunk)
    if first:
        held = held.removeprefix(codecs.BOM_UTF8)
    if held:
        yield _one_newline(held)


def _one_newline(chunk: bytes) -> bytes:
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    # One byte is looked for much faster than four, and it is rare.
    if b"\xef" in chunk and b"\n\xef\xbb\xbf" in chunk:
        chunk = chunk.replace(b"\n\xef\xbb\xbf", b"\n")
    return chunk


def decode(data: bytes) -> tuple[str, bool]:
    """(text, True if the bytes were not UTF-8 and were read as Windows-1252)."""
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode("cp1252", "as_latin1"), True
