"""An Excel workbook of one sheet as a stream: nothing of it is kept until the end.

Written here and not by a library, because those write the sheet to a file first: the first byte then
comes after the last row. Office Open XML, ECMA-376, parts 1 and 2: strings stand in their cells.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape

Cell = str | int | None
PIECE = 1 << 16  # bytes of the sheet that are packed at a time
_DAY = (1980, 1, 1, 0, 0, 0)  # the same list is the same bytes
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Style 0 is plain, 1 is bold, for the header.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/>'
    '<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill '
    'patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
    '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" '
    'borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" '
    'borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" '
    'applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" '
    'builtinId="0"/></cellStyles></styleSheet>',
}
# Excel takes these letters for the one that they number, unless its first line is written as a code itself.
_A_CODE = re.compile(r"_x[0-9A-Fa-f]{4}_")
_SHEET = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
    'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)


class _Outbox:
    """What the zip has written and nobody has taken yet. It can't be wound back, as no stream can."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def close(self) -> None:
        """Nothing is held open."""

    def take(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def workbook(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The pieces of a workbook with the sheet `name`: a bold header that stays in view, then `rows`.

    Whole numbers are numbers, strings text that is never run, None and "" empty cells. The caller has
    taken out what XML can't hold.
    """
    out = _Outbox()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        named = (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{escape(name)}" '
        )
        for part, text in {
            **_PARTS,
            "xl/workbook.xml": f'{named}sheetId="1" r:id="rId1"/></sheets></workbook>',
        }.items():
            packed.writestr(_info(part), _HEAD + text)
        yield out.take()
        with packed.open(_info("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            waiting = [_HEAD, _SHEET, _row(1, header, ' s="1"')]
            size = 0
            for number, cells in enumerate(rows, start=2):
                waiting.append(_row(number, cells))
                size += len(waiting[-1])
                if size >= PIECE:
                    sheet.write("".join(waiting).encode())
                    waiting, size = [], 0
                    yield out.take()
            waiting.append("</sheetData></worksheet>")
            sheet.write("".join(waiting).encode())
    yield out.take()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _row(number: int, cells: Sequence[Cell], style: str = "") -> str:
    made = []
    for at, value in enumerate(cells):
        if isinstance(value, int):
            made.append(f'<c r="{_letters(at)}{number}"{style}><v>{value}</v></c>')
        elif value:
            text = _A_CODE.sub(r"_x005F\g<0>", escape(value, quote=False))
            # A carriage return would otherwise be read back as a line feed.
            text = text.replace("\r", "&#13;")
            made.append(
                f'<c r="{_letters(at)}{number}"{style} t="inlineStr"><is>'
                f'<t xml:space="preserve">{text}</t></is></c>'
            )
    return f'<row r="{number}">{"".join(made)}</row>'


def _letters(column: int) -> str:
    """0 is "A", 26 is "AA"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
