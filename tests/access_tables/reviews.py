"""People and protocol."""

from datetime import timedelta

from django.utils import timezone

from reviews import webhooks
from reviews.models import Invitation, Job, Membership, User

from . import LEAD, MEMBERS, Row, everybody, public


def seed(review, lead):
    """A job of the lead's, an open invitation, and a member who is nobody of the cast."""
    hook, _ = webhooks.add(review, "https://example.org/", ["snapshot.frozen"], by=lead)
    extra = User.objects.create_user(f"extra-{review.slug}", f"{review.slug}@example.org", "x")
    return {
        "member": Membership.objects.create(review=review, user=extra, roles=["viewer"]),
        "invitation": Invitation.objects.create(
            review=review,
            roles=["viewer"],
            token_hash=f"hash of {review.slug}",
            invited_by=lead,
            expires_at=timezone.now() + timedelta(days=1),
        ),
        "hook": hook,
        "message": hook.messages.create(event="snapshot.frozen"),
        "job": Job.objects.create(review=review, kind="a kind that is gone", by=lead),
    }


def post(open_to, ok=302, **more):
    return Row(open_to, ok, method="post", **more)


ROWS = {
    "reviews:list": everybody(),
    "reviews:new": [everybody(), everybody(422, method="post")],
    "reviews:others": everybody(),
    "reviews:me": [everybody(), everybody(422, method="post")],
    "reviews:tokens": everybody(),
    "reviews:make_token": everybody(302, method="post"),
    # One's own token only: tests/reviews/test_tokens.py.
    "reviews:revoke_token": everybody(404, method="post", args={"pk": "1"}),
    "reviews:revoke_early_token": everybody(302, method="post"),
    # What a link opens is tested in tests/reviews/test_people.py; an unknown one opens nothing.
    "reviews:invitation": public(404, args={"token": "unknown"}),
    "reviews:accept": everybody(422, method="post", args={"token": "unknown"}),
    "reviews:setup": Row(LEAD),
    "reviews:set_question": post(LEAD, 422),
    "reviews:set_criteria": post(LEAD, 422),
    "reviews:open_blind": post(LEAD, data={"reason": "Training"}),
    "reviews:close_blind": post(LEAD, data={"reason": "Training"}),
    "reviews:team": Row(MEMBERS),
    "reviews:members": Row(LEAD),
    "reviews:invite": post(LEAD, data={"roles": ["viewer"], "days": 7}),
    "reviews:rescind": post(LEAD, objects={"pk": "invitation"}),
    "reviews:roles": [
        Row(LEAD, objects={"pk": "member"}),
        post(LEAD, objects={"pk": "member"}, data={"roles": ["screener"]}),
    ],
    "reviews:remove": post(LEAD, objects={"pk": "member"}),
    "reviews:audit": Row(LEAD),
    "reviews:webhooks": [Row(LEAD), post(LEAD, 422)],
    "reviews:webhook": Row(LEAD, objects={"pk": "hook"}),
    "reviews:test_webhook": post(LEAD, objects={"pk": "hook"}),
    "reviews:end_webhook": post(LEAD, objects={"pk": "hook"}),
    "reviews:send_again": post(LEAD, objects={"pk": "message"}),
    "reviews:job": Row(LEAD, objects={"pk": "job"}),
    "reviews:cancel_job": post(LEAD, objects={"pk": "job"}),
}
