"""PRISMA's numbers and the agreement between reviewers."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import ReviewView
from screening.reporting import agreeing, prisma

from . import StageQuery


class Prisma(ReviewView):
    """PRISMA 2020: boxes, reasons, identities, and what is pending."""

    needs = {"GET": ("read",)}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        numbers = prisma.report(self.review)
        numbers["reasons"] = {row["reason"]: row["n"] for row in numbers["reasons"]}
        numbers["other_reasons"] = {row["reason"]: row["n"] for row in numbers["other_reasons"]}
        return Response(numbers)


def described(panel: agreeing.Panel) -> dict[str, Any]:
    """The agreement panel as plain data; a figure that is not defined is null."""

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
        "cells": asdict(panel.together),
        "figures": figures(panel.figures),
        "fleiss": panel.fleiss,
        "alpha": panel.alpha,
        "pairs": [
            {
                "first": pair.first.username,
                "second": pair.second.username,
                "cells": asdict(pair.cells),
                "figures": figures(pair.figures),
            }
            for pair in panel.pairs
        ],
    }


class Agreement(ReviewView):
    """Agreement between reviewers on their first independent decisions."""

    needs = {"GET": ("read",)}
    query = {"GET": StageQuery}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        return Response(described(agreeing.panel(self.review, self.asked["stage"])))
