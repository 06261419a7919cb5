"""Studies and the programs that they describe."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import studies
from citations.models import Program, Report, Study
from reviews.api import Asked, Id, Paged, ReviewView, checked
from screening import flow


class StudySerializer(serializers.ModelSerializer[Study]):
    program = serializers.SerializerMethodField()
    reports: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Study
        fields = ["id", "label", "program", "reports"]

    def get_program(self, study: Study) -> str | None:
        return study.program.name if study.program else None


class StudiesQuery(Paged):
    box = serializers.ChoiceField(
        choices=sorted(flow.STUDY_BOXES), required=False, help_text="A box of PRISMA 2020."
    )
    program = serializers.CharField(required=False)


class Studies(ReviewView):
    """The included studies; with `box` those that this number of PRISMA's diagram counts."""

    needs = {"GET": ("read",)}
    query = {"GET": StudiesQuery}

    @extend_schema(operation_id="studies_list", responses=StudySerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        box = self.asked.get("box")
        found = flow.studies_of(self.review, box) if box else flow.studies_in(self.review)
        if "program" in self.asked:
            found = found.filter(program__name=self.asked["program"])
        found = found.select_related("program").prefetch_related("reports").order_by("label", "pk")
        return self.paged(found, StudySerializer)


class Described(Asked):
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]
    program = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class StudyView(ReviewView):
    study: Study

    def find(self, **kwargs: Any) -> None:
        found = self.review.studies.select_related("program")
        self.study = get_object_or_404(found, pk=kwargs["pk"])

    def told(self, study: Study) -> Response:
        return Response(StudySerializer(study).data)

    def report(self, number: int, found: Any) -> Report:
        return get_object_or_404(found, pk=number)


class OneStudy(StudyView):
    """One study: its name, its program, its reports."""

    needs = {"GET": ("read",), "PUT": ("manage", "extract")}

    @extend_schema(operation_id="one_study", responses=StudySerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.told(self.study)

    @extend_schema(operation_id="describe_study", request=Described, responses=StudySerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Described, request)
        return self.told(studies.describe(self.study, by=self.member.user, **said))


class Told(Asked):
    report = Id()
    also = serializers.BooleanField(
        required=False, default=False, help_text="It goes on telling of its other studies too."
    )


class TellOf(StudyView):
    """Let a report tell of this study."""

    needs = {"POST": ("manage", "extract")}

    @extend_schema(request=Told, responses=StudySerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Told, request)
        report = self.report(said["report"], self.review.reports.standing())
        studies.tell_of(report, self.study, by=self.member.user, also=said["also"])
        return self.told(self.study)


class Parted(Asked):
    report = Id()


class Split(StudyView):
    """Let one of its reports tell of a study of its own."""

    needs = {"POST": ("manage", "extract")}

    @extend_schema(request=Parted, responses={201: StudySerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        report = self.report(checked(Parted, request)["report"], self.study.reports)
        made = studies.split(report, self.study, by=self.member.user)
        return Response(StudySerializer(made).data, status=201)


class ProgramSerializer(serializers.ModelSerializer[Program]):
    class Meta:
        model = Program
        fields = ["id", "name"]


class Programs(ReviewView):
    """The programs that studies describe."""

    needs = {"GET": ("read",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="programs_list", responses=ProgramSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.programs.order_by("name", "pk"), ProgramSerializer)
