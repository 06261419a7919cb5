"""How interviews go along when components merge, are split or re-coded."""

from components import uses
from components.models import Component

from .models import Coding


class Codings(uses.Use):
    """What analysts coded. Only who may read transcripts reads the words."""

    def __init__(self) -> None:
        super().__init__(
            "interviews.Coding",
            one="interview coding",
            many="interview codings",
            is_told=True,
            needs="read_transcripts",
        )

    def items(self, component: Component) -> list[uses.Item]:
        found = Coding.objects.filter(component=component, removed_at=None)
        found = found.select_related("excerpt__transcript__participant", "by")
        return [
            uses.Item(
                each.pk,
                each.excerpt.exact,
                f"{each.excerpt.transcript.participant.pseudonym}, coded by {each.by}",
            )
            for each in found.order_by("excerpt__transcript", "excerpt__start", "pk")
        ]


def register() -> None:
    uses.register(Codings())
    uses.register(uses.Use("interviews.Theme_components", one="theme", many="themes", is_told=True))
