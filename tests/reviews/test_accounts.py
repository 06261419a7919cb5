"""Sign-up, sign-in, sign-out, password reset and the second step: allauth as we have set it."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from reviews.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests():
    cache.clear()


def code_for(secret):
    """What an authenticator app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def is_in(client):
    return client.get("/accounts/me/").status_code == 200


def sign_in(client, login, password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": login, "password": password, **more})


def test_sign_up_asks_name_e_mail_and_password(client):
    form = client.get("/accounts/signup/").context["form"]
    assert list(form.fields) == ["name", "email", "password1"]
    sent = {"name": "Dee Lind", "email": "Dee@Example.org", "password1": "correct horse battery"}
    assert client.post("/accounts/signup/", sent).headers["Location"] == "/"
    dee = User.objects.get()
    assert (str(dee), dee.email) == ("Dee Lind", "dee@example.org")
    assert dee.password.startswith("md5$") or dee.password.startswith("argon2")
    assert is_in(client)
    (letter,) = mail.outbox
    assert letter.subject == "[Concord] Confirm your e-mail address"
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", letter.body)[1]
    client.post(link)
    assert dee.emailaddress_set.get().verified


def test_a_letter_to_nobody_says_so_to_nobody_else(client):
    answer = client.post("/accounts/password/reset/", {"email": "x@example.org"}, follow=True)
    assert "If an account has that address" in answer.content.decode()
    (letter,) = mail.outbox
    assert "no account has the address x@example.org" in letter.body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password1": "short"}, "password1"),
        ({"password1": "password1234"}, "password1"),
        ({"password1": "1234567890123"}, "email"),
        ({"email": "bo@example.org"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"name": ""}, "name"),
    ],
)
def test_a_wrong_sign_up_says_so_by_its_field(cast, client, change, field):
    sent = {"name": "Dee", "email": "dee@example.org", "password1": "correct horse battery"}
    if change == {"password1": "1234567890123"}:
        change |= {"email": "1234567890123"}
    answer = client.post("/accounts/signup/", sent | change)
    assert field in answer.context["form"].errors
    assert not User.objects.filter(name="Dee").exists()


@pytest.mark.parametrize("login", ["bo", "bo@example.org", "BO@example.org"])
def test_sign_in_takes_user_name_or_e_mail(cast, client, login):
    assert sign_in(client, login).headers["Location"] == "/"
    assert is_in(client)


def test_sign_in_leads_back_and_never_to_another_host(cast, client):
    asked = client.get("/r/one/")
    assert asked.headers["Location"] == "/accounts/login/?next=/r/one/"
    assert sign_in(client, "bo", next="/r/one/").headers["Location"] == "/r/one/"
    assert sign_in(Client(), "bo", next="https://evil.example/").headers["Location"] == "/"


def test_a_wrong_password_says_nothing_about_who_exists(cast, client):
    known = sign_in(client, "bo", "wrong")
    unknown = sign_in(client, "nobody", "wrong")
    assert known.context["form"].errors == unknown.context["form"].errors
    assert not is_in(client)


def test_guessing_is_slowed_down(cast, client):
    answers = [sign_in(client, "bo", f"guess {number}") for number in range(7)]
    assert "Too many failed" in str(answers[-1].context["form"].errors)
    sign_in(client, "bo")
    assert not is_in(client)


def test_signing_out_takes_a_press_of_a_button(cast, client):
    sign_in(client, "bo")
    client.get("/accounts/logout/")
    assert is_in(client)
    assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
    assert not is_in(client)


# --- A forgotten password -----------------------------------------------------------------------


def test_a_password_is_reset_by_mail(cast, client):
    answer = client.post("/accounts/password/reset/", {"email": "bo@example.org"}, follow=True)
    assert "mail" in answer.content.decode()
    (letter,) = mail.outbox
    assert letter.to == ["bo@example.org"]
    assert letter.subject == "[Concord] Choose a new password"
    assert letter.body.startswith("Hello,\n\nsomebody")
    assert letter.body.rstrip().endswith("Concord")
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]
    page = client.get(link, follow=True)
    action = page.redirect_chain[-1][0]
    sent = {"password1": "another long one", "password2": "another long one"}
    assert client.post(action, sent).status_code == 302
    assert not is_in(Client())
    assert sign_in(fresh := Client(), "bo", "another long one").status_code == 302
    assert is_in(fresh)
    sign_in(old := Client(), "bo")
    assert not is_in(old)
    # The link is good once.
    assert client.get(link, follow=True).context.get("token_fail")


def test_without_a_mail_server_the_page_says_where_the_letter_lies(
    cast, client, settings, tmp_path
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    answer = client.post("/accounts/password/reset/", {"email": "bo@example.org"}, follow=True)
    assert str(tmp_path / "outbox") in answer.content.decode()
    (letter,) = (tmp_path / "outbox").iterdir()
    assert "/accounts/password/reset/key/" in letter.read_text()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    page = client.get("/accounts/password/reset/done/").content.decode()
    assert "outbox" not in page


# --- The second step --------------------------------------------------------------------------


@pytest.fixture
def secured(cast, client):
    """Bo with an authenticator app; (secret, recovery codes)."""
    sign_in(client, "bo")
    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    client.post(asked, {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert answer.status_code == 302
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    client.post("/accounts/logout/")
    return secret, codes


def test_with_an_app_the_password_alone_is_not_enough(cast, secured, client):
    _, codes = secured
    assert len(codes) == 10
    answer = sign_in(client, "bo", next="/r/one/")
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client)
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.context["form"].errors
    assert not is_in(client)


def test_the_apps_code_signs_in_and_is_good_once(cast, secured, client, monkeypatch):
    from allauth.mfa.totp.internal import auth

    secret, _ = secured
    # The code that turned the app on is used up: the clock moves to the next one.
    later = next(iter(auth.yield_hotp_counters_from_time())) + 1
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: [later])
    code = auth.format_hotp_value(auth.hotp_value(secret, later))
    sign_in(client, "bo", next="/r/one/")
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert is_in(client)
    sign_in(second := Client(), "bo")
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_in(second)


def test_a_recovery_code_signs_in_once(cast, secured, client):
    _, codes = secured
    sign_in(client, "bo")
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert is_in(client)
    sign_in(second := Client(), "bo")
    second.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert not is_in(second)


def test_the_account_page_says_that_it_is_on(cast, secured, client):
    _, codes = secured
    sign_in(client, "bo")
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert client.get("/accounts/me/").context["second_factor"]
