"""The second arm: transcripts, coding by mouse and by words, a theme, a judged row, the exports."""

import csv
import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import expect

SAMPLE = Path(__file__).resolve().parent.parent.parent / "sample" / "transcripts"
PEOPLE = [
    ("T01_alder.txt", "Alder", "child welfare workers", "one person whose job is to hold it all"),
    ("T04_wren.txt", "Wren", "survivors", "She just kept turning up."),
]


def add_transcripts(ann, home):
    for name, pseudonym, group, _ in PEOPLE:
        ann.goto(f"{home}/interviews/")
        ann.locator("input[type=file]").set_input_files(SAMPLE / name)
        ann.get_by_label("Pseudonym of a new participant").fill(pseudonym)
        ann.get_by_label("Group of a new participant").fill(group)
        ann.get_by_role("button", name="Add transcript").click()
        expect(ann.get_by_role("heading", level=1)).to_have_text(pseudonym)


def mark(page, words):
    """Drag the mouse over `words`, as a reader would."""
    expect(page.locator("[data-transcript]")).to_be_visible()
    ends = page.evaluate(
        """(words) => {
          const walker = document.createTreeWalker(
            document.querySelector("[data-transcript]"), NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(words);
            if (at < 0) continue;
            node.parentElement.scrollIntoView({ block: "center", behavior: "instant" });
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + words.length);
            const boxes = [...range.getClientRects()];
            const first = boxes[0], last = boxes.at(-1);
            return [first.left + 1, first.top + first.height / 2,
                    last.right - 1, last.top + last.height / 2];
          }
        }""",
        words,
    )
    page.mouse.move(ends[0], ends[1])
    page.mouse.down()
    page.mouse.move(ends[2], ends[3], steps=4)
    page.mouse.up()


def code(ann, home, component, *, by_mouse):
    """Code one passage of each transcript: the first with the mouse, the second by its words."""
    for number, (_, pseudonym, _, words) in enumerate(PEOPLE):
        ann.goto(f"{home}/interviews/")
        ann.get_by_role("link", name=pseudonym).click()
        passage = ann.get_by_label("Passage")
        if number in by_mouse:
            mark(ann, words)
            expect(passage).to_have_value(re.compile(re.escape(words[3:-3])))
            assert ann.locator("[data-coding] [name=end]").input_value()
        else:
            passage.fill(words)
        chosen = ann.get_by_label("Component")
        labels = chosen.locator("option").all_inner_texts()
        chosen.select_option(label=next(label for label in labels if component in label))
        ann.get_by_role("button", name="Code it").click()
        coded = "".join(ann.locator("mark.coded").all_inner_texts())
        assert words[3:-3] in coded


def make_theme(ann, home, component):
    ann.goto(f"{home}/themes/new/")
    ann.get_by_label("Name").fill("Somebody who stays")
    ann.get_by_label("Central idea").fill("What helps is a person who is still there on Friday.")
    ann.get_by_role("checkbox", name=re.compile(component)).check()
    ann.get_by_role("button", name="Save").click()
    ann.goto(f"{home}/themes/")
    ann.get_by_role("link", name="Somebody who stays").click()
    for _, pseudonym, _, _ in PEOPLE:
        expect(ann.locator("main")).to_contain_text(pseudonym)


def judge(ann, home, component):
    """The row's counts first: one study, one of one participant in each group. Then the reason."""
    ann.goto(f"{home}/matrix/")
    row = ann.locator("tbody tr", has=ann.get_by_role("link", name=component, exact=True))
    counts = [cell.locator("a").inner_text() for cell in row.locator("td.num").all()]
    assert counts == ["1", "1/1", "1/1"], counts
    row.get_by_role("link", name=component, exact=True).click()
    card = ann.locator("section.card[id^=pair-]").first
    for question in ("same_meaning", "same_coverage"):
        card.locator(f"[name$={question}][value=yes]").check()
    card.get_by_label("Reason").fill("Studies and participants both speak of one steady person.")
    card.get_by_role("button", name="Save the judgement").click()
    expect(ann.locator("section.card[id^=pair-]").first).to_contain_text("Agreement")


def expect_exports(ann, home, component):
    ann.goto(f"{home}/matrix/")
    with ann.expect_download() as began:
        ann.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(began.value.path().read_text("utf-8-sig"))))
    (row,) = [row for row in rows if component in row]
    assert row.count("1/1") == 2
    assert "Agreement" in row
    with ann.expect_download() as began:
        ann.get_by_role("link", name="Word").click()
    words = zipfile.ZipFile(began.value.path()).read("word/document.xml").decode()
    assert component in words
    assert "Agreement" in words
    assert "Wren" not in words  # counts and judgements leave the house, pseudonyms don't
