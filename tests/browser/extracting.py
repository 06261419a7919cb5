"""Components and codebook by the lead, one study by two blind extractors, the rest by Al."""

import csv
import re

from playwright.sync_api import expect

TREE = [
    ("REL", "Relationships", "", False),
    ("REL-MENTOR", "Mentor", "REL", True),
    ("REL-PEER", "Peer support", "REL", True),
]
QUESTIONS = [
    ("Country", "Text"),
    ("Participants", "Number"),
    ("Program components", "Program components"),
]
MENTOR = "Each young person had one mentor"


def plant_tree(ada, home):
    for code, name, below, is_codable in TREE:
        ada.goto(f"{home}/components/add/")
        ada.get_by_label("Code", exact=True).fill(code)
        ada.get_by_label("Name", exact=True).fill(name)
        if below:
            ada.get_by_label("Below").select_option(
                label=next(
                    words
                    for words in ada.get_by_label("Below").locator("option").all_inner_texts()
                    if below in words
                )
            )
        ada.get_by_label("Definition").fill(f"What a program offers as {name.lower()}.")
        ada.get_by_label("Can be coded").set_checked(is_codable)
        ada.get_by_role("button", name="Save").click()
        expect(ada.locator(".tree")).to_contain_text(name)


def publish_codebook(ada, home):
    ada.goto(f"{home}/codebook/")
    ada.get_by_role("button", name="Start empty").click()
    for label, kind in QUESTIONS:
        ada.goto(f"{home}/codebook/add/")
        ada.get_by_label("Question", exact=True).fill(label)
        kinds = ada.get_by_label("Kind of answer")
        words = [w for w in kinds.locator("option").all_inner_texts() if kind.lower() in w.lower()]
        kinds.select_option(label=words[0])
        ada.get_by_label("Section").fill("Study")
        ada.get_by_label("Needs an answer").check()
        ada.get_by_role("button", name="Save", exact=True).click()
        expect(ada.get_by_role("link", name=label, exact=True)).to_be_visible()
    ada.get_by_role("button", name=re.compile("^Publish")).click()
    expect(ada.get_by_text("Version 1, published")).to_be_visible()


def first_study(page, home):
    """The address of the first study of the list."""
    page.goto(f"{home}/extraction/")
    return page.locator("tbody .title-cell a").first.get_attribute("href")


def extract(page, study, *, country, participants, component):
    """Fill the form beside the document, a quote taken from the words marked there."""
    page.goto(study)
    page.get_by_role("button", name="Begin my form").click()
    page.get_by_label(re.compile("^Country")).fill(country)
    page.get_by_label(re.compile("^Participants")).fill(participants)
    page.get_by_label(re.compile("^Participants")).press("Tab")
    found = page.locator(".answer", has=page.get_by_role("heading", name="Program components"))
    with page.expect_response(re.compile(r"/find/\?q=")):
        found.get_by_role("searchbox").fill(component)
    expect(found.get_by_text("Peer support")).to_have_count(0)
    found.get_by_role("radio", name=re.compile(component)).first.check()
    page.locator(".textLayer span", has_text=MENTOR).first.click(click_count=3)
    found.get_by_role("button", name="Take the selected text").last.click()
    expect(found.get_by_label("Quote").last).to_have_value(re.compile(MENTOR))
    found.get_by_role("button", name="Add the component").click()
    expect(page.locator(".entry")).to_contain_text(component)
    page.get_by_role("button", name="Save and hand in").click()
    expect(page.locator(".items", has_text="Handed in").first).to_be_visible()


def expect_blind(page, study, words):
    """Nothing of the other one's form is on the page before both have handed in."""
    page.goto(study)
    assert words not in page.content()


def adjudicate(al, study):
    """Take A's or B's answer to each difference, by keyboard; says how many there were."""
    al.goto(f"{study}adjudicate/")
    cards = al.locator(".verdict-card[data-open]")
    expect(cards.first).to_be_visible()
    differences = cards.count()
    for left in range(differences, 0, -1):
        expect(cards).to_have_count(left)
        al.keyboard.press("1")
    expect(cards).to_have_count(0)
    expect(al.locator("#left")).to_contain_text("Everything is settled")
    return differences


def expect_table(page, home, component):
    """Study by component on the page and in its CSV: the settled component in the first study."""
    page.goto(f"{home}/table/")
    cells = page.locator("table.matrix tbody tr").first.locator("td")
    assert any(cell.inner_text().strip() for cell in cells.all()[1:])
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as began:
        page.get_by_role("link", name="All quotes (CSV)").click()
    with began.value.path().open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert any(
        component in "".join(row.values()) and MENTOR in "".join(row.values()) for row in rows
    )
