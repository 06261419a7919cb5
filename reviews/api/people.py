"""Who takes part in a review, and the invitations that bring new people."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import access, actions, letters
from reviews.models import Invitation, Membership
from reviews.roles import Role

from . import Asked, Detail, Paged, ReviewView, checked


class MemberSerializer(serializers.ModelSerializer[Membership]):
    user = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.__str__")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))

    class Meta:
        model = Membership
        fields = ["id", "user", "name", "roles", "joined_at", "left_at"]


class Roles(Asked):
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=Role.choices), min_length=1, max_length=len(Role)
    )


class Members(ReviewView):
    """Who takes part, and who did."""

    needs = {"GET": ("read",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="members_list", responses=MemberSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.memberships.select_related("user").order_by("pk")
        return self.paged(found, MemberSerializer)


class OneMember(ReviewView):
    """A member's roles, and the end of a membership: a lead's, or one's own."""

    needs = {"PUT": ("manage",), "DELETE": ("read",)}
    person: Membership

    def find(self, **kwargs: Any) -> None:
        people = self.review.memberships.select_related("user")
        self.person = get_object_or_404(people, pk=kwargs["pk"])

    @extend_schema(request=Roles, responses=MemberSerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        wanted = checked(Roles, request)["roles"]
        changed = actions.set_roles(self.person, wanted, by=self.member.user)
        return Response(MemberSerializer(changed).data)

    @extend_schema(request=None, responses={200: MemberSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        if self.person.pk != self.member.pk:
            access.require(self.member, "manage")
        return Response(MemberSerializer(actions.remove(self.person, by=self.member.user)).data)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    state = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Invitation
        fields = ["id", "email", "roles", "state", "created_at", "expires_at"]


class NewInvitation(Roles):
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    days = serializers.IntegerField(min_value=1, max_value=365, required=False, default=14)


class Invited(InvitationSerializer):
    link = serializers.SerializerMethodField(help_text="Shown this once.")
    sent = serializers.SerializerMethodField(help_text="Whether a letter went out.")

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "link", "sent"]

    def get_link(self, invitation: Invitation) -> str:
        return self.context["link"]

    def get_sent(self, invitation: Invitation) -> bool:
        return self.context["sent"]


class Invitations(ReviewView):
    """Open and past invitations; a new one."""

    needs = {"GET": ("manage",), "POST": ("manage",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="invitations_list", responses=InvitationSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.invitations.order_by("pk"), InvitationSerializer)

    @extend_schema(request=NewInvitation, responses={201: Invited, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        made, token = actions.invite(
            self.review, by=self.member.user, **checked(NewInvitation, request)
        )
        link = request.build_absolute_uri(reverse("reviews:invitation", args=[token]))
        sent = bool(made.email) and letters.send_invitation(made, link)
        shown = Invited(made, context={"link": link, "sent": sent})
        return Response(shown.data, status=201)


class Rescind(ReviewView):
    """Close a way in that nobody has used."""

    needs = {"POST": ("manage",)}

    def find(self, **kwargs: Any) -> None:
        self.invitation = get_object_or_404(self.review.invitations, pk=kwargs["pk"])

    @extend_schema(request=None, responses=InvitationSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        closed = actions.rescind(self.invitation, by=self.member.user)
        return Response(InvitationSerializer(closed).data)
