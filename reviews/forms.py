"""Is the shape of the input right?"""

from django import forms

from .models import User


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password (allauth calls `signup`)."""

    name = forms.CharField(label="Your name", max_length=150, help_text="As colleagues see it.")
    field_order = ["name", "email", "password1"]

    def signup(self, request: object, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
