"""Full texts: the file, how it was sought, and many files at once."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citations.documents import kinds
from citations.models import Delivery, FullText, LooseFile, RetrievalEvent
from citations.serving import served
from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked
from screening import retrieval
from screening.desk import hiding
from screening.filing import delivering, tray

from . import ReportView
from .reports import ReportSerializer


class NewFullText(Asked):
    file = serializers.FileField(allow_empty_file=True)


class FullTextSerializer(serializers.ModelSerializer[FullText]):
    url = serializers.SerializerMethodField(help_text="The page's address of the file.")

    class Meta:
        model = FullText
        fields = ["id", "name", "sha256", "size", "content_type", "pages", "at", "url"]

    def get_url(self, kept: FullText) -> str:
        return f"/r/{kept.report.review.slug}/fulltexts/{kept.report_id}/file/"


DOCUMENT = {(200, media): OpenApiTypes.BINARY for media in sorted(kinds.CONTENT_TYPES.values())}


class AttachFullText(ReportView):
    """A report's full text: the file, another one, or none."""

    needs = {"GET": ("read",), "POST": ("retrieve",), "DELETE": ("retrieve",)}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="fulltext_file", responses=DOCUMENT)
    def get(self, request: Request, slug: str, pk: int) -> HttpResponseBase:
        document = get_object_or_404(self.report.files[:1])
        return served(document.sha256, document.content_type, f"report-{pk}")

    @extend_schema(request=NewFullText, responses={201: FullTextSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewFullText, request)
        kept = retrieval.attach_file(self.report, shaped["file"], by=self.member.user)
        return Response(FullTextSerializer(kept).data, status=201)

    @extend_schema(operation_id="detach_fulltext", request=None, responses={200: ReportSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        document = get_object_or_404(self.report.files[:1])
        return said_of(retrieval.detach(document, by=self.member.user), self)


class FullTextCopySerializer(FullTextSerializer):
    read = serializers.SerializerMethodField(help_text="It is the one that is read now.")
    replaced_by = serializers.PrimaryKeyRelatedField[FullText](
        read_only=True, allow_null=True, help_text="The better copy that it was set aside for."
    )

    class Meta(FullTextSerializer.Meta):
        fields = [*FullTextSerializer.Meta.fields, "removed_at", "replaced_by", "read"]

    def get_url(self, kept: FullText) -> str:
        return f"/r/{kept.report.review.slug}/fulltexts/{kept.report_id}/copies/{kept.pk}/"

    def get_read(self, kept: FullText) -> bool:
        return kept.pk == self.context["read"]


class Copies(ReportView):
    """Every copy of a report's full text, the newest first."""

    needs = {"GET": ("read",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="copies_list", responses=FullTextCopySerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        read = self.report.files.values_list("pk", flat=True).first()
        found = self.report.fulltexts.defer("text").select_related("report__review")
        return self.paged(found, FullTextCopySerializer, context={"read": read})


class OneCopy(ReportView):
    """One of the copies. POST: it is the one that is read from now on."""

    needs = {"GET": ("read",), "POST": ("retrieve",)}
    copy: FullText

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        self.copy = get_object_or_404(self.report.fulltexts, pk=kwargs["copy"])

    @extend_schema(operation_id="copy_file", responses=DOCUMENT)
    def get(self, request: Request, slug: str, pk: int, copy: int) -> HttpResponseBase:
        name = f"report-{pk}-copy-{copy}"
        return served(self.copy.sha256, self.copy.content_type, name)

    @extend_schema(operation_id="take_up_copy", request=None, responses={201: FullTextSerializer})
    def post(self, request: Request, slug: str, pk: int, copy: int) -> Response:
        made = retrieval.take_up(self.copy, by=self.member.user)
        return Response(FullTextSerializer(made).data, status=201)


def said_of(report: Any, view: ReviewView) -> Response:
    hiding.veil([report], view.member)
    return Response(ReportSerializer(report).data)


class RetrievalSerializer(serializers.ModelSerializer[RetrievalEvent]):
    by = serializers.SerializerMethodField(help_text="A user name; null for the machine.")

    class Meta:
        model = RetrievalEvent
        fields = ["id", "outcome", "way", "where", "note", "by", "at"]

    def get_by(self, event: RetrievalEvent) -> str | None:
        return event.by.username if event.by else None


class Sought(Asked):
    way = serializers.ChoiceField(
        choices=RetrievalEvent.Way.choices, required=False, allow_blank=True, default=""
    )
    where = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    on = serializers.DateField(required=False, allow_null=True, help_text="When, if not today.")
    came_to_nothing = serializers.BooleanField(required=False, default=False)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if not said["way"] and not said["where"].strip():
            raise serializers.ValidationError({"where": ["Say where you asked for it."]})
        return said


class Retrieval(ReportView):
    """How a report was sought; a further step."""

    needs = {"GET": ("read",), "POST": ("retrieve",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="retrieval_list", responses=RetrievalSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        found = self.report.retrieval_events.select_related("by").order_by("pk")
        return self.paged(found, RetrievalSerializer)

    @extend_schema(request=Sought, responses={201: RetrievalSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        made = retrieval.ask(self.report, by=self.member.user, **checked(Sought, request))
        return Response(RetrievalSerializer(made).data, status=201)


class GivenUp(Asked):
    why = serializers.CharField(max_length=20_000)


class GiveUp(ReportView):
    """The full text is not to be had. DELETE: it is sought again."""

    needs = {"POST": ("retrieve",), "DELETE": ("retrieve",)}

    @extend_schema(request=GivenUp, responses=ReportSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(GivenUp, request)["why"]
        retrieval.give_up(self.report, by=self.member.user, why=why)
        self.report.refresh_from_db()
        return said_of(self.report, self)

    @extend_schema(operation_id="seek_again", request=None, responses={200: ReportSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        return said_of(retrieval.resume(self.report, by=self.member.user), self)


class Files(Asked):
    file = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=1000
    )


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields = ["id", "at"]


class LooseFileSerializer(serializers.ModelSerializer[LooseFile]):
    report = serializers.SerializerMethodField(help_text="Of an attached file.")

    class Meta:
        model = LooseFile
        fields = [
            "id",
            "delivery",
            "name",
            "sha256",
            "size",
            "pages",
            "guesses",
            "refused",
            "read_at",
            "aside_at",
            "report",
        ]

    def get_report(self, loose: LooseFile) -> int | None:
        return loose.fulltext.report_id if loose.fulltext else None


class FilesQuery(Paged):
    delivery = Id(required=False)
    state = serializers.ChoiceField(
        choices=["waiting", "attached", "refused", "aside"], required=False
    )


class LooseFiles(ReviewView):
    """Many full texts at once, PDF, DOCX, HTML or zips of them: a job reads them and attaches those
    whose report is sure; the others wait for a person."""

    needs = {"GET": ("retrieve",), "POST": ("retrieve",)}
    query = {"GET": FilesQuery}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="files_list", responses=LooseFileSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        state = self.asked.get("state")
        found: Any = self.review.loose_files
        if state == "waiting":
            found = delivering.waiting(self.review)
        elif state == "attached":
            found = found.exclude(fulltext=None)
        elif state == "refused":
            found = found.exclude(refused="")
        elif state == "aside":
            found = found.exclude(aside_at=None)
        if "delivery" in self.asked:
            found = found.filter(delivery=self.asked["delivery"])
        found = found.select_related("fulltext").defer("text").order_by("pk")
        return self.paged(found, LooseFileSerializer)

    @extend_schema(request=Files, responses={202: DeliverySerializer, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        files: list[UploadedFile] = checked(Files, request)["file"]
        sent = [(file.name or "file", file.chunks()) for file in files]
        made = delivering.deliver(self.review, sent, by=self.member.user)
        return Response(DeliverySerializer(made).data, status=202)


class FileAct(Asked):
    act = serializers.ChoiceField(choices=["attach", "aside", "back"])
    report = Id(required=False, help_text="For attach.")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["act"] == "attach" and "report" not in said:
            raise serializers.ValidationError({"report": ["Say which report it belongs to."]})
        return said


class OneLooseFile(ReviewView):
    """Attach a file of the tray, lay it aside, or take it back."""

    needs = {"POST": ("retrieve",)}

    def find(self, **kwargs: Any) -> None:
        self.loose = get_object_or_404(self.review.loose_files, pk=kwargs["pk"])

    @extend_schema(operation_id="settle_file", request=FileAct, responses=LooseFileSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(FileAct, request)
        if said["act"] == "attach":
            report = get_object_or_404(self.review.reports.standing(), pk=said["report"])
            tray.attach(self.loose, report, by=self.member.user)
        elif said["act"] == "aside":
            tray.lay_aside(self.loose, by=self.member.user)
        else:
            tray.take_back(self.loose, by=self.member.user)
        self.loose.refresh_from_db()
        return Response(LooseFileSerializer(self.loose).data)
