"""How extraction goes along when components merge, are split or re-coded."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from citations.models import Study
from components import uses
from components.changes import Change, plain
from components.models import Component

from .models import AdjudicatedComponent, AdjudicatedEntry, ComponentEntry

ENTRY = "extraction.ComponentEntry"
QUOTE = "extraction.AdjudicatedEntry"
BASIS = "extraction.AdjudicatedComponent_basis"


class StudyCodings(uses.Use):
    """What was settled of a study and a component, with its quotes and what was weighed."""

    def __init__(self) -> None:
        super().__init__(
            "extraction.AdjudicatedComponent",
            one="study coding",
            many="study codings",
            is_told=True,
        )

    def standing(self, component: Component | int) -> QuerySet[Any]:
        """Those that count: settled, and not as "left out"."""
        found = AdjudicatedComponent.objects.current().filter(component=component)
        return found.filter(entries__isnull=False).distinct().order_by("pk")

    def hold(self, components: Collection[int]) -> None:
        # Who settles locks the study first, and writes to the log after that.
        studies = Study.objects.filter(adjudicated_components__component__in=components)
        found = list(studies.order_by().values_list("pk", flat=True).distinct())
        list(Study.objects.select_for_update().filter(pk__in=found).order_by("pk"))

    def items(self, component: Component) -> list[uses.Item]:
        found = self.standing(component).select_related("study").prefetch_related("entries")
        items: list[uses.Item] = []
        for each in found:
            quotes = [entry.quote for entry in each.entries.all() if entry.quote]
            items.append(uses.Item(each.pk, " … ".join(quotes), each.study.label))
        return items

    def move(
        self, source: Component, target: Component, only: Iterable[int] | None = None
    ) -> list[Change]:
        """A study that has both keeps the quotes of both, under `target`."""
        rows = self.rows(source)
        if only is not None:
            rows = rows.filter(pk__in=list(only))
        changes: list[Change] = []
        for row in rows:
            if only is not None:
                changes += self._weighed(row, source, target)
            twin = None
            if row.superseded_at is None:
                twin = (
                    AdjudicatedComponent.objects.current()
                    .filter(study=row.study_id, field=row.field_id, component=target)
                    .first()
                )
            fields: dict[str, tuple[Any, Any]] = {"component_id": (source.pk, target.pk)}
            if twin is not None:
                changes += self._joined(row, twin)
                now = timezone.now()
                fields["superseded_at"] = (None, plain(now))
                row.superseded_at = now
            row.component = target
            row.save(update_fields=["component", "superseded_at"])
            changes.append(self.changed(row.pk, fields))
        return changes

    def _weighed(
        self, row: AdjudicatedComponent, source: Component, target: Component
    ) -> list[Change]:
        """The extractors' entries that were weighed follow, so that nothing becomes stale."""
        entries = ComponentEntry.objects.filter(settled=row, component=source)
        pks = list(entries.order_by("pk").values_list("pk", flat=True))
        ComponentEntry.objects.filter(pk__in=pks).update(component=target)
        before, after = {"component_id": source.pk}, {"component_id": target.pk}
        return [Change(ENTRY, pk, before, after) for pk in pks]

    def _joined(self, row: AdjudicatedComponent, twin: AdjudicatedComponent) -> list[Change]:
        changes: list[Change] = []
        quotes = AdjudicatedEntry.objects.filter(settled=row)
        for pk in quotes.order_by("pk").values_list("pk", flat=True):
            changes.append(Change(QUOTE, pk, {"settled_id": row.pk}, {"settled_id": twin.pk}))
        quotes.update(settled=twin)
        through = AdjudicatedComponent.basis.through
        mine = through.objects.filter(adjudicatedcomponent=row)
        column = "adjudicatedcomponent_id"
        for pk in mine.order_by("pk").values_list("pk", flat=True):
            changes.append(Change(BASIS, pk, {column: row.pk}, {column: twin.pk}))
        mine.update(adjudicatedcomponent=twin)
        return changes


def register() -> None:
    uses.register(StudyCodings())
    uses.register(uses.Use(ENTRY, one="entry on a form", many="entries on forms"))
