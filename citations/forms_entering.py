"""Is the shape of what is typed instead of uploaded right?"""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from reviews.models import Review

from .by_hand import ENTRY_TYPES
from .formats.identifiers import doi_of, isbn_of, pmid_of
from .models import Search
from .sources import open_sources


class FromSource(forms.Form):
    """The source of what is entered: one that is there, or a new one by name and kind."""

    source = forms.ModelChoiceField(
        label="Source",
        queryset=Search.objects.none(),
        required=False,
        empty_label="A new source, named below",
    )
    new_name = forms.CharField(
        label="Name of the new source",
        max_length=120,
        required=False,
        help_text="Such as “Citation searching”, “WHO website”, or the name of an organisation.",
    )
    new_kind = forms.ChoiceField(
        label="Kind",
        choices=Search.Kind.choices,
        initial=Search.Kind.CITATION,
        help_text="Websites, organisations and citation searching make PRISMA’s right column.",
    )

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review = review
        self.fields["source"].queryset = open_sources(review)  # type: ignore[attr-defined]
        self.fields["new_kind"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("source"):
            name = (cleaned.get("new_name") or "").strip()
            # The name of a source that is there means that source.
            cleaned["source"] = (
                open_sources(self.review).filter(name__iexact=name).order_by("-pk").first()
            )
            if not name:
                self.add_error("new_name", "Choose a source, or name a new one.")
        return cleaned

    def new_source(self) -> dict[str, Any]:
        """The fields of the source that is to be made, where none was chosen."""
        said = self.cleaned_data
        return {"name": said["new_name"].strip(), "kind": said["new_kind"] or Search.Kind.CITATION}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class ByHandForm(FromSource):
    """One reference."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
    title = forms.CharField(
        required=False,
        help_text="Or at least a DOI, PMID or ISBN.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    authors = forms.CharField(
        required=False,
        help_text="One a line, as “Family, Given”; an organisation as it is.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    year = forms.IntegerField(required=False, min_value=1500, max_value=2099)
    entry_type = forms.ChoiceField(
        label="Type", required=False, choices=[("", "Not said"), *ENTRY_TYPES.items()]
    )
    journal = forms.CharField(label="Journal, book or publisher", required=False, max_length=2000)
    volume = forms.CharField(required=False, max_length=100)
    issue = forms.CharField(required=False, max_length=100)
    pages = forms.CharField(required=False, max_length=100)
    doi = forms.CharField(label="DOI", required=False, max_length=500)
    pmid = forms.CharField(label="PMID", required=False, max_length=100)
    isbn = forms.CharField(label="ISBN", required=False, max_length=100)
    abstract = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 6}))
    keywords = forms.CharField(required=False, help_text="With semicolons between them.")
    language = forms.CharField(required=False, max_length=100)
    url = forms.URLField(
        label="Where it was found (address)",
        required=False,
        max_length=2000,
        assume_scheme="https",
        # A browser's own address field refuses example.org/page.
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    seen_on = forms.DateField(
        label="Seen on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    found = forms.CharField(
        label="How it was found",
        required=False,
        max_length=2000,
        help_text="Such as “in the references of Abara 2019”.",
    )

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()

    def clean_doi(self) -> str:
        return self._read("doi", doi_of, "This is no DOI; one looks like 10.1000/xyz.")

    def clean_pmid(self) -> str:
        return self._read("pmid", pmid_of, "This is no PMID; one is a number of up to 8 digits.")

    def clean_isbn(self) -> str:
        return self._read("isbn", isbn_of, "This is no ISBN; one has 10 or 13 digits.")

    def _read(self, name: str, read: Any, refusal: str) -> str:
        written = self.cleaned_data[name].strip()
        found = str(read(written))
        if written and not found:
            raise forms.ValidationError(refusal)
        return found

    def clean_seen_on(self) -> date | None:
        day: date | None = self.cleaned_data["seen_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("This day is still to come.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        telling = ("title", "doi", "pmid", "isbn")
        tried = any(name in self.errors for name in telling)
        if not tried and not any(cleaned.get(name) for name in telling):
            self.add_error("title", "Give a title, or at least a DOI, PMID or ISBN.")
        cleaned["authors"] = _lines(cleaned.get("authors", ""))
        words = (cleaned.get("keywords") or "").split(";")
        cleaned["keywords"] = [word.strip() for word in words if word.strip()]
        return cleaned


class IdentifiersForm(FromSource):
    """DOIs and PMIDs, typed or in a text file."""

    identifiers = forms.CharField(
        label="DOIs or PMIDs",
        required=False,
        max_length=2_000_000,
        help_text="One a line: 10.1000/xyz, https://doi.org/…, PMID: 123 or a bare PMID.",
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "font-monospace"}),
    )
    file = forms.FileField(label="Or a text file of them", required=False, allow_empty_file=True)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > settings.UPLOAD_LIMIT_MB << 20:
            raise forms.ValidationError(
                f"This file is larger than {settings.UPLOAD_LIMIT_MB} MB, which is the limit here."
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        typed, file = cleaned.get("identifiers"), cleaned.get("file")
        if not self.errors.keys() & {"identifiers", "file"} and bool(typed) == bool(file):
            self.add_error(
                "identifiers",
                "Type the identifiers or choose a file, not both."
                if typed
                else "Type at least one identifier, or choose a file.",
            )
        return cleaned
