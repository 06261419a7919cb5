"""A form and an adjudication in a real Chromium, by keyboard where it counts."""

import re
import time

import pytest
from playwright.sync_api import expect

from extraction import actions
from extraction.comparing import compare
from extraction.models import AdjudicatedComponent, AdjudicatedValue, ComponentEntry, Value

pytestmark = pytest.mark.browser


@pytest.fixture
def page_of(visit, cast):
    """`page_of("bo", path)`: a page on which Bo is signed in."""

    def open_(name, path, **settings):
        page = visit(f"/accounts/login/?next={path}", **settings)
        page.locator("[name=login]").fill(name)
        page.locator("[name=password]").fill("a long password")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{path}*")
        return page

    return open_


def eventually(holds, seconds=10):
    """Wait for what the server does after the page has gone on."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


def test_a_form_saves_itself_and_keeps_what_it_cannot_take(
    page_of,
    visit,
    cast,
    study,
    book,
    field,
    components,
):
    page = page_of("bo", f"/r/one/extraction/{study.pk}/")
    page.get_by_role("button", name="Begin my form").click()

    # 1. An answer is saved when one leaves it, with its quote; the cursor goes on undisturbed.
    country = page.locator(f"#q-{field('Country').pk}")
    country.get_by_label("Country", exact=False).first.fill("Canada")
    country.locator("summary").click()
    country.get_by_label("Quote for Country").fill("In Canada.")
    country.get_by_label("Page").fill("3")
    country.get_by_label("Page").press("Tab")
    expect(country.get_by_text("Saved")).to_be_visible()
    expect(country.get_by_label("Quote for Country")).to_have_value("In Canada.")
    eventually(
        lambda: (
            Value.objects.current()
            .filter(field=field("Country"), value="Canada", quote="In Canada.", page="3")
            .exists()
        )
    )

    # 2. "twelve" stays on the screen with what is wanted instead; 12 goes.
    n = page.locator(f"#q-{field('n').pk}")
    n.get_by_label("n", exact=True).fill("twelve")
    n.get_by_label("n", exact=True).press("Tab")
    expect(n.get_by_role("alert")).to_contain_text("Write a number in digits")
    expect(n.get_by_label("n", exact=True)).to_have_value("twelve")
    expect(n.get_by_label("n", exact=True)).to_have_attribute("aria-invalid", "true")
    n.get_by_label("n", exact=True).fill("12")
    n.get_by_label("n", exact=True).press("Tab")
    expect(n.get_by_role("alert")).to_have_count(0)
    expect(n.get_by_text("Saved")).to_be_visible()

    # 3. Not reported, by keyboard.
    design = page.locator(f"#q-{field('Design').pk}")
    design.get_by_label("Not reported").focus()
    page.keyboard.press("Space")
    expect(design.get_by_text("Saved")).to_be_visible()

    # 4. A component by words, with its quote taken from what is selected in the report.
    group = page.locator(f"#group-{field('Components').pk}")
    group.get_by_role("searchbox").fill("case manag")
    expect(group.get_by_role("radio", name=re.compile("WRAP-CM"))).to_be_visible()
    expect(group.get_by_role("radio", name=re.compile("HOME"))).to_have_count(0)
    group.get_by_role("radio", name=re.compile("WRAP-CM")).check()
    page.locator(".reading .title").first.dblclick()
    group.locator("form[data-adds]").get_by_role("button", name="Take the selected text").click()
    expect(group.locator("form[data-adds]").get_by_label("Quote")).not_to_have_value("")
    group.get_by_role("button", name="Add the component").click()
    expect(group.locator(".entry")).to_have_count(1)
    entry = ComponentEntry.objects.get()
    assert entry.component == components["WRAP-CM"]
    assert entry.quote in study.reports.get().title

    # 5. A second window changes an answer; this one is told, and nothing typed is lost.
    actions.save_value(entry.extraction, field("n"), "13", by=cast.bo)
    n.get_by_label("n", exact=True).fill("14")
    n.get_by_label("n", exact=True).press("Tab")
    expect(n.get_by_role("alert")).to_contain_text("Another window saved “13”")
    expect(n.get_by_label("n", exact=True)).to_have_value("14")

    # 6. The plain button saves what stands on the screen, and hands in.
    page.get_by_role("button", name="Save and hand in").click()
    expect(page.get_by_text("is handed in")).to_be_visible()
    assert Value.objects.current().get(field=field("n")).value == "14"
    # The browser notes each refusal; the two above were meant.
    assert [line for line in visit.complaints if "422" not in line] == []
    assert len(visit.complaints) == 2
    visit.complaints.clear()


def test_differences_are_settled_by_keys(page_of, study, handed_in, field):
    handed_in(
        study,
        ("bo", {"n": "1", "Fidelity": "yes", "Outcomes": ["Safety"]}, ["HOME"]),
        ("cy", {"n": "2", "Fidelity": "no", "Outcomes": ["School"]}, []),
    )
    page = page_of("al", f"/r/one/extraction/{study.pk}/adjudicate/")
    expect(page.locator("#left")).to_contain_text("4 differences")
    page.keyboard.press("2")
    expect(page.locator("#left")).to_contain_text("3 differences")
    page.keyboard.press("3")
    page.keyboard.type("unclear is not typed here")  # the cursor is on a choice, not in a text
    fidelity = page.locator(f"#line-{field('Fidelity').pk}")
    fidelity.get_by_label("Unclear").check()
    fidelity.get_by_label("Reason").fill("Page 4 leaves it open")
    fidelity.get_by_label("Reason").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#left")).to_contain_text("2 differences")
    page.keyboard.press("3")
    expect(page.locator("#left")).to_contain_text("1 difference ")
    page.keyboard.press("1")
    expect(page.locator("#left")).to_contain_text("Everything is settled")
    assert compare(study).is_done
    held = {
        each.field.label: (each.value, each.side)
        for each in AdjudicatedValue.objects.current().select_related("field")
    }
    assert held["n"] == ("2", "second")
    assert held["Fidelity"] == ("unclear", "other")
    assert held["Outcomes"] == (["Safety", "School"], "both")


class Keys:
    """A person at a page with nothing but a keyboard."""

    def __init__(self, page):
        self.page = page
        page.context.add_init_script(
            "addEventListener('pointerdown', () => console.error('the mouse was used'), true)"
        )

    def press(self, key):
        self.page.keyboard.press(key)

    def to(self, control, most=150):
        """Tab until the cursor is on `control`."""
        expect(control).to_be_attached()
        for _ in range(most):
            if control.evaluate("it => it === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"no Tab leads to {control}")

    def write(self, control, words):
        self.to(control)
        self.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, choice):
        """One of several: Tab to the one that is chosen, arrows to this one."""
        name = choice.get_attribute("name")
        focused = "name => document.activeElement.name === name"
        for _ in range(150):
            if self.page.evaluate(focused, name):
                break
            self.press("Tab")
        for _ in range(20):
            if choice.is_checked():
                return
            self.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {choice}")

    def sign_in(self, name, heading):
        self.write(self.page.locator("[name=login]"), name)
        self.write(self.page.locator("[name=password]"), "a long password")
        self.press("Enter")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)


def fill_by_keyboard(keys, fields, row_of):
    """`row_of` is {label: what this extractor wrote}; each answer is saved as one leaves it."""
    page = keys.page
    for label, field in fields.items():
        given = row_of[label]
        if field.is_group:
            group = page.locator(f"#group-{field.pk}")
            for number, code in enumerate(given.split(";"), start=1):
                keys.write(group.get_by_role("searchbox"), code)
                expect(group.get_by_role("radio", name=re.compile("^[A-Z]+-"))).to_have_count(1)
                keys.to(group.get_by_role("radio", name=re.compile(code)))
                keys.press("Space")
                keys.to(group.get_by_role("button", name="Add the component"))
                keys.press("Enter")
                expect(group.locator(".entry")).to_have_count(number)
            continue
        question = page.locator(f"#q-{field.pk}")
        if field.kind == "single":
            keys.choose(question.get_by_label(given, exact=True))
        else:
            keys.write(question.locator(f"#f{field.pk}"), given)
            keys.press("Tab")
        expect(question.get_by_text("Saved")).to_be_visible()


def test_a_study_of_the_sample_is_extracted_twice_and_settled_by_keyboard_alone(
    visit,
    cast,
    review,
    make_study,
    sample_rows,
    twelve_fields,
):
    [told] = [row for row in sample_rows("studies.csv") if row["study_id"] == "F27"]
    study = make_study(review, "F27", program=told["program"])
    rows = [row for row in sample_rows("extraction_double.csv") if row["study_id"] == "F27"]

    # 1. Two people, each from signing in to handing in.
    for name, side in (("bo", "extractor_a"), ("cy", "extractor_b")):
        page = visit("/accounts/login/?next=/r/one/extraction/")
        keys = Keys(page)
        keys.sign_in(name, "Studies")
        keys.to(page.get_by_role("button", name="Begin F27"))
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("F27")
        fill_by_keyboard(keys, twelve_fields, {row["field"]: row[side] for row in rows})
        keys.to(page.get_by_role("button", name="Save and hand in"))
        keys.press("Enter")
        expect(page.get_by_text("is handed in")).to_be_visible()

    # 2. A third one settles what differs: setting, fidelity and two components.
    page = visit("/accounts/login/?next=/r/one/extraction/")
    keys = Keys(page)
    keys.sign_in("al", "Studies")
    keys.to(page.get_by_role("link", name="Adjudicate F27"))
    keys.press("Enter")
    left = page.locator("#left")
    expect(left).to_contain_text("4 differences")
    setting, fidelity = (twelve_fields[label] for label in ("setting", "fidelity_assessed"))
    expect(page.locator(f"#line-{setting.pk}")).to_be_focused()
    keys.press("2")
    expect(left).to_contain_text("3 differences")
    expect(page.locator(f"#line-{fidelity.pk}")).to_be_focused()
    keys.press("k")  # back, with a changed mind
    expect(page.locator(f"#line-{setting.pk}")).to_be_focused()
    keys.press("1")
    expect(page.locator(f"#line-{setting.pk}")).to_contain_text("Holds: trauma clinic")

    # 3. Other needs its reason, and keeps what was chosen until it has one.
    card = page.locator(f"#line-{fidelity.pk}")
    expect(card).to_be_focused()
    keys.press("3")
    yes = card.get_by_label("yes", exact=True)
    expect(yes).to_be_visible()
    keys.choose(card.get_by_label("no", exact=True))
    keys.choose(yes)
    keys.to(card.get_by_role("button", name="Settle it so"))
    keys.press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("reason")
    expect(yes).to_be_checked()
    keys.write(card.get_by_label("Reason"), "A checklist is shown on page 6")
    keys.to(card.get_by_role("button", name="Settle it so"))
    keys.press("Enter")
    expect(left).to_contain_text("2 differences")
    keys.press("1")  # REL-CH, which A left out
    expect(left).to_contain_text("1 difference ")
    keys.press("3")  # WRAP-GR
    expect(left).to_contain_text("Everything is settled")

    # 4. It holds what the sample holds.
    wanted = {row["field"]: row["adjudicated"] for row in rows}
    codes = set(wanted.pop("components").split(";"))
    values = AdjudicatedValue.objects.current().filter(study=study).select_related("field")
    assert {each.field.label: each.value for each in values} == wanted
    assert values.get(field=fidelity).reason == "A checklist is shown on page 6"
    found = AdjudicatedComponent.objects.current().filter(study=study, entries__isnull=False)
    assert {each.component.code for each in found.select_related("component")} == codes
    assert [line for line in visit.complaints if "422" not in line] == []
    visit.complaints.clear()
