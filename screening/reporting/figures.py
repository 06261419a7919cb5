"""The figure in every format: one diagram, drawn once, written by the module of each."""

import json
from typing import Any

from django.template.loader import render_to_string

from reviews.models import Review

from . import diagram, figure_csv, figure_docx, figure_pdf
from .choices import Choices, chosen

CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
# What the menu offers: (kind, name, what it is good for).
FORMATS = [
    ("svg", "SVG", "text that can be edited"),
    ("pdf", "PDF", "to print"),
    ("png", "PNG", "300 dots an inch"),
    ("docx", "Word", "every box can be edited"),
    ("html", "HTML", "figure and numbers"),
    ("csv", "CSV", "for the R package PRISMA2020"),
    ("json", "JSON", "everything"),
]


def drawn(
    review: Review, numbers: dict[str, Any], by: Choices, link: diagram.Link | None = None
) -> diagram.Diagram:
    title = f"PRISMA 2020 flow diagram: {review.title}"
    return diagram.draw(chosen(numbers, by), link=link, title=title, plain=by.plain)


def write(
    review: Review,
    numbers: dict[str, Any],
    kind: str,
    by: Choices,
    link: diagram.Link | None = None,
) -> bytes:
    """`numbers` (of prisma.report) as a file of `kind`, one of CONTENT_TYPES.

    With `link` the numbers in SVG, PDF and HTML lead to their lists.
    """
    if kind == "json":
        return json.dumps(numbers, indent=2, ensure_ascii=False).encode()
    if kind == "csv":
        return figure_csv.as_csv(chosen(numbers, by)).encode()
    d = drawn(review, numbers, by, link)
    if kind == "pdf":
        return figure_pdf.pdf(d)
    if kind == "png":
        return figure_pdf.png(d)
    if kind == "docx":
        return figure_docx.docx(d)
    name = "screening/prisma.svg" if kind == "svg" else "screening/prisma_file.html"
    return render_to_string(name, {"d": d, "review": review, "numbers": numbers}).encode()
