"""A quote is selected in a PDF and shown again where it stands, in a real Chromium; and every number
of the table study x component leads to such a place in two clicks."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from extraction import actions, codebook
from extraction.models import AdjudicatedEntry, ComponentEntry, Value
from screening import actions as screening
from screening import retrieval
from synthesis.demo.pdf import pdf
from tests.screening.test_screen_browser import open_page  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENTENCES = [f"Finding number {n} was that group {n} gained {n}.5 points." for n in range(90)]
SENTENCES[40] = SENTENCES[30]  # the same words twice on one page
SIZES = [(1440, 900), (390, 844)]
SELECT = """([page, words, nth]) => {
  const lines = document.querySelectorAll(`.reader-sheet[data-page="${page}"] .textLayer span`);
  const line = [...lines].filter((each) => each.textContent.includes(words))[nth];
  line.scrollIntoView({ block: "center" });
  const range = document.createRange();
  range.selectNodeContents(line);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return line.getBoundingClientRect().top - line.closest(".reader-sheet").getBoundingClientRect().top;
}"""


@pytest.fixture
def report(cast, study, book):
    """The study's report, included by decisions and with its full text."""
    report = study.reports.get()
    screening.moved(report.review)
    for user in (cast.bo, cast.cy):
        screening.decide(report, "abstract", "include", by=user)
    report.refresh_from_db()
    file = SimpleUploadedFile("a.pdf", pdf("A program described", SENTENCES))
    retrieval.attach_file(report, file, by=cast.ada)
    report.refresh_from_db()
    for user in (cast.bo, cast.cy):
        screening.decide(report, "fulltext", "include", by=user)
    report.refresh_from_db()
    return report


def turn_to(page, number):
    """As somebody who scrolls there."""
    page.evaluate("number => document.querySelector('[data-reader]').reader.goTo(number)", number)
    sheet = page.locator(f'.reader-sheet[data-page="{number}"][data-ready]')
    expect(sheet).to_be_attached()
    return sheet


def is_in_view(page, selector):
    """Whether it stands inside the reader's pane."""
    return page.evaluate(
        """selector => {
          const pane = document.querySelector(".reader-pages").getBoundingClientRect();
          const box = document.querySelector(selector).getBoundingClientRect();
          return box.height > 0 && box.top >= pane.top && box.bottom <= pane.bottom;
        }""",
        selector,
    )


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_selection_fills_quote_page_and_box_and_a_click_shows_it_again(
    cast,
    study,
    report,
    field,
    open_page,  # noqa: F811
    width,
    height,
):
    actions.begin(study, by=cast.bo)
    page = open_page(cast.bo, reverse("extraction:form", args=["one", study.pk]))
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(500)  # the pages fit the room once it stands still
    turn_to(page, 2)

    # 1. The second of two places with the same words.
    where = page.evaluate(SELECT, [2, "Finding number 30 ", 1])
    country = page.locator(f"#q-{field('Country').pk}")
    country.get_by_label("Country", exact=False).first.fill("Canada")
    country.locator("summary").click()
    page.evaluate(SELECT, [2, "Finding number 30 ", 1])
    country.get_by_role("button", name="Take the selected text").click()
    expect(country.get_by_label("Quote for Country")).to_have_value(SENTENCES[30])
    expect(country.get_by_label("Page")).to_have_value("2")
    expect(country.get_by_text("Saved")).to_be_visible()
    told = Value.objects.current().get(field=field("Country"))
    assert (told.value, told.quote, told.page) == ("Canada", SENTENCES[30], "2")
    sheet = page.evaluate("document.querySelector('.reader-sheet[data-page=\"2\"]').clientHeight")
    left, top, wide, high = told.box
    assert top == pytest.approx(where / sheet, abs=0.003)
    assert 0 < left < 0.3 < wide < 1
    assert 0 < high < 0.05

    # 2. On another day the page opens anew; a click turns to the page and frames these words.
    page.reload()
    page.wait_for_timeout(500)
    expect(page.locator(".reader-sheet[data-ready]").first).to_be_attached()
    expect(page.locator(".reader-page")).to_contain_text("1 of")
    country = page.locator(f"#q-{field('Country').pk}")
    country.get_by_role("button", name="Show it there").click()
    frame = page.locator(".reader-shown")
    expect(frame).to_be_visible()
    assert is_in_view(page, ".reader-shown")
    assert page.evaluate(
        """() => {
          const frame = document.querySelector(".reader-shown");
          const sheet = frame.closest(".reader-sheet");
          return [sheet.dataset.page, parseFloat(frame.style.top) / 100];
        }"""
    ) == ["2", pytest.approx(top, abs=0.003)]

    # 3. Larger pages keep the frame; a page written by hand takes the box off, not the words.
    page.get_by_role("button", name="Larger").click()
    expect(frame).to_be_visible()
    country.get_by_label("Page").fill("1")
    country.get_by_label("Page").press("Tab")
    expect(country.get_by_text("Saved")).to_be_visible()
    assert Value.objects.current().get(field=field("Country")).box == []
    country.get_by_role("button", name="Show it there").click()
    expect(frame).to_be_visible()  # found by its words, on the page that has them
    assert (
        page.evaluate("document.querySelector('.reader-shown').parentElement.dataset.page") == "2"
    )

    # 4. Words that the document does not hold are said so.
    country.get_by_label("Quote for Country").fill("Nobody wrote this")
    country.get_by_role("button", name="Show it there").click()
    expect(page.locator(".reader-said")).to_contain_text("not found in this document")


