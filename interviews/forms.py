"""Is the shape of the input right?"""

from typing import Any

from django import forms

from components.models import Component
from reviews.models import Review

from .models import Participant, ParticipantGroup, Stance, Theme


class TranscriptForm(forms.Form):
    """A transcript with its participant, who may be new and in a new group."""

    file = forms.FileField(
        label="De-identified transcript",
        help_text="TXT or DOCX, up to 20 MB. Take names, places and other identifiers out first.",
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.docx,text/plain"}),
    )
    participant = forms.ModelChoiceField(
        queryset=Participant.objects.none(), required=False, empty_label="A new participant"
    )
    pseudonym = forms.CharField(
        label="Pseudonym of a new participant", max_length=80, required=False
    )
    group = forms.CharField(
        label="Group of a new participant",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "groups", "placeholder": "survivors"}),
    )
    role = forms.CharField(label="Role or background", max_length=120, required=False)

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Participant.objects.filter(review=review).select_related("group")
        self.fields["participant"].queryset = found  # type: ignore[attr-defined]
        self.groups = ParticipantGroup.objects.filter(review=review)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("participant"):
            for name, words in (("pseudonym", "a pseudonym"), ("group", "a group")):
                if not data.get(name, "").strip():
                    self.add_error(name, f"Choose a participant above or give {words}.")
        return data


class CodingForm(forms.Form):
    """A passage by its code points (marked with the mouse) or by its words (typed or pasted)."""

    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    words = forms.CharField(
        label="Passage",
        required=False,
        help_text="Mark it in the text, or paste its exact words.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    component = forms.ModelChoiceField(queryset=Component.objects.none(), empty_label="Choose …")
    stance = forms.ChoiceField(choices=Stance.choices, initial=Stance.SUPPORTS)
    memo = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Component.objects.filter(review=review, retired_at=None, is_codable=True)
        self.fields["component"].queryset = found.order_by("code")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("words", "").strip() and data.get("end") is None:
            self.add_error("words", "Mark some words first.")
        return data


class ThemeForm(forms.Form):
    name = forms.CharField(max_length=200)
    central_idea = forms.CharField(
        label="Central idea",
        required=False,
        help_text="One sentence: what is the pattern of meaning, and why does it matter?",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    status = forms.ChoiceField(choices=Theme.Status.choices)
    components = forms.ModelMultipleChoiceField(
        queryset=Component.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, review: Review, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Component.objects.filter(review=review, retired_at=None, is_codable=True)
        self.fields["components"].queryset = found.order_by("code")  # type: ignore[attr-defined]
