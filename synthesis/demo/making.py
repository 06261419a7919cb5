"""Make the whole demo review, in one transaction: all of it or nothing."""

from collections.abc import Callable

from django.db import transaction

from reviews.actions import create_review, set_criteria
from reviews.models import Review

from . import people, screening_part, study_part

SLUG = "demo"
QUESTION = {
    "population": "Young people in, or known to, child welfare who are or may be sexually exploited",
    "intervention": "Programs, services and models of care",
    "comparison": "Any or none",
    "outcome": "Which components programs have, and what young people and workers say of them",
}
CRITERIA = [
    ("inclusion", "Young people under 18 in, or known to, child welfare"),
    ("inclusion", "Sexual exploitation or sex trafficking, suspected or confirmed"),
    ("inclusion", "A program, service or model of care is described"),
    ("inclusion", "At least one component of the program can be named"),
    ("exclusion", "Adults only"),
    ("exclusion", "Labour exploitation only"),
    ("exclusion", "Editorials, errata and conference abstracts"),
]


def make(say: Callable[[str], None]) -> Review:
    """The demo review; the one that is there already when it was made before."""
    standing = Review.objects.filter(slug=SLUG).first()
    if standing is not None:
        return standing
    with transaction.atomic():
        cast = people.gather()
        ada = cast["ada"]
        review = create_review(
            "Programs for young people in care who are sexually exploited (fictional demo)",
            by=ada,
            framework=Review.Framework.PICO,
            question=QUESTION,
            slug=SLUG,
        )
        people.seat(review, cast)
        set_criteria(review, CRITERIA, by=ada)
        screening_part.set_reasons(review, ada)
        say("Importing what five invented sources export")
        screening_part.bring_records(review, ada)
        screening_part.answer_questions(review, ada)
        say("Screening titles and abstracts")
        screening_part.screen(review, cast)
        say("Fetching and reading full texts")
        screening_part.fetch(review, cast["bo"])
        screening_part.read_full_texts(review, cast)
        screening_part.group_studies(review, ada)
        say("Extracting components from the included studies")
        nodes = study_part.grow_tree(review, ada)
        fields = study_part.write_codebook(review, ada)
        study_part.extract(review, cast, fields, nodes)
        say("Appraising the included studies")
        study_part.appraise(review, cast, fields["mmat_category"])
        say("Coding the interviews and judging convergence")
        study_part.interview(review, cast["ann"], nodes)
        study_part.judge_rows(review, cast["ann"])
    return review
