"""Five people come together: sign-up, the review, its reasons, invitations by link."""

import re

from playwright.sync_api import expect

PASSWORD = "a quiet harbour at night"
ROLES = {
    "Bo Achterberg": ["Screener", "Extractor"],
    "Cy Okafor": ["Screener", "Extractor"],
    "Al Moreno": ["Adjudicator"],
    "Ann Whitlock": ["Analyst"],
}
REASONS = ["Wrong population", "Not a program", "No component described"]
TITLE = "Programs that help people who gamble"


def sign_up(page, name):
    page.get_by_label("Your name").fill(name)
    page.locator("[name=email]").fill(f"{name.split()[0].lower()}@example.org")
    page.locator("[name=password1]").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()


def found_a_review(ada):
    """Ada signs up, asks the question and writes the criteria; returns the review's address."""
    ada.goto("/accounts/signup/")
    sign_up(ada, "Ada Lindqvist")
    ada.goto("/reviews/new/")
    ada.get_by_label("Title").fill(TITLE)
    ada.get_by_role("radio", name=re.compile("^PICO ")).or_(
        ada.get_by_role("radio", name="PICO", exact=True)
    ).first.check()
    ada.get_by_label("Population").first.fill("People who gamble, of any age")
    ada.get_by_label("Reviewers per report").fill("2")
    ada.get_by_role("button", name="Start the review").click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text(TITLE)
    home = "/r/" + re.search(r"/r/([^/]+)/", ada.url).group(1)

    ada.goto(f"{home}/setup/")
    criteria = ada.locator("form[data-criteria]")
    criteria.locator("[name=inclusion]").first.fill("A program for people who gamble")
    criteria.locator("[name=exclusion]").first.fill("Animals or machines only")
    criteria.get_by_role("button", name="Save the criteria").click()
    expect(ada.locator("#criteria")).to_contain_text("Version 1")

    ada.goto(f"{home}/reasons/")
    fulltext = ada.locator("section", has=ada.locator("#reasons-fulltext"))
    for reason in REASONS:
        fulltext.get_by_label("Add a reason").fill(reason)
        fulltext.get_by_role("button", name="Add", exact=True).click()
        expect(fulltext.locator(f"input[value='{reason}']")).to_be_visible()
    return home


def invite(ada, home, name):
    """A link that works once, for whoever holds it."""
    ada.goto(f"{home}/members/")
    for role in ROLES[name]:
        ada.locator("#invite").get_by_role("checkbox", name=re.compile(role)).check()
    ada.get_by_role("button", name="Make the invitation").click()
    return ada.locator("#fresh-link").inner_text()


def accept(page, link, name):
    page.goto(link)
    page.get_by_role("link", name="Make an account").click()
    sign_up(page, name)
    page.get_by_role("button", name="Take part").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
