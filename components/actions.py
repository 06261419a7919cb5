"""Every write about the tree of components. The tree is one thing: its review is what is locked.

Nothing here deletes: a code that was used, or quoted in a paper, must stay readable for ever.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from . import events, versions
from .events import Held
from .interchange import CODE, Node
from .models import Component, TreeEvent
from .tree import DEEPEST, circle, levels

Verb = TreeEvent.Verb

# What a person may redefine. The code is not among them: papers and codings quote it.
DEFINING = [
    "name",
    "definition",
    "include_when",
    "exclude_when",
    "exemplar",
    "exemplar_source",
    "counter_exemplar",
    "counter_exemplar_source",
    "is_codable",
    "colour",
    "pattern",
    "tidier_items",
]


def _check_name(
    tree: dict[int, Component], name: str, parent_id: int | None, *, of: int | None
) -> None:
    if not name:
        raise Refused("A component needs a name.")
    for sibling in tree.values():
        if (
            sibling.pk != of
            and sibling.retired_at is None
            and sibling.parent_id == parent_id
            and sibling.name.casefold() == name.casefold()
        ):
            raise Refused(f"{sibling.code} beside it has the name “{sibling.name}” already.")


def _check_parent(tree: dict[int, Component], parent: Component | None) -> int | None:
    if parent is None:
        return None
    found = tree.get(parent.pk)
    if found is None:
        raise Refused("The component above it does not belong to this review.")
    if found.retired_at:
        raise Refused(f"{found.code} is retired; restore it before you put something below it.")
    return found.pk


def last_below(tree: dict[int, Component], parent_id: int | None) -> int:
    """The order that comes after all children of `parent_id`."""
    return max([each.order for each in tree.values() if each.parent_id == parent_id] + [-1]) + 1


def fingerprint(component: Component) -> str:
    """Stands for the words as they are now: a form carries it, to notice that they changed."""
    words = [getattr(component, name) for name in [*DEFINING, "parent_id"]]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]


def _said(component: Component) -> dict[str, Any]:
    return {name: getattr(component, name) for name in DEFINING}


@transaction.atomic
def add(
    review: Review,
    *,
    by: User,
    code: str,
    name: str,
    parent: Component | None = None,
    **words: Any,
) -> Component:
    """A new component, the last below `parent`. `words` are more of DEFINING."""
    tree = events.hold(review)
    component = create(tree, code=code, name=name, parent=parent, **words)
    after = _said(component) | {"code": component.code, "parent": parent.code if parent else None}
    events.log(tree, Verb.CREATE, component.code, by=by)
    audit.record(review, "added a component", by=by, target=component, after=after)
    return component


def create(
    tree: Held, *, code: str, name: str, parent: Component | None, **words: Any
) -> Component:
    """A new row in a tree that is held; the event is the caller's."""
    code, name = code.strip(), name.strip()
    if not CODE.fullmatch(code):
        raise Refused("A code is 1 to 40 letters, digits, dots, dashes or underscores.")
    if any(each.code.casefold() == code.casefold() for each in tree.values()):
        raise Refused(f"The code {code} is taken.")
    parent_id = _check_parent(tree, parent)
    _check_name(tree, name, parent_id, of=None)
    check_shape(tree, code, parent_id)
    component = Component.objects.create(
        review=tree.review,
        code=code,
        name=name,
        parent_id=parent_id,
        order=last_below(tree, parent_id),
        **{key: words[key] for key in DEFINING if key in words},
    )
    tree[component.pk] = component
    return component


@transaction.atomic
def redefine(
    component: Component,
    *,
    by: User,
    parent: Component | None,
    seen: str = "",
    reason: str = "",
    **words: Any,
) -> Component:
    """Change what a component says and where it hangs.

    `seen` is the fingerprint of the words that the person had before them: Clash when somebody
    else changed them meanwhile, so that nobody's definition is overwritten unread.
    """
    tree = events.hold(component.review)
    component = tree[component.pk]
    if seen and seen != fingerprint(component):
        raise Clash(
            f"Somebody has changed {component.code} since you opened it; compare it with yours "
            "and save again."
        )
    before, parent_before = _said(component), component.parent_id
    parent_id = _check_parent(tree, parent) if parent != component.parent else parent_before
    check_shape(tree, component.code, parent_id)
    for key in DEFINING:
        if key in words:
            setattr(component, key, words[key])
    component.name = component.name.strip()
    if component.retired_at is None:
        _check_name(tree, component.name, parent_id, of=component.pk)
    if parent_id != parent_before:
        component.parent_id, component.order = parent_id, last_below(tree, parent_id)
    after = _said(component)
    if after == before and parent_id == parent_before:
        return component
    component.save()
    moved_only = after == before
    events.log(
        tree,
        Verb.MOVE if moved_only else Verb.REDEFINE,
        component.code,
        by=by,
        reason=reason.strip(),
    )
    above = {key: tree[key].code if key else None for key in (parent_before, parent_id)}
    changed = [key for key in DEFINING if before[key] != after[key]]
    audit.record(
        component.review,
        "redefined a component",
        by=by,
        target=component,
        before={key: before[key] for key in changed} | {"parent": above[parent_before]},
        after={key: after[key] for key in changed} | {"parent": above[parent_id]},
        reason=reason.strip(),
    )
    return component


