"""What people enter about getting hold of a full text."""

from typing import Any

from django import forms

from citations import seeking
from citations.models import RetrievalEvent


class FullTextForm(forms.Form):
    file = forms.FileField(
        label="PDF, Word file or saved page",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf,.docx,.html,.htm"}),
    )


class AskForm(forms.Form):
    way = forms.ChoiceField(
        label="Asked by",
        choices=[("", "Choose"), *RetrievalEvent.Way.choices],
        required=False,
    )
    where = forms.CharField(
        label="Where or whom",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Name of the library or author"}),
    )
    on = forms.DateField(
        label="When, if not today",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    came_to_nothing = forms.BooleanField(label="It came to nothing there", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("way") and not cleaned.get("where", "").strip():
            self.add_error("where", "Say where you asked for it.")
        return cleaned


class GiveUpForm(forms.Form):
    why = forms.CharField(
        label="Why it could not be retrieved", widget=forms.Textarea(attrs={"rows": 2})
    )


class SeekingForm(forms.Form):
    resolver = forms.CharField(
        label="Address of your library's link resolver",
        max_length=500,
        required=False,
        widget=forms.TextInput(
            attrs={
                "placeholder": "https://resolver.example.edu/openurl?{openurl}",
                "spellcheck": "false",
            }
        ),
        help_text="With {openurl} for all that is known of a report, or {doi}, {pmid}, {title}, {author}, {year}, "
        "{journal}, {volume}, {issue}, {pages}. Concord makes links of it and opens none by itself.",
    )
    looks_up = forms.BooleanField(
        label="Look up open copies and metadata by DOI",
        required=False,
        help_text="Sends the DOIs of sought reports to Unpaywall, Crossref, OpenAlex and PubMed when somebody starts it.",
    )
    letter = forms.CharField(
        label="First letter to an author",
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="{author}, {citation}, {doi_link}, {sender} and {review} are filled in.",
    )
    reminder = forms.CharField(
        label="Second letter",
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="{asked_on} is the day of the first.",
    )

    def clean_resolver(self) -> str:
        given = self.cleaned_data["resolver"].strip()
        if problem := seeking.problem_with(given):
            raise forms.ValidationError(problem)
        return given

    def clean_letter(self) -> str:
        return _letter(self.cleaned_data["letter"])

    def clean_reminder(self) -> str:
        return _letter(self.cleaned_data["reminder"])


def _letter(text: str) -> str:
    if problem := seeking.problem_with_letter(text):
        raise forms.ValidationError(problem)
    return text
