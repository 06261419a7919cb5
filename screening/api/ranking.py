"""Ranking by relevance and the decision to stop: the switch, the certificate, checks, starters."""

from dataclasses import asdict
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, Id, MustSayWhy, Paged, ReviewView, checked
from reviews.api.jobs import JobSerializer
from reviews.models import Stage
from reviews.refusal import Refused
from screening import flow
from screening.lead import bulk
from screening.models import Starter, StopCheck, Stopping
from screening.ranking import State
from screening.relevance import meaning, orders, replaying, rules, starting, stopping

from . import reports_here


class CertificateSerializer(serializers.Serializer[Any]):
    """What may still be missed, by what was settled so far."""

    state = serializers.ChoiceField(choices=[str(state) for state in State])
    screened = serializers.IntegerField()
    found = serializers.IntegerField(help_text="Relevant ones among them.")
    left = serializers.IntegerField()
    p = serializers.FloatField(help_text="That recall is below 95 %, at the most.")
    at_most = serializers.IntegerField(help_text="Relevant ones in all, at 95 % confidence.")
    recall_at_least = serializers.FloatField(
        allow_null=True, help_text="At 95 % confidence; null where nothing was found."
    )


class OrderSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    included = serializers.IntegerField(help_text="What it was learnt from.")
    excluded = serializers.IntegerField()
    model = serializers.CharField(
        help_text="Whether it was learnt from words, or sentences as well."
    )
    fingerprint = serializers.CharField(help_text="SHA-256 of the order.")


class SentencesSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    of = serializers.IntegerField()


class RankingSerializer(serializers.Serializer[Any]):
    by_relevance = serializers.BooleanField()
    show_why = serializers.BooleanField()
    order = OrderSerializer(allow_null=True)
    sentences = SentencesSerializer(
        allow_null=True,
        help_text="Reports whose sentences are read; null where that is not installed.",
    )
    job = JobSerializer(allow_null=True)
    of = serializers.IntegerField(help_text="Reports on title and abstract, settled or not.")
    untouched = serializers.IntegerField()
    certificate = CertificateSerializer()
    curve = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="[screened, found], in the order in which reports were settled.",
    )


class NewRanking(Asked):
    """What changes; the rest stays."""

    by_relevance = serializers.BooleanField(required=False)
    show_why = serializers.BooleanField(
        required=False, help_text="Whether who screens is shown the words for and against."
    )
    reason = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        help_text="Once the protocol is locked.",
    )


