"""Consensus: those who decided on a report talk, propose and confirm how its conflict ends."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import Report
from reviews.api import Asked, Detail, Id, MustSayWhy, Paged, ReviewView, checked
from reviews.models import Stage
from reviews.refusal import Clash
from screening import consensus, naming
from screening.desk import hiding
from screening.lead import conflicts
from screening.models import Decision, Proposal, Reason, Remark

from . import STAGES, ReportView
from .deciding import DecisionSerializer
from .reports import ReportSerializer


class Proposed(serializers.Serializer[Any]):
    """How somebody would end it."""

    by = serializers.CharField()
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()


def written(proposal: Proposal, by: str) -> dict[str, Any]:
    return {
        "by": by,
        "verdict": proposal.verdict,
        "reason": proposal.reason_id,
        "at": proposal.at,
    }


class MyConflict(ReportSerializer):
    proposed = serializers.SerializerMethodField(help_text="What I propose; null: nothing yet.")

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "proposed"]

    @extend_schema(responses=Proposed(allow_null=True))
    def get_proposed(self, report: Report) -> dict[str, Any] | None:
        mine: Proposal | None = self.context["proposed"].get(report.pk)
        return dict(Proposed(written(mine, mine.by.username)).data) if mine else None


class MyConsensus(ReviewView):
    """The reports in conflict that I am to agree on with the others who decided."""

    needs = {"GET": ("screen",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="consensus_list", responses=MyConflict(many=True))
    def get(self, request: Request, slug: str) -> Response:
        context: dict[str, Any] = {}

        def prepare(page: list[Any]) -> None:
            mine = consensus.own_proposals(self.member, [each.pk for each in page])
            context["proposed"] = {each.report_id: each for each in mine.select_related("by")}
            hiding.veil(page, self.member)

        return self.paged(consensus.of(self.member), MyConflict, prepare=prepare, context=context)


class ThreadView(ReportView):
    """A view under …/reports/<pk>/consensus/: for those who decided on it, and for the lead."""

    stage: Stage

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        stage = consensus.conflict_of(self.member, self.report)
        if stage is None:
            mine = self.report.decisions.independent().filter(by_id=self.member.user_id)
            if self.report.place in conflicts.STAGE_OF or not mine.exists():
                raise Http404("No consensus of yours.")
            raise Clash("There is no conflict on this report (any more).")
        self.stage = stage

    def at(self, stage: str) -> Stage:
        """The stage that was asked for; refused when the conflict is at the other one by now."""
        if stage != self.stage:
            raise Clash("This report has moved on; look at it again.")
        return self.stage

    def thread(self) -> dict[str, Any]:
        """Decisions, remarks and proposals, named as the rules of the stage allow."""
        who, stage = self.member, self.stage
        hidden = naming.nameless(who, stage)
        said = conflicts.said_about(who, [self.report], stage)[self.report.pk]
        called = naming.names(who, said, hidden=hidden)
        proposals = consensus.standing(self.report, stage).proposals.values()
        remarks = Remark.objects.filter(report=self.report, stage=stage).select_related("by")
        return {
            "report": self.report.pk,
            "stage": str(stage),
            "kind": conflicts.kind_of(said).label,
            "said": [
                {
                    "by": called[each.by_id],
                    "verdict": each.verdict,
                    "reason": each.reason_id,
                    "note": each.note,
                    "at": each.at,
                }
                for each in said
            ],
            "remarks": [
                {
                    "by": naming.one(called, each.by, hidden=hidden),
                    "text": each.text,
                    "at": each.at,
                }
                for each in remarks
            ],
            "proposals": [written(each, called.get(each.by_id, "")) for each in proposals],
            "final": None,
        }


class NewProposal(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = Id(required=False, allow_null=True)


class Thread(ThreadView):
    """What was decided, said and proposed. POST proposes how it ends; to confirm what another
    proposes is to propose it too: when all do, `final` is the word. DELETE proposes nothing more."""

    needs = {"GET": ("screen", "manage"), "POST": ("screen",), "DELETE": ("screen",)}

    @extend_schema(operation_id="consensus", responses={200: OpenApiTypes.OBJECT, 409: Detail})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.thread())

    @extend_schema(
        operation_id="propose", request=NewProposal, responses={201: OpenApiTypes.OBJECT}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewProposal, request)
        reason = None
        if said.get("reason") is not None:
            reason = Reason.objects.filter(review=self.review, pk=said["reason"]).first()
            if reason is None:
                raise ValidationError({"reason": ["There is no such reason in this review."]})
        word = consensus.propose(
            self.report, self.at(said["stage"]), said["verdict"], by=self.member.user, reason=reason
        )
        told = self.thread()
        if word:
            called = {word.pk: word.by.username}
            told["final"] = DecisionSerializer(word, context={"called": called}).data
        return Response(told, status=201)

    @extend_schema(
        operation_id="propose_nothing", request=None, responses={200: OpenApiTypes.OBJECT}
    )
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        consensus.take_proposal_back(self.report, self.stage, by=self.member.user)
        return Response(self.thread())


class NewRemark(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    text = serializers.CharField(max_length=consensus.LONGEST)


class Remarks(ThreadView):
    """Say something to the others who decided."""

    needs = {"POST": ("screen",)}

    @extend_schema(operation_id="remark", request=NewRemark, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewRemark, request)
        consensus.remark(self.report, self.at(said["stage"]), said["text"], by=self.member.user)
        return Response(self.thread(), status=201)


class ReopenConsensus(ReportView):
    """Take a consensus back that I was part of; the conflict stands again."""

    needs = {"POST": ("screen", "adjudicate")}
    word: Decision

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        words = Decision.objects.current().on(self.report).filter(final=True, consensus=True)
        # The later stage's stands in the way of the earlier one's.
        self.word = get_object_or_404(words.order_by("-pk")[:1])
        if not consensus.may_reopen(self.word, self.member):
            raise Http404("No consensus of yours.")

    @extend_schema(
        operation_id="reopen_consensus", request=MustSayWhy, responses={200: ReportSerializer}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(MustSayWhy, request)["reason"]
        report = consensus.reopen(self.word, member=self.member, reason=why)
        hiding.veil([report], self.member)
        return Response(ReportSerializer(report).data)
