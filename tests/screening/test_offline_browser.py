"""A long time without network, two tabs side by side, and titles that run from right to left."""

import pytest
from playwright.sync_api import expect

from screening.models import Decision
from tests.screening.test_screen_browser import PAGE, open_page  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.timeout(600)  # 200 answers one after the other, on a machine that may be busy
def test_two_hundred_answers_given_offline_arrive_each_once(
    cast,
    review,
    make_report,
    open_page,  # noqa: F811
):
    for number in range(210):
        make_report(review, f"Report number {number}", abstract="word " * 50)
    page = open_page(cast.bo, PAGE)
    title, saved = page.locator("[data-report-title]"), page.locator("[data-saved]")
    along = page.get_by_role("button", name="Take along")
    along.click()
    expect(page.locator("[data-here]")).to_have_text("210 here")
    page.context.set_offline(True)
    accepted = {}
    for number in range(200):
        shown, key = title.inner_text(), "ime"[number % 3]
        assert shown not in accepted
        page.keyboard.press(key)
        accepted[shown] = {"i": "include", "m": "maybe", "e": "exclude"}[key]
    expect(saved).to_contain_text("200 not saved yet")
    assert not Decision.objects.exists()

    # The first answers of the server are lost on their way: the browser can't know, and sends again.
    lost = []

    def lose(route):
        if len(lost) < 3:
            lost.append(route.fetch().status)
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/decide/", lose)
    page.context.set_offline(False)
    expect(saved).to_have_text("All saved", timeout=300_000)
    assert lost[0] == 201
    assert len(lost) == 3
    stored = {each.report.title: each.verdict for each in Decision.objects.select_related("report")}
    assert stored == accepted
    assert Decision.objects.count() == 200
    expect(page.locator("[data-done]")).to_have_text("200")
    expect(page.locator("[data-left]")).to_have_text("10")
    assert not page.locator("[data-not-taken]").is_visible()


def test_what_one_tab_decides_leaves_the_other(cast, review, make_report, open_page):  # noqa: F811
    for number in range(6):
        make_report(review, f"Report number {number}")
    one = open_page(cast.bo, PAGE)
    other = one.context.new_page()
    other.goto(PAGE)
    for page in (one, other):
        expect(page.locator("[data-saved]")).to_have_text("All saved")
    first = one.locator("[data-report-title]").inner_text()
    expect(other.locator("[data-report-title]")).to_have_text(first)
    one.keyboard.press("i")
    expect(other.locator(".toast-line")).to_contain_text(f"Included in another tab: “{first}”")
    expect(other.locator("[data-report-title]")).not_to_have_text(first)
    expect(other.locator("[data-left]")).to_have_text("5")
    # Turn and turn about, without network too: neither is shown what the other has decided.
    shown = [first]
    one.context.set_offline(True)
    for page in (other, one, other):
        here = page.locator("[data-report-title]")
        shown.append(here.inner_text())
        page.keyboard.press("e")
        for each in (one, other):
            expect(each.locator("[data-report-title]")).not_to_have_text(shown[-1])
    one.context.set_offline(False)
    for page in (one, other):
        expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=20_000)
        expect(page.locator("[data-left]")).to_have_text("2")
        expect(page.locator("[data-done]")).to_have_text("4")
    assert len(set(shown)) == 4
    decided = Decision.objects.order_by("pk").values_list("report__title", "verdict")
    assert list(decided) == list(zip(shown, ["include", *["exclude"] * 3], strict=True))


HEBREW = ("תוכנית לנערות בסיכון", "רקע: תוכנית ליווי (mentoring) לבני נוער.")
ARABIC = ("برنامج للشباب", "الخلفية: دراسة عن برنامج.")
LATIN = ("A program for youth", "Background: a study.")


@pytest.mark.parametrize("is_list", [False, True], ids=["one report", "a list"])
def test_each_text_runs_in_its_own_direction(cast, review, make_report, open_page, is_list):  # noqa: F811
    texts = dict([HEBREW, ARABIC, LATIN])
    for title, abstract in texts.items():
        make_report(review, title, abstract=abstract, keywords=[title])
    page = open_page(cast.bo, PAGE)
    direction = "all => all.map(each => getComputedStyle(each).direction)"
    if is_list:
        page.keyboard.press("v")
        page.keyboard.press("o")
        found = page.locator(".row-title")
        rows = zip(found.all_inner_texts(), found.evaluate_all(direction), strict=True)
        assert dict(rows) == {HEBREW[0]: "rtl", ARABIC[0]: "rtl", LATIN[0]: "ltr"}
        opened = page.locator("[aria-current] .row-title").inner_text()
        runs = page.locator("[aria-current] .row-text .abstract").evaluate_all(direction)
        assert runs == ["ltr" if opened == LATIN[0] else "rtl"]
        return
    seen = set()
    for _ in texts:
        title = page.locator("[data-report-title]").inner_text()
        seen.add(title)
        parts = page.locator("[data-report-title], [data-abstract], [data-keywords] li")
        assert parts.evaluate_all(direction) == ["ltr" if title == LATIN[0] else "rtl"] * 3
        page.keyboard.press("i")
    assert seen == set(texts)
