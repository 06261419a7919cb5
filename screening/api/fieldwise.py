"""A report field by field: which record's value it shows, and the choice of another."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import values
from citations.models import BIBLIOGRAPHIC_FIELDS, Report
from reviews.api import Asked, Id, ReviewView, checked
from screening import fieldwise
from screening.desk import hiding

from . import ReportView


class RecordSaysSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    record = serializers.IntegerField(source="record.pk", help_text="The first that says so.")
    is_shown = serializers.BooleanField()


class FieldValueSerializer(serializers.Serializer[Any]):
    """What `screening/fieldwise.py:fields_of` gives."""

    name = serializers.CharField()
    value = serializers.CharField(help_text="As text; authors and keywords by semicolons.")
    winner = serializers.IntegerField(
        source="winner.pk", default=None, allow_null=True, help_text="The record whose value won."
    )
    chosen = serializers.BooleanField(help_text="A person has chosen that record.")
    register = serializers.CharField(
        allow_null=True, help_text="The value is taken over from this register."
    )
    choices = RecordSaysSerializer(many=True, help_text="What records say, where they differ.")


class FieldValuesSerializer(serializers.Serializer[Any]):
    results = FieldValueSerializer(many=True)


class ChosenValue(Asked):
    field = serializers.ChoiceField(choices=list(BIBLIOGRAPHIC_FIELDS))
    record = Id(allow_null=True, help_text="One of its records; null goes back to the best value.")


class FieldValues(ReportView):
    """Each field of a report: the value shown, the record that it is from, and what other records
    say. POST lets a record's value be shown."""

    needs = {"GET": ("read",), "POST": ("merge",)}

    @extend_schema(operation_id="report_values", responses=FieldValuesSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return _told(self.report, self)

    @extend_schema(
        operation_id="choose_value", request=ChosenValue, responses=FieldValuesSerializer
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said, record = checked(ChosenValue, request), None
        if number := said["record"]:
            record = get_object_or_404(self.review.records, pk=number)
        values.choose_value(self.report, said["field"], record, by=self.member.user)
        self.find(pk=pk)
        return _told(self.report, self)


def _told(report: Report, view: ReviewView) -> Response:
    records = list(report.records.arrived().select_related("report").order_by("pk"))
    hiding.veil([*records, report], view.member)
    found = fieldwise.fields_of(report, records)
    return Response(FieldValuesSerializer({"results": found}).data)
