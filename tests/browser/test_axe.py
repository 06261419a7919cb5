"""Every page that the demo review leads to, through axe: no violation of any weight, wide and narrow,
light and dark. A page is looked at once, by the first of the people below who comes to it; the few
that a reviewer lives on, by her too.
"""

import re
from collections import defaultdict
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# pdf.js places its text layer, and puts a canvas of no size outside every landmark; not ours to judge.
ELSEWHERE = {"exclude": [[".textLayer"], [".hiddenCanvasElement"]]}
PEOPLE = ["ada", "bo", "al", "ann"]
# What a person decides on looks otherwise for each: for who leads the first is an empty page.
LIVED_ON = {"screening:screen", "screening:screen_fulltext", "synthesis:home"}
LEAST = 100  # kinds of pages in the demo review, all people together
COLOURS = "color-contrast"
RUN = "async ([context, options]) => (await axe.run(context, options)).violations"
LINK = re.compile(r'<a\s[^>]*?href="([^"#]+)')
NO_PAGE = re.compile("^/api/|^/static/|/logout/|/download/|/export/")


def kind_of(path):
    """What stands for all pages of one kind: the name of the address, with the words in it (the stage,
    a kind of list) and without the numbers (which report). None for what is no page of ours."""
    try:
        found = resolve(path)
    except Resolver404:
        return None
    words = [str(value) for name, value in found.kwargs.items() if name != "slug"]
    return " ".join([found.view_name, *(word for word in words if not word.isdigit())])


class Reader:
    """Somebody signed in who follows every link; `found` is {page: [violation]}."""

    def __init__(self, site, name, context):
        self.site, self.found = site, defaultdict(list)
        self.page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.goto(f"{site.url}/accounts/login/")
        self.page.locator("[name=login]").fill(name)
        self.page.locator("[name=password]").fill(site.passwords[name])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")

    def read_all(self, seen):
        """Read every page of a kind that is not `seen` yet, and say so there. Links are followed as
        text, which takes no browser; what is looked at is opened in one."""
        mine, open_ = set(), ["/r/demo/"]
        while open_:
            address = open_.pop(0)
            path = urlsplit(address).path
            kind = kind_of(path)
            if kind is None or kind in mine or NO_PAGE.search(path):
                continue
            got = self.page.context.request.get(address)
            is_file = "attachment" in got.headers.get("content-disposition", "")
            if not got.ok or is_file or "html" not in got.headers["content-type"]:
                continue
            mine.add(kind)
            if kind not in seen or kind in LIVED_ON:
                seen.add(kind)
                self.look(kind, address)
            here = [urljoin(got.url, unescape(link)) for link in LINK.findall(got.text())]
            open_ += [
                each.removeprefix(self.site.url) for each in here if each.startswith(self.site.url)
            ]

    def look(self, kind, address):
        """All rules on a desk; in the dark colours alone, on a phone everything else."""
        self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")
        self.page.goto(address)
        if kind in LIVED_ON:
            self.page.wait_for_load_state("networkidle")
        self.page.evaluate(Axe().axe_script)
        self.run(kind, f"{address} on a desk", {"runOnly": RULES})
        self.page.emulate_media(color_scheme="dark")
        self.run(kind, f"{address} in the dark", {"runOnly": [COLOURS]})
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(PHONE)
        others = {"runOnly": RULES, "rules": {COLOURS: {"enabled": False}}}
        self.run(kind, f"{address} on a phone", others)

    def run(self, kind, where, options):
        asked = [ELSEWHERE, options | {"resultTypes": ["violations"]}]
        for each in self.page.evaluate(RUN, asked):
            nodes = [node["html"][:120] for node in each["nodes"][:3]]
            self.found[kind].append(f"{where}: {each['id']} ({each['impact']}) {nodes}")


def test_axe_finds_nothing_on_any_page_of_the_demo(demo, new_context):
    seen, found = set(), {}
    for name in PEOPLE:
        reader = Reader(demo, name, new_context(base_url=demo.url, reduced_motion="reduce"))
        reader.read_all(seen)
        found |= {f"{name}: {kind}": said for kind, said in reader.found.items()}
        reader.page.context.close()
    print(len(seen), "kinds of pages:", *sorted(seen))
    assert found == {}
    assert len(seen) >= LEAST
    assert not [kind for kind in seen if re.search(r"\d{3}", kind)]  # or each report were a kind
