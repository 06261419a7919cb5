"""The figure as PDF, with real text and links, and as PNG: that PDF as pixels.

Drawn with pdfium, which reads the full texts as well (docs/decisions/109-…). One size fits the other:
a unit of the diagram is 1/96 inch, a point 1/72. The letters are those of Liberation Sans (Latin,
Greek, Cyrillic, Hebrew); SVG, DOCX and HTML have every script.
"""

import ctypes
import hashlib
import io
import itertools
import re
import struct
import threading
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from django.conf import settings

from .diagram import FONT_SIZE, NOTE_SIZE, Diagram

POINT = 72 / 96
DOTS_PER_INCH = 300  # what journals ask of a figure with lines
_WRITTEN_AT = re.compile(rb"D:\d{14}")
_FONT_TAG = re.compile(rb"/([A-Z]{6})\+")
_FILE_ID = re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\]")
_one_at_a_time = threading.Lock()  # pdfium keeps state for all threads

Colour = tuple[int, int, int]


def rgb(text: str) -> Colour:
    """ "#16202b" -> (22, 32, 43)."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


@lru_cache(maxsize=2)
def _font_file(name: str) -> bytes:
    folder = settings.BASE_DIR / "static" / "vendor" / "pdfjs-dist" / "standard_fonts"
    return (folder / f"LiberationSans-{name}.ttf").read_bytes()


class Sheet:
    """One page, or one after the other; coordinates are the figure's, from the top left."""

    def __init__(self, width: float, height: float) -> None:
        self.height = height
        self.document = pdfium.PdfDocument.new()
        self.page = self.document.new_page(width * POINT, height * POINT)
        self.widths: dict[tuple[str, bool], float] = {}  # of words that were measured
        self.fonts = {name: self._font(name) for name in ("Regular", "Bold")}

    def _font(self, name: str) -> Any:
        data = _font_file(name)
        letters = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        return raw.FPDFText_LoadFont(
            self.document.raw, letters, len(data), raw.FPDF_FONT_TRUETYPE, True
        )

    def next_page(self) -> None:
        """Go on on a page of the same size."""
        width = raw.FPDF_GetPageWidthF(self.page.raw)
        raw.FPDFPage_GenerateContent(self.page.raw)
        self.page.close()
        self.page = self.document.new_page(width, self.height * POINT)

    def width_of(self, words: str, *, bold: bool = False) -> float:
        """How wide they are, in sizes of their letters."""
        known = self.widths.get((words, bold))
        if known is None:
            shape = self._shape(words, 100 / POINT, bold)
            edges = [ctypes.c_float() for _ in range(4)]
            raw.FPDFPageObj_GetBounds(shape, *map(ctypes.byref, edges))
            raw.FPDFPageObj_Destroy(shape)
            known = self.widths[words, bold] = edges[2].value / 100
        return known

    def _shape(self, words: str, size: float, bold: bool) -> Any:
        shape = raw.FPDFPageObj_CreateTextObj(
            self.document.raw, self.fonts["Bold" if bold else "Regular"], size * POINT
        )
        letters = (words + "\0").encode("utf-16-le")
        buffer = ctypes.cast(ctypes.create_string_buffer(letters), ctypes.POINTER(ctypes.c_ushort))
        raw.FPDFText_SetText(shape, buffer)
        return shape

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x * POINT, (self.height - y) * POINT

    def text(
        self, words: str, x: float, y: float, *, size: float, colour: str, bold: bool = False,
        up: bool = False, centred: bool = False,
    ) -> None:  # fmt: skip
        """Text whose baseline begins at (x, y); `up` turns it to be read from below."""
        shape = self._shape(words, size, bold)
        raw.FPDFPageObj_SetFillColor(shape, *rgb(colour), 255)
        left, bottom = self._at(x, y)
        if centred:
            half = self._middle(shape)
            left, bottom = (left, bottom - half) if up else (left - half, bottom)
        turn = (0, 1, -1, 0) if up else (1, 0, 0, 1)
        raw.FPDFPageObj_Transform(shape, *turn, left, bottom)
        raw.FPDFPage_InsertObject(self.page.raw, shape)

    @staticmethod
    def _middle(shape: Any) -> float:
        """Where the middle of what is seen stands, from where the text begins."""
        edges = [ctypes.c_float() for _ in range(4)]
        raw.FPDFPageObj_GetBounds(shape, *map(ctypes.byref, edges))
        return (edges[0].value + edges[2].value) / 2

    def rectangle(
        self, x: float, y: float, width: float, height: float, *, fill: str, line: str = ""
    ) -> None:
        left, bottom = self._at(x, y + height)
        shape = raw.FPDFPageObj_CreateNewRect(left, bottom, width * POINT, height * POINT)
        self._paint(shape, fill, line, 1.2)

    def lines(self, points: list[tuple[float, float]], *, line: str) -> None:
        """A polyline with the head of an arrow at its end."""
        shape = raw.FPDFPageObj_CreateNewPath(*self._at(*points[0]))
        for point in points[1:]:
            raw.FPDFPath_LineTo(shape, *self._at(*point))
        self._paint(shape, "", line, 1.4)
        (x0, y0), (x, y) = points[-2:]
        along_x, along_y = (x > x0) - (x < x0), (y > y0) - (y < y0)
        back_x, back_y = x - 9 * along_x, y - 9 * along_y
        head = raw.FPDFPageObj_CreateNewPath(*self._at(x, y))
        for side in (4, -4):
            raw.FPDFPath_LineTo(head, *self._at(back_x + side * along_y, back_y + side * along_x))
        raw.FPDFPath_Close(head)
        self._paint(head, line, "", 0)

    def stroke(
        self, ends: tuple[tuple[float, float], tuple[float, float]], *, line: str, thick: float
    ) -> None:
        """A straight line without a head."""
        shape = raw.FPDFPageObj_CreateNewPath(*self._at(*ends[0]))
        raw.FPDFPath_LineTo(shape, *self._at(*ends[1]))
        self._paint(shape, "", line, thick)

    def circle(self, x: float, y: float, radius: float, *, fill: str, line: str = "") -> None:
        """Four Bézier curves, which differ from a circle by less than 0.03 % of the radius."""
        bend = 0.5523 * radius
        shape = raw.FPDFPageObj_CreateNewPath(*self._at(x + radius, y))
        turns = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)]
        for (ax, ay), (bx, by) in itertools.pairwise(turns):
            points = [
                (x + radius * ax + bend * bx, y + radius * ay + bend * by),
                (x + radius * bx + bend * ax, y + radius * by + bend * ay),
                (x + radius * bx, y + radius * by),
            ]
            raw.FPDFPath_BezierTo(shape, *(each for point in points for each in self._at(*point)))
        raw.FPDFPath_Close(shape)
        self._paint(shape, fill, line, 1)

    def _paint(self, shape: Any, fill: str, line: str, width: float) -> None:
        if fill:
            raw.FPDFPageObj_SetFillColor(shape, *rgb(fill), 255)
        if line:
            raw.FPDFPageObj_SetStrokeColor(shape, *rgb(line), 255)
            raw.FPDFPageObj_SetStrokeWidth(shape, width * POINT)
        mode = raw.FPDF_FILLMODE_WINDING if fill else raw.FPDF_FILLMODE_NONE
        raw.FPDFPath_SetDrawMode(shape, mode, bool(line))
        raw.FPDFPage_InsertObject(self.page.raw, shape)

    def link(self, x: float, y: float, width: float, height: float, address: str) -> None:
        note = raw.FPDFPage_CreateAnnot(self.page.raw, raw.FPDF_ANNOT_LINK)
        (left, top), (right, bottom) = self._at(x, y), self._at(x + width, y + height)
        raw.FPDFAnnot_SetRect(note, ctypes.byref(raw.FS_RECTF(left, top, right, bottom)))
        raw.FPDFAnnot_SetURI(note, address.encode())
        raw.FPDFPage_CloseAnnot(note)

    def close(self) -> None:
        for font in self.fonts.values():
            raw.FPDFFont_Close(font)
        self.page.close()
        self.document.close()


