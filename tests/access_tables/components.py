"""The tree of components."""

from components.models import Component, TreeEvent

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
    "components:qdc": Row(EVERYBODY),
    "components:docx": Row(EVERYBODY),
    "components:add": [Row(EDITORS), Row(EDITORS, 302, "post", WORDS)],
    "components:import": [Row(EDITORS), Row(EDITORS, 422, "post", FILE)],
    "components:edit": [Row(EDITORS, objects=ONE), Row(EDITORS, 302, "post", WORDS, objects=ONE)],
    "components:shift": Row(EDITORS, 302, "post", {"to": "up"}, objects=ONE),
    "components:place": Row(EDITORS, 302, "post", {"to": "in"}, objects=ONE),
    "components:history": Row(EVERYBODY),
    "components:undo": Row(EDITORS, 302, "post", objects={"pk": "tree_event"}),
    "components:versions": Row(EVERYBODY),
    "components:freeze": Row(EDITORS, 302, "post", {"name": "1.0"}),
    "components:draft": Row(EDITORS, 302, "post"),
    "components:merge": [Row(EDITORS, objects=ONE), Row(EDITORS, 422, "post", objects=ONE)],
    "components:split": [Row(EDITORS, objects=ONE), Row(EDITORS, 422, "post", objects=ONE)],
    "components:recode": [
        Row(EDITORS, objects=ONE),
        Row(EDITORS, 302, "post", objects=ONE, sent={"to": "component"}),
    ],
    "components:retire": Row(EDITORS, 302, "post", {"reason": "unused"}, objects=ONE),
    "components:restore": Row(EDITORS, 302, "post", objects=ONE),
}


def seed(review, lead):
    component = Component.objects.create(review=review, code="A", name="Team")
    event = TreeEvent.objects.create(review=review, verb="create", code="A", by=lead)
    return {"component": component, "tree_event": event}
