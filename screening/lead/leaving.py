"""Who goes sits on no report any more: what they were handed is handed to others at once.

Their decisions stand. Half-decided reports, conflicts and questions wait for whoever remains, since
none of these is given to anybody by name.
"""

from citations.models import DuplicatePair
from reviews.access import Abilities
from reviews.leaving import lets_go
from reviews.models import Membership, User

from ..models import Lease


@lets_go
def give_up_seats(member: Membership, keeps: Abilities, by: User) -> None:
    here = {"report__review_id": member.review_id, "by_id": member.user_id}
    if "screen" not in keeps:
        Lease.objects.filter(**here).delete()
    if "merge" not in keeps:
        held = DuplicatePair.objects.filter(review_id=member.review_id, held_by_id=member.user_id)
        held.update(held_by=None)
