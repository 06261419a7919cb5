"""Import, look, confirm; then the questions about duplicates."""

import re
from pathlib import Path

from playwright.sync_api import expect


def offer(ada, home, path, name, kind="Database", removed=None):
    """Upload a file as the export of a new source and stand before its preview, or its refusal."""
    ada.goto(f"{home}/import/")
    ada.locator("input[type=file]").set_input_files(path)
    ada.locator("select[name=source]").select_option("")  # whatever the page proposes
    ada.get_by_label("Source", exact=True).or_(ada.locator("#new-source [name$=name]")).first.fill(
        name
    )
    ada.locator("#new-source [name$=kind]").select_option(label=kind)
    if removed:
        ada.locator("#new-source details:has([name$=removed_why]) > summary").click()
    for cause, n in (removed or {}).items():
        ada.locator(f"#new-source [name$=removed_{cause}]").fill(str(n))
        ada.locator("#new-source [name$=removed_why]").fill("Taken out in the database's own tool")
    ada.get_by_role("button", name="Upload and look").click()


def stat(page, words):
    """The number above `words` in a row of figures."""
    figure = page.locator(".stat", has_text=re.compile(rf"\d\s*{words}"))
    return int(figure.locator("b").inner_text())


def bring_in(ada, home, path, name, *, records, **source):
    """The whole way of one file; its preview must say `records`. Returns (joined, questions)."""
    offer(ada, home, path, name, **source)
    go = ada.get_by_role("button", name=re.compile(r"^Import \d+ record"))
    expect(go).to_be_visible(timeout=60_000)
    assert stat(ada, "records? read") == records
    assert stat(ada, "places? to look at") == 0
    expect(ada.get_by_role("heading", name="How the first records will look")).to_be_visible()
    go.click()
    expect(ada.get_by_text(re.compile("^Imported on"))).to_be_visible(timeout=60_000)
    assert stat(ada, "records?") == records
    return stat(ada, "joined automatically"), stat(ada, "questions? about duplicates")


def sources(ada, home):
    """{source: records imported} as the page of searches says."""
    ada.goto(f"{home}/searches/")
    rows = ada.locator("table.data tbody tr")
    found = {}
    for row in rows.all():
        cells = row.locator("td")
        name = cells.first.locator("a, b").first.inner_text()
        found[name] = int(re.sub(r"\D", "", cells.last.inner_text()) or 0)
    return found


def expect_no_trace(ada, home, path, name):
    """A file that can't be read: one sentence, what was typed stands, nothing is stored."""
    before = sources(ada, home)
    offer(ada, home, path, name)
    said = ada.locator("main [role=alert], main .errorlist, main .note-error").first
    expect(said).to_be_visible()
    words = said.inner_text().strip()
    assert 10 < len(words) < 300, words
    assert "\n" not in words, words
    expect(ada.locator("#new-source [name$=name]")).to_have_value(name)
    assert sources(ada, home) == before


def expect_known(ada, home, path, name):
    """A file that is here already leads to what became of it, whatever it is called now."""
    before = sources(ada, home)
    offer(ada, home, path, name)
    expect(ada.locator("main [role=status]")).to_contain_text("nothing changed")
    assert sources(ada, home) == before


# --- Duplicates -----------------------------------------------------------------------------


def answer_next(person, home, key):
    """Answer the question on the page by its key; returns the two titles it asked about."""
    person.goto(f"{home}/duplicates/")
    expect(person.locator(".compare-rows")).to_be_visible()
    row = person.locator(".compare-rows tbody tr").filter(
        has=person.locator("th", has_text="Title")
    )
    titles = [cell.inner_text().strip() for cell in row.locator("td").all()]
    with person.expect_navigation():
        person.keyboard.press(key)
    return titles


def undo_last(person, home):
    person.goto(f"{home}/duplicates/")
    with person.expect_navigation():
        person.keyboard.press("u")


def questions(person, home):
    """How many questions wait."""
    person.goto(f"{home}/duplicates/")
    tab = person.get_by_role("link", name=re.compile("^Questions"))
    return int(re.sub(r"\D", "", tab.inner_text()))


def broken_file(folder: Path):
    """A PDF that was saved under the name of an export."""
    path = folder / "export.ris"
    path.write_bytes(b"%PDF-1.7\n\xff\xfe\x00\x01 not an export\n" + bytes(range(256)) * 20)
    return path
