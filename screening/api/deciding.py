"""A reviewer's queue, decisions and labels, and the final word."""

from typing import Any

from django.db.models import Q
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import keyed
from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked
from reviews.models import SCREENING_STAGES, Membership, Review, Stage
from reviews.written import prepared
from screening import actions, naming
from screening.desk import by_criterion, labels, leases, queue, submitting
from screening.desk.by_criterion import WITH_ANSWERS
from screening.models import Decision, Reason

from . import KEY, STAGES, ReportView, StageQuery, reports_here

NEXT = 5  # records that come along with the answer to a decision


class QueueQuery(StageQuery):
    limit = serializers.IntegerField(min_value=1, max_value=50, required=False, default=NEXT)


class Queue(ReviewView):
    """The next reports for me at a stage, and how many are left. Empty for who does not screen.

    They stay mine for a while: asked again, it names those that I have not answered, and fills them
    up to `limit` when half of them are answered.
    """

    needs = {"GET": ("see_queue",)}
    query = {"GET": QueueQuery}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        stage, limit = Stage(self.asked["stage"]), self.asked["limit"]
        served = queue.serving(self.member, stage)
        found = leases.hand_out(self.member, stage, limit, at=served, half_will_do=True)
        return Response(
            {
                "records": submitting.cards(found, self.member, served),
                "left": queue.left_for(self.member, stage, served),
                "order": served.says,
                "wait": None if found else leases.seconds_to_wait(self.member, stage),
                "criteria": [
                    {"id": each.pk, "kind": each.kind, "text": each.text}
                    for each in by_criterion.asked(served.rules)
                ],
            }
        )


class NewDecision(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = Id(required=False, allow_null=True)
    others = serializers.ListField(child=Id(), required=False, max_length=50)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    criteria = serializers.DictField(
        child=serializers.CharField(max_length=7),
        required=False,
        help_text="{criterion id: yes, no or unclear}; the queue names the criteria that are asked for.",
    )
    served_at = serializers.CharField(required=False, allow_blank=True)
    again = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="Looking again: the version of the criteria that `relooks/queue/` gives.",
    )


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    by = serializers.SerializerMethodField(
        help_text="A user name, or “Reviewer A” where the rules hide names."
    )
    criteria = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = [
            "id",
            "report",
            "stage",
            "verdict",
            "reason",
            "others",
            "note",
            "by",
            "final",
            "at",
            "criteria_version",
            "criteria",
        ]

    def get_by(self, decision: Decision) -> str:
        called: dict[int, str] = self.context["called"]
        return called[decision.pk]

    def get_criteria(self, decision: Decision) -> list[dict[str, str]]:
        """What its maker said of each criterion, where that was asked for."""
        return [
            {"kind": each.criterion.kind, "text": each.criterion.text, "answer": each.says}
            for each in decision.answers.all()
        ]


def usernames(
    decisions: list[Decision], member: Membership, hidden: frozenset[str]
) -> dict[int, str]:
    """{decision id: the user name of its maker, or a letter where `hidden` has its stage}."""
    own = member.user.username
    return naming.beside(member, decisions, hidden, said=lambda user: user.username, own=own)


@prepared
def _is_here(pk: int, review: int) -> Any:
    return reports_here(Review(pk=review)).filter(pk=pk).values_list("pk")


class Decide(ReportView):
    """My own decision on a report; an earlier one is superseded. Answers with the next reports."""

    needs = {"POST": ("screen",), "DELETE": ("screen",)}
    query = {"DELETE": StageQuery}

    def find(self, **kwargs: Any) -> None:
        if not _is_here(kwargs["pk"], self.review.pk):
            raise Http404("No such report.")

    @extend_schema(
        operation_id="take_back_decision",
        request=None,
        parameters=[KEY],
        responses={200: OpenApiTypes.OBJECT},
    )
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take my decision at a stage back: the report is open for me again."""
        key = request.headers.get("Idempotency-Key", "")
        code, body = submitting.take_back(self.member, pk, stage=self.asked["stage"], key=key)
        return Response(body, status=code)

    @extend_schema(
        request=NewDecision,
        responses={201: OpenApiTypes.OBJECT, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewDecision, request)
        key = request.headers.get("Idempotency-Key", "")
        code, body = submitting.submit(self.member, pk, key=key, **shaped)
        if code == 201:
            body = dict(body)
            served = queue.serving(self.member, shaped["stage"])
            found = leases.hand_out(
                self.member, shaped["stage"], NEXT, at=served, half_will_do=True
            )
            body["next"] = submitting.cards(found, self.member, served)
            body["left"] = queue.left_for(self.member, shaped["stage"], served)
        return Response(body, status=code)


class NewLabel(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    name = serializers.CharField(max_length=60)
    on = serializers.BooleanField(required=False, allow_null=True, default=None)


class Labels(ReportView):
    """The labels on a report that I may see, and mine put on or taken off."""

    needs = {"GET": ("read",), "POST": ("screen",)}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(labels.of([self.report], self.member)[self.report.pk])

    @extend_schema(
        request=NewLabel,
        responses={200: OpenApiTypes.OBJECT, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewLabel, request)
        key = request.headers.get("Idempotency-Key", "")
        code, body = submitting.put_label(
            self.member, pk, stage=shaped["stage"], label=shaped["name"], on=shaped["on"], key=key
        )
        return Response(body, status=code)


class DecisionsQuery(Paged):
    stage = serializers.ChoiceField(choices=STAGES, required=False)
    report = Id(required=False)
    by = serializers.CharField(required=False, help_text="A user name.")


class Decisions(ReviewView):
    """The decisions that stand and that I may see."""

    needs = {"GET": ("read",)}
    query = {"GET": DecisionsQuery}

    @extend_schema(operation_id="decisions_list", responses=DecisionSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = Decision.objects.current().visible_to(self.member).select_related("by")
        found = found.prefetch_related("others", WITH_ANSWERS)
        found = found.filter(stage__in=SCREENING_STAGES)
        hidden = naming.hidden_stages(self.member)
        if "stage" in self.asked:
            found = found.at_stage(self.asked["stage"])
        if "report" in self.asked:
            found = found.filter(report_id=self.asked["report"])
        if "by" in self.asked:
            person = Q(by__username=self.asked["by"])
            found = naming.of_person(found, person, self.member, hidden)
        context: dict[str, Any] = {}

        def prepare(page: list[Any]) -> None:
            context["called"] = usernames(page, self.member, hidden)

        return self.paged(
            found.order_by("pk"), DecisionSerializer, prepare=prepare, context=context
        )


class NewFinalWord(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = Id(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class FinalWord(ReportView):
    """An adjudicator's word, which ends a conflict."""

    needs = {"POST": ("adjudicate",)}

    @extend_schema(
        request=NewFinalWord,
        responses={201: DecisionSerializer, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewFinalWord, request)
        report, reason = self.report, None
        if shaped.get("reason") is not None:
            reason = Reason.objects.filter(review=self.review, pk=shaped["reason"]).first()
            if reason is None:
                raise ValidationError({"reason": ["There is no such reason in this review."]})

        def act() -> keyed.Answer:
            word = actions.final_word(
                report,
                shaped["stage"],
                shaped["verdict"],
                by=self.member.user,
                reason=reason,
                note=shaped.get("note", ""),
            )
            return 201, dict(
                DecisionSerializer(word, context={"called": {word.pk: word.by.username}}).data
            )

        said = keyed.fingerprint("final", report.pk, dict(shaped))
        key = request.headers.get("Idempotency-Key", "")
        code, body = keyed.answer_once(self.member.user, key, said, act)
        return Response(body, status=code)
