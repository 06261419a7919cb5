"""The tree of a review as the nodes that files are written from. 1 query."""

from reviews.models import Review

from .interchange import Node
from .tree import outline

WORDS = [
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


def nodes_of(review: Review) -> list[Node]:
    """Every component, retired ones too, each parent before what hangs below it."""
    branches = outline(review, retired=True)
    codes = {each.component.pk: each.component.code for each in branches}
    return [
        Node(
            code=each.component.code,
            guid=str(each.component.guid),
            name=each.component.name,
            parent=codes.get(each.component.parent_id or 0),
            order=each.component.order,
            retired=each.component.retired_at is not None,
            **{name: getattr(each.component, name) for name in WORDS},
        )
        for each in branches
    ]
