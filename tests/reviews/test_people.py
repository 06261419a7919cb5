"""Members, roles and invitations."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reviews import actions
from reviews.models import Invitation, Membership, User
from reviews.refusal import Clash, Refused
from screening import actions as screening
from screening import flow
from screening.models import Decision

pytestmark = pytest.mark.django_db


def url(name, *args, review="one"):
    return reverse(f"reviews:{name}", args=[review, *args])


def link(token):
    return reverse("reviews:invitation", args=[token])


def accept(client, token):
    return client.post(reverse("reviews:accept", args=[token]))


# --- Inviting ---------------------------------------------------------------------------------


def test_an_invitation_by_mail_carries_the_link_that_the_page_shows_once(cast, signed_in):
    client = signed_in(cast.ada)
    sent = {"email": "New@Example.org", "roles": ["screener", "extractor"], "days": 30}
    answer = client.post(url("invite"), sent, follow=True)
    shown = answer.context["fresh"]["link"]
    (letter,) = mail.outbox
    assert letter.to == ["new@example.org"]
    assert shown in letter.body
    assert "Programs for youth" in letter.subject
    assert "screener, extractor" in letter.body
    assert "&" not in letter.body
    assert shown in answer.content.decode()
    assert shown not in client.get(url("members")).content.decode()
    invitation = Invitation.objects.get()
    assert invitation.token_hash not in shown
    assert (invitation.expires_at - timezone.now()).days in (29, 30)
    assert "fresh_invitation" not in client.session


def test_a_link_needs_no_address_and_sends_no_mail(cast, signed_in):
    client = signed_in(cast.ada)
    answer = client.post(url("invite"), {"roles": ["viewer"], "days": 1}, follow=True)
    assert answer.context["fresh"]["link"].startswith("http://testserver/invitations/")
    assert mail.outbox == []


def test_a_mail_server_that_fails_leaves_the_invitation_standing(cast, signed_in, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    sent = {"email": "new@example.org", "roles": ["viewer"], "days": 7}
    page = signed_in(cast.ada).post(url("invite"), sent, follow=True).content.decode()
    assert "could not be sent" in page
    assert "/invitations/" in page
    assert Invitation.objects.get().state == "open"


def test_without_a_mail_server_the_lead_is_told_where_the_letter_lies(
    cast, signed_in, settings, tmp_path
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    sent = {"email": "new@example.org", "roles": ["viewer"], "days": 7}
    answer = signed_in(cast.ada).post(url("invite"), sent, follow=True)
    assert f"the letter lies in {tmp_path / 'outbox'}" in answer.content.decode()
    (letter,) = (tmp_path / "outbox").iterdir()
    assert answer.context["fresh"]["link"] in letter.read_text()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "new@example.org", "days": 7}, "roles"),
        ({"email": "nonsense", "roles": ["viewer"], "days": 7}, "email"),
        ({"roles": ["viewer"], "days": 0}, "days"),
        ({"roles": ["viewer"], "days": 366}, "days"),
        ({"roles": ["king"], "days": 7}, "roles"),
        ({"email": "BO@example.org", "roles": ["viewer"], "days": 7}, "__all__"),
    ],
)
def test_a_wrong_invitation_says_so_by_its_field(cast, signed_in, sent, field):
    answer = signed_in(cast.ada).post(url("invite"), sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_screeners_see_people_and_no_addresses_links_or_invitations(cast, review, signed_in):
    actions.invite(review, by=cast.ada, roles=["viewer"], email="new@example.org")
    page = signed_in(cast.bo).get(url("team")).content.decode()
    assert "Cy" in page
    assert "cy@example.org" not in page
    assert "new@example.org" not in page


# --- Using a link -----------------------------------------------------------------------------


def test_a_person_without_an_account_comes_in_through_sign_up(cast, review):
    _, token = actions.invite(review, by=cast.ada, roles=["screener"], email="dee@example.org")
    client = Client()
    page = client.get(link(token))
    assert page.status_code == 200
    assert "no-cache" in page.headers["Cache-Control"]
    assert not Membership.objects.filter(user__email="dee@example.org").exists()
    sign_up = client.get(page.context["sign_up"])
    assert sign_up.context["form"]["email"].value() == "dee@example.org"
    made = client.post(
        page.context["sign_up"],
        {
            "name": "Dee",
            "email": "dee@example.org",
            "password1": "correct horse battery",
            "next": link(token),
        },
    )
    assert made.headers["Location"] == link(token)
    assert "Take part" in client.get(link(token)).content.decode()
    assert accept(client, token).headers["Location"] == "/r/one/"
    assert client.get("/r/one/").status_code == 200
    dee = User.objects.get(email="dee@example.org")
    assert review.memberships.get(user=dee).roles == ["screener"]
    # The link leads on for the one who used it, and is closed to all others.
    assert client.get(link(token)).headers["Location"] == "/r/one/"
    assert Client().get(link(token)).status_code == 410


def test_a_person_with_an_account_comes_in_through_sign_in(cast, review):
    _, token = actions.invite(review, by=cast.ada, roles=["viewer"])
    client = Client()
    page = client.get(link(token))
    sent = {"login": "eve", "password": "a long password"}
    signed = client.post(page.context["sign_in"], sent)
    assert signed.headers["Location"] == link(token)
    assert accept(client, token).headers["Location"] == "/r/one/"


def test_the_wrong_person_is_told_and_nothing_is_used_up(cast, review, signed_in):
    invitation, token = actions.invite(
        review, by=cast.ada, roles=["viewer"], email="dee@example.org"
    )
    client = signed_in(cast.eve)
    page = client.get(link(token)).content.decode()
    assert "This invitation is for dee@example.org; you are signed in as eve@example.org" in page
    refused = accept(client, token)
    assert refused.status_code == 422
    assert "for dee@example.org" in refused.content.decode()
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert client.get("/r/one/").status_code == 404


@pytest.mark.parametrize("state", ["expired", "rescinded", "unknown"])
def test_a_link_that_does_not_work_says_one_sentence(cast, review, signed_in, state):
    invitation, token = actions.invite(review, by=cast.ada, roles=["viewer"])
    if state == "expired":
        invitation.expires_at = timezone.now() - timedelta(seconds=1)
        invitation.save()
    elif state == "rescinded":
        signed_in(cast.ada).post(url("rescind", invitation.pk))
    else:
        token = "nonsense"
    for client in (Client(), signed_in(cast.eve)):
        answer = client.get(link(token))
        assert answer.status_code in (404, 410)
        assert "Ask for a new one." in answer.content.decode()
        assert "Programs for youth" not in answer.content.decode()
    answer = accept(signed_in(cast.eve), token)
    assert answer.status_code == 422
    assert not Membership.objects.filter(review=review, user=cast.eve).exists()


def test_who_takes_part_already_is_told_and_the_link_stays_open(cast, review, signed_in):
    invitation, token = actions.invite(review, by=cast.ada, roles=["lead"])
    answer = accept(signed_in(cast.bo), token)
    assert "take part in this review already" in answer.content.decode()
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert cast.member("bo").roles == ["screener", "extractor"]


def test_an_invitation_is_used_once(cast, review):
    _, token = actions.invite(review, by=cast.ada, roles=["viewer"])
    actions.accept(token, by=cast.eve)
    with pytest.raises(Refused, match="accepted"):
        actions.accept(token, by=cast.zed)
    assert actions.accept(token, by=cast.eve).user == cast.eve  # pressing twice is no harm


def test_an_accepted_invitation_is_not_rescinded(cast, review, signed_in):
    invitation, token = actions.invite(review, by=cast.ada, roles=["viewer"])
    actions.accept(token, by=cast.eve)
    page = signed_in(cast.ada).post(url("rescind", invitation.pk), follow=True).content.decode()
    assert "remove the member instead" in page
    invitation.refresh_from_db()
    assert invitation.state == "accepted"


def test_an_invitation_of_another_review_is_out_of_reach(cast, signed_in):
    foreign, _ = actions.invite(cast.other, by=cast.zed, roles=["viewer"])
    assert signed_in(cast.ada).post(url("rescind", foreign.pk)).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "open"


def test_a_sign_in_between_leads_back_to_the_invitation(cast, review, signed_in):
    _, token = actions.invite(review, by=cast.ada, roles=["viewer"])
    signed_out = accept(Client(), token)
    assert signed_out.headers["Location"].startswith("/accounts/login/?next=/invitations/")
    back = signed_in(cast.eve).get(reverse("reviews:accept", args=[token]))
    assert back.headers["Location"] == link(token)


# --- Roles, and leaving -----------------------------------------------------------------------


def test_roles_are_changed_and_logged(cast, review, signed_in):
    client = signed_in(cast.ada)
    bo = cast.member("bo")
    answer = client.post(url("roles", bo.pk), {"roles": ["viewer", "adjudicator"]})
    assert answer.status_code == 302
    bo.refresh_from_db()
    assert bo.roles == ["adjudicator", "viewer"]
    event = review.events.get(verb="changed roles")
    assert (event.before, event.after) == (["screener", "extractor"], ["adjudicator", "viewer"])
    assert client.post(url("roles", bo.pk), {}).status_code == 422
    bo.refresh_from_db()
    assert bo.roles == ["adjudicator", "viewer"]


def test_the_last_lead_stays(cast, review, signed_in):
    client = signed_in(cast.ada)
    ada = cast.member("ada")
    answer = client.post(url("roles", ada.pk), {"roles": ["viewer"]})
    assert answer.status_code == 422
    assert "A review needs a lead" in answer.content.decode()
    assert (
        "A review needs a lead" in client.post(url("remove", ada.pk), follow=True).content.decode()
    )
    ada.refresh_from_db()
    assert (ada.roles, ada.left_at) == (["lead"], None)
    actions.set_roles(cast.member("bo"), ["lead"], by=cast.ada)
    assert client.post(url("remove", ada.pk)).headers["Location"] == "/"
    assert client.get("/r/one/").status_code == 404


def test_everybody_may_leave_and_only_the_lead_removes(cast, review, signed_in):
    client = signed_in(cast.bo)
    assert client.post(url("remove", cast.member("cy").pk)).status_code == 403
    assert cast.member("cy").left_at is None
    assert client.post(url("remove", cast.member("bo").pk)).status_code == 302
    assert client.get("/r/one/").status_code == 404
    assert review.events.filter(verb="left the review", actor=cast.bo).exists()


def test_a_removed_members_votes_stay_and_their_work_waits_for_others(
    cast, review, signed_in, make_report
):
    half, conflict, excluded = make_report(review), make_report(review), make_report(review)
    screening.decide(half, "abstract", "include", by=cast.bo)
    screening.decide(conflict, "abstract", "include", by=cast.bo)
    screening.decide(conflict, "abstract", "exclude", by=cast.cy)
    for user in (cast.bo, cast.cy):
        screening.decide(excluded, "abstract", "exclude", by=user)
    before = list(Decision.objects.order_by("pk").values())
    boxes = flow.boxes(review)
    signed_in(cast.ada).post(url("remove", cast.member("bo").pk))
    assert list(Decision.objects.order_by("pk").values()) == before
    assert flow.boxes(review) == boxes
    assert flow.misplaced(review) == []
    assert all(identity.holds for identity in flow.identities(review, boxes))
    # What Bo began, Cy and a new screener finish; the conflict is settled as before.
    actions.set_roles(cast.member("ed"), ["screener"], by=cast.ada)
    screening.decide(half, "abstract", "include", by=cast.ed)
    half.refresh_from_db()
    assert half.place == "sought"
    screening.final_word(conflict, "abstract", "exclude", by=cast.al)
    assert flow.boxes(review)["D4"] == 2
    assert "Bo" in signed_in(cast.ada).get(url("members")).content.decode()


def test_who_left_is_not_given_roles_and_comes_back_by_invitation(cast, review):
    bo = cast.member("bo")
    actions.remove(bo, by=cast.ada)
    with pytest.raises(Clash, match="has left"):
        actions.set_roles(bo, ["viewer"], by=cast.ada)
    _, token = actions.invite(review, by=cast.ada, roles=["viewer"], email=cast.bo.email)
    assert actions.accept(token, by=cast.bo).pk == bo.pk
    bo.refresh_from_db()
    assert (bo.roles, bo.left_at) == (["viewer"], None)


def test_lists_take_a_fixed_number_of_queries(
    cast, review, signed_in, django_assert_max_num_queries
):
    client = signed_in(cast.ada)
    for number in range(25):
        _, token = actions.invite(review, by=cast.ada, roles=["viewer"])
        user = User.objects.create_user(f"p{number}", f"p{number}@example.org", "x")
        if number % 2:
            actions.accept(token, by=user)
    with django_assert_max_num_queries(12):
        page = client.get(url("members"))
    assert page.context["invitations"].paginator.num_pages == 2