def pdf(d: Diagram) -> bytes:
    return drawn(d.width, d.height, lambda sheet: _draw(sheet, d), saved)


def png(d: Diagram) -> bytes:
    return drawn(d.width, d.height, lambda sheet: _draw(sheet, d), pixels)


def drawn(
    width: float, height: float, draw: Callable[[Sheet], None], how: Callable[[Sheet], bytes]
) -> bytes:
    """What `draw` puts on a sheet of that size (units of the figure), as `saved` or `pixels`."""
    with _one_at_a_time:
        sheet = Sheet(width, height)
        try:
            draw(sheet)
            raw.FPDFPage_GenerateContent(sheet.page.raw)
            return how(sheet)
        finally:
            sheet.close()


def _draw(sheet: Sheet, d: Diagram) -> None:
    """The same shapes as templates/screening/prisma.svg, in the same order."""
    c = d.colours
    sheet.rectangle(0, 0, d.width, d.height, fill="#ffffff")
    if d.draft:
        sheet.text(d.draft, 54, 24, size=FONT_SIZE, colour=c.warning, bold=True)
    for h in d.headings:
        fill = c.muted_heading if h.muted else c.heading
        sheet.rectangle(h.x, 40, h.width, 32, fill=fill, line=c.heading_line)
        sheet.text(h.text, h.x + 12, 61, size=FONT_SIZE, colour=c.ink, bold=True)
    for p in d.phases:
        sheet.rectangle(8, p.y, 28, p.height, fill=c.phase, line=c.heading_line)
        sheet.text(
            p.text, 26.5, p.middle, size=FONT_SIZE, colour=c.ink, bold=True, up=True, centred=True
        )
    for arrow in d.arrows:
        points = [tuple(map(float, point.split(","))) for point in arrow.points.split()]
        sheet.lines([(x, y) for x, y in points], line=c.line)
    for box in d.boxes:
        sheet.rectangle(box.x, box.y, box.width, box.height, fill="#ffffff", line=c.line)
        for x, y, line in box.placed_lines():
            colour = c.link if line.href else c.ink
            sheet.text(line.text, x, y, size=FONT_SIZE, colour=colour)
            if line.href:
                room = box.x + box.width - x
                sheet.link(x, y - FONT_SIZE, room, FONT_SIZE + 4, line.href)
    for y, line in d.placed_notes():
        sheet.text(line.text, 54, y, size=NOTE_SIZE, colour=c.line)


