"""Starters: reports of which is known beforehand whether they are relevant.

They teach every order until the report itself is settled, and are no decisions: the report is
screened like any other. The lead says them openly, so nobody's vote is in them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Lower

from citations.formats.identifiers import doi_of
from citations.models import Report
from reviews import audit
from reviews.models import Review, Stage, StageRules, User
from reviews.refusal import Refused

from ..models import Starter
from ..ranking.decided import Said, Undecidable, decisions
from . import orders, reading

LARGEST_FILE = 100_000_000  # bytes
CHUNK = 500


@dataclass(frozen=True)
class Added:
    """What became of a list or a file."""

    added: int
    unknown: int  # not among the review's reports
    standing: int  # were starters already


@transaction.atomic
def add(
    review: Review, known: dict[int, bool], *, by: User, source: str, unknown: int = 0
) -> Added:
    """Make {report: whether it is relevant} starters. One that is a starter already stays as it is."""
    # One at a time, so that two lists cannot both add the same report.
    StageRules.objects.select_for_update().get(review=review, stage=Stage.ABSTRACT)
    here = set(reading.standing(review).filter(pk__in=list(known)).values_list("pk", flat=True))
    before = set(review.starters.filter(report__in=here).values_list("report", flat=True))
    fresh = sorted(here - before)
    Starter.objects.bulk_create(
        Starter(review=review, report_id=pk, relevant=known[pk], source=source[:200], by=by)
        for pk in fresh
    )
    if fresh:
        relevant = sum(known[pk] for pk in fresh)
        audit.record(
            review,
            "added starters",
            by=by,
            target=source[:80],
            after={"relevant": relevant, "irrelevant": len(fresh) - relevant},
        )
        orders.due(review, by=by)
    return Added(len(fresh), unknown + len(known) - len(here), len(before))


@transaction.atomic
def remove(starter: Starter, *, by: User) -> None:
    audit.record(
        starter.review,
        "removed a starter",
        by=by,
        target=starter.report,
        before={"relevant": starter.relevant, "source": starter.source},
    )
    review = starter.review
    starter.delete()
    orders.due(review, by=by)


def add_dois(review: Review, text: str, *, by: User) -> Added:
    """Relevant reports by their DOIs, one a line. Refused for a list without any."""
    dois = {doi for line in text.splitlines() if (doi := doi_of(line))}
    lines = [line for line in text.splitlines() if line.strip()]
    if not dois:
        raise Refused("No line holds a DOI. Give one a line, or find the reports by their words.")
    said = [Said(doi, "", True) for doi in sorted(dois)]
    known, missing = _known(review, said)
    without = sum(not doi_of(line) for line in lines)
    return add(review, known, by=by, source="DOI", unknown=missing + without)


def add_file(review: Review, content: bytes, name: str, *, by: User) -> Added:
    """The decisions of an ASReview project, a table from ASReview, a table or RIS from Rayyan."""
    if len(content) > LARGEST_FILE:
        raise Refused("The file is larger than 100 MB.")
    try:
        said = decisions(content, name)
    except Undecidable as error:
        raise Refused(str(error)) from error
    known, missing = _known(review, said)
    return add(review, known, by=by, source=name, unknown=missing)


def _known(review: Review, said: Iterable[Said]) -> tuple[dict[int, bool], int]:
    """({report: relevant}, how many fit no report or several): by DOI, else by the whole title.

    Of a report that is named twice the first word counts.
    """
    found: dict[int, bool] = {}
    missing = 0
    some = list(said)
    for at in range(0, len(some), CHUNK):
        part = [
            (doi_of(each.doi), _folded(each.title), each.relevant) for each in some[at : at + CHUNK]
        ]
        reports = reading.standing(review)
        by_doi = _one_each(
            reports.filter(doi__in={doi for doi, *_ in part if doi}).values_list("doi", "pk")
        )
        # The database knows no folding; it brings whatever has such a title in small letters.
        titles = {title.lower() for _, title, _ in part if title}
        by_title = _one_each(
            (_folded(title), pk)
            for title, pk in reports.annotate(small=Lower("title"))
            .filter(small__in=titles)
            .values_list("title", "pk")
        )
        for doi, title, relevant in part:
            pk = by_doi.get(doi) or by_title.get(title)
            if pk is None:
                missing += 1
            else:
                found.setdefault(pk, relevant)
    return found, missing


def _folded(title: str) -> str:
    return " ".join(title.replace("\0", "").split()).lower()


def _one_each(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """{name: report} where only one report has the name."""
    found: dict[str, set[int]] = {}
    for name, pk in pairs:
        found.setdefault(name, set()).add(pk)
    return {name: pks.pop() for name, pks in found.items() if name and len(pks) == 1}


def matching(review: Review, words: str, most: int = 20) -> list[Report]:
    """Reports whose title has all of `words`, that are no starters yet. 1 query."""
    found = reading.standing(review).exclude(pk__in=review.starters.values("report"))
    for word in words.split()[:10]:
        found = found.filter(title__icontains=word)
    return list(found.order_by("pk")[:most]) if words.strip() else []
