"""The reader in a real Chromium: open, search, thumbnails, zoom, dark, a quote, an area on a scan."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from screening import actions, retrieval
from screening.models import Highlight
from synthesis.demo.pdf import pdf
from tests.screening.test_screen_browser import open_page  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENTENCES = [f"Finding number {n} was that group {n} gained {n}.5 points." for n in range(90)]
SIZES = [(1440, 900), (390, 844)]


@pytest.fixture
def filed(cast, review, make_report):
    def file(data):
        report = make_report(review, "A program described")
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        report.refresh_from_db()
        retrieval.attach_file(report, SimpleUploadedFile("a.pdf", data), by=cast.ada)
        return reverse("screening:read", args=["one", report.pk])

    return file


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_words_are_read_searched_and_quoted(cast, filed, open_page, width, height):  # noqa: F811
    page = open_page(cast.bo, filed(pdf("A program described", SENTENCES)))
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(500)  # the pages fit the room once it stands still
    first = page.locator(".reader-sheet").first
    expect(first.locator("canvas")).to_be_visible()
    expect(first.locator(".textLayer span", has_text="Finding number 3 ")).to_be_attached()
    # Nothing of the page stands out to the side, whatever the screen.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Search: Enter goes from place to place, over pages.
    find = page.get_by_label("Search in the document")
    find.fill("Finding number 80")
    find.press("Enter")
    expect(page.locator(".reader-hits")).to_contain_text("1")
    expect(page.locator(".reader-page")).not_to_contain_text("1 of")

    # Thumbnails lead to pages, larger is larger, dark is kept.
    page.get_by_role("button", name="Page thumbnails").click()
    page.get_by_role("navigation", name="Pages").get_by_label("Page 1", exact=True).click()
    expect(page.locator(".reader-page")).to_contain_text("1 of")
    expect(page.locator(".reader-thumb[aria-current=page]")).to_have_text("1")
    page.get_by_role("button", name="Page thumbnails").click()
    page.wait_for_timeout(500)  # and once more
    before = page.evaluate("document.querySelector('.reader-sheet').clientWidth")
    page.get_by_role("button", name="Larger").click()
    page.wait_for_function(
        "before => document.querySelector('.reader-sheet').clientWidth > before * 1.1", arg=before
    )
    page.get_by_role("button", name="Smaller").click()
    page.get_by_role("button", name="Dark pages").click()
    expect(page.locator("[data-reader].dim")).to_be_attached()

    # Selected words become a quote with its page and context.
    line = page.locator(".textLayer span", has_text="Finding number 3 ").first
    line.evaluate(
        """node => {
          const range = document.createRange();
          range.selectNodeContents(node);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    with page.expect_response(lambda answer: "/highlights/add/" in answer.url) as answered:
        page.locator("[data-mark]").click()
    assert answered.value.status == 201
    # Beside the reader it stands at once.
    expect(page.locator(".highlights q")).to_contain_text("group 3 gained 3.5")
    place = Highlight.objects.get().places.get()
    assert (place.page, "group 3 gained 3.5" in place.quote) == (1, True)
    assert "Finding number 4" in place.after


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_keyboard_alone_searches_turns_pages_and_quotes(
    cast,
    filed,
    open_page,  # noqa: F811
    width,
    height,
):
    page = open_page(cast.bo, filed(pdf("A program described", SENTENCES)))
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(500)  # the pages fit the room once it stands still
    expect(page.locator(".reader-sheet[data-ready]").first).to_be_attached()
    hits, where = page.locator(".reader-hits"), page.locator(".reader-page")

    # Everything in the bar is reached by Tab, in its order, and says what it is.
    page.get_by_role("button", name="Page thumbnails").focus()
    names = []
    for _ in range(5):
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("Tab")
    assert names == ["Page thumbnails", "Smaller", "Larger", "Dark pages", "Search in the document"]

    # Enter: the next hit, and from the last one to the first; Shift+Enter: the one before; Escape ends it.
    find = page.get_by_label("Search in the document")
    find.focus()
    page.keyboard.type("gained 1")  # 1.5 and 10.5 to 19.5
    page.keyboard.press("Enter")
    expect(hits).to_have_text("1 of 11")
    page.keyboard.press("Enter")
    expect(hits).to_have_text("2 of 11")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(hits).to_have_text("11 of 11")
    page.keyboard.press("Enter")
    expect(hits).to_have_text("1 of 11")
    page.keyboard.press("Escape")
    expect(hits).to_have_text("")

    # Thumbnails, zoom and dark pages by Enter and Space; the pane is scrolled by its own keys.
    last = where.inner_text().split(" of ")[1]
    page.get_by_role("button", name="Page thumbnails").focus()
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Pages").get_by_label(f"Page {last}", exact=True).focus()
    page.keyboard.press("Enter")
    expect(where).not_to_have_text(f"1 of {last}")
    page.locator(".reader-pages").focus()
    page.keyboard.press("Home")
    expect(where).to_have_text(f"1 of {last}")
    page.get_by_role("button", name="Page thumbnails").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    page.wait_for_timeout(500)
    before = page.evaluate("document.querySelector('.reader-sheet').clientWidth")
    page.get_by_role("button", name="Larger").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => document.querySelector('.reader-sheet').clientWidth > before * 1.1", arg=before
    )
    page.get_by_role("button", name="Dark pages").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-reader].dim")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # What is selected stays selected on the way to the pen.
    line = page.locator(".textLayer span", has_text="Finding number 3 ").first
    line.evaluate("node => getSelection().selectAllChildren(node)")
    pen = page.get_by_role("button", name="Highlight the selected words")
    expect(pen).to_be_enabled()
    pen.focus()
    with page.expect_response(lambda answer: "/highlights/add/" in answer.url) as answered:
        page.keyboard.press("Enter")
    assert answered.value.status == 201
    assert "group 3 gained 3.5" in Highlight.objects.get().places.get().quote


