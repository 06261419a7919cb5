"""The two plots of an appraisal: a light for each study and domain, and how many of each a domain has.

Pure: words in, geometry out; the SVG is a Django template over it. Units are SVG user units. Every
light has a sign beside its colour, and a black and white plot tells them apart by sign and hatching.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

ROW = 30
COLUMN = 38
NAMES = 230  # width of the names on the left
NAME_LETTERS = 34
HEAD = 40
BAR = 420
BAR_NAMES = 330
BAR_LETTERS = 48
FOOT_LINE = 18
PADDING = 12

SIGNS = {"good": "+", "some": "−", "bad": "×", "worst": "!", "unclear": "?", "none": "·"}
COLOURS = {
    "good": "#7cc79a",
    "some": "#f2cb57",
    "bad": "#ec8a78",
    "worst": "#8f2f24",
    "unclear": "#bfc8d4",
    "none": "#ffffff",
}
# What a pattern of templates/extraction/_hatching.svg is called.
HATCHED = {light: f"url(#hatch-{light})" for light in SIGNS}
ORDER = list(SIGNS)


@dataclass(frozen=True)
class Cell:
    word: str
    light: str


@dataclass(frozen=True)
class Lamp:
    """A circle with its sign; `x` and `y` are its middle."""

    x: float
    y: float
    sign: str
    fill: str
    ink: str
    word: str


@dataclass(frozen=True)
class Head:
    short: str
    name: str
    x: float


@dataclass(frozen=True)
class Row:
    short: str
    name: str
    y: float
    is_odd: bool
    lamps: Sequence[Lamp]

    @property
    def top(self) -> float:
        return self.y - ROW / 2


@dataclass(frozen=True)
class Segment:
    x: float
    width: float
    middle: float
    fill: str
    ink: str
    says: str
    title: str


@dataclass(frozen=True)
class Bar:
    short: str
    name: str
    y: float
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Plot:
    title: str
    says: str
    width: float
    height: float
    heads: Sequence[Head]
    rows: Sequence[Row]
    bars: Sequence[Bar]
    key: Sequence[Lamp]  # each light that occurs, with its words
    notes: Sequence[tuple[float, str]]  # (baseline, what a short head stands for)
    is_plain: bool
    row_height: int = ROW


def short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def code(name: str) -> str:
    """What stands over a column: the number of a numbered item, else its first letters."""
    first = name.split(" ")[0]
    if any(letter.isdigit() for letter in first) and len(first) <= 5:
        return first.rstrip(".:)")
    return "All" if name.casefold().startswith("overall") else short(name, 5)


def _fill(light: str, plain: bool) -> tuple[str, str]:
    """(fill, ink of the sign on it)."""
    if plain:
        return "#ffffff", "#000000"
    return COLOURS[light], "#ffffff" if light == "worst" else "#1b1d22"


def _lamp(cell: Cell, x: float, y: float, plain: bool) -> Lamp:
    fill, ink = _fill(cell.light, plain)
    return Lamp(x, y, SIGNS[cell.light], fill, ink, cell.word)


def _key(cells: Sequence[Cell], y: float, plain: bool) -> list[Lamp]:
    """One lamp for each light, with every word that a scale has for it."""
    words: dict[str, dict[str, None]] = {}
    for cell in cells:
        words.setdefault(cell.light, {})[cell.word] = None
    found, x = [], float(PADDING + 10)
    for light in ORDER:
        if light in words:
            told = ", ".join(words[light])
            found.append(_lamp(Cell(told, light), x, y, plain))
            x += 46 + 7.2 * len(told)
    return found


def _notes(names: Sequence[str], top: float) -> list[tuple[float, str]]:
    told = [f"{code(name)}  {name}" for name in names if not name.startswith(code(name))]
    told += [name for name in names if name.startswith(code(name)) and name != code(name)]
    return [(top + n * FOOT_LINE, text) for n, text in enumerate(told)]


def _width(least: float, key: Sequence[Lamp], notes: Sequence[tuple[float, str]]) -> float:
    last = key[-1].x + 30 + 7.2 * len(key[-1].word) if key else 0
    longest = max((len(text) * 6.6 for _, text in notes), default=0) + 2 * PADDING
    return max(least, last, longest)


def traffic(
    title: str,
    names: Sequence[str],
    studies: Sequence[tuple[str, Sequence[Cell | None]]],
    *,
    plain: bool = False,
) -> Plot:
    """A row for each of `studies` (its name, a cell for each of `names`; None: not judged)."""
    heads = [
        Head(code(name), name, NAMES + COLUMN * (number + 0.5)) for number, name in enumerate(names)
    ]
    rows = []
    for number, (study, cells) in enumerate(studies):
        y = HEAD + ROW * (number + 0.5)
        lamps = [
            _lamp(cell, head.x, y, plain)
            for head, cell in zip(heads, cells, strict=True)
            if cell is not None
        ]
        rows.append(Row(short(study, NAME_LETTERS), study, y, number % 2 == 1, lamps))
    bottom = HEAD + ROW * len(studies)
    used = [cell for _, cells in studies for cell in cells if cell is not None]
    key = _key(used, bottom + 26, plain)
    notes = _notes(names, bottom + 58)
    counted = Counter(cell.light for cell in used)
    says = f"{len(studies)} studies, {len(names)} judgements. " + ", ".join(
        f"{', '.join(_words(used, light))}: {counted[light]}" for light in ORDER if counted[light]
    )
    return Plot(
        title=title,
        says=says,
        width=_width(NAMES + COLUMN * len(names) + PADDING, key, notes),
        height=bottom + 58 + FOOT_LINE * len(notes),
        heads=heads,
        rows=rows,
        bars=[],
        key=key,
        notes=notes,
        is_plain=plain,
    )


def _words(cells: Sequence[Cell], light: str) -> list[str]:
    return list(dict.fromkeys(cell.word for cell in cells if cell.light == light))


def summary(
    title: str,
    names: Sequence[str],
    studies: Sequence[tuple[str, Sequence[Cell | None]]],
    *,
    plain: bool = False,
) -> Plot:
    """A bar for each judgement: which share of the studies judged on it stands at which light."""
    bars = []
    used = [cell for _, cells in studies for cell in cells if cell is not None]
    for number, name in enumerate(names):
        cells = [row[number] for _, row in studies]
        judged = [cell for cell in cells if cell is not None]
        counted = Counter(cell.light for cell in judged)
        segments, x = [], float(BAR_NAMES)
        for light in ORDER:
            if not counted[light]:
                continue
            width = BAR * counted[light] / len(judged)
            fill, ink = (HATCHED[light], "#000000") if plain else _fill(light, plain)
            told = f"{SIGNS[light]} {counted[light]}" if width >= 34 else ""
            words = ", ".join(_words(judged, light))
            title_ = f"{name}: {words}, {counted[light]} of {len(judged)}"
            segments.append(
                Segment(
                    round(x, 2), round(width, 2), round(x + width / 2, 2), fill, ink, told, title_
                )
            )
            x += width
        y = ROW * (number + 0.5)
        bars.append(Bar(short(name, BAR_LETTERS), f"{name}, {len(judged)} studies", y, segments))
    bottom = ROW * len(names)
    key = _key(used, bottom + 34, plain)
    counted = Counter(cell.light for cell in used)
    return Plot(
        title=title,
        says=" ".join(f"{segment.title}." for bar in bars for segment in bar.segments),
        width=_width(BAR_NAMES + BAR + PADDING, key, []),
        height=bottom + 60,
        heads=[],
        rows=[],
        bars=bars,
        key=key,
        notes=[],
        is_plain=plain,
    )
