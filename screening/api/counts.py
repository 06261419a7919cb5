"""PRISMA's numbers and the agreement between reviewers."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, Paged, ReviewView, checked
from reviews.api.jobs import JobSerializer
from screening import naming
from screening.models import Snapshot
from screening.reporting import agreeing, figures, past, prisma, snapshots
from screening.reporting.agreement import Cells
from screening.reporting.choices import MOST, Choices

from . import StageQuery


class PrismaQuery(Asked):
    on = serializers.DateField(
        required=False,
        help_text="As it stood at the end of this day, in the site's time zone (2026-03-31).",
    )


def being_counted(view: ReviewView, day: date) -> Response:
    job = past.begin(view.review, day, by=view.member.user)
    return Response(JobSerializer(job).data, status=202)


class Prisma(ReviewView):
    """PRISMA 2020: boxes, reasons, identities, and what is pending; of now or of a past day (`on`).

    A day that cannot be told, because what later acts replaced was not kept then, is refused (422). In a
    large review a job counts a past day first (202): ask again when it has.
    """

    needs = {"GET": ("read",)}
    query = {"GET": PrismaQuery}

    @extend_schema(responses={200: OpenApiTypes.OBJECT, 202: JobSerializer, 422: Detail})
    def get(self, request: Request, slug: str) -> Response:
        day = self.asked.get("on")
        try:
            numbers = dict(past.report(self.review, day) if day else prisma.report(self.review))
        except past.NotCounted as one:
            return being_counted(self, one.day)
        numbers["reasons"] = {row["reason"]: row["n"] for row in numbers["reasons"]}
        numbers["other_reasons"] = {row["reason"]: row["n"] for row in numbers["other_reasons"]}
        return Response(numbers)


def described(panel: agreeing.Panel, *, nameless: bool) -> dict[str, Any]:
    """The agreement panel as plain data; a figure that is not defined is null.

    `nameless`: b and c, which of two included, are null; `differ` is their sum.
    """

    def cells(of: Cells) -> dict[str, int | None]:
        hidden = {"b": None, "c": None} if nameless else {}
        return {**asdict(of), "differ": of.b + of.c, **hidden}

    def figures(of: dict[str, agreeing.Figure]) -> dict[str, Any]:
        return {
            key: {"value": each.value, "interval": list(each.interval) if each.interval else None}
            for key, each in of.items()
        }

    return {
        "stage": panel.stage,
        "screeners": panel.screeners,
        "maybe": panel.maybe_rule,
        "reports": panel.reports,
        "cells": cells(panel.together),
        "figures": figures(panel.figures),
        "fleiss": panel.fleiss,
        "alpha": panel.alpha,
        "pairs": [
            {
                "first": pair.first.username,
                "second": pair.second.username,
                "cells": cells(pair.cells),
                "figures": figures(pair.figures),
            }
            for pair in panel.named_pairs(nameless=nameless)
        ],
    }


class Agreement(ReviewView):
    """Agreement between reviewers on their first independent decisions."""

    needs = {"GET": ("read",)}
    query = {"GET": StageQuery}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        stage = self.asked["stage"]
        nameless = stage in naming.hidden_stages(self.member)
        return Response(described(agreeing.panel(self.review, stage), nameless=nameless))


class FigureQuery(Asked):
    """As the page of the figure chooses."""

    format = serializers.ChoiceField(
        choices=list(figures.CONTENT_TYPES), required=False, default="svg"
    )
    sources = serializers.ChoiceField(choices=["kind"], required=False)
    keep = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    columns = serializers.ChoiceField(choices=["both"], required=False)
    tone = serializers.ChoiceField(choices=["plain"], required=False)


class FigureOfDay(FigureQuery):
    on = serializers.DateField(required=False, help_text="As it stood at the end of this day.")


def figure(view: ReviewView, numbers: dict[str, Any], name: str) -> HttpResponse:
    """The diagram of `numbers` as the file that the request asks for."""
    kind = view.asked["format"]
    by = Choices.of({key: str(value) for key, value in view.asked.items()})
    made = figures.write(view.review, numbers, kind, by)
    answer = HttpResponse(made, content_type=figures.CONTENT_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


FIGURE = {
    (200, kind.split(";")[0]): OpenApiTypes.ANY if "json" in kind else OpenApiTypes.BINARY
    for kind in figures.CONTENT_TYPES.values()
}


class Figure(ReviewView):
    """PRISMA's diagram as a file."""

    needs = {"GET": ("export",)}
    query = {"GET": FigureOfDay}

    @extend_schema(
        operation_id="prisma_figure", responses={**FIGURE, 202: JobSerializer, 422: Detail}
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        day = self.asked.get("on")
        if day is None:
            return figure(self, prisma.report(self.review), f"prisma-{slug}")
        try:
            numbers = past.report(self.review, day)
        except past.NotCounted as one:
            return being_counted(self, one.day)
        return figure(self, numbers, f"prisma-{slug}-{day.isoformat()}")


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    by = serializers.CharField(source="by.username")
    draft = serializers.BooleanField(source="is_draft")

    class Meta:
        model = Snapshot
        fields = ["id", "name", "at", "by", "draft", "sha256"]


class Changed(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class WholeSnapshot(SnapshotSerializer):
    numbers = serializers.JSONField()
    changes = serializers.SerializerMethodField(help_text="From then to now.")

    class Meta(SnapshotSerializer.Meta):
        fields = [*SnapshotSerializer.Meta.fields, "numbers", "changes"]

    @extend_schema_field(Changed(many=True))
    def get_changes(self, taken: Snapshot) -> Any:
        now = prisma.report(taken.review)
        return Changed(snapshots.changes(taken.numbers, now), many=True).data


class NewSnapshot(Asked):
    name = serializers.CharField(max_length=120)


class Snapshots(ReviewView):
    """The numbers as they were frozen, newest first; freeze those of now."""

    needs = {"GET": ("read",), "POST": ("manage",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="snapshots_list", responses=SnapshotSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(snapshots.of(self.review), SnapshotSerializer)

    @extend_schema(request=NewSnapshot, responses={201: WholeSnapshot})
    def post(self, request: Request, slug: str) -> Response:
        name = checked(NewSnapshot, request)["name"]
        taken = snapshots.freeze(self.review, name, by=self.member.user)
        return Response(WholeSnapshot(taken).data, status=201)


class OneSnapshot(ReviewView):
    """The numbers of a day, and what has changed since."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="one_snapshot", responses=WholeSnapshot)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(WholeSnapshot(get_object_or_404(snapshots.of(self.review), pk=pk)).data)


class SnapshotFigure(ReviewView):
    """The diagram of that day as a file."""

    needs = {"GET": ("export",)}
    query = {"GET": FigureQuery}

    @extend_schema(operation_id="snapshot_figure", responses=FIGURE)
    def get(self, request: Request, slug: str, pk: int) -> HttpResponse:
        taken = get_object_or_404(snapshots.of(self.review), pk=pk)
        return figure(self, taken.numbers, f"prisma-{slug}-{taken.at:%Y-%m-%d}")
