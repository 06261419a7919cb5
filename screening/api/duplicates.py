"""Questions about duplicates, and reports that are joined or parted."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import DuplicatePair, Merge, RelatedReport
from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked
from reviews.refusal import Clash
from screening.duplicates import answering, joining, questions, relating

from . import ReportView, reports_here
from .reports import ReportSerializer


class NewMerge(Asked):
    absorb = Id()


class MergeSerializer(serializers.ModelSerializer[Merge]):
    class Meta:
        model = Merge
        fields = ["id", "keep", "absorb", "at", "undone_at"]


class MergeReports(ReportView):
    """Make another report part of this one."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=NewMerge, responses={201: MergeSerializer, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewMerge, request)
        absorb = get_object_or_404(reports_here(self.review), pk=shaped["absorb"])
        made = joining.merge(self.report, absorb, by=self.member.user)
        return Response(MergeSerializer(made).data, status=201)


class UndoMerge(ReviewView):
    """Give a merge's report everything back."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=None, responses={200: ReportSerializer, 409: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        made = get_object_or_404(Merge, review=self.review, pk=pk)
        return Response(ReportSerializer(joining.unmerge(made, by=self.member.user)).data)


class Unmerge(ReportView):
    """The same, named by the report that was absorbed."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=None, responses={200: ReportSerializer, 409: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        made = Merge.objects.filter(absorb=self.report, undone_at=None).first()
        if made is None:
            raise Clash("This report is not merged into another one.")
        return Response(ReportSerializer(joining.unmerge(made, by=self.member.user)).data)


