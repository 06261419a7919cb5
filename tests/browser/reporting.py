"""The PRISMA page against the second count: every number, every list behind it, every download."""

import json
import re
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from playwright.sync_api import expect

PAGE = 50  # rows of a list on one page, when there are more
SVG = "{http://www.w3.org/2000/svg}"


def box_of(address):
    """(box, reason) that an address opens; the list of studies is the box I_studies."""
    asked = parse_qs(urlsplit(address).query)
    if "box" not in asked:
        return ("I_studies", "")
    return (asked["box"][0], asked.get("reason", [""])[0])


def expect_numbers(page, home, ledger):
    """The table, the figure and the JSON say what the ledger says."""
    expected = ledger.boxes()
    page.goto(f"{home}/prisma/")
    expect(page.get_by_text("Nothing is pending.")).to_be_visible()

    table = {
        box_of(link.get_attribute("href"))[0]: int(link.inner_text())
        for link in page.locator("td.num a").all()
    }
    assert table == {box: n for box, n in expected.items() if box in table}
    assert table.keys() == expected.keys()

    figure = {}
    reasons = {}
    for link in page.locator("svg.prisma-figure a").all():
        box, reason = box_of(link.get_attribute("href"))
        words = link.text_content().strip()
        number = re.search(r"\(n = (\d+)\)$", words)
        if not number:
            continue  # the first of two lines, or the heading above the reasons
        n = int(number.group(1))
        if reason:
            reasons[(box[0], words.split(" (n")[0])] = n
        else:
            figure[box] = n
    assert figure == {box: n for box, n in expected.items() if box in figure}
    assert {"D1_db", "D2_dup", "D3", "D4", "D5", "D6", "D7", "I_studies"} <= figure.keys()
    assert reasons == {
        (column, reason): n
        for column, databases in (("D", True), ("O", False))
        for reason, n in ledger.reasons(databases=databases).items()
    }
    holds = page.locator("table.data", has_text="Identity").locator("tbody tr")
    assert holds.count() > 8
    expect(holds.filter(has_not_text="yes")).to_have_count(0)
    return expected


def expect_lists(page, home, ledger):
    """Each number opens a list of exactly that many, less those that never came into a file."""
    page.goto(f"{home}/prisma/")
    links = page.locator("svg.prisma-figure a, td.num a").all()
    addresses = {link.get_attribute("href"): link.text_content() for link in links}
    expected = ledger.boxes()
    column = {"D": True, "O": False}
    for address, text in sorted(addresses.items()):
        box, reason = box_of(address)
        page.goto(address)
        total = int(re.search(r"\d+", page.locator(".total").inner_text()).group())
        if "?source=" in address:  # the name of one source, beside its number
            _, titles = ledger.sources[text.split(" (n", 1)[0].strip()]
            assert total == len(titles), address
        elif reason:
            name = page.get_by_role("heading", level=1).inner_text().split(": ", 1)[1]
            assert total == ledger.reasons(databases=column[box[0]])[name], address
        else:
            assert total == expected[box] - ledger.never_imported(box), address
        rows = page.locator("main tbody tr").count()
        assert rows == min(total, PAGE), address
    return len(addresses)


def expect_downloads(page, home, ledger):
    """The SVG is a drawing of its own; the JSON holds the same numbers."""
    page.goto(f"{home}/prisma/")
    page.get_by_text("Figure", exact=True).click()
    with page.expect_download() as began:
        page.get_by_role("link", name="SVG").click()
    drawing = ElementTree.parse(began.value.path()).getroot()
    assert drawing.tag == f"{SVG}svg"
    words = " ".join("".join(text.itertext()) for text in drawing.iter(f"{SVG}text"))
    expected = ledger.boxes()
    assert f"Records screened (n = {expected['D3']})" in words
    assert "Draft" not in words
    with page.expect_download() as began:
        page.get_by_role("link", name="JSON").click()
    numbers = json.loads(began.value.path().read_text())
    assert {box: numbers["boxes"][box] for box in expected} == expected
    for column, databases in (("reasons", True), ("other_reasons", False)):
        said = {each["reason"]: each["n"] for each in numbers[column]}
        assert said == dict(ledger.reasons(databases=databases))
    assert numbers["pending"] == dict.fromkeys(numbers["pending"], 0)
    assert all(each["holds"] for each in numbers["identities"])
