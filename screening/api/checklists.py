"""The checklists of PRISMA 2020 with the methods paragraph, and the words that are marked."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.access import require
from reviews.api import Asked, ReviewView, check_token, checked
from screening.desk import words
from screening.reporting import checklist, checklist_files, methods, prisma

from .identification import NewNote
from .lists import WORD


class ChecklistItem(serializers.Serializer[Any]):
    item = serializers.CharField(help_text="13c, or A7 of the abstract.")
    name = serializers.CharField()
    asks = serializers.CharField()
    said = serializers.CharField(help_text="What the data of the review say.")
    note = serializers.CharField(help_text="What its authors wrote.")
    hint = serializers.CharField(help_text="Where the material for it is.")
    reported = serializers.BooleanField()


class ChecklistSection(serializers.Serializer[Any]):
    name = serializers.CharField()
    items = ChecklistItem(many=True)


class WholeChecklist(serializers.Serializer[Any]):
    paragraph = serializers.CharField(help_text="Search and selection in sentences.")
    sections = ChecklistSection(many=True)


def _nowhere(box: str, reason: int | str | None) -> str:
    """Text has no links."""
    return ""


def _item(row: checklist.Row) -> dict[str, Any]:
    return {
        "item": row.item.number,
        "name": row.item.topic,
        "asks": row.item.asks,
        "said": row.text,
        "note": row.note,
        "hint": row.hint,
        "reported": not row.is_gap,
    }


class Checklist(ReviewView):
    """The 27 items of PRISMA 2020 and the 12 for abstracts, filled as far as the review can."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="checklist", responses=WholeChecklist)
    def get(self, request: Request, slug: str) -> Response:
        numbers = prisma.report(self.review)
        sections = checklist.report(self.review, numbers, _nowhere)
        told = {
            "paragraph": methods.as_text(methods.paragraph(self.review, numbers, _nowhere)),
            "sections": [
                {"name": name, "items": [_item(row) for row in rows]} for name, rows in sections
            ],
        }
        return Response(WholeChecklist(told).data)


class ChecklistNote(ReviewView):
    """What the authors say about an item; it stands beside what the data say."""

    needs = {"PUT": ("manage",)}

    @extend_schema(operation_id="note_checklist", request=NewNote, responses=ChecklistItem)
    def put(self, request: Request, slug: str, item: str) -> Response:
        text = checked(NewNote, request)["text"]
        checklist.note_item(self.review, item, text, by=self.member.user)
        sections = checklist.report(self.review, prisma.report(self.review), _nowhere)
        row = next(row for _, rows in sections for row in rows if row.item.number == item)
        return Response(ChecklistItem(_item(row)).data)


class ChecklistQuery(Asked):
    format = serializers.ChoiceField(choices=["docx", "csv"], required=False, default="docx")


class ChecklistFile(ReviewView):
    """The checklists as a file, with a column for the page of the paper."""

    needs = {"GET": ("export",)}
    query = {"GET": ChecklistQuery}

    @extend_schema(
        operation_id="checklist_file",
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, WORD): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        numbers, kind = prisma.report(self.review), self.asked["format"]
        sections = checklist.report(self.review, numbers, _nowhere)
        if kind == "docx":
            paragraph = methods.paragraph(self.review, numbers, _nowhere)
            made = checklist_files.as_docx(self.review, paragraph, sections)
            answer = HttpResponse(made, content_type=WORD)
        else:
            text = "".join(checklist_files.as_csv(sections))
            answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="prisma-checklist-{slug}.{kind}"'
        return answer


class MarkedLists(serializers.Serializer[Any]):
    include = serializers.ListField(child=serializers.CharField())
    exclude = serializers.ListField(child=serializers.CharField())


class MarkedWords(serializers.Serializer[Any]):
    review = MarkedLists(help_text="Marked for everybody.")
    own = MarkedLists(help_text="Marked for me beside them.")


def _word() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=words.LONGEST), max_length=words.MOST_WORDS
    )


class NewWords(Asked):
    include = _word()
    exclude = _word()
    own = serializers.BooleanField(
        required=False, default=False, help_text="Mine, not the review's."
    )


class Words(ReviewView):
    """The words that are marked in titles and abstracts. PUT replaces the review's lists (the lead) or
    one's own (who screens)."""

    needs = {"GET": ("read",), "PUT": ("screen", "manage")}

    @extend_schema(operation_id="words", responses=MarkedWords)
    def get(self, request: Request, slug: str) -> Response:
        return self.told()

    @extend_schema(operation_id="set_words", request=NewWords, responses=MarkedWords)
    def put(self, request: Request, slug: str) -> Response:
        said = checked(NewWords, request)
        capability = "screen" if said["own"] else "manage"
        check_token(request, (capability,), self.review)
        require(self.member, capability)
        lists = {kind: "\n".join(said[kind]) for kind in ("include", "exclude")}
        words.set_lists(self.review, **lists, by=self.member.user, own=said["own"])
        return self.told()

    def told(self) -> Response:
        kept = {
            "review": words.lists_of(self.review, None),
            "own": words.lists_of(self.review, self.member.user),
        }
        return Response(MarkedWords(kept).data)
