"""Is the shape of the input right?"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from citations.models import Report

from .kinds import rows_of
from .models import Codebook, Field, Value


@dataclass
class Answer:
    """A question as it stands on somebody's screen: what was typed is here even when it is wrong.

    Written by hand and not as a Django form, because a codebook has sixty of them on one page.
    """

    field: Field
    text: str = ""
    chosen: list[str] = dataclasses.field(default_factory=list)
    not_reported: bool = False
    quote: str = ""
    page: str = ""
    report: Report | None = None
    seen: int = 0  # the id of the saved answer that the screen started from; 0: none
    error: str = ""
    is_saved: bool = False

    @classmethod
    def saved(cls, field: Field, value: Value | None) -> "Answer":
        """As it was saved."""
        if value is None:
            return cls(field)
        is_list = isinstance(value.value, list)
        return cls(
            field,
            text=(
                json.dumps(value.value)
                if field.kind == Field.Kind.TABLE and value.value
                else ""
                if is_list or value.value is None
                else value.value
            ),
            chosen=value.value if is_list else [value.value] if value.value else [],
            not_reported=value.not_reported,
            quote=value.quote,
            page=value.page,
            report=value.report,
            seen=value.pk,
        )

    @classmethod
    def typed(cls, field: Field, data: QueryDict, reports: Mapping[int, Report]) -> "Answer":
        """As a form posts it."""
        name = f"f{field.pk}"
        several = field.kind == Field.Kind.MULTIPLE
        text = data.get(f"{name}-value", "")
        if field.kind == Field.Kind.TABLE:
            text = _rows(data.getlist(f"{name}-cell"), len(field.choices))
        return cls(
            field,
            text="" if several else text,
            chosen=data.getlist(f"{name}-value") if several else [text],
            not_reported=f"{name}-not_reported" in data,
            quote=data.get(f"{name}-quote", ""),
            page=data.get(f"{name}-page", ""),
            report=reports.get(_whole(data.get(f"{name}-report"))),
            seen=_whole(data.get(f"{name}-seen")),
        )

    @property
    def rows(self) -> list[list[str]]:
        """Of a table, with two empty rows to write in."""
        width = len(self.field.choices)
        filled = rows_of(self.text, width) if self.text else []
        return filled + [[""] * width] * 2

    @property
    def given(self) -> str | list[str] | None:
        """What the action takes as the answer."""
        if self.field.is_group:
            return None
        return self.chosen if self.field.kind == Field.Kind.MULTIPLE else self.text

    def says_the_same(self, other: "Answer") -> bool:
        """Nothing was changed on the screen since it showed `other`."""

        def said(answer: Answer) -> list[Any]:
            return [
                sorted(answer.given)
                if isinstance(answer.given, list)
                else _lines(answer.given or "").strip(),
                answer.not_reported,
                _lines(answer.quote).strip(),
                answer.page.strip(),
                answer.report,
            ]

        return said(self) == said(other)


def _rows(cells: list[str], width: int) -> str:
    """The cells of a table as posted, row after row, as JSON without empty rows."""
    cells = [_lines(cell).strip() for cell in cells]
    rows = [cells[at : at + width] for at in range(0, len(cells), width or 1)]
    filled = [row for row in rows if any(row)]
    return json.dumps(filled) if filled else ""


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _lines(text: str) -> str:
    """Browsers send line ends as CR LF, whatever they were given."""
    return text.replace("\r\n", "\n")


DECIDING = [Field.Kind.YES_NO_UNCLEAR, Field.Kind.SINGLE, Field.Kind.MULTIPLE, Field.Kind.SCALE]


class FieldForm(forms.Form):
    """One question of the codebook."""

    label = forms.CharField(label="Question", max_length=200)
    kind = forms.ChoiceField(label="Kind of answer", choices=Field.Kind.choices)
    section = forms.CharField(
        max_length=120, help_text="Questions of one section stand together under its name."
    )
    help = forms.CharField(
        label="Help",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What counts as an answer, with an example. Shown with the question.",
    )
    example = forms.CharField(
        required=False, max_length=500, help_text="An answer as it should look."
    )
    choices = forms.CharField(
        label="Choices or columns",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line: of a list, of a scale from one end to the other, or the columns of a "
        "table with a row for each arm, outcome or time point. Of a judgement with its light behind a "
        "bar: Low risk | good (good, some, bad, worst, unclear, none).",
    )
    unit = forms.CharField(
        required=False,
        max_length=40,
        help_text="Of a number: years, %, sessions a week.",
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    shown_if = forms.ModelChoiceField(
        Field.objects.none(),
        label="Ask only if",
        required=False,
        empty_label="Always",
        help_text="Another question with a list, whose answer decides.",
    )
    shown_values = forms.CharField(
        label="… was answered with",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One a line, as they stand in that list (yes, no, unclear).",
    )
    required = forms.BooleanField(
        required=False,
        label="Needs an answer",
        help_text="A form can be handed in only with an answer or “not reported”.",
    )

    def __init__(self, book: Codebook, *args: Any, of: Field | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deciding = book.fields.filter(retired_at=None, kind__in=DECIDING)
        shown_if = self.fields["shown_if"]
        assert isinstance(shown_if, forms.ModelChoiceField)  # noqa: S101 - for mypy
        shown_if.queryset = deciding.exclude(pk=of.pk if of else 0)

    def clean_choices(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]

    def clean_shown_values(self) -> list[str]:
        lines = self.cleaned_data["shown_values"].splitlines()
        return [line.strip() for line in lines if line.strip()]

    @property
    def words(self) -> dict[str, Any]:
        """As the actions take it."""
        words = dict(self.cleaned_data)
        if words["kind"] in (Field.Kind.JUDGEMENT, Field.Kind.OVERALL):
            pairs = [choice.partition("|") for choice in words["choices"]]
            words["choices"] = [choice.strip() for choice, _, _ in pairs]
            words["lights"] = [light.strip().lower() for _, _, light in pairs]
        decides = words.pop("shown_if")
        return words | {"shown_if_id": decides.pk if decides else None}


class ExtractorsForm(forms.Form):
    extractors = forms.TypedChoiceField(
        label="Extractors per study",
        coerce=int,
        choices=[(2, "Two, blind, then adjudicated"), (1, "One")],
        widget=forms.RadioSelect,
    )
    third_person = forms.BooleanField(
        required=False,
        label="Only a third person settles differences",
        help_text="Otherwise an adjudicator may settle a study that they extracted themselves.",
    )


class OwnToolForm(forms.Form):
    name = forms.CharField(
        label="Name of your own tool", max_length=200, help_text="Its questions come next."
    )


class DesignsForm(forms.Form):
    """Which settled answers choose a tool."""

    field = forms.ModelChoiceField(
        Field.objects.none(),
        label="Question of the codebook",
        required=False,
        empty_label="None: chosen by hand",
    )
    values = forms.CharField(
        label="… was settled as",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, as they stand in that list.",
    )

    def __init__(self, book: Codebook | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["field"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for mypy
        if book is not None:
            field.queryset = book.fields.on_the_form().filter(kind__in=DECIDING)

    def clean_values(self) -> list[str]:
        lines = self.cleaned_data["values"].splitlines()
        return [line.strip() for line in lines if line.strip()]


class WordingForm(forms.Form):
    text = forms.CharField(
        label="Wording of the tool",
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One question a line, its number in front: 1.1 Was … Paste only what you may use; "
        "it stays in this review.",
    )


class OtherForm(forms.Form):
    """What an adjudicator says when neither extractor is right."""

    reason = forms.CharField(required=False, max_length=2000)
    stance = forms.CharField(required=False)
    quote = forms.CharField(required=False, max_length=20_000)
    page = forms.CharField(required=False, max_length=20)
