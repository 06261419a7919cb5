"""The figure: official words, boxes that do not overlap, text that fits, escaped and linked."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from screening.reporting import diagram

LONG = "Described a service for adults who had been exploited as adults and not as children"


def numbers(template="new v2", reasons=2, pending=0):
    boxes = dict.fromkeys(
        [
            *(
                "D1_db",
                "D1_reg",
                "D2_dup",
                "D2_auto",
                "D2_other",
                "D3",
                "D4",
                "D5",
                "D6",
                "D7",
                "D8",
            ),
            *("O1_website", "O1_organisation", "O1_citation", "O5", "O6", "O7", "O8", "O_U"),
            *("I_studies", "I_reports", "P_studies", "P_reports", "T_studies", "T_reports"),
        ],
        1234,
    )
    why = [{"id": n, "reason": f"{LONG} {n}", "n": n} for n in range(reasons)]
    return {
        "template": template,
        "boxes": boxes,
        "reasons": why,
        "other_reasons": why[:1],
        "sources": [
            {"id": 1, "name": "Base", "kind": "database", "n": 5},
            {"id": 2, "name": LONG, "kind": "database", "n": 6},
        ],
        "pending": {"abstract": pending, "retrieval": 0, "fulltext": 0, "duplicates": 0},
    }


# The wording of the official templates (PRISMA.md 4.3).
V1 = [
    "Identification of studies via databases and registers",
    "Records identified from*: Databases (n = 1,234)",
    "Registers (n = 1,234)",
    "Records removed before screening: Duplicate records removed (n = 1,234)",
    "Records marked as ineligible by automation tools (n = 1,234)",
    "Records removed for other reasons (n = 1,234)",
    "Records screened (n = 1,234)",
    "Records excluded** (n = 1,234)",
    "Reports sought for retrieval (n = 1,234)",
    "Reports not retrieved (n = 1,234)",
    "Reports assessed for eligibility (n = 1,234)",
    "Reports excluded:",
    "Studies included in review (n = 1,234)",
    "Reports of included studies (n = 1,234)",
]
V2 = [
    "Identification of studies via other methods",
    "Records identified from: Websites (n = 1,234) Organisations (n = 1,234)",
    "Citation searching (n = 1,234)",
]


UPDATED = [
    words.replace("of studies via", "of new studies via")
    .replace("Studies included", "New studies included")
    .replace("Reports of included", "Reports of new included")
    for words in V1
] + [
    "Previous studies",
    "Studies included in previous version of review (n = 1,234)",
    "Reports of studies included in previous version of review (n = 1,234)",
    "Total studies included in review (n = 1,234)",
    "Reports of total included studies (n = 1,234)",
]
UPDATED_V2 = [*UPDATED, "Identification of new studies via other methods", *V2[1:]]
WORDS = {"new v1": V1, "new v2": V1 + V2, "updated v1": UPDATED, "updated v2": UPDATED_V2}


def said(drawn):
    boxes = [" ".join(line.text for line in box.lines) for box in drawn.boxes]
    return " | ".join([*boxes, *(heading.text for heading in drawn.headings)])


@pytest.mark.parametrize(("template", "words"), WORDS.items())
def test_it_says_the_official_words(template, words):
    text = said(diagram.draw(numbers(template)))
    for sentence in words:
        assert sentence in text


def test_v1_has_no_other_methods():
    assert "other methods" not in said(diagram.draw(numbers("new v1")))


@pytest.mark.parametrize("reasons", [0, 1, 15])
@pytest.mark.parametrize("template", WORDS)
def test_no_two_boxes_overlap_and_all_lie_on_the_sheet(template, reasons):
    drawn = diagram.draw(numbers(template, reasons))
    for a, b in combinations(drawn.boxes, 2):
        apart = (
            a.x + a.width <= b.x
            or b.x + b.width <= a.x
            or a.y + a.height <= b.y
            or b.y + b.height <= a.y
        )
        assert apart, (a.id, b.id)
    assert all(box.x + box.width <= drawn.width for box in drawn.boxes)
    assert all(box.y + box.height <= drawn.height for box in drawn.boxes)


def test_every_line_fits_its_box_and_numbers_stay_whole():
    for box in diagram.draw(numbers(reasons=15)).boxes:
        for line in box.lines:
            assert diagram.text_width(line.text) + line.indent <= box.width - 2 * diagram.PADDING
            assert re.sub(r"\(n = [\d,]+\)", "", line.text).count("(n") == 0


def test_a_word_longer_than_a_line_is_cut():
    assert "".join(diagram.wrap("x" * 200, 100)) == "x" * 200


def test_a_draft_says_what_is_pending():
    assert diagram.draw(numbers(pending=7)).draft == "Draft – 7 pending: title and abstract 7"
    assert diagram.draw(numbers()).draft == ""


def test_the_svg_escapes_and_links(db, review, make_report):
    from django.template.loader import render_to_string

    given = numbers()
    given["reasons"][0]["reason"] = '<script>alert("1")</script> & more'
    drawn = diagram.draw(given, link=lambda box, reason: f"/x?box={box}&r={reason}", title="<b>")
    text = render_to_string("screening/prisma.svg", {"d": drawn})
    tree = ET.fromstring(text)
    assert "<script" not in text
    links = [each.get("href") for each in tree.iter("{http://www.w3.org/2000/svg}a")]
    assert "/x?box=D3&r=None" in links
