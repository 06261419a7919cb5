"""The forms of the extraction: begin, answer, hand in. Another's is open once all are handed in."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import Report, Study
from extraction import actions, items, verifying
from extraction.models import ComponentEntry, Extraction, Field, Stance, Value
from reviews.api import Asked, Id, Paged, ReviewView, Why, checked
from screening import flow


class ExtractionSerializer(serializers.ModelSerializer[Extraction]):
    by = serializers.CharField(source="by.username")
    state = serializers.CharField()

    class Meta:
        model = Extraction
        fields = [
            "id",
            "study",
            "codebook",
            "by",
            "state",
            "verifies",
            "begun_at",
            "submitted_at",
            "version",
        ]


class BoxField(serializers.ListField):
    """Where words stand on their page."""

    def __init__(self, **settings: Any) -> None:
        told = "Where the words stand on the page: left, top, width, height as shares of it; or []."
        share = serializers.FloatField(min_value=0, max_value=1)
        super().__init__(child=share, max_length=4, help_text=told, **settings)


class ValueSerializer(serializers.ModelSerializer[Value]):
    box = BoxField()

    class Meta:
        model = Value
        fields = [
            "id",
            "field",
            "item",
            "value",
            "not_reported",
            "quote",
            "page",
            "box",
            "report",
            "at",
        ]


class EntrySerializer(serializers.ModelSerializer[ComponentEntry]):
    box = BoxField()

    class Meta:
        model = ComponentEntry
        fields = [
            "id",
            "field",
            "component",
            "stance",
            "quote",
            "page",
            "box",
            "report",
            "note",
            "at",
        ]


class WholeExtraction(ExtractionSerializer):
    values = serializers.SerializerMethodField()
    entries = serializers.SerializerMethodField()

    class Meta(ExtractionSerializer.Meta):
        fields = [*ExtractionSerializer.Meta.fields, "values", "entries"]

    @extend_schema(responses=ValueSerializer(many=True))
    def get_values(self, extraction: Extraction) -> Any:
        found = Value.objects.current().filter(extraction=extraction).order_by("pk")
        return ValueSerializer(found, many=True).data

    @extend_schema(responses=EntrySerializer(many=True))
    def get_entries(self, extraction: Extraction) -> Any:
        found = ComponentEntry.objects.current().filter(extraction=extraction).order_by("pk")
        return EntrySerializer(found, many=True).data


class ExtractionsQuery(Paged):
    study = Id(required=False)
    by = serializers.CharField(required=False, help_text="A user name.")


class Extractions(ReviewView):
    """The forms whose answers I may see: mine, and others' once the study is opened."""

    needs = {"GET": ("read",)}
    query = {"GET": ExtractionsQuery}

    @extend_schema(operation_id="extractions_list", responses=ExtractionSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = Extraction.objects.visible_to(self.member).select_related("by").order_by("pk")
        if "study" in self.asked:
            found = found.filter(study=self.asked["study"])
        if "by" in self.asked:
            found = found.filter(by__username=self.asked["by"])
        return self.paged(found, ExtractionSerializer)


class DespiteInterest(Asked):
    despite_interest = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why, where a conflict of interest is declared for me on a report of the study.",
    )


