"""Signing up, in and out, passwords and two-step sign-in: whole ways through our own templates."""

import base64
import hmac
import re
import time

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(django_user_model):
    ada = django_user_model.objects.create_user("ada", "ada@example.org", PASSWORD)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    return ada


def page(answer, heading, status=200):
    """The page's text, once it stands in our layout under this heading."""
    html = answer.content.decode()
    assert answer.status_code == status, html
    assert re.search(rf"<h1>\s*{heading}\s*</h1>", html), html
    assert 'id="main"' in html
    assert "css/tokens.css" in html
    return html


def code_for(secret):
    """RFC 6238: the six digits that an authenticator app shows in this half minute."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(time.time() // 30).to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in(client, login="ada", password=PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


@pytest.mark.django_db
def test_signing_in_and_out(client, ada):
    html = page(client.get(reverse("account_login")), "Sign in")
    assert 'name="login"' in html
    assert 'name="password"' in html
    html = page(sign_in(client, password="wrong"), "Sign in")
    assert 'role="alert"' in html
    assert 'value="ada"' in html
    assert sign_in(client).status_code == 302
    page(client.get(reverse("account_logout")), r"Sign out\?")
    assert client.post(reverse("account_logout")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_signing_up_shows_errors_by_their_fields(client):
    page(client.get(reverse("account_signup")), "Make an account")
    html = page(client.post(reverse("account_signup"), {"email": "nonsense"}), "Make an account")
    assert 'id="id_email_error"' in html
    assert 'value="nonsense"' in html


@pytest.mark.django_db
def test_a_forgotten_password_is_chosen_anew(client, ada):
    page(client.get(reverse("account_reset_password")), "Reset your password")
    answer = client.post(reverse("account_reset_password"), {"email": ada.email}, follow=True)
    page(answer, "Look in your mailbox")
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    html = page(client.get(link, follow=True), "Choose a new password")
    action = re.search(r'<form method="post" action="([^"]+)"', html)[1]
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    page(client.post(action, new, follow=True), "Your password is changed")
    assert sign_in(client, password="another horse battery").status_code == 302
    client.logout()
    page(client.get(link, follow=True), "This link no longer works")


@pytest.mark.django_db
def test_the_account_pages_share_their_tabs(client, ada):
    sign_in(client)
    for name in ("account_email", "account_change_password", "mfa_index"):
        html = page(client.get(reverse(name)), "Your account")
        assert html.count('aria-current="page"') == 1


@pytest.mark.django_db
def test_an_address_is_added_confirmed_and_removed(client, ada):
    sign_in(client)
    url = reverse("account_email")
    answer = client.post(url, {"email": "ada@home.example", "action_add": ""}, follow=True)
    assert "Not confirmed" in page(answer, "Your account")
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", mail.outbox[-1].body)[1]
    assert "ada@home.example" in page(client.get(link), "Confirm your address")
    assert client.post(link).status_code == 302
    assert "Confirmed" in page(client.get(url), "Your account")
    page(
        client.post(url, {"email": "ada@home.example", "action_remove": ""}, follow=True),
        "Your account",
    )
    assert [each.email for each in ada.emailaddress_set.all()] == ["ada@example.org"]


@pytest.mark.django_db
def test_two_step_sign_in_from_turning_on_to_turning_off(client, ada):
    sign_in(client)
    asked = client.get(reverse("mfa_activate_totp"))  # a change of the account asks once more
    page(client.get(asked.url), r"Is it you\?")
    answer = client.post(asked.url, {"password": PASSWORD}, follow=True)
    html = page(answer, "Turn on two-step sign-in")
    assert 'src="data:image/svg+xml' in html
    secret = re.search(r'id="totp-secret"[^>]*value="([^"]+)"', html)[1]
    wrong = page(
        client.post(reverse("mfa_activate_totp"), {"code": "000000"}), "Turn on two-step sign-in"
    )
    assert 'id="id_code_error"' in wrong
    secret = re.search(r'id="totp-secret"[^>]*value="([^"]+)"', wrong)[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}, follow=True)
    html = page(answer, "Recovery codes")
    codes = re.search(r'id="recovery-codes">(.*?)</pre>', html, re.S)[1].split()
    assert len(codes) == 10
    assert "10 of 10 left" in page(client.get(reverse("mfa_index")), "Your account")
    page(client.get(reverse("mfa_generate_recovery_codes")), r"Make new recovery codes\?")

    client.logout()
    page(client.get(sign_in(client).url), "Second step")
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    assert "9 of 10 left" in page(client.get(reverse("mfa_index")), "Your account")

    asked = client.get(reverse("mfa_deactivate_totp"))
    page(client.get(asked.url), r"Is it you\?")
    answer = client.post(asked.url, {"password": PASSWORD}, follow=True)
    page(answer, r"Turn off two-step sign-in\?")
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert "your password alone" in page(client.get(reverse("mfa_index")), "Your account")
