"""static/js/app.js and theme.js in a real browser, on our own layout, under our own policy.

The pages are rendered here and handed to Chromium by a route, so that each test decides what the
server answers, or that it does not answer at all.
"""

import mimetypes
import re
from pathlib import Path
from types import SimpleNamespace as Row

import pytest
from django.template import engines
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parent.parent / "static"
HOST = "http://concord.test"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; worker-src 'self' blob:"
)
FORM = """<form hx-post="/save/" hx-swap="outerHTML" data-guard>
  <label for="note">Note</label><textarea id="note" name="note"></textarea><button>Save</button></form>"""


class Everything(dict):
    def __missing__(self, capability):
        return True


@pytest.fixture
def site(page):
    """`site.show(content)` opens a page inside a review; `site.answers[path]` answers requests."""

    class Site:
        answers = {}
        asked = []
        complaints = []

        def show(self, content, **context):
            shell = '{% extends "base.html" %}{% block content %}' + content + "{% endblock %}"
            review = Row(slug="one", title="Sleep and shifts", blind=True)
            person = Row(is_authenticated=True, pk=1, name="Ada", email="ada@example.org")
            person.get_full_name = "Ada"
            usual = {"brand": "Concord", "user": person, "review": review, "can": Everything()}
            self.html = (
                engines["django"]
                .from_string(shell)
                .render(usual | {"csrf_token": "t0ken"} | context)
            )
            page.goto(f"{HOST}/")
            expect(page.locator("[data-look]").first).to_have_attribute(
                "aria-pressed", re.compile(".")
            )

        def serve(self, route):
            path = route.request.url.removeprefix(HOST).split("?")[0]
            self.asked.append(route.request)
            if path in self.answers:
                self.answers[path](route)
            elif path.startswith("/static/"):
                file = STATIC / path.removeprefix("/static/")
                kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file)[0]
                route.fulfill(body=file.read_bytes(), content_type=kind)
            elif path == "/":
                headers = {"Content-Security-Policy": POLICY}
                route.fulfill(
                    body=self.html, content_type="text/html; charset=utf-8", headers=headers
                )
            else:
                route.fulfill(status=404, body="", content_type="text/plain")

        def answer(self, path, body, status=200, content_type="text/html", **more):
            self.answers[path] = lambda route: route.fulfill(
                body=body, status=status, content_type=content_type, **more
            )

        def posts(self):
            return [each for each in self.asked if each.method == "POST"]

    the_site = Site()
    the_site.answers, the_site.asked, the_site.complaints = {}, [], []
    page.route("**/*", the_site.serve)
    page.on(
        "console",
        lambda line: (
            the_site.complaints.append(line.text) if "Security Policy" in line.text else None
        ),
    )
    page.on("pageerror", lambda error: the_site.complaints.append(str(error)))
    yield the_site
    assert the_site.complaints == []


def test_the_chosen_theme_stays(site, page):
    site.show("<p>Hello</p>")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_auto_follows_the_system(site, page):
    page.emulate_media(color_scheme="dark")
    site.show("<p>Hello</p>")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_paper_stays_light(site, page):
    page.emulate_media(color_scheme="dark", media="screen")
    site.show("<p>Hello</p>")
    page.emulate_media(color_scheme="dark", media="print")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.emulate_media(color_scheme="dark", media="screen")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_rail_narrows_and_widens(site, page):
    site.show("<p>Hello</p>")
    page.get_by_role("button", name="Narrow the menu").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-rail", "narrow")
    page.get_by_role("button", name="Narrow the menu").click()
    expect(page.locator("html")).to_have_attribute("data-rail", "wide")


def test_on_a_phone_the_menu_opens_over_the_page(site, page):
    page.set_viewport_size({"width": 360, "height": 740})
    site.show("<p>Hello</p>")
    expect(page.locator("#rail")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#rail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#rail")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (409, "Bo has already decided.", "text/plain"),
        (403, "<!doctype html><p>No.</p><p data-say>Bo has already decided.</p>", "text/html"),
        (422, "Bo has already decided.", "text/plain"),
        (422, "<!doctype html><p data-say>Bo has already decided.</p>", "text/html"),
    ],
)
def test_a_refusal_is_said_and_nothing_typed_is_lost(site, page, status, body, content_type):
    site.show(FORM)
    site.answer("/save/", body, status, content_type)
    page.get_by_label("Note").fill("Half of them are nurses")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Bo has")).to_have_text(
        "Bo has already decided."
    )
    expect(page.get_by_label("Note")).to_have_value("Half of them are nurses")


