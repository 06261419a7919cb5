"""Is the shape of the input right? What may be decided is for actions.py to say."""

from typing import Any

from django import forms

from reviews.models import Review, Stage, StageRules

from .models import Decision, Reason

Verdict = Decision.Verdict


class AnswerForm(forms.Form):
    """A reviewer's answer, from the form of the page or as JSON."""

    report = forms.IntegerField(min_value=1)
    verdict = forms.ChoiceField(choices=Verdict, required=False)
    reason = forms.IntegerField(min_value=1, required=False)
    note = forms.CharField(max_length=5000, required=False)
    served_at = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        # The button of a reason says "exclude" by itself.
        if not given.get("verdict") and not self.errors:
            if not given.get("reason"):
                raise forms.ValidationError("Include, maybe or exclude?")
            given["verdict"] = Verdict.EXCLUDE
        return given


class LabelForm(forms.Form):
    """A label for a report, from the form of the page or as JSON."""

    report = forms.IntegerField(min_value=1)
    label = forms.CharField(max_length=60)
    on = forms.NullBooleanField(required=False)


class FinalWordForm(forms.Form):
    verdict = forms.ChoiceField(
        label="Final word",
        choices=[choice for choice in Verdict.choices if choice[0] != Verdict.MAYBE],
        widget=forms.RadioSelect,
    )
    reason = forms.ModelChoiceField(
        label="Reason to exclude",
        queryset=Reason.objects.none(),
        required=False,
        empty_label="None",
    )
    note = forms.CharField(
        label="Note",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why; the reviewers can read it.",
    )

    def __init__(self, review: Review, stage: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if stage != Stage.FULLTEXT:
            del self.fields["verdict"].choices[2:]  # type: ignore[attr-defined]
        usable = review.reasons.filter(stage=stage, retired_at=None)
        self.fields["reason"].queryset = usable  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("verdict") != Verdict.EXCLUDE:
            given["reason"] = None  # left over from before the mind was changed
        return given


class RulesForm(forms.ModelForm):
    # Shown and asked for once the protocol is locked.
    reason = forms.CharField(
        label="Why they change",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The protocol is locked: the reason stands in the list of differences from it.",
    )

    class Meta:
        model = StageRules
        fields = ["screeners", "maybe", "one_include", "ask_criteria", "hide_source"]
        fields += ["settled_by", "bar_own", "hide_names"]
        widgets = {"maybe": forms.RadioSelect, "settled_by": forms.RadioSelect}
        help_texts = {
            "screeners": "How many people decide on each report without seeing each other: 1 to 9.",
            "one_include": (
                "Who includes sends the report on alone; excluding takes all of them. Less work "
                "for a somewhat larger pile of full texts. Who gets a report as the second knows "
                "that the first did not include it, and agreement says little."
            ),
            "hide_source": "From who screens, with DOI and links, until everybody has decided: on the screening page, in lists, files and the API.",
            "ask_criteria": (
                "Reviewers can answer yes, no or unclear to each criterion before they decide. "
                "Conflicts and the agreement panel then name the criteria on which people differ."
            ),
            "settled_by": (
                "By consensus: those who decided write to each other and each proposes how it "
                "ends; when all propose the same, that is the final word. The lead can end one "
                "that is stuck."
            ),
            "bar_own": "Who decided on a report gives no final word on it.",
            "hide_names": (
                "Who settles conflicts, the lead too, reads Reviewer A and B. Elsewhere (a report’s "
                "page, lists, files, the API) all but the lead do."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["screeners"].min_value = 1  # type: ignore[attr-defined]
        self.fields["screeners"].widget.attrs |= {"min": 1, "max": 9}
        if not self.instance.review.protocol_locked_at:
            del self.fields["reason"]
        self.fields["settled_by"].required = False  # not said: as it was
        if self.instance.stage == Stage.FULLTEXT:
            del self.fields["one_include"]
            del self.fields["maybe"]  # at full text a report is included or excluded


class RankingForm(forms.ModelForm):
    # Shown and asked for once the protocol is locked.
    reason = forms.CharField(
        label="Why it changes",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The protocol is locked: the reason stands in the list of differences from it.",
    )

    class Meta:
        model = StageRules
        fields = ["by_relevance", "show_why"]
        help_texts = {
            "by_relevance": (
                "On title and abstract the likely ones come first, learnt from what is settled and "
                "from each person’s own answers. Half-decided reports still come before."
            ),
            "show_why": (
                "The words for and against a report, and the included one most like it. It may sway "
                "who reads it."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.review.protocol_locked_at:
            del self.fields["reason"]


class StarterDoisForm(forms.Form):
    dois = forms.CharField(
        label="DOIs of relevant reports",
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, of reports that are in the review.",
    )


class StarterFileForm(forms.Form):
    file = forms.FileField(
        label="Decisions of another program",
        help_text="An ASReview project (.asreview), a CSV of ASReview, or a RIS or CSV of Rayyan.",
    )


class StopForm(forms.Form):
    reason = forms.CharField(
        label="Why you stop",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the log with model, seed, order and certificate, and with each report.",
    )


class StopCheckForm(forms.Form):
    size = forms.IntegerField(label="Reports", initial=50, min_value=1, max_value=500)


class PilotForm(forms.Form):
    size = forms.IntegerField(
        label="Reports",
        initial=50,
        min_value=1,
        max_value=500,
        help_text="Untouched ones, 1 to 500.",
    )
    threshold = forms.IntegerField(
        label="Agreement on includes to reach, in %", initial=80, min_value=0, max_value=100
    )
    seed = forms.IntegerField(
        label="Seed of the draw",
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Left empty one is made. It is kept: the same seed draws the same reports.",
    )


class ReasonForm(forms.Form):
    label = forms.CharField(label="Reason", max_length=120)


class WordsForm(forms.Form):
    """Two lists, one word or phrase a line; what a word may be is for words.py to say."""

    include = forms.CharField(
        label="Words that speak for including",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "spellcheck": "false"}),
    )
    exclude = forms.CharField(
        label="Words that speak for excluding",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "spellcheck": "false"}),
    )


class WhyForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=2000)


class DecisionsFilter(forms.Form):
    """What my decisions are filtered by; nonsense in the address counts as no filter."""

    q = forms.CharField(required=False, max_length=200)
    stage = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Both stages"),
            ("abstract", "Title and abstract"),
            ("fulltext", "Full text"),
        ],
    )
    verdict = forms.ChoiceField(required=False, choices=[("", "All answers"), *Verdict.choices])


class AllDecisionsFilter(forms.Form):
    """What everybody's decisions are filtered by; nonsense in the address counts as no filter."""

    q = forms.CharField(required=False, max_length=200)
    stage = DecisionsFilter.base_fields["stage"]
    person = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    # Of the criteria: the text under which the decision was taken.
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
