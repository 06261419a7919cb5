"""Full texts: fetched or given up, read in the page, decided by two with a reason."""

import re

from playwright.sync_api import expect

from synthesis.demo.pdf import pdf

from . import gathering
from .screening import SENT, report_in, shown

PARAGRAPHS = [
    "Each young person had one mentor who kept in touch between the meetings.",
    "The workers were taught how exploitation looks and whom to call.",
    "We followed forty people for a year and asked them four times how they were.",
]


def fetch(ada, home, ledger):
    """Ada asks for one report in vain and gives it up; she attaches the files of all others."""
    reports = sorted(ledger.passed())
    lost = reports[0]
    ada.goto(f"{home}/fulltexts/{lost}/")
    ada.get_by_label("Where").fill("Interlibrary loan")
    ada.get_by_role("button", name="Note it", exact=True).click()
    expect(ada.locator(".timeline")).to_contain_text("Interlibrary loan")
    ada.get_by_label("Why").fill("No library holds it and the authors don't answer")
    ada.get_by_role("button", name="Mark as not retrieved").click()
    expect(ada.get_by_role("link", name=re.compile("^Not retrieved"))).to_contain_text("1")
    ledger.not_retrieved.add(lost)
    for report in reports[1:]:
        ada.goto(f"{home}/fulltexts/{report}/")
        paper = pdf(ledger.titles[report], PARAGRAPHS)
        ada.locator("input[type=file]").set_input_files(
            {"name": f"{report}.pdf", "mimeType": "application/pdf", "buffer": paper}
        )
        ada.get_by_role("button", name="Attach", exact=True).click()
        expect(ada.locator("[data-reader]")).to_be_visible()


def expect_readable(page):
    """The document is drawn, and its words can be marked."""
    sheet = page.locator(".reader-sheet").first
    expect(sheet.locator("canvas")).to_be_visible(timeout=SENT)
    words = sheet.locator(".textLayer span", has_text="mentor").first
    expect(words).to_be_attached(timeout=SENT)
    drawn = page.evaluate("""() => {
      const canvas = document.querySelector(".reader-sheet canvas");
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.some((value, place) => place % 4 === 0 && value < 128);
    }""")
    assert drawn, "the canvas is blank"
    words.dblclick()
    assert page.evaluate("getSelection().toString().trim()"), "no word could be marked"


def opinions(reports):
    """{report: {who: (verdict, reason)}}: agreed in and out, another reason, in against out."""
    first, second = gathering.REASONS[:2]
    cases = [
        {"bo": ("include", ""), "cy": ("include", "")},
        {"bo": ("exclude", first), "cy": ("exclude", first)},
        {"bo": ("exclude", first), "cy": ("exclude", second)},
        {"bo": ("include", ""), "cy": ("exclude", second)},
    ]
    return {report: cases[n % len(cases)] for n, report in enumerate(sorted(reports))}


def read_and_decide(page, home, who, ledger, said):
    """Decide on every full text by keyboard; the first one is read before."""
    page.goto(f"{home}/screen/fulltext/")
    for number in range(len(said)):
        expect(page.locator("[data-deciding]")).to_be_visible(timeout=SENT)
        report, _ = shown(page)
        if number == 0:
            expect_readable(page)
            page.keyboard.press("e")  # at full text an exclusion needs its reason
            assert shown(page)[0] == report
        verdict, reason = said[report][who]
        page.keyboard.press(
            "i" if verdict == "include" else str(gathering.REASONS.index(reason) + 1)
        )
        ledger.fulltext.setdefault(report, {})[who] = (verdict, reason)
    expect(page.locator("[data-nothing]")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text("All saved", timeout=SENT)


def settle_conflicts(al, home, ledger):
    """Al ends each conflict: another reason gets the second one, in against out gets in."""
    waiting = {report for report, said in ledger.fulltext.items() if len(set(said.values())) > 1}
    assert waiting
    al.goto(f"{home}/conflicts/?show=fulltext")
    with al.expect_navigation():  # until the page hears keys
        al.get_by_role("link", name="Settle one by one").click()
    for _ in range(len(waiting)):
        expect(al.locator("#final")).to_be_visible()
        report = report_in(al.url)
        assert report in waiting
        if {verdict for verdict, _ in ledger.fulltext[report].values()} == {"exclude"}:
            final = ("exclude", gathering.REASONS[1])
            al.keyboard.press("2")
        else:
            final = ("include", "")
            al.keyboard.press("i")
        with al.expect_navigation():
            al.keyboard.press("s")
        ledger.fulltext_final[report] = final
    expect(al.get_by_text("No conflicts wait here")).to_be_visible()
