"""Who refers to a component, how it is counted, and how it goes along when components merge.

The rooms above register what they know better than the default (in `ready()` of their apps.py);
a relation that nobody registers goes along by the default, so none is forgotten.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from .changes import Change, plain, state
from .models import Component

# A row has one of these when it may be set aside and still be read.
SET_ASIDE = ("removed_at", "superseded_at")


@dataclass(frozen=True)
class Item:
    """One coding in the queue after a split: its key, its words and where they stand."""

    pk: int
    text: str
    where: str


class Use:
    """Rows of one model that name a component in one field."""

    def __init__(
        self,
        model: str,
        field: str = "component",
        *,
        one: str = "row",
        many: str = "rows",
        is_told: bool = False,
        stays: bool = False,
        needs: str = "read",
    ) -> None:
        """`is_told`: people may be told how many there are. `stays`: a judgement of this very
        code, which no other inherits. `needs`: the capability to read the words of an item."""
        self.label, self.field = model, field
        self.one, self.many = one, many
        self.is_told, self.stays, self.needs = is_told, stays, needs

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def column(self) -> str:
        return f"{self.field}_id"

    def rows(self, component: Component | int) -> models.QuerySet[Any]:
        """All rows, also those that were set aside."""
        return self.model._base_manager.filter(**{self.field: component}).order_by("pk")

    def standing(self, component: Component | int) -> models.QuerySet[Any]:
        names = {field.name for field in self.model._meta.fields}
        return self.rows(component).filter(**{name: None for name in SET_ASIDE if name in names})

    def ever(self, component: Component) -> int:
        return self.rows(component).count()

    def count(self, component: Component) -> int:
        """How many stand now."""
        return self.standing(component).count()

    def hold(self, components: Collection[int]) -> None:
        """Lock what the acts of this room lock before they write to the log."""
        if not self.stays:
            rows = self.model._base_manager.filter(**{f"{self.field}__in": components})
            list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))

    def items(self, component: Component) -> list[Item]:
        """What a person re-codes after a split; none where that makes no sense."""
        return []

    def move(
        self, source: Component, target: Component, only: Iterable[int] | None = None
    ) -> list[Change]:
        """Let rows of `source` speak of `target`; what would stand there twice is set aside."""
        rows = self.rows(source)
        if only is not None:
            rows = rows.filter(pk__in=list(only))
        found = list(rows)
        try:
            with transaction.atomic():
                rows.update(**{self.column: target.pk})
        except IntegrityError:
            return [self._move_one(row, source, target) for row in found]
        return [self.changed(row.pk, {self.column: (source.pk, target.pk)}) for row in found]

    def _move_one(self, row: models.Model, source: Component, target: Component) -> Change:
        mine = self.model._base_manager.filter(pk=row.pk)
        try:
            with transaction.atomic():
                mine.update(**{self.column: target.pk})
            return self.changed(row.pk, {self.column: (source.pk, target.pk)})
        except IntegrityError:
            aside = next((name for name in SET_ASIDE if hasattr(row, name)), None)
            if aside is None:  # a line of a relation: the other one says the same
                before = state(row)
                mine.delete()
                return Change(self.label, row.pk, before, None)
            now = timezone.now()
            mine.update(**{self.column: target.pk, aside: now})
            return self.changed(
                row.pk, {self.column: (source.pk, target.pk), aside: (None, plain(now))}
            )

    def changed(self, pk: int, fields: dict[str, tuple[Any, Any]]) -> Change:
        return Change(
            self.label,
            pk,
            {name: before for name, (before, _) in fields.items()},
            {name: after for name, (_, after) in fields.items()},
        )


_registered: dict[tuple[str, str], Use] = {}


def register(use: Use) -> None:
    _registered[use.label, use.field] = use


def every() -> list[Use]:
    """One for each relation to Component, as its room registered it or by the default."""
    found: list[Use] = []
    for relation in Component._meta.related_objects:
        if relation.related_model is Component:
            continue
        model: Any = relation.related_model
        field = relation.field.name
        if relation.many_to_many:
            model = getattr(relation, "through")  # noqa: B009 - django-stubs don't know it
            field = next(
                each.name for each in model._meta.fields if each.related_model is Component
            )
        key = (model._meta.label, field)
        found.append(_registered.get(key) or Use(*key))
    return sorted(found, key=lambda use: use.label)


def hold(components: Collection[int]) -> None:
    for use in every():
        use.hold(components)


def told(component: Component) -> list[tuple[int, str]]:
    """(how many, of what) stand on `component`, as far as anybody may know."""
    counted = [(use.count(component), use) for use in every() if use.is_told]
    return [(number, use.one if number == 1 else use.many) for number, use in counted if number]
