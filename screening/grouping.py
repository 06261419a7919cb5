"""Reports that tell of studies: taking that back, and what becomes of the forms on studies when their
reports move, told before it is done.

Forms belong to a room above, which says by a function that it registers how many a study has, as the
rooms do for people who leave (reviews/leaving.py).
"""

from collections.abc import Callable, Collection, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from citations import studies
from citations.models import Report, Study, StudyReport
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from . import flow
from .actions import locked
from .flow import Place

Counter = Callable[[Collection[int]], dict[int, dict[str, int]]]
COUNTERS: list[Counter] = []
Pair = tuple[Report, Report]


def counts_forms(counter: Counter) -> Counter:
    """Register `counter(studies)`: {study: {"appraisal": 2}}, without studies that have none."""
    COUNTERS.append(counter)
    return counter


def open_to(review: Review) -> QuerySet[Study]:
    """The studies that a report may be said to tell of: the included ones, and those that no report
    tells of, so that what was extracted from a joined study can be had back."""
    listed = Q(pk__in=flow.studies_in(review)) | Q(reports=None)
    return review.studies.filter(listed).order_by("label", "pk")


@transaction.atomic
def stop_telling(report: Report, study: Study, *, by: User) -> Report:
    """`report` tells of `study` no more, and of none if that was its only one.

    What is included tells of one study at least: give it a study of its own instead.
    """
    report = locked(report)
    links = report.study_links.order_by("pk")
    before = list(links.values_list("study", flat=True))
    if study.pk not in before:
        raise Clash("This report does not tell of that study.")
    if report.place == Place.INCLUDED and len(before) == 1:
        raise Refused("An included report tells of one study at least.")
    studies.keep_grouping(report.review, Report.objects.filter(pk=report.pk))
    links.filter(study=study).delete()
    after = [each for each in before if each != study.pk]
    audit.record(
        report.review, "grouped a report", by=by, target=report, before=before, after=after
    )
    return report


def forms_on(ids: Collection[int]) -> dict[int, str]:
    """The forms on each of these studies in words: {study: "2 extraction forms"}."""
    found: dict[int, list[str]] = {}
    for counter in COUNTERS:
        for study, kinds in counter(ids).items():
            found.setdefault(study, []).extend(
                f"{many} {kind} form{'' if many == 1 else 's'}" for kind, many in kinds.items()
            )
    return {study: " and ".join(said) for study, said in found.items()}


def when_joined(review: Review, pairs: Iterable[Pair]) -> list[tuple[Report, Report, str]]:
    """Each pair with the sentence that says what `citations.studies.join` leaves of its forms.

    "" where there are none. Constant queries, whatever the number of pairs.
    """
    pairs = list(pairs)
    links = StudyReport.objects.filter(study__review=review)
    tells: dict[int, set[int]] = {}  # report: of which studies
    reports: dict[int, set[int]] = {}  # of a study
    included: dict[int, set[int]] = {}  # of a study
    for study, report, place in links.values_list("study", "report", "report__place"):
        tells.setdefault(report, set()).add(study)
        reports.setdefault(study, set()).add(report)
        if place == Place.INCLUDED:
            included.setdefault(study, set()).add(report)
    keeps, emptied = {}, {}
    for first, second in pairs:
        keep = min(tells.get(first.pk, {0}))
        moved = {second.pk}.union(*(reports[each] for each in tells.get(second.pk, set()) - {keep}))
        left = set().union(*(tells.get(each, set()) for each in moved)) - {keep}
        keeps[first, second] = keep
        emptied[first, second] = {each for each in left if included.get(each, set()) <= moved}
    told = {*keeps.values()}.union(*emptied.values())
    labels = dict(Study.objects.filter(pk__in=told).values_list("pk", "label"))
    forms = forms_on(told)

    def sentence(pair: Pair) -> str:
        keep = keeps[pair]
        lost = [
            f"{forms[each]} on {labels[each]}" for each in sorted(emptied[pair]) if each in forms
        ]
        stays = f"{labels.get(keep, '')} stays with {forms.get(keep, 'no forms')}"
        if lost:
            return (
                f"As one study, {stays}; kept, but out of the lists and tables until a report tells "
                f"of that study again: {' and '.join(lost)}."
            )
        return f"As one study, {stays}; the other has none." if keep in forms else ""

    return [(*pair, sentence(pair)) for pair in pairs]


def when_moved(study: Study) -> str:
    """What becomes of the forms on `study` when a report stops telling of it; "" without forms."""
    forms = forms_on([study.pk]).get(study.pk)
    if not forms:
        return ""
    included = study.reports.filter(place=Place.INCLUDED).count()
    if included > 1:
        return (
            f"The forms of this study ({forms}) stay with it when one of its reports moves, and a "
            "study of its own begins with none."
        )
    if included:
        return (
            f"The forms of this study ({forms}) are kept when its only included report moves, but "
            "leave the lists and tables until a report tells of this study again."
        )
    return (
        f"The forms of this study ({forms}) are kept, and come back to the lists and tables when an "
        "included report tells of it."
    )
