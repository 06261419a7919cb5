"""Is the shape of the input right?"""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from reviews.forms import CopyForm

YES_NO = [("yes", "Yes"), ("no", "No")]
BOTH = {"required": "Answer both questions; the category follows from them."}


class JudgementForm(forms.Form):
    """The two questions of convergence coding and the reason.

    Where one side is silent there is nothing to compare, and only the reason is asked.
    """

    same_meaning = forms.ChoiceField(
        label="Is the meaning the same, and is it equally prominent?",
        choices=YES_NO,
        error_messages=BOTH,
        widget=forms.RadioSelect,
    )
    same_coverage = forms.ChoiceField(
        label="Are the coverage and the examples the same?",
        choices=YES_NO,
        error_messages=BOTH,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, is_silent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("same_meaning", "same_coverage"):
            self.fields[name].required = not is_silent

    def answers(self) -> dict[str, Any]:
        data = self.cleaned_data
        truth = {"yes": True, "no": False}
        return {
            "same_meaning": truth.get(data["same_meaning"]),
            "same_coverage": truth.get(data["same_coverage"]),
            "reason": data["reason"],
        }


class FromArchiveForm(CopyForm):
    """A new review with the set-up that an archive holds."""

    file = forms.FileField(label="Archive", widget=forms.FileInput(attrs={"accept": ".zip"}))


class RestoreForm(forms.Form):
    """An archive to restore whole."""

    file = forms.FileField(label="Archive", widget=forms.FileInput(attrs={"accept": ".zip"}))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_LIMIT_MB << 20:
            raise forms.ValidationError(
                f"This archive is larger than {settings.UPLOAD_LIMIT_MB} MB, which is the limit for "
                "files from a browser. An administrator restores it with the command restore."
            )
        return file
