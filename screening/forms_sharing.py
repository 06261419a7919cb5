"""How the reports of a stage are shared out: a person's part for each kind."""

from collections.abc import Sequence
from typing import Any

from django import forms

from citations.models import Search
from reviews.models import User

from .desk.orders import ORDERS
from .models import Share, Sharing
from .sharing.setting import SEEDS, Asked

GROUPS = [("", "No part"), *[each for each in Share.Group.choices if each[0]]]

UNDRAWN = (Sharing.Kind.ALL, Sharing.Kind.SOURCE, Sharing.Kind.YEAR)


class OrderForm(forms.Form):
    """In which order untouched reports are served."""

    order = forms.ChoiceField(
        label="Order of what nobody has touched",
        choices=[(key, each.label) for key, each in ORDERS.items()],
        required=False,
        widget=forms.Select(attrs={"class": "short"}),
    )
    seed = forms.IntegerField(
        label="Seed, for a random order",
        min_value=0,
        max_value=SEEDS - 1,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short"}),
        help_text="Empty: a new one.",
    )


class SharingForm(forms.Form):
    """The fields of one `kind`, a row for each of `people` who screen or each of `sources`."""

    def __init__(
        self, kind: str, people: Sequence[User], sources: Sequence[Search], *args: Any, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.kind, self.people, self.sources = kind, people, sources
        names = [(each.pk, str(each)) for each in people]
        if kind in (Sharing.Kind.RANDOM, Sharing.Kind.PAIRS):
            self.fields["people"] = forms.TypedMultipleChoiceField(
                label="Who takes part",
                choices=names,
                coerce=int,
                widget=forms.CheckboxSelectMultiple,
                initial=[pk for pk, _ in names],
                required=False,
            )
        for user in people:
            if kind == Sharing.Kind.QUOTA:
                self.fields[f"quota_{user.pk}"] = forms.IntegerField(
                    label=str(user),
                    min_value=0,
                    max_value=10_000_000,
                    required=False,
                    widget=forms.NumberInput(attrs={"class": "short"}),
                )
            elif kind == Sharing.Kind.EXPERT_NOVICE:
                self.fields[f"group_{user.pk}"] = forms.ChoiceField(
                    label=str(user), choices=GROUPS, required=False, initial=Share.Group.NOVICE
                )
            elif kind == Sharing.Kind.YEAR:
                for end in ("from", "to"):
                    self.fields[f"{end}_{user.pk}"] = forms.IntegerField(
                        label=f"{user}: {end} year",
                        min_value=1,
                        max_value=9999,
                        required=False,
                        widget=forms.NumberInput(attrs={"class": "short"}),
                    )
        if kind == Sharing.Kind.SOURCE:
            for source in sources:
                self.fields[f"source_{source.pk}"] = forms.TypedMultipleChoiceField(
                    label=str(source),
                    choices=names,
                    coerce=int,
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                )
        if kind not in UNDRAWN:
            self.fields["seed"] = forms.IntegerField(
                label="Seed of the draw",
                min_value=0,
                max_value=SEEDS - 1,
                widget=forms.NumberInput(attrs={"class": "short"}),
                help_text="The same seed with the same people draws the same shares.",
            )

    def asked(self) -> list[Asked]:
        given = self.cleaned_data
        by_id = {each.pk: each for each in self.people}
        if self.kind in (Sharing.Kind.RANDOM, Sharing.Kind.PAIRS):
            return [Asked(by_id[pk]) for pk in given["people"]]
        if self.kind == Sharing.Kind.QUOTA:
            return [Asked(each, quota=given[f"quota_{each.pk}"]) for each in self.people]
        if self.kind == Sharing.Kind.EXPERT_NOVICE:
            groups = [(each, given[f"group_{each.pk}"]) for each in self.people]
            return [Asked(each, group=group) for each, group in groups if group]
        if self.kind == Sharing.Kind.YEAR:
            years = [
                (each, given[f"from_{each.pk}"], given[f"to_{each.pk}"]) for each in self.people
            ]
            return [
                Asked(each, year_from=first, year_to=last)
                for each, first, last in years
                if first is not None or last is not None
            ]
        return [
            Asked(by_id[pk], source=source)
            for source in self.sources
            for pk in given.get(f"source_{source.pk}", [])
        ]
