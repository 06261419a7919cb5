"""How a codebook is worked with: how many extract a study, in which order it asks; and a form that
is given up. An appraisal tool is a codebook too: `?tool=` names it."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from extraction import actions, codebook
from extraction.models import Codebook, Extraction
from reviews.access import abilities
from reviews.api import Asked, Id, MustSayWhy, ReviewView, checked
from screening import flow

from .books import CodebookSerializer, FieldSerializer, QuestionView


class WhichTool(Asked):
    tool = Id(required=False, help_text="An appraisal tool instead of the codebook.")


class SettingView(ReviewView):
    """A view about the codebook of the extraction, or with `?tool=` about an appraisal tool."""

    def book(self) -> Codebook:
        if number := self.asked.get("tool"):
            tools = self.review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
            return get_object_or_404(tools.select_related("review"), pk=number)
        books = self.review.codebooks.filter(purpose=Codebook.Purpose.EXTRACTION)
        return get_object_or_404(books.select_related("review"))

    def told(self, book: Codebook) -> Response:
        return Response(CodebookSerializer(Codebook.objects.get(pk=book.pk)).data)


class HowMany(Asked):
    """What is left out stays."""

    extractors = serializers.ChoiceField(choices=[1, 2], required=False)
    verified = serializers.BooleanField(
        required=False, help_text="Of one extractor: a second person looks at each answer."
    )
    third_person = serializers.BooleanField(
        required=False, help_text="Whether only a third person settles differences."
    )


class Extractors(SettingView):
    """How many people extract each study, and who settles what they differ in. Studies that have
    enough forms then are opened."""

    needs = {"PATCH": ("edit_codebook",)}
    query = {"PATCH": WhichTool}

    @extend_schema(operation_id="set_extractors", request=HowMany, responses=CodebookSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        book, said, by = self.book(), checked(HowMany, request), self.member.user
        with transaction.atomic():
            if "extractors" in said or "verified" in said:
                number = said.get("extractors", book.extractors)
                # Two extract blind: nobody has to take the verifying back first.
                kept = book.verified and number == 1
                verified = said.get("verified", kept)
                codebook.set_extractors(book, number, by=by, verified=verified)
            if "third_person" in said:
                codebook.set_third_person(book, said["third_person"], by=by)
        return self.told(book)


class OneStep(Asked):
    to = serializers.ChoiceField(choices=["up", "down"])

    @staticmethod
    def places(said: dict[str, Any]) -> int:
        return -1 if said["to"] == "up" else 1


class SectionStep(OneStep):
    section = serializers.CharField(max_length=120)


class ShiftSection(SettingView):
    """Move a section one place up or down; at the end it stays."""

    needs = {"POST": ("edit_codebook",)}
    query = {"POST": WhichTool}

    @extend_schema(operation_id="shift_section", request=SectionStep, responses=CodebookSerializer)
    def post(self, request: Request, slug: str) -> Response:
        book, said = self.book(), checked(SectionStep, request)
        codebook.shift_section(book, said["section"], OneStep.places(said), by=self.member.user)
        return self.told(book)


class ShiftQuestion(QuestionView):
    """Move a question one place up or down within its section; at the end it stays."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(operation_id="shift_question", request=OneStep, responses=FieldSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        places = OneStep.places(checked(OneStep, request))
        codebook.shift_field(self.field, places, by=self.member.user)
        self.field.refresh_from_db()
        return Response(FieldSerializer(self.field).data)


class SetAside(ReviewView):
    """Give my form up, or as a lead that of somebody who is gone: the study is free for somebody
    else. The answers stay. Refused once the study is open."""

    needs = {"POST": ("extract", "manage")}
    form: Extraction

    def find(self, **kwargs: Any) -> None:
        forms = Extraction.objects.standing().filter(study__in=flow.studies_in(self.review))
        if "manage" not in abilities(self.member):
            forms = forms.filter(by=self.member.user)
        forms = forms.select_related("codebook", "study__review")
        self.form = get_object_or_404(forms, pk=kwargs["pk"])

    @extend_schema(operation_id="set_form_aside", request=MustSayWhy, responses={204: None})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(MustSayWhy, request)["reason"]
        actions.set_aside(self.form, by=self.member.user, reason=why)
        return Response(status=204)
