"""Which words are marked in a text, and that nothing but marks is added: in a real Chromium."""

import pytest
from playwright.sync_api import expect

from screening.desk import words
from tests.screening.test_screen_browser import PAGE, open_page  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# (word, text, what of the text is marked)
CASES = [
    ("care", "Care in careers, child-care, care.", ["Care", "care", "care"]),
    ("exploit*", "exploits, exploitation; unexploited", ["exploits", "exploitation"]),
    ("*exploit*", "unexploited and exploits", ["unexploited", "exploits"]),
    ("wom?n", "woman, women, womyns, womn", ["woman", "women"]),
    ("sex* work*", "sexual\n workers; sex worked", ["sexual\n workers", "sex worked"]),
    ("follow-up", "follow up, follow–up, followup", ["follow up", "follow–up"]),
    ("women's", "women’s and women's", ["women’s", "women's"]),
    ("etude", "Étude, e\u0301tude, études", ["Étude", "e\u0301tude"]),
    ("niño", "nino and NIÑO", ["nino", "NIÑO"]),
    ("c++ (v.2)", "We used C++ (v.2).", ["C++ (v.2)"]),
    ("<b>", "a <b>bold</b> claim", ["<b>"]),
    ("ΛΌΓΟΣ", "λόγος", ["λόγος"]),
    ("эксплуат*", "Эксплуатация детей", ["Эксплуатация"]),
    ("虐待", "儿童虐待研究", ["虐待"]),
    ("اطفال", "عن أطفال واطفال", ["أطفال"]),
    ("كتب", "كَتَبَ", ["كَتَبَ"]),
    ("שלום", "שָׁלוֹם עולם", ["שָׁלוֹם"]),
    ("trafficking", "traf\u00adfick\u00ading", ["traf\u00adfick\u00ading"]),
    ("straße", "STRASSE, Straße", ["Straße"]),
]


def test_words_are_found_where_they_stand_alone(cast, review, make_report, open_page):  # noqa: F811
    long = ("Children in foster care were sexually exploited; naïve ones too. " * 160)[:10_000]
    make_report(
        review,
        "Exploited <i>children</i>",
        abstract=long,
        keywords=["Child", "أطفال", "foster care"],
    )
    words.set_lists(review, include="exploit*\nfoster care", exclude="naive", by=cast.ada)
    page = open_page(cast.bo, PAGE)
    found = page.evaluate(
        """async (cases) => {
          const { Words } = await import("/static/js/screening/words.js");
          return cases.map(([word, text]) => new Words({ include: [word] }).find(text)
            .map(({ start, end }) => text.slice(start, end)));
        }""",
        CASES,
    )
    assert {case[0]: hits for case, hits in zip(CASES, found, strict=True)} == {
        word: marked for word, _, marked in CASES
    }

    # On the page: the texts are what they were, with marks in them, on and off by a key.
    abstract, title = page.locator("[data-abstract]"), page.locator("[data-report-title]")
    assert title.text_content() == "Exploited <i>children</i>"
    assert abstract.text_content() == long
    assert title.locator("mark.hit-include").all_text_contents() == ["Exploited"]
    assert abstract.locator("mark.hit-exclude").count() == long.count("naïve")
    assert page.locator("[data-keywords] mark").all_text_contents() == ["foster care"]
    styles = [
        abstract.locator(f"mark.hit-{kind}").first.evaluate(
            "mark => getComputedStyle(mark).textDecorationStyle"
        )
        for kind in ("include", "exclude")
    ]
    assert styles == ["solid", "wavy"]  # not by colour alone
    page.keyboard.press("h")
    expect(page.locator("[data-card] mark")).to_have_count(0)
    assert abstract.text_content() == long
    page.reload()
    expect(page.locator("[data-do='highlight']")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-card] mark")).to_have_count(0)
    page.keyboard.press("h")
    expect(title.locator("mark")).to_have_count(1)
