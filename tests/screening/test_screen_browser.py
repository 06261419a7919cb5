"""The reviewer's page in a real Chromium: by keyboard, through a lost connection, for everybody."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from reviews.actions import set_criteria
from screening import actions
from screening.desk import keymap, labels, words
from screening.models import Decision, Labelling
from screening.reasons import set_reasons

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A canvas of no size that pdf.js puts outside every landmark.
PDF_JS_OWN = {"exclude": [[".hiddenCanvasElement"]]}
TWO_FRAMES_MS = 34  # of 60 a second: the key may come just after one began


@pytest.fixture
def open_page(live_server, transactional_db, new_context):
    """`open_page(user, path)` is a page signed in as that user; console errors fail the test."""
    errors = []

    def open_(user, path, **options):
        client = Client()
        client.force_login(user)
        size = {"width": 1280, "height": 800}
        context = new_context(base_url=live_server.url, viewport=size, **options)
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if is_wrong(line) else None)
        page.goto(path)
        return page

    yield open_
    assert errors == []


def is_wrong(line):
    """A line in the console that nobody asked for: a test may cut the network or be refused."""
    expected = ("ERR_INTERNET_DISCONNECTED", "status of 409")
    return line.type == "error" and not any(words in line.text for words in expected)


PAGE = "/r/one/screen/"


def own(cast):
    return Decision.objects.current().filter(by=cast.bo)


def test_fifty_reports_by_keyboard_through_a_lost_connection(cast, review, make_report, open_page):
    for number in range(50):
        make_report(review, f"Report number {number}", abstract="word " * (number * 7))
    reasons = set_reasons(review, "abstract", ["Wrong population", "Not a program"], by=cast.ada)
    page = open_page(cast.bo, PAGE)
    title, saved = page.locator("[data-report-title]"), page.locator("[data-saved]")
    expect(saved).to_have_text("All saved")

    keys = {"i": ("include", None), "m": ("maybe", None), "e": ("exclude", None)}
    keys |= {str(n + 1): ("exclude", reason.pk) for n, reason in enumerate(reasons)}
    order = ["i", "e", "m", "1", "2"]
    accepted = {}
    buttons = page.locator(".screening-bar .btn-include")
    reason = page.locator(".reason").last
    at, reason_at = buttons.bounding_box(), reason.bounding_box()
    for number in range(50):
        if number == 20:
            expect(saved).to_have_text("All saved")
            page.context.set_offline(True)
        if number == 27:
            expect(saved).to_contain_text("7 not saved yet")
            page.context.set_offline(False)
            expect(saved).to_have_text("All saved", timeout=20_000)
        expect(page.locator("[data-deciding]")).to_be_visible(timeout=20_000)
        shown, key = title.inner_text(), order[number % len(order)]
        assert shown not in accepted
        assert buttons.bounding_box() == at  # the buttons never move
        assert reason.bounding_box() == reason_at
        page.keyboard.press(key)
        accepted[shown] = keys[key]
    expect(saved).to_have_text("All saved", timeout=20_000)
    expect(page.locator("[data-nothing]")).to_be_visible()
    expect(page.locator("[data-left]")).to_have_text("0")
    expect(page.locator("[data-done]")).to_have_text("50")
    stored = {
        decision.report.title: (decision.verdict, decision.reason_id)
        for decision in own(cast).select_related("report")
    }
    assert stored == accepted
    assert Decision.objects.count() == 50
    assert not page.locator("[data-not-taken]").is_visible()


def test_each_criterion_is_answered_by_a_key_also_without_a_network(
    cast, review, make_report, open_page
):
    for number in range(4):
        make_report(review, f"Report number {number}")
    wanted = [("inclusion", "Adults"), ("inclusion", "A trial"), ("exclusion", "A letter")]
    set_criteria(review, wanted, by=cast.ada)
    actions.set_rules(
        review, "abstract", by=cast.ada, screeners=2, maybe="advances", ask_criteria=True
    )
    page = open_page(cast.bo, PAGE)
    saved, proposal = page.locator("[data-saved]"), page.locator("[data-proposal]")
    checked = page.locator(".says input:checked")
    include = page.locator(".screening-bar .btn-include")
    expect(saved).to_have_text("All saved")
    at = include.bounding_box()
    for key in "yyx":
        page.keyboard.press(key)
    expect(proposal).to_contain_text("include")
    expect(page.locator(".btn-include[data-proposed]")).to_be_visible()
    page.keyboard.press("q")  # all are answered: round to the first
    expect(proposal).to_contain_text("maybe")
    assert include.bounding_box() == at
    page.keyboard.press("e")  # the person decides
    expect(checked).to_have_count(0)
    page.keyboard.press("u")  # and the answers are back with the report
    expect(checked).to_have_count(3)
    page.keyboard.press("i")
    expect(saved).to_have_text("All saved")
    page.context.set_offline(True)
    page.keyboard.press("s")  # leaves the first without an answer
    page.keyboard.press("x")
    expect(proposal).to_contain_text("exclude")
    page.keyboard.press("e")
    expect(saved).to_contain_text("1 not saved yet")
    page.locator(".says label", has_text="Unclear").last.click()  # by the pointer, then by a key
    page.keyboard.press("i")
    page.context.set_offline(False)
    expect(saved).to_have_text("All saved", timeout=20_000)
    said = [
        (each.verdict, {answer.criterion.text: answer.says for answer in each.answers.all()})
        for each in own(cast).order_by("pk")
    ]
    assert said == [
        ("include", {"Adults": "unclear", "A trial": "yes", "A letter": "no"}),
        ("exclude", {"A trial": "no"}),
        ("include", {"A letter": "unclear"}),
    ]


def test_the_next_report_is_painted_within_a_frame(cast, review, make_report, open_page):
    for number in range(40):
        make_report(review, f"Report number {number}", abstract="word " * 250)
    page = open_page(cast.bo, PAGE)
    expect(page.locator("[data-saved]")).to_have_text("All saved")
    # From the key to a moment after the frame in which the other title is painted.
    page.evaluate("""() => {
      window.times = [];
      let began = 0, before = "";
      const title = () => document.querySelector("[data-report-title]").textContent;
      addEventListener("keydown", () => { began = performance.now(); before = title(); }, { capture: true });
      new MutationObserver(() => {
        if (!began || title() === before) return;
        const start = began;
        began = 0;
        requestAnimationFrame(() => {
          const painted = new MessageChannel();
          painted.port1.onmessage = () => window.times.push(performance.now() - start);
          painted.port2.postMessage(0);
        });
      }).observe(document, { subtree: true, childList: true, characterData: true });
    }""")
    for number in range(30):
        page.keyboard.press("ie"[number % 2])
        page.wait_for_timeout(60)
    expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=20_000)
    times = sorted(page.evaluate("window.times"))
    assert len(times) == 30  # no key was lost
    median = times[len(times) // 2]
    assert median < TWO_FRAMES_MS, times


def test_undo_goes_back_with_the_note_and_withdraws(cast, review, make_report, open_page):
    for number in range(3):
        make_report(review, f"Report number {number}")
    page = open_page(cast.bo, PAGE)
    title, saved = page.locator("[data-report-title]"), page.locator("[data-saved]")
    first = title.inner_text()
    page.keyboard.press("n")
    page.keyboard.type("i include e")  # keys are not heard while somebody types
    page.keyboard.press("Escape")
    assert title.inner_text() == first
    page.keyboard.press("e")
    expect(title).not_to_have_text(first)
    expect(page.locator("[data-said]")).to_have_text(f"Excluded. Next: {title.inner_text()}")
    expect(saved).to_have_text("All saved")
    page.keyboard.press("u")
    expect(title).to_have_text(first)
    expect(page.locator("#note")).to_have_value("i include e")
    expect(saved).to_have_text("All saved")
    assert not own(cast).exists()
    page.keyboard.press("i")
    expect(saved).to_have_text("All saved")
    assert [(d.verdict, d.note) for d in own(cast)] == [("include", "i include e")]
    # After a reload undo still reaches back.
    page.reload()
    page.keyboard.press("u")
    expect(title).to_have_text(first)
    expect(saved).to_have_text("All saved")
    assert not own(cast).exists()


def test_what_is_not_sent_survives_a_closed_page(cast, review, make_report, open_page):
    for number in range(4):
        make_report(review, f"Report number {number}")
    page = open_page(cast.bo, PAGE)
    expect(page.locator("[data-saved]")).to_have_text("All saved")
    page.route("**/decide/", lambda route: route.abort("internetdisconnected"))
    shown = page.locator("[data-report-title]").inner_text()
    page.keyboard.press("i")
    expect(page.locator("[data-saved]")).to_contain_text("1 not saved yet")
    expect(page.locator("[data-saved]")).to_contain_text("No connection")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.locator("body").click()  # a browser asks only those who have touched the page
    page.unroute("**/decide/")
    page.reload()
    assert dialogs == ["beforeunload"]
    expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=20_000)
    assert [(d.report.title, d.verdict) for d in own(cast)] == [(shown, "include")]


def test_an_answer_that_came_too_late_is_shown_to_its_maker(
    cast, review, make_report, join, open_page
):
    for number in range(3):
        make_report(review, f"Report number {number}")
    page = open_page(cast.bo, PAGE)
    report = review.reports.get(title=page.locator("[data-report-title]").inner_text())
    for user in (cast.cy, join("Di")):
        actions.decide(report, "abstract", "include", by=user)
    page.keyboard.press("e")
    told = page.locator("[data-not-taken]")
    expect(told).to_be_visible()
    expect(told).to_contain_text(report.title)
    expect(told).to_contain_text("Enough people have decided")
    page.reload()
    expect(told).to_be_visible()  # until it has been seen
    told.locator("[data-seen]").click()
    expect(told).to_be_hidden()
    assert not own(cast).exists()


def test_it_works_without_javascript(cast, review, make_report, open_page):
    for number in range(2):
        make_report(review, f"Report number {number}")
    page = open_page(cast.bo, PAGE, java_script_enabled=False)
    first = page.locator("[data-report-title]").inner_text()
    page.fill("#note", "By hand")
    page.click(".btn-maybe")
    assert page.locator("[data-report-title]").inner_text() != first
    assert [(d.report.title, d.verdict, d.note) for d in own(cast)] == [(first, "maybe", "By hand")]
    page.click("[data-undo]")
    assert page.locator("[data-report-title]").inner_text() == first
    assert not own(cast).exists()


def test_full_text_asks_for_the_reason_and_changes_the_document(
    cast, review, at_fulltext, reasons, open_page
):
    reports = [at_fulltext(f"Report number {number}") for number in range(2)]
    page = open_page(cast.bo, "/r/one/screen/fulltext/")
    title = page.locator("[data-report-title]")
    first = review.reports.get(title=title.inner_text())
    other = next(report for report in reports if report.pk != first.pk)
    page.keyboard.press("m")  # no such answer at full text: nothing happens
    page.keyboard.press("e")
    expect(page.locator(".toast-line")).to_contain_text("needs its reason")
    assert title.inner_text() == first.title
    page.keyboard.press("2")
    expect(title).to_have_text(other.title)
    expect(page.locator("[data-document]")).to_contain_text(f"{other.pk}.pdf")
    expect(page.locator("[data-saved]")).to_have_text("All saved")
    decision = own(cast).get(stage="fulltext")
    assert (decision.verdict, decision.reason) == ("exclude", reasons[1])


def test_one_registry_of_keys_shown_by_a_question_mark(cast, review, make_report, open_page):
    make_report(review)
    page = open_page(cast.bo, PAGE)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    listed = page.locator("[data-keys] kbd").all_inner_texts()
    assert len(listed) == len(set(listed))
    assert {"I", "M", "E", "U", "N", "C", "?"} <= set(listed)
    page.keyboard.press("i")  # a dialog is open: not heard
    page.keyboard.press("Escape")
    assert not own(cast).exists()
    page.keyboard.press("c")
    expect(page.locator("[data-criteria] > p")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator("[data-criteria] > p")).to_be_visible()


def test_keys_of_ones_own_are_the_only_ones_heard(cast, review, make_report, open_page):
    for number in range(4):
        make_report(review, f"Report number {number}")
    keymap.choose(cast.bo, keymap.preset("rayyan"), letters=True)
    page = open_page(cast.bo, PAGE)
    title, saved = page.locator("[data-report-title]"), page.locator("[data-saved]")
    first = title.inner_text()
    for key in ["m", "q", "Control+i", "Alt+e", "F7", "Enter", "7"]:
        page.keyboard.press(key)  # no meaning here: nothing happens and nothing is said
    assert title.inner_text() == first
    assert page.locator("[data-said]").inner_text() == ""
    page.keyboard.press("u")  # Rayyan's undecided
    expect(title).not_to_have_text(first)
    # A keyboard of another script: what stands on the key in Latin letters.
    page.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ш', code: 'KeyI', bubbles: true}))"
    )
    expect(page.locator("[data-done]")).to_have_text("2")
    expect(saved).to_have_text("All saved")
    assert [decision.verdict for decision in own(cast).order_by("pk")] == ["maybe", "include"]

    # A field of the page of keys takes the key that is pressed in it.
    page.goto(f"/accounts/me/keys/?back={PAGE}")
    page.locator("#key-include").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#letters").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Back to screening").click()
    shown = title.inner_text()
    page.keyboard.press("e")
    assert title.inner_text() == shown
    page.keyboard.press("ArrowRight")
    expect(title).not_to_have_text(shown)
    expect(saved).to_have_text("All saved")
    assert own(cast).count() == 3


def test_a_list_of_titles_with_the_same_keys(cast, review, make_report, open_page):
    for number in range(30):
        make_report(review, f"Report number {number}", abstract="word " * (number * 9))
    page = open_page(cast.bo, PAGE)
    saved, rows = page.locator("[data-saved]"), page.locator("[data-list] > li")
    expect(saved).to_have_text("All saved")
    page.keyboard.press("v")
    expect(rows).to_have_count(30)
    expect(page.locator("[data-card]")).to_be_hidden()
    current = page.locator("[data-list] > [aria-current] .row-title")
    titles = page.locator(".row-title").all_inner_texts()
    for key in "jjk":
        page.keyboard.press(key)
    expect(current).to_have_text(titles[1])
    page.keyboard.press("o")
    expect(rows.nth(1).locator(".row-text")).to_be_visible()
    page.keyboard.press("o")
    below = rows.nth(5).locator(".btn-exclude")
    where = below.bounding_box()
    page.keyboard.press("e")
    expect(current).to_have_text(titles[2])
    page.keyboard.press("i")
    below.click()  # a row's own button
    expect(rows.nth(1).locator(".row-said")).to_have_text("Excluded")
    page.keyboard.press("u")
    expect(current).to_have_text(titles[5])
    assert below.bounding_box() == where  # rows stay where they are
    page.keyboard.press("m")
    expect(current).to_have_text(titles[6])
    expect(page.locator("[data-left]")).to_have_text("27")
    expect(saved).to_have_text("All saved")
    assert [(d.report.title, d.verdict) for d in own(cast).order_by("pk")] == [
        (titles[1], "exclude"),
        (titles[2], "include"),
        (titles[5], "maybe"),
    ]
    page.reload()
    expect(rows).to_have_count(27)  # the choice is remembered
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("v")
    expect(page.locator("[data-card]")).to_be_visible()


def test_labels_by_key_through_a_lost_connection(cast, review, make_report, open_page):
    for number in range(2):
        make_report(review, f"Report number {number}")
    page = open_page(cast.bo, PAGE)
    saved, chips = page.locator("[data-saved]"), page.locator("[data-labels] .chip")
    first = page.locator("[data-report-title]").inner_text()
    page.context.set_offline(True)
    page.keyboard.press("l")
    page.keyboard.type("Rats")
    page.keyboard.press("Enter")
    expect(chips).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("i")  # heard again: Escape has left the field
    expect(chips).to_have_attribute("aria-pressed", "false")  # the next report has none
    expect(saved).to_contain_text("2 not saved yet")
    page.context.set_offline(False)
    expect(saved).to_have_text("All saved", timeout=20_000)
    given = Labelling.objects.get()
    assert (given.report.title, given.label.name, given.by) == (first, "Rats", cast.bo)
    page.keyboard.press("u")
    expect(chips).to_have_attribute("aria-pressed", "true")
    chips.click()
    expect(saved).to_have_text("All saved")
    assert not Labelling.objects.exists()


def test_a_conflict_is_settled_by_keys(cast, review, in_conflict, open_page):
    report, following = in_conflict(), in_conflict()
    page = open_page(cast.al, f"/r/one/conflicts/{report.pk}/")
    page.keyboard.press("e")
    page.keyboard.press("s")
    page.wait_for_url(f"**/conflicts/{following.pk}/")
    assert Decision.objects.get(final=True).verdict == "exclude"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    cast, review, make_report, in_conflict, at_fulltext, reasons, open_page, scheme
):
    from axe_playwright_python.sync_playwright import Axe

    make_report(
        review,
        "A trial",
        authors=["Abara, I."],
        year=2019,
        journal="Nursing",
        doi="10.1/x",
        abstract="Background: x.",
        keywords=["Adolescent"],
    )
    conflict = in_conflict()
    at_fulltext()
    words.set_lists(review, include="trial", exclude="background", by=cast.ada)
    labels.put(review.reports.get(title="A trial"), "abstract", "Ask the author", by=cast.bo)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = {}
    for user, path in [
        (cast.bo, PAGE),
        (cast.bo, "/r/one/screen/fulltext/"),
        (cast.bo, "/r/one/decisions/"),
        (cast.al, "/r/one/conflicts/"),
        (cast.al, f"/r/one/conflicts/{conflict.pk}/"),
        (cast.ada, "/r/one/rules/"),
        (cast.ada, "/r/one/reasons/"),
        (cast.ada, "/r/one/words/"),
        (cast.bo, "/r/one/words/"),
        (cast.bo, "/accounts/me/keys/"),
        (cast.bo, f"{PAGE}#list"),
        (cast.obi, "/r/one/agreement/"),
    ]:
        page = open_page(user, path, color_scheme=scheme)
        page.wait_for_load_state("networkidle")
        if path.endswith("#list"):
            page.keyboard.press("v")
            page.keyboard.press("o")
            expect(page.locator("[data-list]")).to_be_visible()
        violations = (
            Axe().run(page, context=PDF_JS_OWN, options={"runOnly": tags}).response["violations"]
        )
        found[path] = [
            (each["id"], [n["html"][:90] for n in each["nodes"][:3]]) for each in violations
        ]
    assert {path: each for path, each in found.items() if each} == {}


def test_a_phone_reaches_everything_without_scrolling_sideways(
    cast, review, make_report, open_page
):
    make_report(review, "W" * 200, abstract="word " * 500, doi="10.1/" + "x" * 120)
    page = open_page(cast.bo, PAGE)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator(".screening-bar button:visible").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
