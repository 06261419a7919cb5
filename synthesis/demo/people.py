"""The demo's people. Their passwords follow from the installation's secret: none is in the code."""

from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from reviews.models import Membership, Review, User
from reviews.roles import Role


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    roles: tuple[str, ...]
    does: str


CAST = [
    Person("ada", "Ada Lindqvist", (Role.LEAD,), "leads: set-up, imports, duplicates, PRISMA"),
    Person("bo", "Bo Achterberg", (Role.SCREENER, Role.EXTRACTOR), "screens and extracts"),
    Person("cy", "Cy Okafor", (Role.SCREENER, Role.EXTRACTOR), "screens and extracts, blind of Bo"),
    Person("al", "Al Moreno", (Role.ADJUDICATOR,), "settles conflicts"),
    Person("ann", "Ann Whitlock", (Role.ANALYST,), "codes interviews, judges convergence"),
]


def password(username: str) -> str:
    """Another one on each installation, the same each time it is asked for."""
    return salted_hmac("concord.demo", username).hexdigest()[:12]


def gather() -> dict[str, User]:
    """The demo's accounts, made when they are missing."""
    found = {}
    for person in CAST:
        user, made = User.objects.get_or_create(
            username=person.username,
            defaults={"email": f"{person.username}@demo.invalid", "name": person.name},
        )
        if made:
            user.set_password(password(person.username))
            user.save()
        found[person.username] = user
    return found


def seat(review: Review, people: dict[str, User]) -> None:
    for person in CAST:
        Membership.objects.get_or_create(
            review=review, user=people[person.username], defaults={"roles": list(person.roles)}
        )
