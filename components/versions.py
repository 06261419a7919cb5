"""The tree under numbers: a draft that changes, frozen versions that don't, and what differs."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Refused

from . import interchange
from .models import TreeVersion
from .nodes import nodes_of


def current(review: Review) -> TreeVersion | None:
    """The draft, or else the newest frozen version; None while nobody has numbered the tree."""
    versions = list(review.tree_versions.all()[:20])
    newest = versions[0] if versions else None
    return next((each for each in versions if each.frozen_at is None), newest)


def refuse_if_frozen(review: Review) -> None:
    standing = current(review)
    if standing is not None and standing.frozen_at:
        raise Refused(f"Version {standing.name} is frozen; begin a new draft to change the tree.")


def next_name(review: Review) -> str:
    """The name that follows: 1.1 after 1.0, 3 after 2."""
    names = list(review.tree_versions.values_list("name", flat=True))
    if not names:
        return "1.0"
    head, number = re.fullmatch(r"(.*?)(\d*)", names[0]).groups()  # type: ignore[union-attr]
    step = int(number or 0) + 1
    while f"{head}{step}" in names:
        step += 1
    return f"{head}{step}"[:20]


def _name(review: Review, name: str, *, of: TreeVersion | None = None) -> str:
    name = name.strip()
    if not interchange.VERSION.fullmatch(name):
        raise Refused("Number the version like 1.2, with letters, digits and dots.")
    if any(each != of for each in review.tree_versions.filter(name=name)):
        raise Refused(f"There is a version {name} already.")
    return name


@transaction.atomic
def begin(review: Review, *, by: User, name: str = "") -> TreeVersion:
    """A new draft: the tree may be changed again. What was frozen stays."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    draft = review.tree_versions.filter(frozen_at=None).first()
    if draft is not None:
        raise Refused(f"Version {draft.name} is a draft already.")
    draft = TreeVersion.objects.create(
        review=review, name=_name(review, name or next_name(review)), begun_by=by
    )
    audit.record(review, "began a draft of the components", by=by, target=f"version {draft.name}")
    return draft


@transaction.atomic
def freeze(review: Review, *, by: User, name: str = "", note: str = "") -> TreeVersion:
    """Keep the tree as it is now as a version that never changes."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    refuse_if_frozen(review)
    nodes = nodes_of(review)
    if not nodes:
        raise Refused("There is no component to freeze yet.")
    version = review.tree_versions.filter(frozen_at=None).first()
    if version is None:
        version = TreeVersion(review=review, begun_by=by, name=next_name(review))
    version.name = _name(review, name or version.name, of=version if version.pk else None)
    version.content = interchange.write(review.title, nodes)
    version.note = note.strip()
    version.frozen_at, version.frozen_by = timezone.now(), by
    version.save()
    audit.record(
        review,
        "froze the components",
        by=by,
        target=f"version {version.name}",
        after={"components": len(nodes)},
        reason=version.note,
    )
    return version


@dataclass(frozen=True)
class Difference:
    """A code that two versions do not have alike. `fields` are (name, before, after)."""

    code: str
    name: str
    kind: str  # added | removed | changed
    fields: list[tuple[str, str, str]]


WORDS = {
    "parent": "Below",
    "order": "Place",
    "name": "Name",
    "is_codable": "Can be coded",
    "colour": "Colour",
    "pattern": "Pattern",
    "tidier_items": "TIDieR items",
    "definition": "Definition",
    "include_when": "Include when",
    "exclude_when": "Exclude when",
    "exemplar": "Exemplar",
    "counter_exemplar": "Counter-exemplar",
    "status": "Status",
}


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return (
            f"{value.get('text', '')} ({value['source']})" if value.get("source") else value["text"]
        )
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def content_of(review: Review, version: TreeVersion | None) -> dict[str, Any]:
    """What a version says; a draft, or none, is the tree as it stands."""
    if version is not None and version.content:
        return version.content
    return interchange.write(review.title, nodes_of(review))


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """What `after` has otherwise than `before`, in the order of `after`, the removed ones last."""
    old = {code["id"]: code for code in before["codes"]}
    new = {code["id"]: code for code in after["codes"]}
    found: list[Difference] = []
    for code, node in new.items():
        if code not in old:
            found.append(Difference(code, node["name"], "added", []))
            continue
        there = old[code]
        fields = [
            (words, _said(there.get(key)), _said(node.get(key)))
            for key, words in WORDS.items()
            if there.get(key) != node.get(key)
        ]
        if fields:
            found.append(Difference(code, node["name"], "changed", fields))
    gone = [code for code in old if code not in new]
    return found + [Difference(code, old[code]["name"], "removed", []) for code in gone]
