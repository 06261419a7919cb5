"""Studies and the programs that they describe."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citations import studies
from citations.models import Program, Report, Study
from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked
from screening import flow, grouping
from screening.arrival import study_list


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


class ListFile(Asked):
    file = serializers.FileField(
        allow_empty_file=True,
        help_text="CSV in UTF-8 with `study_id` and `citation` (or `title`); `year` and `program` are "
        "used where they are there, other columns are kept with each record.",
    )


class BroughtIn(serializers.Serializer[Any]):
    rows = serializers.IntegerField(help_text="Of the list, each study and citation once.")
    known = serializers.IntegerField(help_text="That were here already.")
    job = serializers.IntegerField(
        allow_null=True, help_text="The import of the others: watch it. Its result names the act."
    )
    act = serializers.IntegerField(
        allow_null=True, help_text="The act by which known ones were included at once."
    )
    text = serializers.CharField()


class StudyList(ReviewView):
    """Bring in a list of studies that were included elsewhere. Rows of one `study_id` are reports of
    one study; what nobody has screened is included by one act, which `acts/{id}/undo/` takes back. The
    same list again adds nothing. 422, with the row, where something is wrong: then nothing is stored."""

    needs = {"POST": ("manage",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="bring_in_studies",
        request=ListFile,
        responses={200: BroughtIn, 202: BroughtIn, 409: Detail, 422: Detail},
    )
    def post(self, request: Request, slug: str) -> Response:
        file = checked(ListFile, request)["file"]
        brought = study_list.bring_in(
            self.review, file.read(), name=file.name or "", by=self.member.user
        )
        told = {
            "rows": brought.rows,
            "known": brought.known,
            "job": brought.job.pk if brought.job else None,
            "act": brought.act.pk if brought.act else None,
            "text": brought.text,
        }
        return Response(BroughtIn(told).data, status=202 if brought.job else 200)


class Alike(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="A report.")
    second = serializers.IntegerField(help_text="Another one.")
    why = serializers.JSONField(help_text="What speaks for one study.")


class WhetherOne(Asked):
    first = Id()
    second = Id()
    one = serializers.BooleanField(help_text="Whether both tell of one study.")


class Pairs(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = Alike(many=True)


class AlikeStudies(ReviewView):
    """Pairs of included reports that may tell of one study (the first 500). POST says whether they do:
    then both tell of the study of the first; else the pair is not suggested again."""

    needs = {"GET": ("manage", "extract"), "POST": ("manage", "extract")}

    @extend_schema(operation_id="alike_studies", responses=Pairs)
    def get(self, request: Request, slug: str) -> Response:
        found = studies.suggestions(self.included())
        rows = [{"first": s.first, "second": s.second, "why": s.why} for s in found[:500]]
        return Response(Pairs({"count": len(found), "results": rows}).data)

    @extend_schema(operation_id="one_study_or_two", request=WhetherOne, responses={204: None})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(WhetherOne, request)
        first, second = (
            get_object_or_404(self.included(), pk=said[name]) for name in ("first", "second")
        )
        act: Any = studies.join if said["one"] else studies.keep_apart
        act(first, second, by=self.member.user)
        return Response(status=204)

    def included(self) -> Any:
        return self.review.reports.filter(place=flow.Place.INCLUDED)


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
    no_longer = serializers.BooleanField(
        required=False,
        default=False,
        help_text="It tells of this study no more. Refused where an included report tells of no other.",
    )


class TellOf(StudyView):
    """Let a report tell of this study."""

    needs = {"POST": ("manage", "extract")}

    @extend_schema(request=Told, responses=StudySerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Told, request)
        report = self.report(said["report"], self.review.reports.standing())
        if said["no_longer"]:
            grouping.stop_telling(report, self.study, by=self.member.user)
        else:
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


class ProgramName(Asked):
    name = serializers.CharField(max_length=200)
    join = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Where another program has that name: the two are one.",
    )


class OneProgram(ReviewView):
    """Rename a program, for all of its studies. The answer is the program that they describe now."""

    needs = {"PUT": ("manage", "extract")}
    program: Program

    def find(self, **kwargs: Any) -> None:
        self.program = get_object_or_404(self.review.programs, pk=kwargs["pk"])

    @extend_schema(
        operation_id="rename_program",
        request=ProgramName,
        responses={200: ProgramSerializer, 409: Detail},
    )
    def put(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(ProgramName, request)
        now = studies.rename_program(self.program, by=self.member.user, **said)
        return Response(ProgramSerializer(now).data)


class Programs(ReviewView):
    """The programs that studies describe."""

    needs = {"GET": ("read",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="programs_list", responses=ProgramSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.programs.order_by("name", "pk"), ProgramSerializer)
