"""Related reports: linked, said how, without being one document."""

from django.db import transaction

from citations.models import RelatedReport, Report
from reviews import audit
from reviews.models import User
from reviews.refusal import Clash, Refused

from . import joining, marks


def link(
    one: Report, other: Report, *, by: User | None, why: str = "", kind: str = "", rule: str = ""
) -> RelatedReport:
    """Remember that two reports belong together without being one document."""
    first, second = sorted((one, other), key=lambda report: report.pk)
    made, _ = RelatedReport.objects.get_or_create(
        review_id=first.review_id,
        first=first,
        second=second,
        removed_at=None,
        defaults={"by": by, "why": why, "kind": kind or marks.kind_of(first, second, rule)},
    )
    return made


@transaction.atomic
def relate(one: Report, other: Report, *, by: User, kind: str = "") -> RelatedReport:
    """A person links two reports that the matching had not named."""
    joining.one_at_a_time(one.review)
    one, other = (joining.standing(each) for each in joining.locked_in_order(one, other))
    if one.pk == other.pk:
        raise Refused("These two are one report already.")
    if one.review_id != other.review_id:
        raise Refused("These reports belong to different reviews.")
    if kind and kind not in RelatedReport.Kind.values:
        raise Refused("There is no such kind of relation.")
    made = link(one, other, by=by, why="Named by a person.", kind=kind)
    audit.record(
        one.review,
        "linked related reports",
        by=by,
        target=f"reports {made.first_id} and {made.second_id}",
        after={"kind": made.kind},
    )
    return made


@transaction.atomic
def change_kind(made: RelatedReport, kind: str, *, by: User) -> RelatedReport:
    """Say what two related reports are to each other."""
    made = RelatedReport.objects.select_for_update().get(pk=made.pk)
    if kind not in RelatedReport.Kind.values:
        raise Refused("There is no such kind of relation.")
    if made.removed_at:
        raise Clash("These two are no longer linked.")
    if made.kind != kind:
        before, made.kind = made.kind, kind
        made.save(update_fields=["kind"])
        audit.record(
            made.review,
            "said how two reports are related",
            by=by,
            target=f"reports {made.first_id} and {made.second_id}",
            before={"kind": before},
            after={"kind": kind},
        )
    return made
