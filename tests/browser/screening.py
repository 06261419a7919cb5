"""Screening by keyboard, a lost connection in the middle, and the adjudicator's final words."""

import re
import zlib

from playwright.sync_api import expect

SENT = 60_000  # ms: answers go out one by one, in order


def share(title, parts):
    """Where a title falls among `parts`; the same on every run and in no order of the page."""
    return zlib.crc32(title.encode()) % parts


def verdict(title, who):
    """Five in fourteen matter: all include, two conflicts (one each way), maybe, nearly all out."""
    both, cy_only, bo_only, unsure = 0, 1, 2, 3
    fall = share(title, 14)
    if fall == both or fall == {"bo": bo_only, "cy": cy_only}[who]:
        return "include"
    return "maybe" if fall == unsure and who == "bo" else "include" if fall == unsure else "exclude"


def shown(page):
    """(report, title) on the screen."""
    report, title = page.evaluate(
        "[document.querySelector('[data-report]').value,"
        " document.querySelector('[data-report-title]').textContent]"
    )
    return int(report), title.strip()


def screen_everything(page, home, who, ledger, *, lose_connection_at):
    """Decide on every report by one key each; once a key is taken back, once a note is written.

    From `lose_connection_at` on, six answers are given without a network.
    """
    page.goto(f"{home}/screen/")
    expect(page.locator("[data-saved]")).to_have_text("All saved")
    total = int(page.locator("[data-left]").inner_text())
    key = {"include": "i", "maybe": "m", "exclude": "e"}
    for number in range(total):
        if number == lose_connection_at:
            expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=SENT)
            page.context.set_offline(True)
        if number == lose_connection_at + 6:
            expect(page.locator("[data-saved]")).to_contain_text("6 not saved yet")
            page.context.set_offline(False)
            expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=SENT)
        expect(page.locator("[data-deciding]")).to_be_visible(timeout=SENT)
        report, title = shown(page)
        if number == 3:  # a slip of the finger, taken back
            page.keyboard.press("m")
            page.keyboard.press("u")
            assert shown(page) == (report, title)
        if number == 4:
            page.keyboard.press("n")
            page.keyboard.type(f"{who} is not sure")
            page.keyboard.press("Escape")
        said = verdict(title, who)
        assert who not in ledger.abstract.setdefault(report, {}), f"{title} came twice"
        page.keyboard.press(key[said])
        ledger.abstract[report][who] = said
        ledger.titles[report] = title
    expect(page.locator("[data-nothing]")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=SENT)
    expect(page.locator("[data-not-taken]")).to_be_hidden()
    expect(page.locator("[data-done]")).to_have_text(str(total))
    return total


def report_in(address):
    return int(re.search(r"/(\d+)/", address.split("/r/", 1)[1]).group(1))


def settle_conflicts(al, home, ledger):
    """Al's final word on each, by keyboard; sees who said what."""
    waiting = ledger.in_conflict()
    al.goto(f"{home}/conflicts/")
    expect(al.get_by_role("link", name=re.compile("^Title & abstract")).last).to_contain_text(
        str(len(waiting))
    )
    with al.expect_navigation():  # until the page hears keys
        al.get_by_role("link", name="Settle one by one").click()
    for _ in range(len(waiting)):
        expect(al.locator("#final")).to_be_visible()
        report, title = report_in(al.url), al.locator("[data-report-title]").inner_text().strip()
        assert report in waiting
        assert al.locator(".said > li").count() == 2
        said = "include" if share(title, 3) == 0 else "exclude"
        al.keyboard.press(said[0])
        with al.expect_navigation():
            al.keyboard.press("s")
        ledger.abstract_final[report] = said
    assert not ledger.in_conflict()
