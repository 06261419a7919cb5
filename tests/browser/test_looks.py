"""Every page that the rail names, and one page behind each, as people meet it: wide and narrow,
light and dark. The pictures are left in the folder that the first line of the output names.
"""

import re
from collections import defaultdict

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

DESK, PHONE, SMALL_PHONE = (1440, 900), (390, 844), (360, 740)


class Visitor:
    """Somebody signed in, and what went wrong on the pages they saw: {address: [complaint]}."""

    def __init__(self, site, name, context, folder):
        self.page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.name, self.folder, self.complaints = name, folder, defaultdict(list)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("request", lambda asked: self._see(site.url, asked.url))
        self.page.on("response", lambda got: got.status >= 500 and self._complain(got.url))
        self.page.goto(f"{site.url}/accounts/login/")
        self.page.locator("[name=login]").fill(name)
        self.page.locator("[name=password]").fill(site.passwords[name])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.goto(f"{site.url}/r/demo/")

    def _complain(self, words):
        self.complaints[self.page.url].append(words)

    def _hear(self, line):
        if line.type == "error" or "Security Policy" in line.text:
            self._complain(line.text)

    def _see(self, own, url):
        if not url.startswith((own, "data:", "blob:")):
            self._complain(f"a request to another host: {url}")

    def rail(self):
        links = self.page.locator("#rail nav a[href^='/r/demo/']")
        return list(dict.fromkeys(links.evaluate_all("all => all.map(a => a.pathname)")))

    def behind(self):
        """The first thing that a list on this page leads to."""
        first = self.page.locator(
            "main :is(.title-cell, tbody th, .items .main) a[href^='/r/demo/']"
        )
        return first.first.get_attribute("href").split("#")[0] if first.count() else None

    def look(self, address):
        """Open it and see it in both sizes and both themes; nothing may stick out sideways."""
        self.page.set_viewport_size(dict(zip(("width", "height"), DESK, strict=True)))
        self.page.emulate_media(color_scheme="light")
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")
        for size in (DESK, PHONE, SMALL_PHONE):
            self.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
            width = self.page.evaluate("document.documentElement.scrollWidth")
            if width > size[0]:
                self._complain(
                    f"{width} px wide on a screen of {size[0]} px: {self.widest(size[0])}"
                )
            for scheme in ("light", "dark") if size != SMALL_PHONE else ():
                self.page.emulate_media(color_scheme=scheme)
                name = re.sub(r"\W+", "-", address.removeprefix("/r/demo/")).strip("-") or "home"
                picture = f"{self.name}-{name}-{size[0]}-{scheme}.png"
                self.page.screenshot(path=self.folder / picture, animations="disabled")

    def widest(self, limit):
        """What sticks out, for the one who has to mend it."""
        return self.page.evaluate(
            """(limit) => [...document.querySelectorAll("body *")]
              .filter((e) => e.getBoundingClientRect().right > limit + 1)
              .slice(-3).map((e) => e.tagName + "." + e.className)""",
            limit,
        )


@pytest.fixture
def visitor(demo, new_context, tmp_path_factory):
    """`visitor("bo")` is signed in to the demo; complaints about any page fail the test."""
    folder = tmp_path_factory.mktemp("pictures")
    print(f"Pictures: {folder}")
    seen = []

    def arrive(name):
        seen.append(
            Visitor(demo, name, new_context(base_url=demo.url, reduced_motion="reduce"), folder)
        )
        return seen[-1]

    yield arrive
    assert {url: said for each in seen for url, said in each.complaints.items()} == {}


@pytest.mark.parametrize(("name", "least"), [("ada", 16), ("bo", 14), ("ann", 13)])
def test_every_page_looks_right(visitor, name, least):
    who = visitor(name)
    rail = who.rail()
    assert len(rail) >= least
    seen = set(rail)
    for address in rail:
        who.look(address)
        behind = who.behind()
        if behind and behind not in seen:
            seen.add(behind)
            who.look(behind)


def test_a_full_text_fits_the_window_when_that_changes(visitor):
    page = visitor("bo").page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/r/demo/decisions/?stage=fulltext")
    page.locator("main .title-cell a").first.click()
    sheet = page.locator(".reader-sheet").first
    expect(sheet.locator("canvas")).to_be_visible()
    wide = sheet.bounding_box()["width"]
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".reader-sheet canvas").first).to_be_visible()
    page.wait_for_function(
        "(was) => document.querySelector('.reader-sheet').clientWidth < was", arg=wide
    )
    pages = page.evaluate("document.querySelector('.reader-pages').clientWidth")
    assert pages * 0.8 < sheet.bounding_box()["width"] <= pages
    assert page.locator(".reader-sheet[data-page='1']").count() == 1
