"""What each source brought, the searches by PRISMA-S, and what joins by itself."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import prisma_s, sources
from citations.models import DuplicateRules
from reviews.api import Asked, ReviewView, checked
from screening.duplicates import automatic
from screening.reporting import searchlog, yields


class YieldQuery(Asked):
    by_search = serializers.BooleanField(
        required=False, default=False, help_text="Each search for itself, not each database."
    )


class Brought(serializers.Serializer[Any]):
    """Reports, if not said otherwise; `missed_…` are those that no other source found."""

    records = serializers.IntegerField()
    reports = serializers.IntegerField()
    unique = serializers.IntegerField()
    shared = serializers.IntegerField()
    passed = serializers.IntegerField(help_text="Past title and abstract.")
    included = serializers.IntegerField()
    missed_reports = serializers.IntegerField()
    missed_studies = serializers.IntegerField()


class SourceYield(Brought):
    name = serializers.CharField()
    searches = serializers.ListField(child=serializers.IntegerField())


class Together(serializers.Serializer[Any]):
    sources = serializers.ListField(child=serializers.CharField())
    reports = serializers.IntegerField()
    included = serializers.IntegerField()


class YieldSerializer(serializers.Serializer[Any]):
    sources = SourceYield(many=True)
    together = Brought()
    combinations = Together(many=True, help_text="Reports that exactly these sources found.")


def _counted(counts: yields.Counts) -> dict[str, Any]:
    return dict(Brought(counts).data)


class Yield(ReviewView):
    """What each source brought, alone and together with others."""

    needs = {"GET": ("read",)}
    query = {"GET": YieldQuery}

    @extend_schema(operation_id="source_yield", responses=YieldSerializer)
    def get(self, request: Request, slug: str) -> Response:
        found = yields.found(self.review, by_search=self.asked["by_search"])
        names = {each.key: each.name for each in found.sources}
        shown = {
            "sources": [
                {
                    "name": each.name,
                    "searches": [search.pk for search in each.searches],
                    **_counted(found.tally.of[each.key]),
                }
                for each in found.sources
            ],
            "together": _counted(found.tally.together),
            "combinations": [
                {
                    "sources": [names[key] for key in sorted(each.sources)],
                    "reports": each.reports,
                    "included": each.included,
                }
                for each in found.tally.combinations
            ],
        }
        return Response(YieldSerializer(shown).data)


class SaidOf(serializers.Serializer[Any]):
    source = serializers.CharField(help_text="Empty: of the whole review.")  # type: ignore[assignment]
    text = serializers.CharField()


class ItemSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    name = serializers.CharField()
    reported = serializers.BooleanField()
    said = SaidOf(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Sources.")
    note = serializers.CharField(help_text="What a person wrote for the whole review.")


class SearchReport(serializers.Serializer[Any]):
    items = ItemSerializer(many=True)


def _item(row: searchlog.Row) -> dict[str, Any]:
    return {
        "item": row.item.number,
        "name": row.item.name,
        "reported": row.is_reported,
        "said": [{"source": each.source, "text": each.text} for each in row.said],
        "missing": row.missing,
        "note": row.note,
    }


class PrismaS(ReviewView):
    """The searches as the 16 items of PRISMA-S ask for them."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="prisma_s", responses=SearchReport)
    def get(self, request: Request, slug: str) -> Response:
        rows = [row for section in searchlog.report(self.review) for row in section.rows]
        return Response(SearchReport({"items": [_item(row) for row in rows]}).data)


class NewNote(Asked):
    text = serializers.CharField(
        max_length=20_000, allow_blank=True, help_text="Empty takes it back."
    )


class PrismaSNote(ReviewView):
    """What is said about an item for the whole review."""

    needs = {"PUT": ("import_records",)}

    @extend_schema(operation_id="note_prisma_s", request=NewNote, responses=ItemSerializer)
    def put(self, request: Request, slug: str, item: int) -> Response:
        if not prisma_s.takes_note(item):
            raise Http404("No such item.")
        text = checked(NewNote, request)["text"]
        sources.note_item(self.review, item, text, by=self.member.user)
        rows = [row for section in searchlog.report(self.review) for row in section.rows]
        return Response(
            ItemSerializer(_item(next(row for row in rows if row.item.number == item))).data
        )


class JoinRules(serializers.ModelSerializer[DuplicateRules]):
    class Meta:
        model = DuplicateRules
        fields = ["join_from", "join_one_file"]


class NewJoinRules(Asked):
    join_from = serializers.FloatField(
        min_value=0.5, max_value=automatic.NEVER, help_text="From this probability; 1: nothing."
    )
    join_one_file = serializers.BooleanField(help_text="Two records of one and the same file.")
    joins = serializers.IntegerField(
        min_value=0, max_value=10**9, required=False, help_text="As many as you saw, with `parts`."
    )
    parts = serializers.IntegerField(min_value=0, max_value=10**9, required=False)


class ChangedRules(serializers.Serializer[Any]):
    joined = serializers.IntegerField()
    parted = serializers.IntegerField()
    job = serializers.IntegerField(allow_null=True, help_text="That does it, where it is much.")


class DuplicatesByRule(ReviewView):
    """From which probability two reports join by themselves; setting it joins and parts at once."""

    needs = {"GET": ("merge",), "PUT": ("manage",)}

    @extend_schema(operation_id="duplicate_rules", responses=JoinRules)
    def get(self, request: Request, slug: str) -> Response:
        return Response(JoinRules(automatic.rules_of(self.review)).data)

    @extend_schema(operation_id="set_duplicate_rules", request=NewJoinRules, responses=ChangedRules)
    def put(self, request: Request, slug: str) -> Response:
        said = checked(NewJoinRules, request)
        seen = said.pop("joins", None), said.pop("parts", None)
        expected = None if None in seen else seen
        change, job = automatic.set_rules(
            self.review, by=self.member.user, expected=expected, **said
        )
        counted = {"joined": len(change.join), "parted": len(change.part)}
        return Response(ChangedRules({**counted, "job": job.pk if job else None}).data)
