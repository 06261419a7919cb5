"""The tree of components."""

from components.models import Component

from . import MEMBERS, Row

EDITORS = "ada ann"
EVERYBODY = MEMBERS
FILE = {"file": ""}
ONE = {"pk": "component"}
WORDS = {"code": "NEW", "name": "New"}

ROWS = {
    "components:tree": Row(EVERYBODY),
    "components:json": Row(EVERYBODY),
    "components:csv": Row(EVERYBODY),
    "components:add": [Row(EDITORS), Row(EDITORS, 302, "post", WORDS)],
    "components:import": [Row(EDITORS), Row(EDITORS, 422, "post", FILE)],
    "components:edit": [Row(EDITORS, objects=ONE), Row(EDITORS, 302, "post", WORDS, objects=ONE)],
    "components:shift": Row(EDITORS, 302, "post", {"to": "up"}, objects=ONE),
    "components:retire": Row(EDITORS, 302, "post", {"reason": "unused"}, objects=ONE),
    "components:restore": Row(EDITORS, 302, "post", objects=ONE),
}


def seed(review, lead):
    return {"component": Component.objects.create(review=review, code="A", name="Team")}
