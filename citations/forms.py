"""Is the shape of the input right?"""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from reviews.models import Review

from .actions import SEARCH_FIELDS
from .models import Search


class SearchForm(forms.ModelForm):
    """What is known about one source as it was searched on one day (PRISMA-S)."""

    class Meta:
        model = Search
        fields = SEARCH_FIELDS
        widgets = {
            "searched_on": forms.DateInput(attrs={"type": "date"}),
            "strategy": forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
            "limits": forms.Textarea(attrs={"rows": 2}),
            "removed_why": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "name": "As your report will name it, such as “MEDLINE”.",
            "platform": "Through which it was searched, such as “Ovid”.",
            "strategy": "Copied from the search history, not retyped.",
            "limits": "Dates, languages, publication types.",
            "hits_reported": "The number that the source showed.",
        }

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review = review
        for name in ("removed_duplicates", "removed_automation", "removed_other"):
            self.fields[name].required = False
            self.fields[name].widget.attrs["class"] = "short"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("removed_duplicates", "removed_automation", "removed_other"):
            if name in cleaned:
                cleaned[name] = cleaned[name] or 0
        return cleaned

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        namesakes = self.review.searches.filter(name=name).exclude(pk=self.instance.pk)
        if namesakes.exists():
            raise forms.ValidationError("There is a source with this name already.")
        return name

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SEARCH_FIELDS}


class UploadForm(forms.Form):
    """A file, and the source that it came from; a new source is described by a SearchForm."""

    file = forms.FileField(
        label="Export file",
        allow_empty_file=True,
        error_messages={"required": "Choose the file that the database gave you."},
    )
    source = forms.ModelChoiceField(
        label="Where it came from",
        queryset=Search.objects.none(),
        required=False,
        empty_label="A new source, described below",
    )

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = review.searches.all()  # type: ignore[attr-defined]
        self.fields["file"].help_text = (
            f"RIS, BibTeX or CSV, up to {settings.UPLOAD_LIMIT_MB} MB. "
            "The format is recognised by what is in the file, not by its name."
        )
        self.fields["file"].widget.attrs["data-limit-mb"] = settings.UPLOAD_LIMIT_MB

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_LIMIT_MB << 20:
            raise forms.ValidationError(
                f"This file is larger than {settings.UPLOAD_LIMIT_MB} MB, which is the limit here."
            )
        return file
