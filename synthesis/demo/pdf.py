"""A plain PDF with a text layer, so that the demo has full texts to read. Only what that needs."""

import textwrap

LINES_A_PAGE, LETTERS_A_LINE = 46, 84


def pdf(
    title: str,
    paragraphs: list[str],
    *,
    across: int = LETTERS_A_LINE,
    down: int = LINES_A_PAGE,
    pages_at_least: int = 0,
) -> bytes:
    """A PDF of `paragraphs` under `title` in Helvetica, A4, as many pages as it takes.

    `across` letters a line and `down` lines a page; empty pages make up `pages_at_least`.
    """
    lines = [("H", part) for part in textwrap.wrap(title, 58)] + [("T", "")]
    for paragraph in paragraphs:
        lines += [("T", part) for part in textwrap.wrap(paragraph, across)] + [("T", "")]
    pages = [lines[n : n + down] for n in range(0, len(lines), down)]
    pages += [[]] * (pages_at_least - len(pages))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    fonts = b"<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >>"
    kids = []
    for number, page in enumerate(pages, start=1):
        stream = _drawn(page, number, len(pages))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font %s >> "
            b"/Contents %d 0 R >>" % (fonts, len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(out)


def _drawn(page: list[tuple[str, str]], number: int, pages: int) -> bytes:
    parts = [b"BT 60 780 Td"]
    for kind, text in page:
        size = 15 if kind == "H" else 10.5
        step = 20 if kind == "H" else 15.5
        safe = text.encode("cp1252", "replace")
        for mark in (b"\\", b"(", b")"):
            safe = safe.replace(mark, b"\\" + mark)
        parts.append(b"/F1 %.1f Tf (%s) Tj 0 -%.1f Td" % (size, safe, step))
    parts.append(
        b"ET BT /F1 9 Tf 60 40 Td (Fictional document for demonstration, page %d of %d) Tj ET"
        % (number, pages)
    )
    return b"\n".join(parts)