def test_a_form_with_errors_takes_the_forms_place(site, page):
    site.show(FORM)
    site.answer("/save/", '<form id="again"><p class="errorlist">Give a reason.</p></form>', 422)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#again")).to_contain_text("Give a reason.")
    expect(page.locator("#toasts")).to_be_empty()


def test_a_broken_server_is_said_in_words(site, page):
    site.show(FORM)
    site.answer("/save/", "<h1>Traceback</h1>", 500)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="server")).to_contain_text(
        "Nothing was changed"
    )


def test_htmx_carries_the_token(site, page):
    site.show(FORM)
    page.evaluate("document.cookie = 'csrftoken=t0ken'")
    site.answer("/save/", "<p>Saved</p>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert [each.headers["x-csrftoken"] for each in site.posts()] == ["t0ken"]


def test_what_a_lost_connection_swallowed_is_sent_again(site, page):
    site.show(FORM)
    site.answers["/save/"] = lambda route: route.abort("internetdisconnected")
    page.get_by_label("Note").fill("Half of them are nurses")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#connection")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Half of them are nurses")
    site.answer("/save/", "<p>Saved</p>")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.locator("#connection")).to_be_hidden()
    assert [each.post_data for each in site.posts()] == ["note=Half%20of%20them%20are%20nurses"] * 2


def test_a_plain_form_is_sent_once(site, page):
    site.show('<form method="post" action="/slow/"><button>Go</button></form>')
    held = []
    site.answers["/slow/"] = held.append
    page.locator("form[action='/slow/'] button").evaluate(
        "(go) => [0, 100, 200].forEach((ms) => setTimeout(() => go.click(), ms))"
    )
    page.wait_for_timeout(500)  # three clicks, while the first is on its way
    for route in held:
        route.fulfill(body="<p>Done</p>", content_type="text/html")
    expect(page.get_by_text("Done")).to_be_visible()
    assert len(site.posts()) == 1


def test_leaving_unsaved_words_asks_first(site, page):
    site.show(FORM)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Note").press_sequentially("x")
    page.reload()
    assert asked == ["beforeunload"]
    page.reload()
    assert asked == ["beforeunload"]


def test_saved_words_ask_nothing(site, page):
    site.show(FORM)
    site.answer("/save/", "<p>Saved</p>")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Note").press_sequentially("x")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    assert asked == []


CONFIRM = (
    '{% include "_confirm.html" with id="r3" label="Rescind" title="Rescind it?" action="/gone/"'
    ' ask="Reason" %}'
)


@pytest.mark.parametrize("native", [True, False])
def test_asking_first(site, page, native):
    if not native:  # a browser that does not know commandfor yet
        page.add_init_script(
            "delete HTMLButtonElement.prototype.commandForElement;"
            "addEventListener('command', (event) => event.preventDefault(), true);"
        )
    site.show(CONFIRM)
    site.answer("/gone/", "<p>Rescinded</p>")
    page.get_by_role("button", name="Rescind").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Rescind").click()
    dialog.get_by_label("Reason").fill("Wrong address")
    dialog.get_by_role("button", name="Rescind").click()
    expect(page.get_by_text("Rescinded")).to_be_visible()
    assert "reason=Wrong+address" in site.posts()[0].post_data


def test_quiet_lines_leave_by_themselves_and_errors_stay(site, page):
    page.clock.install()
    site.show("<p>Hello</p>")
    page.evaluate("concord.say('Copied.', 'success')")
    page.evaluate("concord.say('Not a file we can read.', 'error')")
    expect(page.get_by_text("Copied.")).to_be_visible()
    page.clock.fast_forward(8000)
    expect(page.get_by_text("Copied.")).to_have_count(0)
    expect(page.get_by_text("Not a file we can read.")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#toasts")).to_be_empty()


def test_what_is_said_is_text_and_not_markup(site, page):
    site.show("<p>Hello</p>")
    page.evaluate("concord.say('<img src=x>')")
    expect(page.get_by_text("<img src=x>")).to_be_visible()
    expect(page.locator("#toasts img")).to_have_count(0)


def test_a_menu_closes_with_escape_and_by_a_click_elsewhere(site, page):
    site.show("<p>Elsewhere</p>")
    menu = page.locator("details.menu", has=page.get_by_label("Your account"))
    page.get_by_label("Your account").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(page.get_by_label("Your account")).to_be_focused()
    page.get_by_label("Your account").click()
    page.get_by_text("Elsewhere").click()
    expect(menu).not_to_have_attribute("open", "")


def test_the_skip_link_leads_to_the_content(site, page):
    site.show("<p>Hello</p>")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