class Question(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    group = serializers.IntegerField(
        allow_null=True, help_text="The same number for questions that hang together."
    )
    probability = serializers.FloatField(allow_null=True)
    rule = serializers.CharField()
    why = serializers.JSONField()
    first = ReportSerializer()
    second = ReportSerializer()


class Questions(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = Question(many=True)


class DuplicatesQuery(Asked):
    zone = serializers.ChoiceField(
        choices=[(questions.ASK, "Questions"), (questions.RELATED, "Suggestions")],
        required=False,
        default=questions.ASK,
    )
    limit = serializers.IntegerField(min_value=1, max_value=500, required=False, default=50)


class Duplicates(ReviewView):
    """The open questions about duplicates, most probable first; `?zone=related` the suggestions of
    related reports. `group` is the same number for questions that hang together."""

    needs = {"GET": ("merge",)}
    query = {"GET": DuplicatesQuery}

    @extend_schema(operation_id="duplicates_list", responses=Questions)
    def get(self, request: Request, slug: str) -> Response:
        limit, zone = self.asked["limit"], self.asked["zone"]
        waiting = questions.waiting(self.review, zone)
        found = questions.groups(self.review, zone)
        group = {pair: n for n, each in enumerate(found, start=1) for pair in each.pairs}
        shown = [
            {
                "id": each.pair.pk,
                "group": group.get(each.pair.pk),
                "probability": each.pair.probability,
                "rule": each.pair.rule,
                "why": each.pair.why,
                "first": ReportSerializer(each.first).data,
                "second": ReportSerializer(each.second).data,
            }
            for each in questions.about(waiting[:limit])
        ]
        return Response({"count": len(waiting), "results": shown})


class NewAnswer(Asked):
    verdict = serializers.ChoiceField(choices=DuplicatePair.Answer.choices)
    kind = serializers.ChoiceField(choices=RelatedReport.Kind.choices, required=False)


class Answered(serializers.ModelSerializer[DuplicatePair]):
    answered_by = serializers.CharField(
        source="answered_by.username",
        default=None,
        allow_null=True,
        help_text="null: the matching joined them by itself.",
    )

    class Meta:
        model = DuplicatePair
        fields = [
            *("id", "first", "second", "probability", "rule", "why", "zone"),
            *("answer", "answered_by", "answered_at"),
        ]


class AnsweredQuery(Paged):
    by = serializers.ChoiceField(
        choices=[("people", "People"), ("matching", "The matching"), ("all", "Both")],
        required=False,
        default="people",
    )


class AnswerDuplicate(ReviewView):
    """Answer a question: same, different or related (then with the kind of relation, if known)."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=NewAnswer, responses={200: Answered, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        pair = get_object_or_404(DuplicatePair, review=self.review, pk=pk)
        shaped = checked(NewAnswer, request)
        done = answering.answer(
            pair, shaped["verdict"], by=self.member.user, kind=shaped.get("kind", "")
        )
        return Response(Answered(done).data)


class NewGroup(Asked):
    pairs = serializers.ListField(
        child=Id(), min_length=1, max_length=1000, help_text="Questions that hang together."
    )


class AnsweredGroup(serializers.Serializer[Any]):
    results = Answered(many=True)


class AnswerTogether(ReviewView):
    """All reports of these questions are one document: all of them are answered, or none."""

    needs = {"POST": ("merge",)}

    @extend_schema(
        operation_id="answer_together",
        request=NewGroup,
        responses={200: AnsweredGroup, 409: Detail, 422: Detail},
    )
    def post(self, request: Request, slug: str) -> Response:
        wanted = set(checked(NewGroup, request)["pairs"])
        pairs = list(self.review.duplicate_pairs.filter(pk__in=wanted))
        if len(pairs) < len(wanted):
            raise Http404("No such question.")
        done = answering.answer_together(pairs, by=self.member.user)
        return Response(AnsweredGroup({"results": done}).data)


class UndoAnswer(ReviewView):
    """Take an answer back; the question is open again, and what it had joined is parted."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=None, responses=Answered)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        pair = get_object_or_404(DuplicatePair, review=self.review, pk=pk)
        return Response(Answered(answering.take_answer_back(pair, by=self.member.user)).data)


class AnsweredQuestions(ReviewView):
    """The questions that people have answered, newest first; `?by=matching` what was joined without a
    question, `?by=all` both. Each with its score, its rule, who and when."""

    needs = {"GET": ("merge",)}
    query = {"GET": AnsweredQuery}

    @extend_schema(operation_id="answered_list", responses=Answered(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.duplicate_pairs.exclude(answer="").select_related("answered_by")
        if (by := self.asked["by"]) != "all":
            found = found.filter(answered_by__isnull=by == "matching")
        return self.paged(found.order_by("-answered_at", "-pk"), Answered)


class Other(Asked):
    other = Id()


class SameDocument(ReportView):
    """Say that another report is this same document, without being asked. Who screens may."""

    needs = {"POST": ("join",)}

    @extend_schema(request=Other, responses={201: MergeSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        other = get_object_or_404(reports_here(self.review), pk=checked(Other, request)["other"])
        made = answering.join_by_hand(self.report, other, by=self.member.user)
        return Response(MergeSerializer(made).data, status=201)


class NewLink(Other):
    kind = serializers.ChoiceField(
        choices=RelatedReport.Kind.choices, required=False, allow_blank=True, default=""
    )


class RelatedSerializer(serializers.ModelSerializer[RelatedReport]):
    class Meta:
        model = RelatedReport
        fields = ["id", "first", "second", "kind"]


class Relate(ReportView):
    """Link this report with one that belongs to it: an erratum, a reply, a preprint, an update."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=NewLink, responses={201: RelatedSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewLink, request)
        other = get_object_or_404(reports_here(self.review), pk=said["other"])
        made = relating.relate(self.report, other, by=self.member.user, kind=said["kind"])
        return Response(RelatedSerializer(made).data, status=201)


class Kind(Asked):
    kind = serializers.ChoiceField(choices=RelatedReport.Kind.choices)


class OneLink(ReviewView):
    """What kind of relation a link is; DELETE takes it away."""

    needs = {"PUT": ("merge",), "DELETE": ("merge",)}

    def find(self, **kwargs: Any) -> None:
        self.link = get_object_or_404(RelatedReport, review=self.review, pk=kwargs["pk"])

    @extend_schema(request=Kind, responses=RelatedSerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        kind = checked(Kind, request)["kind"]
        made = relating.change_kind(self.link, kind, by=self.member.user)
        return Response(RelatedSerializer(made).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        answering.unlink(self.link, by=self.member.user)
        return Response(status=204)
