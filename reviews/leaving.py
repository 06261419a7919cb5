"""What a member who goes, or loses a role, has in hand: each room says how it lets go of it.

The rooms stand above this one, so they register a function, as they do for kinds of jobs. It is
called in the transaction of the act and before the review's row is locked, with the membership as it
still is and what the person may do afterwards.
"""

from collections.abc import Callable

from .access import Abilities
from .models import Membership, User

Hand = Callable[[Membership, Abilities, User], None]
HANDS: list[Hand] = []


def lets_go(hand: Hand) -> Hand:
    """Register `hand(member, keeps, by)`. It may be called twice and ends the same."""
    HANDS.append(hand)
    return hand


def hand_over(member: Membership, keeps: Abilities, *, by: User) -> None:
    for hand in HANDS:
        hand(member, keeps, by)
