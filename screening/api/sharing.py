"""How the reports of a stage are shared out, and in which order they are served."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import Search
from reviews.api import Asked, Id, ReviewView, checked
from reviews.models import SCREENING_STAGES, Stage, User
from screening.desk.orders import ORDERS, sentence
from screening.lead import ordering
from screening.models import Share, Sharing
from screening.sharing import setting
from screening.sharing.dividing import in_force, who_screens

from . import STAGES

MOST_PARTS = 1000


class PersonsShare(serializers.Serializer[Any]):
    user = serializers.CharField()
    group = serializers.CharField()
    reports = serializers.IntegerField(help_text="That wait for an answer of this person's.")


class SpreadSerializer(serializers.Serializer[Any]):
    """Who is asked for how many of the reports that wait now."""

    people = PersonsShare(many=True)
    for_all = serializers.IntegerField(help_text="Reports that are open to everybody.")
    without = serializers.ListField(
        child=serializers.CharField(), help_text="Who screens and has no part."
    )
    uneven = serializers.IntegerField(help_text="Between who has the most and who has the least.")


class ShareSerializer(serializers.ModelSerializer[Share]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = Share
        fields = ["user", "weight", "group", "source", "year_from", "year_to"]


class SharedStage(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=STAGES)
    kind = serializers.ChoiceField(choices=Sharing.Kind.choices)
    number = serializers.IntegerField(allow_null=True, help_text="Null: nothing was ever set.")
    seed = serializers.IntegerField(allow_null=True, help_text="Of the draw.")
    parts = ShareSerializer(many=True)
    spread = SpreadSerializer(allow_null=True)
    order = serializers.ChoiceField(choices=list(ORDERS), allow_blank=True)
    order_seed = serializers.IntegerField()
    order_says = serializers.CharField(help_text="What who screens is told of it.")


class AllShared(serializers.Serializer[Any]):
    stages = SharedStage(many=True)


class NewShare(Asked):
    """One person's part. `quota` is for quotas (left out: what is left), `group` for an expert with
    novices, `source` (a search) for shares by source, `year_from` and `year_to` (both included, one may
    be left out) for shares by year."""

    user = serializers.CharField(max_length=150, help_text="A user name.")
    quota = serializers.IntegerField(
        min_value=0, max_value=10_000_000, required=False, allow_null=True
    )
    group = serializers.ChoiceField(choices=Share.Group.choices, required=False, default="")
    source = Id(required=False, allow_null=True)  # type: ignore[assignment]
    year_from = serializers.IntegerField(
        min_value=1, max_value=9999, required=False, allow_null=True
    )
    year_to = serializers.IntegerField(min_value=1, max_value=9999, required=False, allow_null=True)


class NewSharing(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    kind = serializers.ChoiceField(choices=Sharing.Kind.choices)
    parts = serializers.ListField(
        child=NewShare(), max_length=MOST_PARTS, required=False, default=list
    )
    seed = serializers.IntegerField(
        min_value=0,
        max_value=setting.SEEDS - 1,
        required=False,
        help_text="The same seed with the same people draws the same shares. A new one where there is none.",
    )


class OnlyStage(Asked):
    stage = serializers.ChoiceField(choices=STAGES)


class NewOrder(OnlyStage):
    order = serializers.ChoiceField(choices=list(ORDERS), allow_blank=True)
    seed = serializers.IntegerField(
        min_value=0,
        max_value=setting.SEEDS - 1,
        required=False,
        help_text="Of a random order. A new one where there is none.",
    )


def written(spread: setting.Spread) -> dict[str, Any]:
    return {
        "people": [
            {"user": line.user.username, "group": line.group, "reports": line.reports}
            for line in spread.lines
        ],
        "for_all": spread.for_all,
        "without": [user.username for user in spread.without],
        "uneven": spread.uneven,
    }


class SharingView(ReviewView):
    def shown(self, stage: Stage) -> dict[str, Any]:
        """What holds at `stage`, as its page shows it."""
        rules, sharing = self.review.rules(stage), in_force(self.review.pk, stage)
        parts = list(sharing.parts.select_related("user", "source")) if sharing else []
        spread = (
            setting.spread(self.review, rules, sharing.kind, sharing.seed, parts)
            if sharing
            else None
        )
        return {
            "stage": str(stage),
            "kind": sharing.kind if sharing else str(Sharing.Kind.ALL),
            "number": sharing.number if sharing else None,
            "seed": sharing.seed if sharing else None,
            "parts": ShareSerializer(parts, many=True).data,
            "spread": written(spread) if spread else None,
            "order": rules.order,
            "order_seed": rules.order_seed,
            "order_says": sentence(rules),
        }

    def asked_parts(self, parts: list[dict[str, Any]]) -> list[setting.Asked]:
        """The parts with their people and sources; a name that is not there is a 400 that says it."""
        here = User.objects.filter(pk__in=who_screens(self.review.pk))
        people = {user.username: user for user in here}
        sources: dict[int, Search] = self.review.searches.in_bulk()
        found = []
        for part in parts:
            if part["user"] not in people:
                raise ValidationError({"parts": [f"{part['user']} does not screen here."]})
            source = part.get("source")
            if source is not None and source not in sources:
                raise ValidationError({"parts": [f"There is no search {source} in this review."]})
            found.append(
                setting.Asked(
                    people[part["user"]],
                    quota=part.get("quota"),
                    group=part["group"],
                    source=sources[source] if source is not None else None,
                    year_from=part.get("year_from"),
                    year_to=part.get("year_to"),
                )
            )
        named = [(each.user.pk, each.source and each.source.pk) for each in found]
        if len(named) != len(set(named)):
            raise ValidationError({"parts": ["Somebody is named twice."]})
        return found


class ShareOut(SharingView):
    """How both stages are shared out. POST shares one out anew: answers, and what lies before
    people, stay as they are."""

    needs = {"GET": ("manage",), "POST": ("manage",)}

    @extend_schema(operation_id="sharing", responses=AllShared)
    def get(self, request: Request, slug: str) -> Response:
        return Response({"stages": [self.shown(stage) for stage in SCREENING_STAGES]})

    @extend_schema(operation_id="share_out", request=NewSharing, responses={201: SharedStage})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewSharing, request)
        asked = self.asked_parts(said["parts"])
        setting.share_out(
            self.review,
            said["stage"],
            by=self.member.user,
            kind=said["kind"],
            asked=asked,
            seed=said.get("seed"),
        )
        return Response(self.shown(Stage(said["stage"])), status=201)


class PreviewSharing(SharingView):
    """Who would be asked for how many reports; nothing changes."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="preview_sharing", request=NewSharing, responses=SpreadSerializer)
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewSharing, request)
        asked, rules = self.asked_parts(said["parts"]), self.review.rules(Stage(said["stage"]))
        parts = setting.parts_of(self.review, rules, said["kind"], asked)
        found = setting.spread(self.review, rules, said["kind"], said.get("seed", 0), parts)
        return Response(written(found))


class UndoSharing(SharingView):
    """Take the newest setting of a stage back: what was in force before it is again."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="undo_sharing", request=OnlyStage, responses=SharedStage)
    def post(self, request: Request, slug: str) -> Response:
        stage = checked(OnlyStage, request)["stage"]
        setting.undo(self.review, stage, by=self.member.user)
        return Response(self.shown(Stage(stage)))


class OrderOfQueue(SharingView):
    """The order in which untouched reports of a stage are served."""

    needs = {"PUT": ("manage",)}

    @extend_schema(operation_id="set_order", request=NewOrder, responses=SharedStage)
    def put(self, request: Request, slug: str) -> Response:
        said = checked(NewOrder, request)
        ordering.set_order(
            self.review,
            said["stage"],
            by=self.member.user,
            order=said["order"],
            seed=said.get("seed"),
        )
        return Response(self.shown(Stage(said["stage"])))
