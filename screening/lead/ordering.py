"""The lead chooses in which order untouched reports are served."""

import secrets

from django.db import transaction

from reviews import audit
from reviews.models import Review, Stage, StageRules, User
from reviews.refusal import Refused

from ..actions import STAGE_NAMES
from ..desk import leases
from ..desk.orders import ORDERS, sentence
from ..sharing.setting import SEEDS


@transaction.atomic
def set_order(
    review: Review, stage: str, *, by: User, order: str, seed: int | None = None
) -> StageRules:
    """Serve `stage` in `order`, a key of ORDERS. `seed`: 0 to 2³¹ - 1; None: a new one."""
    rules = StageRules.objects.select_for_update().get(review=review, stage=Stage(stage))
    if order not in ORDERS:
        raise Refused("Choose an order from the list.")
    if seed is not None and not 0 <= seed < SEEDS:
        raise Refused(f"A seed is a number from 0 to {SEEDS - 1}.")
    if not ORDERS[order].seeded:
        seed = 0
    elif seed is None:
        seed = secrets.randbelow(SEEDS)
    if (rules.order, rules.order_seed) == (order, seed):
        return rules
    before = sentence(rules)
    rules.order, rules.order_seed = order, seed
    rules.save(update_fields=["order", "order_seed"])
    leases.look_anew(review, stage)
    audit.record(
        review,
        "changed the order of the queue",
        by=by,
        target=STAGE_NAMES[Stage(stage)],
        before={"order": before},
        after={"order": sentence(rules)},
    )
    return rules