class Begin(ReviewView):
    """Take a study: my form for it, begun."""

    needs = {"POST": ("extract",)}
    study: Study

    def find(self, **kwargs: Any) -> None:
        studies = flow.studies_in(self.review).select_related("review")
        self.study = get_object_or_404(studies, pk=kwargs["pk"])

    @extend_schema(request=DespiteInterest, responses={201: ExtractionSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        begun = actions.begin(self.study, by=self.member.user, **checked(DespiteInterest, request))
        return Response(ExtractionSerializer(begun).data, status=201)


class FormView(ReviewView):
    """A view about one form that I may see; a form that is not open to me is a 404."""

    form: Extraction

    def find(self, **kwargs: Any) -> None:
        forms = Extraction.objects.visible_to(self.member)
        forms = forms.select_related("by", "study__review", "codebook")
        self.form = get_object_or_404(forms, pk=kwargs["pk"])

    def report(self, said: dict[str, Any]) -> Report | None:
        number = said.get("report")
        return get_object_or_404(self.form.study.reports, pk=number) if number else None

    def field(self, number: int) -> Field:
        return get_object_or_404(self.form.codebook.fields, pk=number)

    def told(self) -> Response:
        self.form.refresh_from_db()
        return Response(WholeExtraction(self.form).data)


class OneExtraction(FormView):
    """One form with its answers."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="one_extraction", responses=WholeExtraction)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.told()


class Where(Asked):
    quote = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    page = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    box = BoxField(required=False, default=list)
    report = Id(required=False, allow_null=True, default=None)


class NewValue(Where):
    field = Id()
    value = serializers.JSONField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Text for a text, number, date, choice or scale; a list of texts for several "
        "choices or for the items of a repeating group, of rows for a table; null for none.",
    )
    item = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of a question in a repeating group: which item it is answered for.",
    )
    not_reported = serializers.BooleanField(required=False, default=False)
    seen = serializers.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        required=False,
        help_text="The id of the answer that you had before you, 0 for none: 409 when it changed.",
    )

    def validate_value(self, given: Any) -> Any:
        rows = given if isinstance(given, list) else [given]
        cells = [cell for row in rows for cell in (row if isinstance(row, list) else [row])]
        if not all(cell is None or isinstance(cell, str) for cell in cells):
            raise serializers.ValidationError("Text, a list of texts, or a list of rows of texts.")
        if any("\0" in cell for cell in cells if cell):
            raise serializers.ValidationError("Null characters are not allowed.")
        return given


class Values(FormView):
    """Answer a question of my form; an earlier answer is superseded."""

    needs = {"PUT": ("extract",)}

    @extend_schema(operation_id="answer_question", request=NewValue, responses=WholeExtraction)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewValue, request)
        report, field = self.report(said), self.field(said.pop("field"))
        given = said.pop("value")
        actions.save_value(
            self.form, field, given, by=self.member.user, **(said | {"report": report})
        )
        return self.told()


class Looked(Asked):
    field = Id()
    item = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of a question in a repeating group: which item.",
    )
    component = Id(required=False, help_text="Of program components: which one of the extractor's.")
    holds = serializers.BooleanField(
        required=False, default=True, help_text="False: that component is not there."
    )


class Confirm(FormView):
    """Of a form that verifies another (`verifies`): the extractor's answer is right, or a component of
    theirs is there or not. An answer is put right as every answer is given."""

    needs = {"POST": ("extract",)}

    @extend_schema(operation_id="confirm_answer", request=Looked, responses=WholeExtraction)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Looked, request)
        field, by = self.field(said["field"]), self.member.user
        if number := said.get("component"):
            component = get_object_or_404(self.review.components, pk=number)
            verifying.confirm_component(self.form, field, component, by=by, holds=said["holds"])
        else:
            verifying.confirm(self.form, field, by=by, item=said["item"])
        return self.told()


class Renamed(Asked):
    field = Id()
    item = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=200)


class Items(FormView):
    """Call an item of a repeating group otherwise; its answers go along."""

    needs = {"POST": ("extract",)}

    @extend_schema(operation_id="rename_item", request=Renamed, responses=WholeExtraction)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Renamed, request)
        group = self.field(said["field"])
        items.rename(self.form, group, said["item"], said["name"], by=self.member.user)
        return self.told()


class Said(Where):
    stance = serializers.ChoiceField(
        choices=Stance.choices, required=False, default=Stance.SUPPORTS
    )
    note = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")


class NewEntry(Said):
    field = Id()
    component = Id()


class Entries(FormView):
    """Say that the study has a component, with the words that show it."""

    needs = {"POST": ("extract",)}

    @extend_schema(operation_id="add_entry", request=NewEntry, responses={201: EntrySerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewEntry, request)
        said["report"] = self.report(said)
        field = self.field(said.pop("field"))
        component = get_object_or_404(self.review.components, pk=said.pop("component"))
        made = actions.add_entry(self.form, field, component, by=self.member.user, **said)
        return Response(EntrySerializer(made).data, status=201)


class OneEntry(ReviewView):
    """Change or take away an entry of my form."""

    needs = {"PUT": ("extract",), "DELETE": ("extract",)}
    entry: ComponentEntry

    def find(self, **kwargs: Any) -> None:
        mine = ComponentEntry.objects.current().select_related("extraction__study__review")
        mine = mine.filter(extraction__by=self.member.user, extraction__study__review=self.review)
        self.entry = get_object_or_404(mine, pk=kwargs["pk"])

    @extend_schema(operation_id="change_entry", request=Said, responses=EntrySerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Said, request)
        if said["report"]:
            said["report"] = get_object_or_404(
                self.entry.extraction.study.reports, pk=said["report"]
            )
        made = actions.change_entry(self.entry, by=self.member.user, **said)
        return Response(EntrySerializer(made).data)

    @extend_schema(operation_id="remove_entry", request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        actions.remove_entry(self.entry, by=self.member.user)
        return Response(status=204)


class Submit(FormView):
    """Hand my form in. With the last one that the study needs, the blind is lifted."""

    needs = {"POST": ("extract",)}

    @extend_schema(request=None, responses=ExtractionSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        done = actions.submit(self.form, by=self.member.user)
        return Response(ExtractionSerializer(done).data)


class Reopen(FormView):
    """Take my form back to change it; with a reason once others could see it."""

    needs = {"POST": ("extract",)}

    @extend_schema(request=Why, responses=ExtractionSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(Why, request)["reason"]
        again = actions.reopen(self.form, by=self.member.user, reason=why)
        return Response(ExtractionSerializer(again).data)
