"""Duplicates in a real Chromium: questions answered by keys alone; named, screened, parted again."""

import pytest
from playwright.sync_api import expect

from citations.models import DuplicatePair, FullText, Merge, RelatedReport
from screening import actions, flow
from screening.flow import Place
from screening.models import Decision
from tests.screening.test_joining import ask, place, snapshot
from tests.screening.test_screen_browser import open_page  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUESTIONS = "/r/one/duplicates/"


class Asked:
    """The questions page, as somebody sees it who has a keyboard and no mouse."""

    def __init__(self, page, review):
        self.page, self.review, self.total = page, review, DuplicatePair.objects.count()

    def press(self, key):
        """Press a key and wait for the page that follows; nothing is clicked."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def shows(self, pair, *, answered):
        """`pair` is asked, has the focus, and every count on the page agrees with the database."""
        numbers = f"{answered} of {self.total} answered"
        expect(self.page.locator(".answering .tabular")).to_have_text(numbers)
        assert DuplicatePair.objects.exclude(answer="").count() == answered
        counts = self.page.locator(".tabs .count").all_inner_texts()
        assert counts[0] == str(self.total - answered)
        assert counts[2] == str(answered)
        if pair is None:
            expect(self.page.locator("main")).to_contain_text("No question about duplicates")
            expect(self.page.locator("main")).to_be_focused()
            return
        sides = self.page.locator(".compare-rows thead a")
        assert {sides.nth(0).inner_text(), sides.nth(1).inner_text()} == {
            f"Report {pair.first_id}",
            f"Report {pair.second_id}",
        }
        expect(self.page.locator("[data-question]")).to_be_focused()


def test_questions_are_answered_by_keys_alone(cast, review, make_report, open_page):  # noqa: F811
    def pair(probability):
        return ask(make_report(review), make_report(review), probability=probability)

    same, different, related = pair(0.94), pair(0.9), pair(0.85)
    grouped = [make_report(review, f"Care at home {n}") for n in range(3)]
    group = [
        ask(grouped[0], grouped[1], probability=0.7),
        ask(grouped[1], grouped[2], probability=0.6),
    ]
    page = open_page(cast.ada, QUESTIONS)
    asked = Asked(page, review)
    # Who has just come begins at the top, with the link that skips to the content.
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()

    asked.press("s")
    asked.shows(different, answered=1)
    assert flow.boxes(review)["D2_dup"] == 1
    asked.press("d")
    asked.shows(related, answered=2)
    # From the question the next Tab leads into it, and a kind is chosen without a mouse.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[data-question]') !== null")
    page.locator("#kind").focus()
    page.keyboard.type("Err")
    page.keyboard.press("Tab")
    asked.press("r")
    asked.shows(group[0], answered=3)
    assert RelatedReport.objects.get(removed_at=None).kind == "erratum"
    asked.press("u")
    asked.shows(related, answered=2)
    assert not RelatedReport.objects.filter(removed_at=None).exists()
    asked.press("k")
    asked.shows(group[0], answered=2)
    asked.press("k")
    asked.shows(group[1], answered=2)
    assert flow.boxes(review)["D2_dup"] == 1
    asked.press("a")
    asked.shows(related, answered=4)
    assert flow.boxes(review)["D2_dup"] == 3
    asked.press("u")  # the whole group, by one key
    asked.shows(group[0], answered=2)
    assert flow.boxes(review)["D2_dup"] == 1
    asked.press("a")
    asked.shows(related, answered=4)
    asked.press("d")
    asked.shows(None, answered=5)
    assert flow.boxes(review)["D2_dup"] == 3
    given = dict(DuplicatePair.objects.values_list("pk", "answer"))
    assert given == {
        same.pk: "same",
        different.pk: "different",
        related.pk: "different",
        **{each.pk: "same" for each in group},
    }
    # Keys that mean nothing here, and those of a question when there is none.
    url = page.url
    for key in ["s", "d", "r", "a", "k", "x", "Control+u"]:
        page.keyboard.press(key)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert page.url == url
    assert dict(DuplicatePair.objects.values_list("pk", "answer")) == given


def test_a_duplicate_named_while_screening_and_parted_after_both_have_screened(
    cast,
    review,
    at_fulltext,
    reasons,
    open_page,  # noqa: F811
):
    one, other = at_fulltext("Care at home"), at_fulltext("Care at the home")
    at_fulltext("Boats")
    # Cy has screened both at full text, and says two things of what is one document.
    actions.decide(one, "fulltext", "exclude", by=cast.cy, reason=reasons[0], note="Of one")
    actions.decide(other, "fulltext", "include", by=cast.cy, note="Of the other")
    page = open_page(cast.bo, "/r/one/screen/fulltext/")
    lead = open_page(cast.ada, "/r/one/prisma/")
    title = page.locator("[data-report-title]")
    expect(page.locator("[data-saved]")).to_have_text("All saved")

    def boxes():
        """PRISMA as the lead is told."""
        return lead.request.get("/api/v1/reviews/one/prisma/").json()["boxes"]

    def moved(before):
        return {box: n - before[box] for box, n in boxes().items() if n != before[box]}

    def notes():
        return set(Decision.objects.current().values_list("report", "by", "stage", "note"))

    before, told, said = snapshot(review), boxes(), notes()
    left = int(page.locator("[data-left]").inner_text())
    assert left == 3
    while not title.inner_text().startswith("Care"):
        page.keyboard.press("e")
        page.keyboard.press("1")
        expect(title).not_to_have_text("Boats")
        expect(page.locator("[data-saved]")).to_have_text("All saved")
        before, told, said = snapshot(review), boxes(), notes()
        left -= 1

    def join():
        page.keyboard.press("d")
        page.keyboard.type("care home")
        expect(page.locator("[data-found] button")).to_have_count(1)
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator(".toast-line").last).to_contain_text("Joined with")
        return Merge.objects.get(undone_at=None)

    # Joined, and parted again by the button of the line that tells it: nothing has changed.
    made = join()
    expect(page.locator("[data-left]")).to_have_text(str(left - 1))
    assert moved(told)["D2_dup"] == 1
    assert FullText.objects.filter(report=made.keep_id).count() == 2
    assert page.request.get(f"/r/one/fulltexts/{made.keep_id}/file/").ok  # of two, the newest
    page.locator(".toast-line").last.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-left]")).to_have_text(str(left))
    assert (snapshot(review), moved(told), notes()) == (before, {}, said)

    # Joined again; now Bo answers too, so both people have screened what is joined.
    made = join()
    keep, absorb = made.keep, made.absorb
    assert moved(told)["D2_dup"] == 1
    expect(title).to_have_text(str(keep))
    page.keyboard.press("n")
    page.keyboard.type("Bo of both")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    expect(page.locator("[data-saved]")).to_have_text("All saved")
    assert place(keep) in (Place.INCLUDED, Place.FULLTEXT_CONFLICT)

    # Parted on the report's page, by the one who had joined them.
    page.goto(f"/r/one/reports/{keep.pk}/")
    joined = page.locator("section", has=page.locator("#merges-head"))
    expect(joined).to_contain_text(str(absorb))
    with page.expect_navigation():
        joined.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast-line")).to_contain_text("is a report of its own again")
    mine = Decision.objects.get(note="Bo of both")
    assert (mine.report_id, mine.superseded_at) == (keep.pk, None)
    after = snapshot(review)
    assert after["decisions"].pop(mine.pk) == (keep.pk, True)
    assert after["reports"][keep.pk].pop("place") != before["reports"][keep.pk].pop("place")
    assert after == before  # votes, files, records; the place of the one that Bo has not judged
    assert notes() == said | {(keep.pk, cast.bo.pk, "fulltext", "Bo of both")}
    assert moved(told).get("D2_dup") is None
    # What was absorbed stands before Bo again, with its own file.
    page.goto("/r/one/screen/fulltext/")
    expect(page.locator("[data-left]")).to_have_text(str(left - 1))
    assert place(absorb) == Place.FULLTEXT_HALF
    assert lead.request.get("/r/one/prisma/").ok
    assert flow.misplaced(review) == []
