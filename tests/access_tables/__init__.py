"""Who may open which address: one table, a module for each room.

A room's module holds `ROWS = {"screening:screen": Row(open_to=SCREENERS), …}`, one entry for every
URL name of the room (a list of Rows where GET and POST differ), and, when its addresses name
objects, `seed(review, lead)`, which makes one of each and returns {"report": report, …}. A Row's
`objects` then says which argument of the address is which of them: `objects={"pk": "report"}`.
tests/test_access.py does the rest:

- members named in `open_to` get `ok`, the other members 403, strangers 404, and who is not signed
  in is sent to the sign-in page (`anonymous`, 401 for the API);
- the same address with an object of *another* review is a 404 for those who may open it;
- an address that no table names fails the test, and so does a row without an address.
"""

from dataclasses import dataclass, field
from typing import Any

MEMBERS = "ada bo cy al ed ann obi"
STRANGERS = "eve zed"
LEAD = "ada"
SCREENERS = "bo cy"


@dataclass(frozen=True)
class Row:
    open_to: str  # names of the cast, by a space
    ok: int = 200
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)  # data that is the pk of a seeded object
    # Arguments of the address beside the slug: {"pk": "report"} is the pk of the seeded report.
    objects: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)  # arguments that are just words
    stranger: int = 404
    forbidden: int = 403
    anonymous: int = 302  # to the sign-in page
    # Answers that follow neither rule, by name: {"bo": 302}.
    but: dict[str, int] = field(default_factory=dict)


def everybody(ok: int = 200, **more: Any) -> Row:
    """An address outside any review, for whoever is signed in."""
    return Row(open_to=f"{MEMBERS} {STRANGERS}", ok=ok, **more)


def public(ok: int = 200, *, signed_in: int | None = None, **more: Any) -> Row:
    """An address that needs no sign-in; `signed_in` where it answers them differently."""
    return Row(open_to=f"{MEMBERS} {STRANGERS}", ok=signed_in or ok, anonymous=ok, **more)
