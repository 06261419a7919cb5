"""The tree of components."""

from components.models import Component

ROWS = {}


def seed(review, lead):
    return {"component": Component.objects.create(review=review, code="A", name="Team")}
