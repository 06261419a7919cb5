"""Tokens: what each may do, where and how long; and what the API's door says to everybody."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.authtoken.models import Token

from reviews import throttling, tokens
from reviews.access import CAPABILITIES
from reviews.models import AccessToken, Review
from reviews.refusal import Refused
from reviews.tokens import Scope

pytestmark = pytest.mark.django_db


def ask(secret, path="reviews/one/", method="get", data=None):
    sent = {"data": data, "content_type": "application/json"} if method != "get" else {}
    header = {"Authorization": f"Token {secret}"}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=header, **sent)


def made(user, *scopes, **more):
    return tokens.make(user, name="A test", scopes=scopes, **more)


# --- The page ---------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_is_revoked(cast, signed_in):
    client = signed_in(cast.bo)
    sent = {"name": "Nightly import", "scopes": ["decide"], "days": "30"}
    shown = client.post("/accounts/me/token/", sent, follow=True)
    secret = shown.context["fresh"]
    assert secret in shown.content.decode()
    assert secret not in client.get("/accounts/me/tokens/").content.decode()
    token = AccessToken.objects.get()
    assert (token.name, token.scopes) == ("Nightly import", ["read", "decide"])
    assert timedelta(29) < token.expires_at - timezone.now() <= timedelta(30)
    assert secret not in (token.hash, token.begins)
    assert ask(secret).status_code == 200
    client.post(f"/accounts/me/tokens/{token.pk}/revoke/")
    answer = ask(secret)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "This token is revoked."}
    assert "Revoked" in client.get("/accounts/me/tokens/").content.decode()


def test_nobody_revokes_the_token_of_another(cast, signed_in):
    token, secret = made(cast.bo)
    assert signed_in(cast.ada).post(f"/accounts/me/tokens/{token.pk}/revoke/").status_code == 404
    assert ask(secret).status_code == 200


def test_a_form_without_a_name_is_asked_again(cast, signed_in):
    answer = signed_in(cast.bo).post("/accounts/me/token/", {"name": "", "scopes": ["manage"]})
    assert answer.status_code == 422
    assert not AccessToken.objects.exists()


def test_a_program_that_posts_nothing_gets_a_token_for_all_but_transcripts(cast, signed_in):
    secret = signed_in(cast.ada).post("/accounts/me/token/", follow=True).context["fresh"]
    assert AccessToken.objects.get().scopes == ["read", "decide", "manage"]
    assert ask(secret, "reviews/", "post", {"title": "Made by a program"}).status_code == 201


def test_only_reviews_of_mine_can_be_chosen(cast, signed_in):
    sent = {"name": "Other", "review": cast.other.pk, "days": "30"}
    assert signed_in(cast.bo).post("/accounts/me/token/", sent).status_code == 422
    with pytest.raises(Refused, match="no part in that review"):
        made(cast.bo, review=cast.other)


# --- What each opens --------------------------------------------------------------------------


def test_a_token_from_before_scopes_goes_on_working_until_it_is_revoked(cast, signed_in):
    early = Token.objects.create(user=cast.ada).key
    assert ask(early).status_code == 200
    assert ask(early, "reviews/", "post", {"title": "By an early token"}).status_code == 201
    assert (
        "made before tokens had scopes"
        in signed_in(cast.ada).get("/accounts/me/tokens/").content.decode()
    )
    signed_in(cast.ada).post("/accounts/me/token/revoke/")
    assert ask(early).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "opened"),
    [((), set()), (("decide",), {"decide"}), (("manage",), {"manage"})],
)
def test_a_scope_opens_what_it_names(cast, make_report, scopes, opened):
    report = make_report(cast.review)
    lead = made(cast.ada, *scopes)[1]
    screener = made(cast.bo, *scopes)[1]
    assert ask(lead).status_code == 200
    update = ask(lead, "reviews/one/update/", "post", {"version": 1})
    assert update.status_code == (200 if "manage" in opened else 403)
    vote = {"stage": "abstract", "verdict": "include"}
    decided = ask(screener, f"reviews/one/reports/{report.pk}/decisions/", "post", vote)
    assert decided.status_code == (201 if "decide" in opened else 403)
    if not opened:
        assert decided.json() == {"detail": "This token has not the scope decide."}


def test_a_token_never_does_what_its_owner_may_not(cast):
    secret = made(cast.obi, *Scope.values)[1]
    answer = ask(secret, "reviews/one/update/", "post", {"version": 1})
    assert answer.status_code == 403
    assert "viewer" in answer.json()["detail"]


def test_a_token_of_one_review_knows_no_other(cast):
    second = Review.objects.get(pk=cast.other.pk)
    second.memberships.create(user=cast.bo, roles=["viewer"])
    secret = made(cast.bo, review=cast.review)[1]
    assert [each["slug"] for each in ask(secret, "reviews/").json()["results"]] == ["one"]
    assert ask(secret, "reviews/two/").status_code == 403
    assert ask(secret, "reviews/", "post", {"title": "New"}).status_code == 403
    # A review that is not theirs stays private: 404, not "this token is for another one".
    assert ask(made(cast.eve)[1], "reviews/one/").status_code == 404


def test_an_expired_token_and_one_of_a_closed_account_are_shut_out(cast):
    token, secret = made(cast.bo)
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert ask(secret).json() == {"detail": "This token is expired."}
    other = made(cast.cy)[1]
    cast.cy.is_active = False
    cast.cy.save()
    assert ask(other).status_code == 401


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    asked=st.sets(st.sampled_from(sorted(CAPABILITIES)), min_size=1),
)
def test_every_write_needs_more_than_reading_and_interviews_their_own_scope(method, asked):
    needed = tokens.needed(method, asked)
    assert Scope.READ in needed
    assert (method == "GET") == (not needed & {Scope.DECIDE, Scope.MANAGE})
    assert (Scope.TRANSCRIPTS in needed) == bool(asked & {"read_transcripts", "code"})


def test_last_use_is_written_once_a_minute(cast):
    secret = made(cast.bo)[1]
    ask(secret)
    first = AccessToken.objects.get().last_used_at
    assert first is not None
    ask(secret)
    assert AccessToken.objects.get().last_used_at == first
    AccessToken.objects.update(last_used_at=first - timedelta(minutes=2))
    ask(secret)
    assert AccessToken.objects.get().last_used_at > first - timedelta(minutes=1)


# --- What the door says to everybody ----------------------------------------------------------


def test_beyond_the_limit_there_is_429_with_the_time_to_wait(cast, settings):
    throttling._own.clear()  # SQLite gives a token of another test the same number
    secret = made(cast.bo)[1]
    settings.API_PER_MINUTE = 3
    # Windows are clock minutes: six requests lie in two of them at the most.
    answers = [ask(secret) for _ in range(7)]
    refused = [each for each in answers if each.status_code == 429]
    assert refused
    assert 0 < int(refused[0].headers["Retry-After"]) <= 60
    assert ask(made(cast.bo)[1]).status_code == 200  # each token has its own count


def test_a_slug_that_is_taken_is_said(cast):
    secret = made(cast.bo, Scope.MANAGE)[1]
    answer = ask(secret, "reviews/", "post", {"title": "Again", "slug": "one"})
    assert (answer.status_code, answer.json()) == (409, {"detail": "The address “one” is taken."})


@pytest.mark.parametrize(
    ("path", "method", "data", "named"),
    [
        ("reviews/", "post", {"title": "New", "titel": "New"}, "titel"),
        ("reviews/", "post", {"title": "New", "roles": ["lead"]}, "roles"),
        ("reviews/one/update/", "post", {"version": 1, "versoin": 2}, "versoin"),
        ("reviews/one/reports/?plaec=conflict", "get", None, "plaec"),
        ("reviews/one/searches/?limit=3", "get", None, "limit"),
        ("reviews/one/?x=1", "get", None, "x"),
        ("reviews/?q=1", "get", None, "q"),
    ],
)
def test_an_unknown_field_is_refused_by_its_name(cast, path, method, data, named):
    answer = ask(made(cast.ada, Scope.MANAGE)[1], path, method, data)
    assert answer.status_code == 400
    assert answer.json() == {named: ["There is no such field."]}


def test_a_page_that_is_no_number_or_too_large_is_refused(cast):
    secret = made(cast.ada)[1]
    for query in ("page=0", "page=x", "page_size=0", "page_size=1001"):
        assert ask(secret, f"reviews/one/reports/?{query}").status_code == 400
    assert ask(secret, "reviews/one/reports/?page=7").status_code == 404


def test_a_request_of_more_fields_than_django_reads_is_a_bad_request(
    cast, review, signed_in, settings
):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    many = "&".join(f"field{n}=1" for n in range(11))
    answer = signed_in(cast.ada).post(
        "/api/v1/reviews/one/starters/", many, "application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "detail": "This request is malformed, or larger than a request may be."
    }
