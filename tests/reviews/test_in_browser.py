"""People and protocol in a real Chromium: the ways in, and the pages that move by themselves."""

import re

import pytest
from allauth.mfa.totp.internal import auth
from django.core import mail
from playwright.sync_api import expect

from reviews import actions, jobs
from reviews.models import Job, User

pytestmark = pytest.mark.browser

PASSWORD = "a long password"


def sign_in(page, login, password=PASSWORD):
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


def code_for(secret):
    counter = next(iter(auth.yield_hotp_counters_from_time()))
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def test_an_invited_person_comes_in_secures_the_account_and_comes_back(visit, cast):
    # 1. Ada signs in with her e-mail address and invites Dee.
    ada = visit("/r/one/members/")
    sign_in(ada, "ada@example.org")
    ada.get_by_label("E-mail address").fill("dee@example.org")
    ada.get_by_role("checkbox", name=re.compile("Screener")).check()
    ada.get_by_role("button", name="Make the invitation").click()
    link = ada.locator("#fresh-link").inner_text()
    assert link in mail.outbox[0].body
    ada.reload()
    expect(ada.locator("#fresh-link")).to_have_count(0)

    # 2. Dee has no account: the link leads through making one, and back.
    dee = visit(link)
    dee.get_by_role("link", name="Make an account").click()
    expect(dee.locator("[name=email]")).to_have_value("dee@example.org")
    dee.get_by_label("Your name").fill("Dee Lind")
    dee.locator("[name=password1]").fill("correct horse battery")
    dee.get_by_role("button", name="Sign up").click()
    dee.get_by_role("button", name="Take part").click()
    expect(dee.get_by_role("heading", level=1)).to_have_text("Programs for youth")

    # 3. She turns the second step on and keeps a recovery code.
    User.objects.get(email="dee@example.org").emailaddress_set.update(verified=True)
    dee.goto("/accounts/me/")
    dee.get_by_role("link", name="turn on").click()
    dee.get_by_role("link", name="Turn on").click()
    dee.locator("[name=password]").fill("correct horse battery")
    dee.get_by_role("button", name="Go on").click()
    secret = dee.get_by_label("Secret, if you can’t scan").input_value()
    dee.locator("[name=code]").fill(code_for(secret))
    dee.get_by_role("button", name="Turn on").click()
    dee.wait_for_url("**/accounts/2fa/recovery-codes/")
    recovery = dee.locator("#recovery-codes").inner_text().split()
    assert len(recovery) == 10

    # 4. Out, and in again: the password is no longer enough.
    dee.goto("/accounts/logout/")
    dee.locator("main button[type=submit]").first.click()
    sign_in(dee, "dee@example.org", "correct horse battery")
    expect(dee).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    dee.locator("[name=code]").fill(recovery[0])
    dee.locator("main button[type=submit]").first.click()
    expect(dee.get_by_role("link", name="Programs for youth")).to_be_visible()


def test_a_forgotten_password_comes_back_by_mail(visit, cast):
    page = visit("/accounts/login/")
    page.get_by_role("link", name=re.compile("forgot", re.I)).click()
    page.locator("[name=email]").fill("bo@example.org")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("mailbox")
    link = re.search(r"http://\S+/password/reset/key/\S+", mail.outbox[0].body)[0]
    page.goto(link)
    page.locator("[name=password1]").fill("another long one")
    page.locator("[name=password2]").fill("another long one")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile("done"))
    page.goto("/accounts/login/")
    sign_in(page, "bo", "another long one")
    expect(page.get_by_role("heading", level=1)).to_have_text("My reviews")


def criteria(page, kind):
    return page.locator(f"textarea[name={kind}]")


@pytest.mark.parametrize("javascript", [True, False])
def test_criteria_are_added_moved_and_removed(visit, cast, review, javascript):
    page = visit("/r/one/setup/", java_script_enabled=javascript)
    sign_in(page, "ada")
    rows = criteria(page, "inclusion")
    rows.nth(0).fill("One")
    page.locator("[value='add:inclusion']").click()
    expect(rows).to_have_count(2)
    rows.nth(1).fill("Two")
    page.locator("[value='add:inclusion']").click()
    rows.nth(2).fill("Three")
    row = page.locator("ol[data-kind=inclusion] > li")
    row.nth(2).get_by_role("button", name="Move up").click()
    expect(rows.nth(1)).to_have_value("Three")
    row.nth(0).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(2)
    expect(page.get_by_text("These changes are not saved yet")).to_be_visible()
    criteria(page, "exclusion").nth(0).fill("Mice")
    page.get_by_role("button", name="Save the criteria").click()
    expect(page.get_by_text("Version 1").first).to_be_visible()
    assert [each.text for each in actions.criteria_in_force(review)] == ["Mice", "Three", "Two"]


def test_a_framework_shows_its_own_parts_and_keeps_the_others(visit, cast):
    page = visit("/reviews/new/")
    sign_in(page, "eve")
    page.get_by_label("Title").fill("Peers")
    population, sample = page.locator("[name=population]"), page.locator("[name=sample]")
    population.fill("Youth")
    expect(sample).to_be_hidden()
    page.get_by_label("SPIDER").check()
    expect(population).to_be_hidden()
    sample.fill("Parents")
    page.get_by_label("PCC").check()
    expect(population).to_have_value("Youth")
    expect(page.locator("[name=concept]")).to_be_visible()
    expect(page.locator("[name=intervention]")).to_be_hidden()
    page.get_by_role("button", name="Start the review").click()
    expect(page.get_by_text("Three things to do")).to_be_visible()


def test_a_jobs_page_follows_the_work_to_its_end(visit, cast, review):
    jobs.work("read-a-file")(lambda run: {"text": "12 records were read."})
    job = jobs.enqueue(review, "read-a-file", by=cast.ada)
    page = visit(f"/r/one/jobs/{job.pk}/")
    sign_in(page, "ada")
    expect(page.get_by_text("Waiting its turn")).to_be_visible()
    expect(page.get_by_role("button", name="Stop it")).to_be_visible()
    run = jobs.claim(job.pk)
    run.step(4, 12, "Reading records")
    expect(page.get_by_text("4 of 12")).to_be_visible()
    jobs.perform(run)
    expect(page.get_by_text("12 records were read.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop it")).to_have_count(0)
    assert Job.objects.get(pk=job.pk).state == "done"


def test_the_menu_brings_my_other_reviews(visit, cast):
    actions.create_review("Second of Ada", by=cast.ada)
    page = visit("/r/one/")
    sign_in(page, "ada")
    page.locator(".rail-review summary").click()
    page.get_by_role("link", name="Second of Ada").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second of Ada")


def test_a_person_is_removed_after_a_question(visit, cast, review):
    page = visit("/r/one/members/")
    sign_in(page, "ada")
    row = page.get_by_role("row", name=re.compile("Cy"))
    row.get_by_role("button", name="Remove").click()
    row.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Cy no longer takes part")).to_be_visible()
    assert cast.member("cy").left_at
