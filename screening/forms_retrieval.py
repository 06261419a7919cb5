"""What people enter about getting hold of a full text."""

from django import forms


class FullTextForm(forms.Form):
    file = forms.FileField(
        label="PDF, Word file or saved page",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf,.docx,.html,.htm"}),
    )


class AskForm(forms.Form):
    USUAL = [
        "Publisher's site",
        "Own library",
        "Interlibrary loan",
        "Author",
        "Repository",
        "Search engine",
    ]
    where = forms.CharField(
        label="Asked where",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "usual-places", "placeholder": "Interlibrary loan"}),
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))


class GiveUpForm(forms.Form):
    why = forms.CharField(
        label="Why it could not be retrieved", widget=forms.Textarea(attrs={"rows": 2})
    )
