"""One act on many reports: the preview, doing it, undoing it."""

from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Id, Paged, ReviewView, checked
from screening import flow
from screening.desk import labels
from screening.lead import bulk
from screening.models import BulkAct, BulkPart

# Where a report of a list can stand; not those of an import that is under way or was undone.
PLACES = [each for each in flow.Place.choices if each[0] not in flow.NOWHERE]


class Chosen(Asked):
    """The reports to act on: those of the list that these filters make."""

    place = serializers.ChoiceField(choices=PLACES, required=False)
    box = serializers.ChoiceField(
        choices=sorted(flow.REPORT_BOXES), required=False, help_text="A box of PRISMA 2020."
    )
    reason = Id(required=False, help_text="Within the box of exclusions.")
    source = serializers.CharField(  # type: ignore[assignment]  # our field, not DRF's attribute
        required=False, help_text="The name of a search."
    )
    with_label = Id(required=False, help_text="A label that I may see.")
    q = serializers.CharField(required=False, help_text="Words of title, author or DOI.")


class NewAct(Asked):
    kind = serializers.ChoiceField(choices=BulkAct.Kind.choices)
    of = Chosen(help_text="{} is every report of the review.")
    reason = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=labels.LONGEST, required=False, allow_blank=True, default=""
    )


class ActSerializer(serializers.ModelSerializer[BulkAct]):
    by = serializers.CharField(source="by.username")
    undone_by = serializers.SerializerMethodField()

    class Meta:
        model = BulkAct
        fields = [
            "id",
            "kind",
            "reason",
            "label",
            "by",
            "at",
            "begun_at",
            "undone_by",
            "undone_at",
            "job",
        ]

    def get_undone_by(self, act: BulkAct) -> str | None:
        return act.undone_by.username if act.undone_by else None


class WholeAct(ActSerializer):
    reports = serializers.SerializerMethodField(
        help_text="How many, by what became of them: waiting (a preview, or still to do), done, "
        "refused, restored (undone) and kept (not undone)."
    )
    left_out = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of the list, by place: it can't be done there."
    )

    class Meta(ActSerializer.Meta):
        fields = [*ActSerializer.Meta.fields, "reports", "left_out"]

    def get_reports(self, act: BulkAct) -> dict[str, int]:
        return bulk.counted(act)


class ActOnReport(serializers.ModelSerializer[BulkPart]):
    title = serializers.CharField(source="report.title")

    class Meta:
        model = BulkPart
        fields = ["report", "title", "before", "after", "outcome", "why"]


class Acts(ReviewView):
    """The acts that were carried out, newest first. POST writes a preview of one down: nothing else
    changes, and an earlier preview of mine is thrown away."""

    needs = {"GET": ("manage",), "POST": ("manage",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="acts_list", responses=ActSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        done = self.review.bulk_acts.exclude(begun_at=None).select_related("by", "undone_by")
        return self.paged(done.order_by("-pk"), ActSerializer)

    @extend_schema(operation_id="preview_act", request=NewAct, responses={201: WholeAct})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewAct, request)
        act = bulk.preview(
            self.member,
            self._list(said["of"]),
            said["kind"],
            reason=said["reason"],
            label=said["label"],
        )
        return Response(WholeAct(act).data, status=201)

    def _list(self, of: dict[str, Any]) -> QueryDict:
        """The address of the list that the pages would show. What is not there is a 400: a filter
        that nothing reads would be every report."""
        asked = QueryDict(mutable=True)
        if "reason" in of and of.get("box") is None:
            raise ValidationError({"of": ["Say the box that the reason is in."]})
        if name := of.get("source"):
            searches = self.review.searches.filter(name=name).order_by("pk")
            if not searches:
                raise ValidationError({"of": [f"There is no search called {name}."]})
            asked["source"] = ".".join(str(search.pk) for search in searches)
        for said, name in {
            "place": "place",
            "box": "box",
            "reason": "reason",
            "with_label": "label",
            "q": "q",
        }.items():
            if said in of:
                asked[name] = str(of[said])
        return asked


class ActView(ReviewView):
    """A view under …/acts/<pk>/."""

    act: BulkAct

    def find(self, **kwargs: Any) -> None:
        found = self.review.bulk_acts.select_related("by", "undone_by", "job")
        self.act = get_object_or_404(found, pk=kwargs["pk"])


class OneAct(ActView):
    """An act: what it would do, or what became of it."""

    needs = {"GET": ("manage",)}

    @extend_schema(operation_id="act", responses=WholeAct)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(WholeAct(self.act).data)


class PartsQuery(Paged):
    outcome = serializers.ChoiceField(choices=BulkPart.Outcome.choices, required=False)


class Parts(ActView):
    """The reports of an act, and what became of each."""

    needs = {"GET": ("manage",)}
    query = {"GET": PartsQuery}

    @extend_schema(operation_id="act_reports", responses=ActOnReport(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        parts = self.act.parts.select_related("report").order_by("report")
        if "outcome" in self.asked:
            parts = parts.filter(outcome=self.asked["outcome"])
        return self.paged(parts, ActOnReport)


class BeginAct(ActView):
    """Carry a preview of mine out. Many reports are a job: watch `job`."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="begin_act", request=None, responses=WholeAct)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return Response(WholeAct(bulk.begin(self.act, by=self.member.user)).data)


class UndoAct(ActView):
    """Take an act back wherever nobody has touched the report since."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="undo_act", request=None, responses=WholeAct)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return Response(WholeAct(bulk.undo(self.act, by=self.member.user)).data)
