"""Is the shape of the input right?"""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from reviews.models import Review

from .actions import How
from .formats import FORMATS
from .formats.source import ENCODINGS
from .models import Search, Upload
from .sources import SEARCH_FIELDS, open_sources

# Fields of a search that hold a sentence or two.
IN_WORDS = [
    "databases",
    "limits",
    "limits_why",
    "filters",
    "prior_work",
    "updates",
    "peer_review",
    "removed_why",
]
# The parts of the form that are folded away while nothing stands in them.
FOR_PRISMA_S = [
    "database",
    "databases",
    "coverage",
    "address",
    "limits",
    "limits_why",
    "filters",
    "prior_work",
    "updates",
    "peer_review",
]
EMPTY = (None, "", 0, "0")
REMOVED = ["removed_duplicates", "removed_automation", "removed_other", "removed_why"]


class SearchForm(forms.ModelForm):
    """What is known about one source as it was searched on one day (PRISMA-S)."""

    class Meta:
        model = Search
        fields = SEARCH_FIELDS
        widgets = {
            "searched_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "strategy": forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
            **{name: forms.Textarea(attrs={"rows": 2}) for name in IN_WORDS},
        }
        help_texts = {
            "name": "As your report will name it, such as “MEDLINE”.",
            "platform": "Through which it was searched, such as “Ovid”.",
            "strategy": "Copied from the search history, not retyped.",
            "hits_reported": "The number that the source showed.",
            "database": "Such as “MEDLINE” for “MEDLINE 2026”: they count together in the yield.",
            "databases": "All that were searched at once on this platform, when more than one.",
            "coverage": "As the source gives it, such as “1946 to 3 March 2025”.",
            "address": "Of a register, website or organisation.",
            "limits": "Dates, languages, publication types; “none” is an answer too.",
            "filters": "Such as a filter for study design, and whether you changed it.",
            "prior_work": "Whose search string was adapted or reused, with its citation.",
            "updates": "When it was or will be run again; alerts that were set up.",
            "peer_review": "Who reviewed it and how, such as by PRESS.",
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

    def clean_strategy(self) -> str:
        # A form sends each line's end as two characters; the string has one.
        return str(self.cleaned_data["strategy"]).replace("\r\n", "\n")

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        version = self.instance.version if self.instance.pk else self.review.version
        namesakes = self.review.searches.filter(name=name, version=version)
        if namesakes.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a source with this name already.")
        return name

    @property
    def says_more(self) -> bool:
        return self._holds(FOR_PRISMA_S)

    @property
    def says_removed(self) -> bool:
        return self._holds(REMOVED)

    def _holds(self, names: list[str]) -> bool:
        """Whether any of these fields has a value or an error, so that it must be seen."""
        return any(self[name].errors or self[name].value() not in EMPTY for name in names)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SEARCH_FIELDS}


class NoteForm(forms.Form):
    """What the lead says about one item of PRISMA-S for the whole review; empty takes it back."""

    text = forms.CharField(
        label="For the whole review",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or more; `cleaned_data` has a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given or [None]]


class UploadForm(forms.Form):
    """Files, and the source that they came from; a new source is described by a SearchForm."""

    file = FilesField(
        label="Export files",
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
        self.fields["source"].queryset = open_sources(review)  # type: ignore[attr-defined]
        self.fields["file"].help_text = (
            f"One or more, each up to {settings.UPLOAD_LIMIT_MB} MB: RIS, BibTeX, PubMed, EndNote, "
            "Web of Science, Ovid, CSL-JSON, CSV, Excel, or a list of DOIs. The format is recognised "
            "by what is in the file, not by its name."
        )
        self.fields["file"].widget.attrs["data-limit-mb"] = settings.UPLOAD_LIMIT_MB

    def clean_file(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["file"]
        for file in files:
            if (file.size or 0) > settings.UPLOAD_LIMIT_MB << 20:
                whose = f"“{file.name}”" if len(files) > 1 else "This file"
                raise forms.ValidationError(
                    f"{whose} is larger than {settings.UPLOAD_LIMIT_MB} MB, which is the limit here."
                )
        return files


class SourceForm(forms.Form):
    """One of the review's sources."""

    source = forms.ModelChoiceField(
        label="Source", queryset=Search.objects.none(), empty_label=None
    )

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = open_sources(review)  # type: ignore[attr-defined]


AS_FOUND = ("", "As the content says")
# What a file that is text can be read as; workbooks are told by their first bytes.
TEXT_FORMATS = {key: label for key, label in FORMATS.items() if key not in ("xlsx", "xls")}


class ReadingForm(forms.Form):
    """How a text file is to be read, where recognising it went wrong."""

    format = forms.ChoiceField(choices=[AS_FOUND, *TEXT_FORMATS.items()], required=False)
    encoding = forms.ChoiceField(choices=[AS_FOUND, *ENCODINGS.items()], required=False)

    @classmethod
    def of(cls, upload: Upload) -> "ReadingForm":
        return cls(initial={"format": upload.format, "encoding": upload.encoding})

    def how(self, upload: Upload) -> How:
        """What was chosen; columns stay chosen while the file stays a table."""
        chosen = self.cleaned_data
        stays = chosen["format"] == upload.format == "csv"
        return How(chosen["format"], chosen["encoding"], upload.columns if stays else {})
