"""Why a report comes where it does: words, the included report most like it, its rank. Only where
the lead has it shown, and from the reader's own order alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from citations.models import Report
from reviews.models import Membership

from .. import ranking
from . import orders

MOST_WORDS = 6


def explained(member: Membership, reports: Sequence[Report]) -> dict[int, dict[str, Any]]:
    """{report: {"among": per cent, "for": words, "against": words, "nearest": {"id", "title"} or
    None}} of those that the order knows. 2 queries.

    `among`: it stands among the first so many per cent of the order. That is a place and no
    probability of being relevant.
    """
    order = orders.order_for(member)
    if order is None or not reports:
        return {}
    place = {int(pk): at for at, pk in enumerate(orders.ids_of(order), 1)}
    numbers = np.frombuffer(bytes(order.words), "<u4")
    weights = np.frombuffer(bytes(order.weights), "<f4")
    near = {pk: found[0] for pk, found in order.nearest.items()}
    titles = Report.objects.in_bulk(
        [near[str(each.pk)] for each in reports if str(each.pk) in near]
    )
    told = {}
    for report in reports:
        if report.pk not in place:
            continue
        words = ranking.words_of(report.title, report.abstract, numbers, weights)
        like = titles.get(near.get(str(report.pk), 0))
        told[report.pk] = {
            "among": -(-100 * place[report.pk] // len(place)),
            "for": [word for word, weight in words if weight > 0][:MOST_WORDS],
            "against": [word for word, weight in words if weight < 0][:MOST_WORDS],
            "nearest": {"id": like.pk, "title": str(like)} if like else None,
        }
    return told
