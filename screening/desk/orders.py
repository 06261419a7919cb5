"""The orders in which untouched reports are served. To add one: a value in ORDERS, with its sentence
and its SQL ordering; everything else (choosing it, serving, the line on the page) follows.

No order may follow from what anybody decided on a report that is not open to its reader: the order
of the queue would tell it. Those here follow from the report alone.

Some orders walk the index of places. The others are sorted now and then: the ids of the head are
kept in the cache, and whoever asks looks which of them still wait. What is kept never decides: a
report that has moved is passed over, and where the head is not enough the database is asked.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from citations.models import Record, Report
from reviews.models import Stage, StageRules

from .. import flow
from ..sharing.dividing import scattered

By = tuple[Any, ...]  # what `order_by` takes

HEAD = 2_000  # ids that are kept of an order
WINDOWS = (150, 450, 1_400)  # of the head, looked through one after the other
FRESH_FOR = 30.0  # seconds, and at least SHARE times what sorting took
SHARE = 20
KEPT_FOR = 3_600  # seconds


@dataclass(frozen=True)
class Order:
    label: str  # where the lead chooses
    says: str  # to who screens; "{seed}" is the seed
    by: Callable[[int], By] | None  # of the seed; None: each from a point of their own
    indexed: bool = False  # whether the index of places has it
    seeded: bool = False


def _first_source() -> Coalesce:
    brought = Record.objects.arrived().filter(report=OuterRef("pk")).order_by("search_id")
    first = Subquery(brought.values("search_id")[:1])
    return Coalesce(first, 0, output_field=BigIntegerField())


OWN = ""

ORDERS = {
    OWN: Order(
        label="By date added, each from a point of their own",
        says="by date added, from a point of your own",
        by=None,
    ),
    "oldest": Order(
        label="First added first",
        says="first added first",
        by=lambda seed: ("place", "pk"),
        indexed=True,
    ),
    "newest": Order(
        label="Last added first",
        says="last added first",
        by=lambda seed: ("-place", "-pk"),
        indexed=True,
    ),
    "year": Order(
        label="Newest year first",
        says="newest year first",
        by=lambda seed: (F("year").desc(nulls_last=True), "pk"),
    ),
    "random": Order(
        label="Random",
        says="random (seed {seed})",
        by=lambda seed: (scattered(seed), "pk"),
        seeded=True,
    ),
    "source": Order(
        label="Source by source",
        says="source by source",
        by=lambda seed: (_first_source(), "pk"),
    ),
}


def order_of(rules: StageRules) -> Order:
    return ORDERS.get(rules.order, ORDERS[OWN])


def sentence(rules: StageRules) -> str:
    """What who screens is told of the order, half-decided reports first."""
    return order_of(rules).says.format(seed=rules.order_seed)


def first_in_order(
    rules: StageRules, untouched: QuerySet[Report], free: Q, limit: int
) -> list[int]:
    """The first `limit` ids of `untouched` (the reader's, of one review and stage) that are `free`,
    in the order of the stage. 1 to 4 queries."""
    order = order_of(rules)
    assert order.by is not None  # noqa: S101  OWN is for the caller
    waiting = untouched.filter(free)
    if not order.indexed:
        found: list[int] = []
        for part in _parts(_head(rules, order)):
            here = set(waiting.filter(pk__in=part).order_by().values_list("pk", flat=True))
            found += [pk for pk in part if pk in here]
            if len(found) >= limit:
                return found[:limit]
    return list(waiting.order_by(*order.by(rules.order_seed)).values_list("pk", flat=True)[:limit])


def _parts(ids: list[int]) -> Iterator[list[int]]:
    start = 0
    for size in WINDOWS:
        if part := ids[start : start + size]:
            yield part
        start += size


def _head(rules: StageRules, order: Order) -> list[int]:
    """The first HEAD ids of all untouched reports, as they were a moment ago."""
    key = f"head-{rules.review_id}-{rules.stage}-{rules.order}-{rules.order_seed}"
    kept = cache.get(key)
    now = time.time()
    # Whoever comes first sorts anew, and the others go on with what is there.
    if kept and (now < kept[0] or not cache.add(f"{key}-sorting", 1, 60)):
        return list(kept[1])
    place = flow.UNTOUCHED_PLACE[Stage(rules.stage)]
    untouched = Report.objects.filter(review=rules.review_id, place=place)
    by = order.by(rules.order_seed) if order.by else ()
    ids = list(untouched.order_by(*by).values_list("pk", flat=True)[:HEAD])
    took = time.time() - now
    cache.set(key, (now + max(FRESH_FOR, SHARE * took), ids), KEPT_FOR)
    cache.delete(f"{key}-sorting")
    return ids
