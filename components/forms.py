"""Is the shape of the input right?"""

from typing import Any

from django import forms

from reviews.models import Review

from .interchange import CODE, COLOUR, TIDIER_ITEMS, UNSTORABLE
from .models import Component, Pattern
from .tree import outline

TIDIER = {
    1: "Brief name",
    2: "Why",
    3: "What: materials",
    4: "What: procedures",
    5: "Who provided",
    6: "How",
    7: "Where",
    8: "When and how much",
    9: "Tailoring",
    10: "Modifications",
    11: "How well: planned",
    12: "How well: actual",
}


class ParentField(forms.ModelChoiceField):
    """The tree as a list of choices, indented."""

    def set_review(self, review: Review, *, without: Component | None = None) -> None:
        branches = [each for each in outline(review) if each.component != without]
        self.queryset = Component.objects.filter(review=review, retired_at=None)
        self.choices = [("", "At the top" if without is None else "Choose …")] + [
            (each.component.pk, f"{'— ' * each.depth}{each.component}") for each in branches
        ]


class ComponentForm(forms.Form):
    """One component. `code` is asked only of a new one."""

    code = forms.CharField(
        max_length=40,
        help_text="Short and stable, like WRAP-CM: it is quoted beside every coding.",
        widget=forms.TextInput(attrs={"class": "short", "autocapitalize": "characters"}),
    )
    name = forms.CharField(max_length=200)
    parent = ParentField(Component.objects.none(), label="Below", required=False)
    definition = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    include_when = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    exclude_when = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    exemplar = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text="A quote that shows it best.",
    )
    exemplar_source = forms.CharField(
        label="Where the exemplar is from", max_length=200, required=False
    )
    counter_exemplar = forms.CharField(
        label="Counter-exemplar",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text="A quote that looks like it and is something else.",
    )
    counter_exemplar_source = forms.CharField(
        label="Where the counter-exemplar is from", max_length=200, required=False
    )
    is_codable = forms.BooleanField(
        label="Can be coded",
        required=False,
        initial=True,
        help_text="Untick for a heading that only groups what stands below it.",
    )
    colour = forms.CharField(
        required=False,
        max_length=7,
        help_text="Like #1B6E8C. It never stands alone: the code is always beside it.",
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    pattern = forms.ChoiceField(
        choices=Pattern.choices,
        required=False,
        help_text="Tells it apart where colours can't be seen.",
        widget=forms.Select(attrs={"class": "short"}),
    )
    tidier_items = forms.TypedMultipleChoiceField(
        label="TIDieR items",
        coerce=int,
        choices=[(number, f"{number} {TIDIER[number]}") for number in TIDIER_ITEMS],
        required=False,
        help_text="Which parts of a program's description it belongs to (Hoffmann et al. 2014).",
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        required=False,
        help_text="Why it is changed; the log keeps it.",
        max_length=1000,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, review: Review, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, ParentField)  # noqa: S101 - tells mypy which field it is
        parent.set_review(review)
        for name in ["reason", "seen"] if is_new else ["code"]:
            del self.fields[name]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if not CODE.fullmatch(code):
            raise forms.ValidationError("Use letters, digits, dots, dashes or underscores.")
        return code

    def clean_colour(self) -> str:
        colour = self.cleaned_data["colour"]
        if colour and not COLOUR.fullmatch(colour):
            raise forms.ValidationError("Write the colour like #1B6E8C.")
        return colour


class MergeForm(forms.Form):
    into = ParentField(Component.objects.none(), label="Merge into")
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        help_text="Why the two are one; the history keeps it.",
    )

    def __init__(self, component: Component, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into = self.fields["into"]
        assert isinstance(into, ParentField)  # noqa: S101 - tells mypy which field it is
        into.set_review(component.review, without=component)


class PartForm(forms.Form):
    """One part of a split."""

    code = forms.CharField(
        max_length=40, required=False, widget=forms.TextInput({"class": "short"})
    )
    name = forms.CharField(max_length=200, required=False)
    definition = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        help_text="Why it is split; the history keeps it.",
    )


class FreezeForm(forms.Form):
    name = forms.CharField(
        label="Version", max_length=20, widget=forms.TextInput(attrs={"class": "short"})
    )
    note = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What it is for, like “the double extraction”.",
    )


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="JSON, CSV, a Word table or a codebook of REFI-QDA (.qdc), as the export writes them.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.csv,.tsv,.docx,.qdc"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if UNSTORABLE.search(file.name):
            raise forms.ValidationError("The file's name holds characters that can't be stored.")
        return file