def check_shape(tree: dict[int, Component], code: str, parent_id: int | None) -> None:
    """Refused when `code` would hang below itself, or too deep, under `parent_id`."""
    parents = {
        each.code: tree[each.parent_id].code if each.parent_id else None for each in tree.values()
    }
    parents[code] = tree[parent_id].code if parent_id else None
    if way := circle(code, parents):
        raise Refused(f"{code} would be below itself ({' > '.join(reversed(way))}).")
    if any(levels(each, parents) > DEEPEST for each in parents):
        raise Refused(f"That would make the tree deeper than {DEEPEST} levels.")


@transaction.atomic
def shift(component: Component, places: int, *, by: User) -> Component:
    """Move a component up (-1) or down (+1) among its siblings; at the end it stays."""
    tree = events.hold(component.review)
    component = tree[component.pk]
    siblings = sorted(
        (
            each
            for each in tree.values()
            if each.parent_id == component.parent_id and each.retired_at is None
        ),
        key=lambda each: (each.order, each.pk),
    )
    if component not in siblings:
        raise Refused(f"{component.code} is retired.")
    here = siblings.index(component)
    there = here + places
    if not 0 <= there < len(siblings):
        return component
    siblings.insert(there, siblings.pop(here))
    before = component.order
    for order, each in enumerate(siblings):
        each.order = order
    Component.objects.bulk_update(siblings, ["order"])
    events.log(tree, Verb.MOVE, component.code, by=by)
    audit.record(
        component.review,
        "moved a component",
        by=by,
        target=component,
        before={"order": before},
        after={"order": component.order},
    )
    return component


@transaction.atomic
def place(
    component: Component,
    *,
    by: User,
    parent: Component | None,
    before: Component | None = None,
    reason: str = "",
) -> Component:
    """Hang a component below `parent`, in front of its child `before` (None: as the last)."""
    tree = events.hold(component.review)
    component = tree[component.pk]
    if component.retired_at:
        raise Refused(f"{component.code} is retired.")
    parent_id = _check_parent(tree, parent)
    check_shape(tree, component.code, parent_id)
    _check_name(tree, component.name, parent_id, of=component.pk)
    component.parent_id = parent_id
    siblings = sorted(
        (
            each
            for each in tree.values()
            if each.parent_id == parent_id and each.pk != component.pk and not each.retired_at
        ),
        key=lambda each: (each.order, each.pk),
    )
    there = next((n for n, each in enumerate(siblings) if before and each.pk == before.pk), None)
    siblings.insert(len(siblings) if there is None else there, component)
    for order, each in enumerate(siblings):
        each.order = order
    Component.objects.bulk_update(siblings, ["order", "parent"])
    if events.log(tree, Verb.MOVE, component.code, by=by, reason=reason.strip()):
        above = tree[parent_id].code if parent_id else None
        audit.record(
            component.review,
            "moved a component",
            by=by,
            target=component,
            after={"parent": above, "order": component.order},
            reason=reason.strip(),
        )
    return component


@transaction.atomic
def retire(component: Component, *, by: User, reason: str = "") -> Component:
    """Take a component out of use. What was coded with it stays and can be read."""
    tree = events.hold(component.review)
    component = tree[component.pk]
    if component.retired_at:
        return component
    below = [
        each.code
        for each in tree.values()
        if each.parent_id == component.pk and each.retired_at is None
    ]
    if below:
        raise Refused(
            f"{', '.join(below)} still {'hangs' if len(below) == 1 else 'hang'} below "
            f"{component.code}; move or retire {'it' if len(below) == 1 else 'them'} first."
        )
    component.retired_at = timezone.now()
    component.save(update_fields=["retired_at"])
    events.log(tree, Verb.RETIRE, component.code, by=by, reason=reason.strip())
    audit.record(
        component.review, "retired a component", by=by, target=component, reason=reason.strip()
    )
    return component


