"""The lots of a stage in SQL: which reports are shared out to whom, as it stands now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

from citations.models import Record, Report
from reviews.access import abilities
from reviews.models import Membership, StageRules

from ..models import Interest, Share, Sharing
from . import scatter, shares
from .shares import Part, Span, Team


def scattered(seed: int, number: int = 0) -> Func:
    """The number that `seed` draws for a report, in SQL; the rest of it by `number`, if one is given."""
    drawn = scatter.as_sql("%(expressions)s", seed)
    if number:
        drawn = f"({drawn} %% {number})"
    # Doubled once for the template, and once for the parameters of the statement.
    template = drawn.replace("%%", "%%%%")
    return Func(F("pk"), template=template, output_field=BigIntegerField())


def _first_source(sources: Iterable[int]) -> Coalesce:
    """The first of `sources` (searches) that brought a report; 0 for none of them."""
    brought = Record.objects.arrived().filter(report=OuterRef("pk"), search__in=list(sources))
    first = brought.order_by("search_id").values("search_id")[:1]
    return Coalesce(Subquery(first), 0, output_field=BigIntegerField())


def _span_of_years(spans: Iterable[Span]) -> Case:
    """The number, from 1, of the span in which a report was published; 0 for none, or no year."""
    whens = []
    for number, span in enumerate(spans, 1):
        within = Q(year__isnull=False)
        if span.first is not None:
            within &= Q(year__gte=span.first)
        if span.last is not None:
            within &= Q(year__lte=span.last)
        whens.append(When(within, then=Value(number)))
    return Case(*whens, default=Value(0), output_field=BigIntegerField())


@dataclass(frozen=True)
class Division:
    """The reports of a stage in lots, each with its team."""

    lot: Any  # an expression over Report
    teams: Mapping[int, Team]
    seats: int
    present: frozenset[int]
    review_id: int

    def of(self, user: int) -> set[int]:
        """The lots that `user` is asked for; open ones are for everybody. 0 stands for no source,
        and for no year."""
        mine = shares.lots_of(user, self.teams.items(), self.seats, len(self.present))
        return mine | ({0} - self.teams.keys())

    def open_lots(self) -> set[int]:
        """Those whose reports everybody is asked for."""
        return self.of(0)  # nobody has the id 0

    def only(self, user: int) -> Q | None:
        """The reports that are shared out to `user`; None: all of them. No query."""
        mine = self.of(user)
        every = self.teams.keys() | {0}
        if mine >= every:
            return None
        return Q(In(self.lot, sorted(mine))) | self.kept_from_somebody()

    def kept_from_somebody(self) -> Q:
        """Reports in which somebody has declared an interest: his team may be one too few for them,
        so everybody is asked."""
        declared = Interest.objects.filter(report__review=self.review_id, withdrawn_at=None)
        return Q(pk__in=declared.values("report"))

    def sizes(self, reports: QuerySet[Report]) -> dict[int, int]:
        """{lot: how many of `reports` are in it}. 1 query, which reads all of them."""
        rows = reports.order_by().annotate(lot=self.lot).values_list("lot")
        return dict(rows.annotate(n=Count("pk")))

    def decided(self, half: QuerySet[Report], stage: str) -> dict[tuple[int, int], int]:
        """{(user, lot): on how many of the half-decided reports he has decided}. 1 query."""
        rows = (
            half.filter(
                decisions__stage=stage,
                decisions__final=False,
                decisions__superseded_at=None,
            )
            .order_by()
            .annotate(lot=self.lot, by=F("decisions__by"))
            .values_list("by", "lot")
            .annotate(n=Count("pk"))
        )
        return {(by, lot): n for by, lot, n in rows}


def who_screens(review_id: int) -> frozenset[int]:
    """The users who screen in the review now. 1 query."""
    standing = Membership.objects.filter(review=review_id, left_at=None)
    return frozenset(each.user_id for each in standing if "screen" in abilities(each))


def in_force(review_id: int, stage: str) -> Sharing | None:
    """The sharing of the stage; None where all take from one queue. 1 query."""
    newest = Sharing.objects.filter(review=review_id, stage=stage, undone_at=None)
    found = newest.order_by("-number").first()
    return found if found is not None and found.kind != Sharing.Kind.ALL else None


def divided(
    kind: str,
    seed: int,
    parts: Iterable[Share],
    rules: StageRules,
    present: frozenset[int],
) -> Division:
    """The lots that `parts` give. No query."""
    if kind == Sharing.Kind.SOURCE:
        people: dict[int, list[int]] = {}
        for part in parts:
            if part.source_id is not None:
                people.setdefault(part.source_id, []).append(part.user_id)
        teams = shares.of_sources(people, present)
        return Division(
            lot=_first_source(teams),
            teams=teams,
            seats=rules.screeners,
            present=present,
            review_id=rules.review_id,
        )
    if kind == Sharing.Kind.YEAR:
        asked = [(part.user_id, part.year_from, part.year_to) for part in parts]
        spans = shares.of_years(asked, present)
        return Division(
            lot=_span_of_years(spans),
            teams={number: span.team for number, span in enumerate(spans, 1)},
            seats=rules.screeners,
            present=present,
            review_id=rules.review_id,
        )
    listed = tuple(
        sorted(
            (Part(part.user_id, part.weight, part.group) for part in parts),
            key=lambda part: part.user,
        )
    )
    drawn = shares.lots(kind, listed, present, rules.screeners, seed)
    return Division(
        lot=scattered(seed, len(drawn)),
        teams=dict(enumerate(drawn)),
        seats=rules.screeners,
        present=present,
        review_id=rules.review_id,
    )


def division(rules: StageRules, sharing: Sharing | None = None) -> Division | None:
    """How the stage of `rules` is divided now; None where it is not. 1 query, 3 where it is.

    `sharing`: the one in force, where the caller knows it.
    """
    sharing = sharing or in_force(rules.review_id, rules.stage)
    if sharing is None:
        return None
    parts = sharing.parts.all()
    return divided(sharing.kind, sharing.seed, parts, rules, who_screens(rules.review_id))