def saved(sheet: Sheet) -> bytes:
    out = io.BytesIO()
    sheet.document.save(out, flags=raw.FPDF_SUBSET_NEW_FONTS)
    return _settled(out.getvalue())


def _settled(data: bytes) -> bytes:
    """The same figure is the same file: pdfium writes the second, and names fonts and file by chance.

    Each is replaced by one of its length, so the file's table of places stays true.
    """
    data = _WRITTEN_AT.sub(b"D:20200101000000", data, count=1)
    tags = dict.fromkeys(_FONT_TAG.findall(data))
    for number, tag in enumerate(tags):
        data = data.replace(b"/" + tag + b"+", b"/FONTS" + bytes([ord("A") + number]) + b"+")
    blank = _FILE_ID.sub(b"/ID[<>]", data)
    name = hashlib.blake2s(blank, digest_size=16).hexdigest().upper().encode()
    return _FILE_ID.sub(b"/ID[<" + name + b"><" + name + b">]", data)


def pixels(sheet: Sheet) -> bytes:
    image = sheet.page.render(scale=DOTS_PER_INCH / 72, rev_byteorder=True).to_numpy()
    height, width, depth = image.shape
    assert depth == 3  # noqa: S101  (a page without transparency)
    # Each row begins with the number of its filter: 0, none.
    rows = b"".join(b"\0" + image[y].tobytes() for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    per_metre = round(DOTS_PER_INCH / 0.0254)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            chunk(b"IDAT", zlib.compress(rows, 6)),
            chunk(b"IEND", b""),
        ]
    )
