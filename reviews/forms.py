"""Is the shape of the input right?"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.html import format_html

from . import question, tokens, webhooks
from .models import Criterion, Review, User
from .roles import ROLE_SAYS, Role


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password (allauth calls `signup`)."""

    name = forms.CharField(label="Your name", max_length=150, help_text="As colleagues see it.")
    field_order = ["name", "email", "password1"]

    def signup(self, request: object, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class NameForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=150,
        help_text="As colleagues see it, in every review.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class TokenForm(forms.Form):
    """What a new token may do, where, and how long. What is not said has its default, so that a
    program which posts nothing gets a token that reads, decides and manages for a year."""

    DAYS = {"30": "30 days", "90": "90 days", "365": "a year", "0": "without an end"}

    name = forms.CharField(
        label="What it is for", max_length=80, help_text="Such as “Nightly import”."
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="It never does what you may not.",
    )
    review = forms.ModelChoiceField(
        Review.objects.none(), label="Where", required=False, empty_label="All my reviews"
    )
    days = forms.ChoiceField(label="How long", choices=list(DAYS.items()), initial="365")

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, initial={"scopes": [tokens.Scope.READ]})
        self.said_nothing = data is not None and not set(data) & set(self.base_fields)
        for name in ("name", "days"):
            self.fields[name].required = not self.said_nothing
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101  # for the type checker
        scopes.choices = [
            (scope, format_html("<span><b>{}</b> {}</span>", scope.label, tokens.SAYS[scope]))
            for scope in tokens.Scope
        ]
        mine = Review.objects.filter(memberships__user=user, memberships__left_at=None)
        review = self.fields["review"]
        assert isinstance(review, forms.ModelChoiceField)  # noqa: S101
        review.queryset = mine.order_by("title", "pk")

    def clean_name(self) -> str:
        return self.cleaned_data["name"] or "Made without a form"

    def clean_scopes(self) -> list[str]:
        if self.said_nothing:
            return [tokens.Scope.READ, tokens.Scope.DECIDE, tokens.Scope.MANAGE]
        return self.cleaned_data["scopes"]

    def clean_days(self) -> int | None:
        return int(self.cleaned_data["days"] or 365) or None


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="Each message is sent there with POST, as JSON, signed.",
    )
    events = forms.MultipleChoiceField(
        label="What it is told",
        choices=list(webhooks.EVENTS.items()),
        initial=list(webhooks.EVENTS),
        widget=forms.CheckboxSelectMultiple,
    )