def test_an_address_with_a_page_opens_there(cast, filed, open_page):  # noqa: F811
    page = open_page(cast.bo, filed(pdf("A program described", SENTENCES)) + "#page-2")
    expect(page.locator(".reader-page")).to_contain_text("2 of")


def test_a_document_that_is_closed_while_it_is_laid_out_complains_of_nothing(
    cast,
    filed,
    open_page,  # noqa: F811
):
    """As when the next report comes while the pages of this one are still being measured."""
    page = open_page(cast.bo, filed(pdf("A program described", SENTENCES)))
    expect(page.locator(".reader-sheet[data-ready]").first).to_be_visible()
    page.evaluate(
        """async () => {
          const { reader } = document.querySelector("[data-reader]");
          reader.close();
          await reader.loading.destroy();
          reader.setZoom(2);
          await new Promise((done) => setTimeout(done, 200));
        }"""
    )  # what the browser complains of fails the test when the page goes


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_area_of_a_scan_is_marked(cast, filed, open_page, width, height):  # noqa: F811
    page = open_page(cast.bo, filed(pdf("", [], pages_at_least=2)))
    page.set_viewport_size({"width": width, "height": height})
    sheet = page.locator(".reader-sheet[data-ready]").first
    expect(sheet).to_be_visible()
    page.wait_for_timeout(400)  # the pages fit the new width once it stands still
    expect(sheet).to_be_visible()
    page.get_by_role("button", name="Highlight an area").click()
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 90, steps=5)
    with page.expect_response(lambda answer: "/highlights/add/" in answer.url) as answered:
        page.mouse.up()
    assert answered.value.status == 201
    expect(page.locator(".reader-area.mine").first).to_be_visible()
    left, top, wide, high = Highlight.objects.get().places.get().area
    assert left == pytest.approx(0.2, abs=0.03)
    assert wide == pytest.approx(0.3, abs=0.03)
    assert 0 <= top < 1
    assert high > 0


def test_one_worker_reads_all_documents_and_what_is_replaced_is_let_go(cast, filed, open_page):  # noqa: F811
    page = open_page(cast.bo, filed(pdf("A program described", SENTENCES)))
    expect(page.locator(".reader-sheet[data-ready]").first).to_be_visible()
    # The document is put there once more, as screening does with the next one.
    page.evaluate(
        """() => {
          const old = document.querySelector('[data-reader]');
          window.before = old.reader;
          const copy = old.cloneNode(true);
          delete copy.dataset.opened;
          copy.querySelector('.reader-pages').replaceChildren();
          old.replaceWith(copy);
        }"""
    )
    expect(page.locator(".reader-sheet[data-ready]").first).to_be_visible()
    assert page.evaluate("() => window.before.loading.destroyed")
    assert len(page.workers) == 1
