"""Is the shape of the input right?"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from citations.models import Report

from . import repeating
from .kinds import plain, rows_of, shown
from .models import Codebook, Field, Value


@dataclass
class Answer:
    """A question as it stands on somebody's screen: what was typed is here even when it is wrong.

    Written by hand and not as a Django form, because a codebook has sixty of them on one page.
    """

    field: Field
    item: str = ""  # of a repeating group
    text: str = ""
    chosen: list[str] = dataclasses.field(default_factory=list)
    not_reported: bool = False
    quote: str = ""
    page: str = ""
    box: str = ""  # "left,top,width,height", see places.py
    report: Report | None = None
    file: str = ""  # what a file is called; `text` is its SHA-256
    seen: int = 0  # the id of the saved answer that the screen started from; 0: none
    error: str = ""
    is_saved: bool = False
    theirs: Value | None = None  # the extractor's answer, on the form of a person who verifies

    @classmethod
    def saved(cls, field: Field, value: Value | None, item: str = "") -> "Answer":
        """As it was saved."""
        if value is None:
            return cls(field, item)
        is_file = field.kind == Field.Kind.FILE and value.value
        is_list = isinstance(value.value, list) and not is_file
        return cls(
            field,
            item,
            text=(
                value.value[1]
                if is_file
                else json.dumps(value.value)
                if field.kind == Field.Kind.TABLE and value.value
                else ""
                if is_list or value.value is None
                else value.value
            ),
            chosen=value.value if is_list else [value.value] if value.value else [],
            file=value.value[0] if is_file else "",
            not_reported=value.not_reported,
            quote=value.quote,
            page=value.page,
            box=value.box_text,
            report=value.report,
            seen=value.pk,
        )

    @classmethod
    def typed(
        cls, field: Field, data: QueryDict, reports: Mapping[int, Report], item: str = ""
    ) -> "Answer":
        """As a form posts it."""
        name = cls(field, item).name
        several = field.kind in LISTS
        text = data.get(f"{name}-value", "")
        if field.kind == Field.Kind.TABLE:
            text = _rows(data.getlist(f"{name}-cell"), len(field.choices))
        return cls(
            field,
            item,
            text="" if several else text,
            chosen=data.getlist(f"{name}-value") if several else [text],
            not_reported=f"{name}-not_reported" in data,
            quote=data.get(f"{name}-quote", ""),
            page=data.get(f"{name}-page", ""),
            box=data.get(f"{name}-box", ""),
            report=reports.get(_whole(data.get(f"{name}-report"))),
            seen=_whole(data.get(f"{name}-seen")),
        )

    @property
    def id(self) -> str:
        """What tells it from the other answers on the page."""
        return (
            f"{self.field.pk}-{repeating.mark_of(self.item)}" if self.item else f"{self.field.pk}"
        )

    @property
    def key(self) -> str:
        """Which item it is of, however that is spelt."""
        return plain(self.item)

    @property
    def name(self) -> str:
        """What the names of its controls begin with."""
        return f"f{self.id}"

    @property
    def decided_by(self) -> str:
        """The name of the controls that decide whether it is asked."""
        decides = self.field.shown_if
        item = self.item if decides and decides.part_of_id else ""
        return f"{Answer(decides, item).name}-value" if decides else ""

    @property
    def title(self) -> str:
        """For a reader who does not see where it stands."""
        return f"{self.field.label}, {self.item}" if self.item else self.field.label

    @property
    def is_same(self) -> bool:
        """Whether the saved answer says what the extractor's says."""
        if self.theirs is None:
            return False
        own = Answer.saved(self.field, self.theirs, self.item)
        return (self.text, sorted(self.chosen), self.not_reported) == (
            own.text,
            sorted(own.chosen),
            own.not_reported,
        )

    @property
    def their_words(self) -> str:
        """The extractor's answer, to be verified."""
        return shown(self.field, self.theirs.value, self.theirs.not_reported) if self.theirs else ""

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
        return self.chosen if self.field.kind in LISTS else self.text

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
                answer.box if answer.page.strip() else "",
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


@dataclass
class Item:
    """One item of a repeating group with its answers, as it stands on the screen."""

    name: str
    answers: list[Answer]

    @property
    def mark(self) -> str:
        return repeating.mark_of(self.name)


@dataclass
class Repeated:
    """A repeating group on the screen."""

    answer: Answer
    items: list[Item]


def laid_out(answers: list[Answer]) -> list[tuple[str, list[Answer | Repeated]]]:
    """`answers` by section, those of a repeating group under it, item by item."""
    inside: dict[int, dict[str, list[Answer]]] = {}
    for answer in answers:
        if answer.field.part_of_id:
            found = inside.setdefault(answer.field.part_of_id, {})
            found.setdefault(answer.key, []).append(answer)
    by_field = {answer.field.pk: answer for answer in answers if not answer.field.part_of_id}
    sections: dict[str, list[Answer | Repeated]] = {}
    for field in sorted((each.field for each in by_field.values()), key=lambda f: (f.order, f.pk)):
        answer, shown = by_field[field.pk], sections.setdefault(field.section, [])
        if not field.is_repeating:
            shown.append(answer)
            continue
        items = inside.get(field.pk, {})
        listed = {plain(name): name for name in answer.chosen}
        listed = {key: found[0].item for key, found in items.items()} | listed
        shown.append(Repeated(answer, [Item(listed[key], items.get(key, [])) for key in listed]))
    return list(sections.items())


# Answered with a list of texts.
LISTS = [Field.Kind.MULTIPLE, Field.Kind.REPEATING]
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
        help_text="One a line: of a list, of a scale from one end to the other, the columns of a "
        "table, or the usual items of a repeating group. Of a judgement with its light behind a "
        "bar: Low risk | good (good, some, bad, worst, unclear, none).",
    )
    each = forms.ChoiceField(
        label="Repeated for each",
        required=False,
        choices=[("", "—"), *Field.Each.choices],
        help_text="Of a repeating group. Its choices above are the names that extractors are offered.",
    )
    part_of = forms.ModelChoiceField(
        Field.objects.none(),
        label="Part of the repeating group",
        required=False,
        empty_label="None: asked once a study",
        help_text="Then it is asked once for each item that the group names.",
    )
    tolerance = forms.FloatField(
        required=False,
        min_value=0,
        max_value=99.99,
        label="Agrees within, %",
        help_text="Of a number: within how many percent two answers count as the same in the "
        "report of agreement. What holds is still settled by a person.",
        widget=forms.NumberInput(attrs={"class": "short", "step": "any"}),
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
        part_of = self.fields["part_of"]
        assert isinstance(part_of, forms.ModelChoiceField)  # noqa: S101 - for mypy
        part_of.queryset = book.fields.filter(retired_at=None, kind=Field.Kind.REPEATING)

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
        words["tolerance"] = words["tolerance"] or 0
        for name in ("shown_if", "part_of"):
            other = words.pop(name)
            words[f"{name}_id"] = other.pk if other else None
        return words


class ExtractorsForm(forms.Form):
    extractors = forms.ChoiceField(
        label="Extractors per study",
        choices=[
            ("2", "Two, blind, then adjudicated"),
            ("verified", "One, and a second person who verifies each answer"),
            ("1", "One"),
        ],
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