class QuestionForm(forms.Form):
    """Title and question. All parts of all frameworks are fields: the page shows those of the
    chosen framework, and what was typed under another one is kept."""

    title = forms.CharField(max_length=300)
    framework = forms.ChoiceField(
        label="Framework", choices=Review.Framework.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, (label, hint) in question.PARTS.items():
            self.fields[part] = forms.CharField(
                label=label,
                help_text=hint,
                required=False,
                max_length=5000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def parts(self) -> Iterator[tuple[str, forms.BoundField]]:
        """(CSS classes "of-pico of-picoc …", field) of each part."""
        for part in question.PARTS:
            classes = [f"of-{name}" for name, names in question.FRAMEWORKS.items() if part in names]
            yield " ".join(classes), self[part]

    def asked(self) -> dict[str, Any]:
        """title, framework and question, as `actions.describe` takes them."""
        said = {part: self.cleaned_data[part] for part in question.PARTS}
        return {
            "title": self.cleaned_data["title"],
            "framework": self.cleaned_data["framework"],
            "question": {part: text for part, text in said.items() if text},
        }


class EditQuestionForm(QuestionForm):
    # What the person had before the eyes, so that two leads at once don't overwrite each other.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    # Shown and asked for once the protocol is locked.
    reason = forms.CharField(
        label="Why it changes",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The protocol is locked: the reason stands in the list of differences from it.",
    )


SCREEN_TOO = forms.BooleanField(
    label="I will screen too",
    required=False,
    help_text="You are then as blind as every other screener: the lead’s view of decisions "
    "that are still open is closed to you.",
)


class NewReviewForm(QuestionForm):
    screeners = forms.IntegerField(
        label="Reviewers per report",
        min_value=1,
        max_value=9,
        initial=2,
        help_text="How many people decide on each report before it moves on. Two is the usual "
        "safeguard; you can change it later, stage by stage.",
    )
    screen_too = SCREEN_TOO


class CopyForm(forms.Form):
    title = forms.CharField(label="Title of the new review", max_length=300)
    screen_too = SCREEN_TOO


class CriteriaForm(forms.Form):
    """The two ordered lists of criteria, as they stand in the browser.

    Each row is a field named after its kind ("inclusion", "exclusion"), in the order of the page.
    Besides saving, the form can be sent with `move` = "add:inclusion", "remove:exclusion:0",
    "up:inclusion:2" or "down:inclusion:2": then the rows come back rearranged and nothing is
    stored, so that the editor works without JavaScript.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why they change",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the audit log. Decisions remember the version they were taken under.",
    )

    def __init__(self, data: Any = None, *, rows: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.rows = rows

    @classmethod
    def of(cls, review: Review, criteria: list[Criterion], version: int) -> "CriteriaForm":
        rows: dict[str, list[str]] = {kind: [] for kind in Criterion.Kind.values}
        for each in criteria:
            rows[each.kind].append(each.text)
        return cls(rows=rows, initial={"seen": version})

    @classmethod
    def sent(cls, data: Any) -> "CriteriaForm":
        rows = {kind: list(data.getlist(kind)) for kind in Criterion.Kind.values}
        return cls(data, rows=rows)

    def clean(self) -> dict[str, Any]:
        longest = max((len(text) for texts in self.rows.values() for text in texts), default=0)
        if longest > 5000:
            self.add_error(None, "A criterion has at most 5000 letters.")
        for label, texts in zip(Criterion.Kind.labels, self.rows.values(), strict=True):
            said = [text.strip().casefold() for text in texts if text.strip()]
            if len(set(said)) != len(said):
                self.add_error(None, f"“{label} …” has the same criterion twice.")
        return self.cleaned_data

    def wanted(self) -> list[tuple[str, str]]:
        return [(kind, text) for kind, texts in self.rows.items() for text in texts]

    def lists(self) -> list[tuple[str, str, list[str]]]:
        """(kind, "Include when", texts) for the page; an empty list shows one empty row."""
        return [
            (kind, str(label), self.rows[kind] or [""]) for kind, label in Criterion.Kind.choices
        ]


def rearranged(rows: dict[str, list[str]], move: str) -> dict[str, list[str]]:
    """`rows` after one `move`; a move that makes no sense changes nothing."""
    verb, _, rest = move.partition(":")
    kind, _, place = rest.partition(":")
    if kind not in rows:
        return rows
    texts = list(rows[kind])
    at = int(place) if place.isascii() and place.isdigit() else -1
    if verb == "add":
        texts.append("")
    elif 0 <= at < len(texts):
        if verb == "remove":
            del texts[at]
        elif verb == "up" and at > 0:
            texts[at - 1], texts[at] = texts[at], texts[at - 1]
        elif verb == "down" and at + 1 < len(texts):
            texts[at + 1], texts[at] = texts[at], texts[at + 1]
    return {**rows, kind: texts}


class BlindForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why; the reason is kept in the audit log."},
    )


def _role_choices() -> list[tuple[str, str]]:
    return [
        (role.value, format_html("<span><b>{}</b> {}</span>", role.label, ROLE_SAYS[role]))
        for role in Role
    ]


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        choices=_role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Several may be combined.",
        error_messages={"required": "Choose at least one role."},
    )


class InviteForm(RolesForm):
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="Only this person can then use the invitation. Leave it empty for a link that "
        "works for whoever holds it, once.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label="Good for how many days", min_value=1, max_value=365, initial=14
    )
    field_order = ["email", "roles", "days"]


class AuditFilter(forms.Form):
    """Narrow the log to a person and a kind of act. Anything unknown narrows to nothing."""

    person = forms.IntegerField(required=False)
    verb = forms.CharField(required=False, max_length=60)