def test_every_number_of_the_table_opens_its_evidence_in_two_clicks(
    cast,
    study,
    report,
    field,
    components,
    handed_in,
    open_page,  # noqa: F811
):
    """A number or sign, then the quote's page: the document stands open at the words."""
    for name in ("bo", "cy"):
        form = actions.begin(study, by=getattr(cast, name))
        actions.save_value(form, field("Country"), "Canada", by=form.by)
        for number, code in ((3, "WRAP-CM"), (30, "HOME")):
            actions.add_entry(
                form,
                field("Components"),
                components[code],
                by=form.by,
                quote=SENTENCES[number],
                page="2" if number > 20 else "1",
            )
        actions.submit(form, by=form.by)
    assert AdjudicatedEntry.objects.count() == 2
    assert ComponentEntry.objects.count() == 4
    for query in ("", "?by=program"):
        page = open_page(cast.obi, reverse("extraction:table", args=["one"]) + query)
        table = page.url
        cells = page.evaluate(
            """() => [...document.querySelectorAll("table.matrix tbody td")]
              .filter((cell) => cell.textContent.trim() && !cell.textContent.includes("of "))
              .map((cell) => [cell.textContent.trim(), cell.querySelector("a")?.getAttribute("href") ?? ""])"""
        )
        assert len(cells) > 8
        assert [said for said, href in cells if not href and said != "0"] == []
        for href in dict.fromkeys(href for said, href in cells if said != "0"):
            page.goto(table)
            page.locator(f'table.matrix tbody td a[href="{href}"]').first.click()
            page.locator("main .quote cite a, main .sub a", has_text="Page ").first.click()
            expect(page.locator(".reader-shown")).to_be_visible()
            assert is_in_view(page, ".reader-shown")


def test_a_verifier_reads_each_quote_in_its_place_and_confirms_it_by_keyboard(
    cast,
    book,
    study,
    report,
    field,
    components,
    open_page,  # noqa: F811
):
    codebook.set_extractors(book, 1, by=cast.ada, verified=True)
    form = actions.begin(study, by=cast.bo)
    for label, given, number in (("Country", "Canada", 3), ("n", "12", 30)):
        actions.save_value(
            form,
            field(label),
            given,
            by=cast.bo,
            quote=SENTENCES[number],
            page="2" if number > 20 else "1",
        )
    actions.add_entry(
        form, field("Components"), components["HOME"], by=cast.bo, quote=SENTENCES[5], page="1"
    )
    actions.submit(form, by=cast.bo)
    page = open_page(cast.cy, reverse("extraction:study", args=["one", study.pk]))
    page.get_by_role("button", name="Verify the form").press("Enter")
    expect(page.locator(".reader-sheet[data-ready]").first).to_be_attached()

    # 1. The extractor's quote in its place; then it is right.
    theirs = page.locator(f"#theirs-{field('n').pk}")
    theirs.get_by_role("link", name="Page 2").press("Enter")
    expect(page.locator(".reader-shown")).to_be_visible()
    assert is_in_view(page, ".reader-shown")
    theirs.get_by_role("button", name="It is right").press("Enter")
    question = page.locator(f"#q-{field('n').pk}")
    expect(question.get_by_text("Confirmed")).to_be_visible()
    expect(question.get_by_label("n", exact=True)).to_have_value("12")
    # The cursor stands on the next answer to look at.
    group = page.locator(f"#group-{field('Components').pk}")
    expect(group.get_by_role("button", name="It is right")).to_be_focused()
    page.keyboard.press("Enter")
    expect(group.get_by_text("Confirmed")).to_be_visible()

    # 2. One answer is put right.
    country = page.locator(f"#q-{field('Country').pk}")
    country.get_by_label("Country", exact=False).first.fill("Norway")
    settled = (
        "document.addEventListener('htmx:afterSettle', () => setTimeout(done), { once: true })"
    )
    page.evaluate(f"void (window.settled = new Promise((done) => {settled}))")
    page.keyboard.press("Tab")
    expect(country.get_by_text("Saved")).to_be_visible()
    # Saving leaves the cursor where the typist is: it never lands on "It is right".
    page.evaluate("window.settled")
    expect(country.locator("summary")).to_be_focused()
    page.get_by_role("button", name="Save and hand in").press("Enter")
    expect(page.get_by_text("is handed in")).to_be_visible()
    expect(page.get_by_text("To adjudicate").first).to_be_visible()