@transaction.atomic
def restore(component: Component, *, by: User) -> Component:
    """Take a retired component into use again."""
    tree = events.hold(component.review)
    component = tree[component.pk]
    if component.retired_at is None:
        return component
    parent = tree[component.parent_id] if component.parent_id else None
    if parent and parent.retired_at:
        raise Refused(f"{parent.code} above it is retired; restore that first.")
    _check_name(tree, component.name, component.parent_id, of=component.pk)
    component.retired_at = None
    component.save(update_fields=["retired_at"])
    events.log(tree, Verb.RESTORE, component.code, by=by)
    audit.record(component.review, "restored a component", by=by, target=component)
    return component


@dataclass(frozen=True)
class BroughtIn:
    """What an import did, by number of components."""

    added: int
    changed: int
    unchanged: int


@transaction.atomic
def bring_in(
    review: Review,
    nodes: Sequence[Node],
    *,
    by: User,
    name: str = "",
    version: str = "",
    history: Sequence[Any] = (),
) -> BroughtIn:
    """Add the nodes of a file and bring those that are there already up to it; all or nothing.

    Components that the file does not name stay as they are. `nodes` were checked by
    `interchange.read` against `parents_by_code`. `version` numbers the draft of a tree that has no
    number yet; `history` is what the file tells of its own past.
    """
    held = events.hold(review)
    tree = {each.code: each for each in held.values()}
    taken = {str(each.guid) for each in held.values()}
    parents = parents_by_code(review) | {node.code: node.parent for node in nodes}
    for node in nodes:
        if way := circle(node.code, parents):
            raise Refused(f"{node.code} is below itself ({' > '.join(reversed(way))}).")
    before = {code: _whole(each, tree) for code, each in tree.items()}
    added = 0
    for node in nodes:
        if node.code not in tree:
            tree[node.code] = Component(review=review, code=node.code)
            if node.guid and node.guid not in taken:
                tree[node.code].guid = UUID(node.guid)
                taken.add(node.guid)
            added += 1
        component = tree[node.code]
        for key in [*DEFINING, "order"]:
            setattr(component, key, getattr(node, key))
        if node.retired != bool(component.retired_at):
            component.retired_at = timezone.now() if node.retired else None
    _check_siblings(parents, tree)
    _save_downwards(nodes, parents, tree)
    changed = [
        node.code
        for node in nodes
        if node.code in before and before[node.code] != _whole(tree[node.code], tree)
    ]
    done = BroughtIn(added, len(changed), len(nodes) - added - len(changed))
    if added or changed:
        if version and not review.tree_versions.exists():
            versions.begin(review, by=by, name=version)
        events.log(held, Verb.IMPORT, name or "a file", by=by, history=history)
        after = {"file": name, "added": added, "changed": changed}
        audit.record(review, "imported components", by=by, target="components", after=after)
    return done


def parents_by_code(review: Review) -> dict[str, str | None]:
    """{code: the code above it}, of the whole tree."""
    return dict(review.components.values_list("code", "parent__code"))


def _whole(component: Component, tree: dict[str, Component]) -> list[Any]:
    return [
        *(getattr(component, key) for key in [*DEFINING, "order"]),
        component.parent_id,
        component.retired_at is None,
    ]


def _check_siblings(parents: dict[str, str | None], tree: dict[str, Component]) -> None:
    seen: dict[tuple[str | None, str], str] = {}
    for code, component in tree.items():
        if component.retired_at:
            continue
        other = seen.setdefault((parents[code], component.name.casefold()), code)
        if other != code:
            raise Refused(f"{other} and {code} beside it have the same name.")
        above = parents[code]
        if above and tree[above].retired_at:
            raise Refused(f"{code} hangs below {above}, which is retired.")


def _save_downwards(
    nodes: Sequence[Node], parents: dict[str, str | None], tree: dict[str, Component]
) -> None:
    """Save the parents first: a new one must have its id before something can hang below it."""

    # Two siblings may swap their names in a file; in between no two must have the same.
    there = [tree[node.code].pk for node in nodes if tree[node.code].pk]
    Component.objects.filter(pk__in=there).update(name=Concat(Value("… "), F("code")))
    for node in sorted(nodes, key=lambda node: levels(node.code, parents)):
        component = tree[node.code]
        component.parent = tree[node.parent] if node.parent else None
        component.save()
