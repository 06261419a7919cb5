"""Screening through the API: the pages' own actions and rules. Here what its modules share."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from citations.models import Report
from citations.querysets import ARRIVING, WITHDRAWN
from reviews.api import Asked, ReviewView
from reviews.models import SCREENING_STAGES, Review, Stage

STAGES = [(str(stage), stage.label) for stage in SCREENING_STAGES]
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


class StageQuery(Asked):
    stage = serializers.ChoiceField(choices=STAGES, required=False, default=str(Stage.ABSTRACT))


def reports_here(review: Review) -> QuerySet[Report]:
    """The review's reports; not those of an import that has not finished or was undone."""
    return review.reports.exclude(place__in=[ARRIVING, WITHDRAWN])


class ReportView(ReviewView):
    """A view under …/reports/<pk>/. Before a word is said about the request, the report is found:
    one of another review is a 404 whatever is sent."""

    report: Report

    def find(self, **kwargs: Any) -> None:
        self.report = get_object_or_404(reports_here(self.review), pk=kwargs["pk"])