class Ranking(ReviewView):
    """Ranking of title and abstract, how far it is, and what may still be missed."""

    needs = {"GET": ("read",), "PATCH": ("manage",)}

    @extend_schema(operation_id="ranking", responses=RankingSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(self._shown())

    @extend_schema(operation_id="set_ranking", request=NewRanking, responses=RankingSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        said, now = checked(NewRanking, request), self.review.rules(Stage.ABSTRACT)
        kept = {"by_relevance": now.by_relevance, "show_why": now.show_why}
        rules.set_ranking(self.review, by=self.member.user, **(kept | said))
        return Response(self._shown())

    def _shown(self) -> Any:
        now, found = self.review.rules(Stage.ABSTRACT), stopping.evidence(self.review)
        return RankingSerializer(
            {
                "by_relevance": now.by_relevance,
                "show_why": now.show_why,
                "order": orders.common(self.review),
                "sentences": meaning.progress(self.review),
                "job": orders.unfinished(self.review),
                "of": found.of,
                "untouched": self.review.reports.filter(place=flow.Place.ABSTRACT_OPEN).count(),
                "certificate": {
                    **asdict(found.certificate),
                    "recall_at_least": found.certificate.recall_at_least,
                },
                "curve": [list(point) for point in found.curve],
            }
        ).data


class CheckSerializer(serializers.ModelSerializer[StopCheck]):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = StopCheck
        fields = ["id", "seed", "among", "drawn", "by", "at"]


class CheckedSerializer(serializers.Serializer[Any]):
    """A sample and what it says by now."""

    check = CheckSerializer()
    settled = serializers.IntegerField()
    relevant = serializers.IntegerField()
    at_most = serializers.IntegerField(
        allow_null=True,
        help_text="Of those it was drawn from, relevant at 95 % confidence; null until all are settled.",
    )


class StoppingSerializer(serializers.ModelSerializer[Stopping]):
    by = serializers.CharField(source="by.username")
    reason = serializers.CharField(source="act.reason")
    undone_at = serializers.DateTimeField(source="act.undone_at", allow_null=True)
    job = serializers.IntegerField(source="act.job_id", allow_null=True)
    certificate = serializers.DictField(help_text="As it was then.")
    learnt_from = serializers.DictField()

    class Meta:
        model = Stopping
        fields = [
            "id",
            "act",
            "reason",
            "model",
            "seed",
            "fingerprint",
            "learnt_from",
            "certificate",
            "by",
            "at",
            "undone_at",
            "job",
        ]


class StoppedSerializer(serializers.Serializer[Any]):
    stopping = StoppingSerializer()
    left = serializers.IntegerField(help_text="Reports that are still unscreened by it.")
    checks = CheckedSerializer(many=True)


class StopsSerializer(serializers.Serializer[Any]):
    results = StoppedSerializer(many=True)


class Stops(ReviewView):
    """Decisions to stop, newest first. POST stops: what nobody has touched is screened no further,
    and stays listed."""

    needs = {"GET": ("read",), "POST": ("manage",)}

    @extend_schema(operation_id="stops", responses=StopsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(StopsSerializer({"results": stopping.stops(self.review)}).data)

    @extend_schema(operation_id="stop", request=MustSayWhy, responses={201: StoppingSerializer})
    def post(self, request: Request, slug: str) -> Response:
        why = checked(MustSayWhy, request)["reason"]
        made = stopping.stop(self.member, reason=why)
        return Response(StoppingSerializer(made).data, status=201)


class StopView(ReviewView):
    """A view under …/stops/<pk>/."""

    stopped: Stopping

    def find(self, **kwargs: Any) -> None:
        found = self.review.stoppings.select_related("act__job", "by")
        self.stopped = get_object_or_404(found, pk=kwargs["pk"])


class UndoStop(StopView):
    """What was not screened goes back to screening."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="undo_stop", request=None, responses={200: StoppingSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        bulk.undo(self.stopped.act, by=self.member.user)
        return Response(StoppingSerializer(self.review.stoppings.get(pk=pk)).data)


class NewCheck(Asked):
    size = serializers.IntegerField(min_value=1, max_value=stopping.LARGEST_CHECK)
    seed = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="A new one where there is none."
    )


class CheckStop(StopView):
    """Send a random sample of what was not screened back to screening, as a check."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="check_stop", request=NewCheck, responses={201: CheckSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewCheck, request)
        drawn = stopping.check(
            self.stopped, by=self.member.user, size=said["size"], seed=said.get("seed")
        )
        return Response(CheckSerializer(drawn).data, status=201)


class Replay(ReviewView):
    """What ranked screening would have saved this review: the newest replay's job. POST begins one."""

    needs = {"GET": ("read",), "POST": ("manage",)}

    @extend_schema(operation_id="replay", responses={200: JobSerializer, 404: Detail})
    def get(self, request: Request, slug: str) -> Response:
        job = replaying.latest(self.review)
        if job is None:
            return Response({"detail": "Nothing was replayed yet."}, status=404)
        return Response(JobSerializer(job).data)

    @extend_schema(operation_id="begin_replay", request=None, responses={202: JobSerializer})
    def post(self, request: Request, slug: str) -> Response:
        job = replaying.begin(self.review, by=self.member.user)
        return Response(JobSerializer(job).data, status=202)


class StarterSerializer(serializers.ModelSerializer[Starter]):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = Starter
        fields = ["id", "report", "relevant", "source", "by", "at"]


class NewStarters(Asked):
    """Either `dois` or `reports`: relevant ones that are in the review."""

    dois = serializers.ListField(
        child=serializers.CharField(max_length=500), max_length=10_000, required=False
    )
    reports = serializers.ListField(child=Id(), max_length=10_000, required=False)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if len(said) != 1:
            raise ValidationError({"dois": ["Say either dois or reports."]})
        return said


class AddedSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    standing = serializers.IntegerField(help_text="Were starters already.")
    unknown = serializers.IntegerField(help_text="Fit no report of the review, or several.")


class Starters(ReviewView):
    """Reports of which is known beforehand whether they are relevant. They teach the ranking, and
    are screened like any other."""

    needs = {"GET": ("read",), "POST": ("manage",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="starters_list", responses=StarterSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.starters.select_related("by"), StarterSerializer)

    @extend_schema(
        operation_id="add_starters", request=NewStarters, responses={201: AddedSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        said, by = checked(NewStarters, request), self.member.user
        if "dois" in said:
            added = starting.add_dois(self.review, "\n".join(said["dois"]), by=by)
        else:
            here = reports_here(self.review).filter(pk__in=said["reports"]).values_list("pk")
            known = {pk: True for (pk,) in here}
            missing = len(set(said["reports"])) - len(known)
            added = starting.add(self.review, known, by=by, source="Search", unknown=missing)
        return Response(AddedSerializer(added).data, status=201)


class StarterFile(Asked):
    file = serializers.FileField()


class StartersOfFile(ReviewView):
    """Starters from the decisions of another program: an ASReview project, or a CSV of ASReview or
    Rayyan."""

    needs = {"POST": ("manage",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="starters_of_file", request=StarterFile, responses={201: AddedSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        file: UploadedFile = checked(StarterFile, request)["file"]
        if (file.size or 0) > starting.LARGEST_FILE:
            raise Refused("The file is larger than 100 MB.")
        added = starting.add_file(
            self.review, file.read(), file.name or "file", by=self.member.user
        )
        return Response(AddedSerializer(added).data, status=201)


class OneStarter(ReviewView):
    """It is no starter any more."""

    needs = {"DELETE": ("manage",)}
    starter: Starter

    def find(self, **kwargs: Any) -> None:
        self.starter = get_object_or_404(self.review.starters, pk=kwargs["pk"])

    @extend_schema(operation_id="remove_starter", request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        starting.remove(self.starter, by=self.member.user)
        return Response(status=204)
