"""The named parts of a review's question, by framework.

PICO and PICOC: Cochrane Handbook 2.3; PCC: JBI Manual for scoping reviews 10.2.2; SPIDER: Cooke,
Smith and Booth 2012 (qualitative evidence). Parts that two frameworks share have one name, so
that what was typed under one is there under the other.
"""

from .models import Review

Framework = Review.Framework

# Every part in the order in which a form shows it: (label, what belongs there).
PARTS: dict[str, tuple[str, str]] = {
    "population": ("Population", "Who is studied, and with which condition or need"),
    "sample": ("Sample", "The group of people whose experience is looked at"),
    "phenomenon": ("Phenomenon of interest", "The behaviour, experience or program"),
    "intervention": ("Intervention", "The program, treatment or exposure"),
    "comparison": ("Comparison", "What it is compared with, usual care or nothing"),
    "outcome": ("Outcome", "What is measured or reported"),
    "concept": ("Concept", "The idea or practice that is mapped"),
    "design": ("Design", "How the experience was studied: interviews, focus groups, surveys"),
    "evaluation": ("Evaluation", "What the studies report: views, attitudes, experiences"),
    "research_type": ("Research type", "Qualitative, quantitative or mixed methods"),
    "context": ("Context", "Place, setting, culture or period"),
    "question": ("Question", "The question in one or two sentences"),
}

FRAMEWORKS: dict[str, list[str]] = {
    Framework.PICO: ["population", "intervention", "comparison", "outcome"],
    Framework.PICOC: ["population", "intervention", "comparison", "outcome", "context"],
    Framework.PCC: ["population", "concept", "context"],
    Framework.SPIDER: ["sample", "phenomenon", "design", "evaluation", "research_type"],
    Framework.FREE: ["question"],
}


def parts(review: Review) -> list[tuple[str, str]]:
    """(label, text) of each part that `review`'s framework names and somebody has written."""
    return [
        (PARTS[part][0], review.question[part])
        for part in FRAMEWORKS[review.framework]
        if review.question.get(part)
    ]
