"""How full texts are sought: rules, worklist, letters, deliveries, and looking up by DOI."""

from typing import Any

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import seeking, values
from citations.lookups import SOURCES
from citations.models import Delivery, Lookup, Report
from reviews.api import Asked, Detail, Paged, ReviewView, checked
from reviews.api.jobs import JobSerializer
from reviews.models import Review
from screening import retrieval, worklist
from screening.desk import hiding
from screening.filing import delivering, looking_up

from . import ReportView
from .fulltexts import said_of
from .reports import ReportSerializer


class RetrievalRulesSerializer(Asked):
    """The library's link and the letters; an empty letter is the usual one."""

    resolver = serializers.CharField(max_length=500, allow_blank=True)
    letter = serializers.CharField(max_length=20_000, allow_blank=True)
    reminder = serializers.CharField(max_length=20_000, allow_blank=True)
    looks_up = serializers.BooleanField(help_text="Whether registers may be asked about DOIs.")


def _told_rules(review: Review) -> dict[str, Any]:
    rules = retrieval.rules_of(review)
    return {
        "resolver": rules.resolver if rules else "",
        "letter": (rules.letter if rules else "") or seeking.LETTER,
        "reminder": (rules.reminder if rules else "") or seeking.REMINDER,
        "looks_up": bool(rules and rules.looks_up),
    }


class Rules(ReviewView):
    """How this review gets hold of full texts."""

    needs = {"GET": ("read",), "PUT": ("manage",)}

    @extend_schema(operation_id="retrieval_rules", responses=RetrievalRulesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_told_rules(self.review))

    @extend_schema(
        operation_id="set_retrieval_rules",
        request=RetrievalRulesSerializer,
        responses=RetrievalRulesSerializer,
    )
    def put(self, request: Request, slug: str) -> Response:
        said = checked(RetrievalRulesSerializer, request)
        retrieval.set_rules(self.review, by=self.member.user, **said)
        return Response(_told_rules(self.review))


class WorklistQuery(Paged):
    tab = serializers.ChoiceField(
        choices=[(key, label) for key, label, _ in worklist.TABS], required=False, default="sought"
    )
    q = serializers.CharField(required=False, max_length=500, allow_blank=True, default="")
    step = serializers.ChoiceField(
        choices=worklist.STEPS, required=False, allow_blank=True, default=""
    )


class SoughtReportSerializer(serializers.ModelSerializer[Report]):
    letters = serializers.SerializerMethodField(help_text="How often its author was written to.")
    last_outcome = serializers.CharField(allow_null=True, read_only=True)
    last_way = serializers.CharField(allow_null=True, read_only=True)
    last_where = serializers.CharField(allow_null=True, read_only=True)
    last_at = serializers.DateTimeField(allow_null=True, read_only=True)
    library_link = serializers.SerializerMethodField(help_text="Empty without a link resolver.")

    class Meta:
        model = Report
        fields = [
            "id",
            "title",
            "authors",
            "year",
            "journal",
            "doi",
            "pmid",
            "place",
            "letters",
            "last_outcome",
            "last_way",
            "last_where",
            "last_at",
            "library_link",
        ]

    def get_letters(self, report: Any) -> int:
        return report.letters or 0

    def get_library_link(self, report: Report) -> str:
        return seeking.library_link(report, self.context["resolver"])


