"""Highlights of a full text: what somebody marked in a copy, blind as on the page."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import Report
from reviews.api import Asked, Detail, Paged, ReviewView, checked
from reviews.refusal import Clash
from screening.desk import highlights
from screening.models import Highlight, HighlightPlace


class HighlightSerializer(serializers.Serializer[Any]):
    """What `screening/desk/highlights.py:of` gives."""

    id = serializers.IntegerField()
    mine = serializers.BooleanField()
    by = serializers.CharField(help_text="As the page names them; the rules may hide names.")
    note = serializers.CharField()
    page = serializers.IntegerField(help_text="Of the copy that is read now, from 1.")
    quote = serializers.CharField(help_text="Empty for an area.")
    before = serializers.CharField(help_text="What stands before the quote.")
    after = serializers.CharField()
    area = serializers.ListField(
        child=serializers.FloatField(), help_text="Left, top, width, height as shares; or []."
    )
    state = serializers.ChoiceField(choices=HighlightPlace.State.choices)
    why = serializers.CharField(help_text="Why it is doubtful or lost.")


class NewHighlight(Asked):
    sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text="The copy that was read; 409 when another one came meanwhile."
    )
    page = serializers.IntegerField(min_value=1, max_value=100_000)
    quote = serializers.CharField(
        max_length=highlights.LONGEST, required=False, allow_blank=True, default=""
    )
    before = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", trim_whitespace=False
    )
    after = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", trim_whitespace=False
    )
    area = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        max_length=4,
        required=False,
        default=list,
        help_text="Instead of a quote: left, top, width, height as shares of the page.",
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


def told(highlight: Highlight, view: ReviewView, status: int = 200) -> Response:
    """The highlight as it stands now; in the meantime its file may have been taken off the report."""
    every = highlights.of(highlight.report, view.member)
    found = next((each for each in every if each["id"] == highlight.pk), None)
    if found is None:
        raise Clash("The file of this report was taken away or replaced just now.")
    return Response(HighlightSerializer(found).data, status=status)


class Highlights(ReviewView):
    """The highlights of a report that I may see, where they stand in the copy that is read now:
    mine, and others' once both have decided. POST marks some words or an area."""

    needs = {"GET": ("read",), "POST": ("retrieve",)}
    query = {"GET": Paged}
    report: Report

    def find(self, **kwargs: Any) -> None:
        self.report = get_object_or_404(self.review.reports.standing(), pk=kwargs["pk"])

    @extend_schema(operation_id="highlights", responses=HighlightSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.paged(highlights.of(self.report, self.member), HighlightSerializer)

    @extend_schema(
        operation_id="add_highlight",
        request=NewHighlight,
        responses={201: HighlightSerializer, 409: Detail},
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewHighlight, request)
        return told(highlights.add(self.report, by=self.member.user, **said), self, 201)


class OneHighlight(ReviewView):
    """One of my highlights; another's is a 404. POST says that its doubtful place is right, DELETE
    takes it away."""

    needs = {"POST": ("retrieve",), "DELETE": ("retrieve",)}
    highlight: Highlight

    def find(self, **kwargs: Any) -> None:
        mine = Highlight.objects.filter(
            report__review=self.review, by=self.member.user, removed_at=None
        )
        self.highlight = get_object_or_404(mine.select_related("report"), pk=kwargs["pk"])

    @extend_schema(
        operation_id="confirm_highlight",
        request=None,
        responses={200: HighlightSerializer, 409: Detail},
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        highlights.confirm(self.highlight, by=self.member.user)
        return told(self.highlight, self)

    @extend_schema(operation_id="remove_highlight", request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        highlights.remove(self.highlight, by=self.member.user)
        return Response(status=204)
