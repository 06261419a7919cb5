"""The plots of an appraisal as PDF and PNG, drawn as the PRISMA figure is
(docs/decisions/109-the-figure-as-pdf-is-drawn-with-pdfium.md).

The same shapes as templates/extraction/traffic.svg and summary.svg, in the same order.
"""

from collections.abc import Callable, Iterator

from screening.reporting.figure_pdf import Sheet, drawn, pixels, saved

from .lights import HATCHED, Lamp, Plot, Segment

INK, NOTE, STRIPE = "#1b1d22", "#4b4d55", "#f4f4f2"
WAYS: dict[str, Callable[[Sheet], bytes]] = {"pdf": saved, "png": pixels}
Line = tuple[tuple[float, float], tuple[float, float]]
# Of each pattern of summary.svg: which lines (rising, falling, level), how far apart, how thick.
LINES: dict[str, tuple[str, float, float]] = {
    "some": ("/", 8, 1),
    "bad": ("/\\", 8, 1),
    "worst": ("/\\", 4, 1.5),
    "none": ("-", 6, 0.7),
}
DOTS = 6  # apart, of "unclear"


def as_file(plot: Plot, kind: str) -> bytes:
    """`plot` as "pdf" or "png"; the same plot is the same bytes."""
    return drawn(plot.width, plot.height, lambda sheet: _draw(sheet, plot), WAYS[kind])


def _draw(sheet: Sheet, p: Plot) -> None:
    sheet.rectangle(0, 0, p.width, p.height, fill="#ffffff")
    for head in p.heads:
        sheet.text(head.short, head.x, 26, size=12, colour=INK, bold=True, centred=True)
    for row in p.rows:
        if row.is_odd:
            sheet.rectangle(0, row.top, p.width, p.row_height, fill=STRIPE)
        sheet.text(row.short, 12, row.y + 4, size=12, colour=INK)
        for lamp in row.lamps:
            _lamp(sheet, lamp, 11, 15)
    for bar in p.bars:
        sheet.text(bar.short, 12, bar.y + 4, size=12, colour=INK)
        for each in bar.segments:
            _segment(sheet, each, bar.y, plain=p.is_plain)
    for lamp in p.key:
        _lamp(sheet, lamp, 10, 14)
        sheet.text(lamp.word, lamp.x + 16, lamp.y + 4, size=12, colour=INK)
    for y, text in p.notes:
        sheet.text(text, 12, y, size=12, colour=NOTE)


def _lamp(sheet: Sheet, lamp: Lamp, radius: float, size: float) -> None:
    sheet.circle(lamp.x, lamp.y, radius, fill=lamp.fill, line=INK)
    sheet.text(lamp.sign, lamp.x, lamp.y + 5, size=size, colour=lamp.ink, bold=True, centred=True)


def _segment(sheet: Sheet, each: Segment, y: float, *, plain: bool) -> None:
    top, height = y - 10, 20.0
    light = next((name for name, fill in HATCHED.items() if fill == each.fill), "")
    sheet.rectangle(each.x, top, each.width, height, fill="#ffffff" if light else each.fill)
    if light == "unclear":
        for x, middle in dots(each.x, top, each.width, height):
            sheet.circle(x, middle, 1, fill="#000000")
    elif light in LINES:
        ways, apart, thick = LINES[light]
        for way in ways:
            for line in hatching(way, apart, each.x, top, each.width, height):
                sheet.stroke(line, line="#000000", thick=thick)
    sheet.rectangle(each.x, top, each.width, height, fill="", line=INK)
    if each.says:
        if plain:
            sheet.rectangle(each.middle - 15, y - 8, 30, 16, fill="#ffffff")
        sheet.text(each.says, each.middle, y + 4, size=12, colour=each.ink, bold=True, centred=True)


def hatching(
    way: str, apart: float, x: float, y: float, width: float, height: float
) -> Iterator[Line]:
    """Parallel lines, cut where they leave the rectangle: "/" rising, "\\\\" falling, "-" level.

    They lie on one grid for the whole page, so that neighbours don't shift against each other.
    """
    right, bottom = x + width, y + height
    if way == "-":
        at = -(-y // apart) * apart
        while at < bottom:
            yield (x, at), (right, at)
            at += apart
        return
    # Rising: x + y is the same all along; falling: x - y is.
    sign = 1 if way == "/" else -1
    ends = (sign * y, sign * bottom)
    at, last = -(-(x + min(ends)) // apart) * apart, right + max(ends)
    while at < last:
        left, far = max(x, at - max(ends)), min(right, at - min(ends))
        if left < far:
            yield (left, sign * (at - left)), (far, sign * (at - far))
        at += apart


def dots(x: float, y: float, width: float, height: float) -> Iterator[tuple[float, float]]:
    """The middles of dots on the page's grid that lie wholly in the rectangle."""
    across = -(-(x + 1) // DOTS) * DOTS
    while across + 1 < x + width:
        down = -(-(y + 1) // DOTS) * DOTS
        while down + 1 < y + height:
            yield across, down
            down += DOTS
        across += DOTS