class Worklist(ReviewView):
    """The reports to fetch, with the last step of each; the page's own list."""

    needs = {"GET": ("read",)}
    query = {"GET": WorklistQuery}

    @extend_schema(operation_id="worklist", responses=SoughtReportSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        asked = {name: self.asked[name] for name in ("tab", "q", "step")}
        rules = retrieval.rules_of(self.review)
        return self.paged(
            worklist.listed(self.review, **asked),
            SoughtReportSerializer,
            prepare=lambda page: hiding.veil(page, self.member),
            context={"resolver": rules.resolver if rules else ""},
        )


class LetterSerializer(serializers.Serializer[Any]):
    letters = serializers.IntegerField(help_text="How often its author was written to.")
    text = serializers.CharField(help_text="Of the letter that comes next.")


class Letter(ReportView):
    """The letter to the author of a report: the first one, or the reminder. That it was sent is
    noted as a step of the retrieval (way: author)."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="letter", responses=LetterSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        rules = retrieval.rules_of(self.review)
        sender = str(self.member.user)
        letters, text = retrieval.next_letter(self.report, rules, sender=sender)
        return Response({"letters": letters, "text": text})


class DeliveryCountsSerializer(serializers.ModelSerializer[Delivery]):
    by = serializers.CharField(source="by.username")
    files = serializers.IntegerField(source="n_files", help_text="Zips are counted by their files.")
    attached = serializers.IntegerField(source="n_attached")
    refused = serializers.IntegerField(source="n_refused")
    waiting = serializers.IntegerField(
        source="n_waiting", help_text="In the tray, or not read yet."
    )

    class Meta:
        model = Delivery
        fields = ["id", "at", "by", "files", "attached", "refused", "waiting"]


class Deliveries(ReviewView):
    """What was sent together, and what became of it. POST compares the tray once more."""

    needs = {"GET": ("retrieve",), "POST": ("retrieve",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="deliveries", responses=DeliveryCountsSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        document = Q(files__kind__in=delivering.DOCUMENTS) | Q(files__kind="")
        refused = ~Q(files__refused="")
        settled = refused | Q(files__fulltext__isnull=False) | Q(files__aside_at__isnull=False)
        found = self.review.deliveries.select_related("by").annotate(
            n_files=Count("files", filter=document),
            n_attached=Count("files", filter=Q(files__fulltext__isnull=False)),
            n_refused=Count("files", filter=refused),
            n_waiting=Count("files", filter=document & ~settled),
        )
        return self.paged(found.order_by("-pk"), DeliveryCountsSerializer)

    @extend_schema(operation_id="compare_again", request=None, responses={202: JobSerializer})
    def post(self, request: Request, slug: str) -> Response:
        job = delivering.match_again(self.review, by=self.member.user)
        return Response(JobSerializer(job).data, status=202)


# --- Looking up by DOI ---------------------------------------------------------------------------


class OtherValueSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    ours = serializers.CharField()
    theirs = serializers.CharField()


class CopySerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    version = serializers.CharField()
    license = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class LookupSerializer(serializers.ModelSerializer[Lookup]):
    register = serializers.ChoiceField(choices=list(SOURCES.items()), source="source")
    copies = serializers.SerializerMethodField()
    others = serializers.SerializerMethodField(help_text="What it says otherwise than the report.")

    class Meta:
        model = Lookup
        fields = ["report", "register", "at", "problem", "copies", "others"]

    @extend_schema_field(CopySerializer(many=True))
    def get_copies(self, lookup: Lookup) -> Any:
        names = ("url", "version", "license", "source")
        return [{name: each.get(name, "") for name in names} for each in lookup.copies]

    @extend_schema_field(OtherValueSerializer(many=True))
    def get_others(self, lookup: Lookup) -> Any:
        found = looking_up.others(lookup.report, lookup.said)
        return [{name: each[name] for name in ("field", "ours", "theirs")} for each in found]


class Lookups(ReviewView):
    """What registers said of reports by their DOIs. POST asks them, where that is switched on."""

    needs = {"GET": ("retrieve",), "POST": ("retrieve",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="lookups", responses=LookupSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = Lookup.objects.filter(report__review=self.review).select_related("report")
        return self.paged(found.order_by("pk"), LookupSerializer)

    @extend_schema(
        operation_id="look_up", request=None, responses={202: JobSerializer, 422: Detail}
    )
    def post(self, request: Request, slug: str) -> Response:
        job = looking_up.start(self.review, by=self.member.user)
        return Response(JobSerializer(job).data, status=202)


class TakenOver(Asked):
    field = serializers.ChoiceField(choices=list(values.OF_METADATA.items()))
    register = serializers.ChoiceField(
        choices=list(SOURCES.items()),
        required=False,
        help_text="Without one the report shows again what its records say.",
    )


class TakeOver(ReportView):
    """Let a report show what a register said of a field; or undo that."""

    needs = {"POST": ("merge",)}

    @extend_schema(operation_id="take_over", request=TakenOver, responses=ReportSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said, by = checked(TakenOver, request), self.member.user
        if "register" in said:
            changed = values.take_over(self.report, said["field"], said["register"], by=by)
        else:
            changed = values.give_back(self.report, said["field"], by=by)
        return said_of(get_object_or_404(self.review.reports, pk=changed.pk), self)
