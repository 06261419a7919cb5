"""Lists as files, as the pages download them: decisions, conflicts, studies, excluded full texts."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from citations import writing
from reviews.api import Asked, Detail, ReviewView
from reviews.models import Stage
from screening import flow, listing
from screening.desk.hiding import hidden_places
from screening.lead import conflicts
from screening.models import Decision
from screening.reporting import excluded, exports, past

from . import STAGES
from .reports import FILE

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class FileQuery(Asked):
    format = serializers.ChoiceField(
        choices=list(writing.CONTENT_TYPES), required=False, default="csv"
    )


class MyDecisionsQuery(FileQuery):
    stage = serializers.ChoiceField(choices=STAGES, required=False)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices, required=False)
    q = serializers.CharField(required=False, help_text="Words of the report.")


class MyDecisions(ReviewView):
    """My decisions that stand, a row each with its report, newest first."""

    needs = {"GET": ("screen",)}
    query = {"GET": MyDecisionsQuery}

    @extend_schema(operation_id="my_decisions_file", responses={**FILE, 422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        asked, mine = self.asked, Decision.objects.current().independent()
        found = mine.filter(by=self.member.user, report__review=self.review).order_by("-pk")
        for name in ("stage", "verdict"):
            if name in asked:
                found = found.filter(**{name: asked[name]})
        if "q" in asked:
            reports: Any = self.review.reports
            told = reports.matching(asked["q"], hidden_places(self.member))
            found = found.filter(report__in=told.values("pk"))
        return exports.decision_response(
            found, self.member, asked["format"], f"my-decisions-{slug}"
        )


class ConflictsFileQuery(FileQuery):
    stage = serializers.ChoiceField(choices=STAGES, required=False, default=str(Stage.ABSTRACT))
    kind = serializers.ChoiceField(choices=list(conflicts.KINDS.items()), required=False)


class ConflictsFile(ReviewView):
    """The reports in conflict at a stage, with what was said of each."""

    needs = {"GET": ("adjudicate",)}
    query = {"GET": ConflictsFileQuery}

    @extend_schema(operation_id="conflicts_file", responses={**FILE, 422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        stage, kind = Stage(self.asked["stage"]), self.asked.get("kind", "")
        found, name = conflicts.waiting(self.member, stage, kind), f"conflicts-{stage}-{slug}"
        return exports.response(found, self.member, self.asked["format"], name, settling=True)


class SettledFile(ReviewView):
    """The final words that stand, a row each with its report, newest first."""

    needs = {"GET": ("adjudicate",)}
    query = {"GET": FileQuery}

    @extend_schema(operation_id="settled_conflicts_file", responses={**FILE, 422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        words, name = conflicts.settled(self.member), f"settled-conflicts-{slug}"
        kind = self.asked["format"]
        return exports.decision_response(words, self.member, kind, name, settling=True)


class StudiesFileQuery(FileQuery):
    box = serializers.ChoiceField(choices=sorted(flow.STUDY_BOXES), required=False)
    on = serializers.DateField(required=False, help_text="As it stood at the end of this past day.")


class StudiesFile(ReviewView):
    """The reports of the included studies, with the studies and programs that each tells of."""

    needs = {"GET": ("export",)}
    query = {"GET": StudiesFileQuery}

    @extend_schema(operation_id="studies_file", responses={**FILE, 422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        asked: dict[str, str] = {
            name: str(self.asked[name]) for name in ("box", "on") if name in self.asked
        }
        past.ready(self.review, asked.get("on"))
        listed = listing.studies(self.review, asked, self.member)
        found, name = listing.reports_of(self.review, listed, asked), f"included-studies-{slug}"
        return exports.study_response(found, listed, self.member, self.asked["format"], name)


class ExcludedQuery(Asked):
    format = serializers.ChoiceField(choices=["csv", "docx"], required=False, default="csv")


class ExcludedFile(ReviewView):
    """The table of excluded full texts with their reasons, of those that await classification and of
    ongoing studies."""

    needs = {"GET": ("export",)}
    query = {"GET": ExcludedQuery}

    @extend_schema(
        operation_id="excluded_file",
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, WORD): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        found, kind = excluded.rows(self.review), self.asked["format"]
        if kind == "docx":
            answer = HttpResponse(excluded.as_docx(self.review, found), content_type=WORD)
        else:
            text = "".join(excluded.as_csv(found))
            answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="excluded-{slug}.{kind}"'
        return answer
