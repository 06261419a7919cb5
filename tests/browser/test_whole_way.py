"""One review's whole way, by five people in five browsers, on files that real databases gave.

The numbers at its end are held against a second count (ledger.py) over the same files (exports.py)
and over what the five people said, which knows nothing of the application's own counting.
"""

from collections import Counter

import pytest
from playwright.sync_api import expect

from . import (
    exports,
    extracting,
    fulltexts,
    gathering,
    identifying,
    interviewing,
    reporting,
    screening,
)
from .ledger import CITATION, DATABASE, Ledger

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# name -> (file, its records as the second reader finds them); one database each.
FILES = {
    "PsycINFO": ("ris__psycinfo-ebsco__psycinfo_64-1466.b.ris", exports.in_ris),
    "Scopus": ("bibtex__scopus__scopus-e002.bib", exports.in_bibtex),
    "PubMed": (
        "csv__pubmed__pubmed-39b9.b.csv",
        lambda path: exports.in_csv(path, title="Title", doi="DOI"),
    ),
    "IEEE Xplore": (
        "csv__ieee__ieee-67d8.csv",
        lambda path: exports.in_csv(path, title="Document Title", doi="DOI"),
    ),
}
NEW = [
    (
        "Walking beside: 8 years of a peer program for people who gamble",
        "Ferrars, M.",
        "2019",
    ),
    ("The closed door of the harbour casino and what came after", "Oduya, P.", "2021"),
]
COMPONENT = "Mentor"
# What the test itself provokes: a refused file, and a network that is cut.
PROVOKED = ("status of 422", "ERR_INTERNET_DISCONNECTED")


@pytest.fixture
def five(install, new_context):
    """The five, each in a browser of their own; a complaint of any browser fails the test."""
    site = install()
    complaints = []

    def arrive():
        page = new_context(base_url=site.url, viewport={"width": 1280, "height": 860}).new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: (
                complaints.append(f"{page.url}: {line.text}")
                if line.type == "error" and not any(words in line.text for words in PROVOKED)
                else None
            ),
        )
        return page

    expect.set_options(timeout=30_000)
    yield site, {name: arrive() for name in ("ada", "bo", "cy", "al", "ann")}
    expect.set_options(timeout=5_000)
    assert complaints == []


def read_again(shared):
    """{source: its records}, by the second reader, of the real files."""
    folder = shared / "corpus" / "imports" / "files"
    if not folder.is_dir():
        pytest.skip("NOT RUN: ../shared/corpus/imports (real export files) is not here")
    return {name: (folder / file, read(folder / file)) for name, (file, read) in FILES.items()}


def by_hand(found, folder):
    """Two lists as people keep them: one cites four papers loosely, one cites two exactly and
    names two that nobody had. Returns {name: (path, rows)}."""
    titles = Counter(line.title for line in found)
    whole = [
        line
        for line in found
        if line.doi and line.year and titles[line.title] == 1 and ";" in line.authors
    ]
    loose = [
        {
            "title": line.title,
            "authors": line.authors,
            "year": str(int(line.year) + 1),
            "journal": "Invented Letters of Care",
        }
        for line in whole[:4]
    ]
    exact = [
        {"title": line.title, "authors": line.authors, "year": line.year, "doi": line.doi}
        for line in whole[4:6]
    ]
    new = [{"title": title, "authors": authors, "year": year} for title, authors, year in NEW]
    return {
        "Google Scholar": (exports.write_csv(folder / "scholar.csv", loose), loose),
        "Reference lists": (exports.write_csv(folder / "references.csv", exact + new), exact + new),
    }


def test_five_people_bring_one_review_from_export_files_to_the_diagram(shared, five, tmp_path):
    files = read_again(shared)
    site, people = five
    ada, bo, cy, al, ann = people.values()
    ledger = Ledger()

    # 1. Ada founds the review; the others come by her links.
    home = gathering.found_a_review(ada)
    for name in gathering.ROLES:
        link = gathering.invite(ada, home, name)
        gathering.accept(people[name.split()[0].lower()], link, name)

    # 2. The files: what the preview says is what a second reader counts.
    dois = set()
    for name, (path, lines) in files.items():
        before = {"duplicates": 3, "automation": 2} if name == "Scopus" else {}
        again = [line for line in lines if line.doi and line.doi in dois]
        joined, questions = identifying.bring_in(
            ada, home, path, name, records=len(lines), removed=before
        )
        assert (joined, questions) == (len(again), 0)
        dois |= {line.doi for line in lines}
        ledger.sources[name] = (DATABASE, [line.title for line in lines])
        ledger.removed_before.update(before)
        ledger.joined += len(again)
    assert ledger.joined > 0  # or these files say nothing about duplicates
    lists = by_hand(files["PsycINFO"][1], tmp_path)
    path, rows = lists["Google Scholar"]
    assert identifying.bring_in(ada, home, path, "Google Scholar", records=4) == (0, 4)
    ledger.sources["Google Scholar"] = (DATABASE, [row["title"] for row in rows])
    path, rows = lists["Reference lists"]
    kind = "Citation searching"
    assert identifying.bring_in(ada, home, path, "Reference lists", records=4, kind=kind) == (2, 0)
    ledger.sources["Reference lists"] = (CITATION, [row["title"] for row in rows])
    ledger.known += 2
    known = files["PsycINFO"][0]
    identifying.expect_known(ada, home, known, "The same under another name")
    identifying.expect_no_trace(ada, home, identifying.broken_file(tmp_path), "Broken")

    # 3. Al answers the questions; one answer is undone and given again.
    assert identifying.questions(al, home) == 4
    for key in "sds":
        one, other = identifying.answer_next(al, home, key)
        assert one == other
    identifying.undo_last(al, home)
    assert identifying.questions(al, home) == 2
    for key in "ds":
        identifying.answer_next(al, home, key)
    assert identifying.questions(al, home) == 0
    ledger.joined += 2

    # 4. Title and abstract: two by keyboard, blind; one of them loses the network for a while.
    for who, page, offline in (("bo", bo, 20), ("cy", cy, 41)):
        total = screening.screen_everything(page, home, who, ledger, lose_connection_at=offline)
        assert total == ledger.reports
    assert len(ledger.abstract) == ledger.reports
    screening.settle_conflicts(al, home, ledger)

    # 5. Full texts.
    fulltexts.fetch(ada, home, ledger)
    said = fulltexts.opinions(ledger.passed() - ledger.not_retrieved)
    for who, page in (("bo", bo), ("cy", cy)):
        fulltexts.read_and_decide(page, home, who, ledger, said)
    fulltexts.settle_conflicts(al, home, ledger)

    # 6. Extraction of one study.
    extracting.plant_tree(ada, home)
    extracting.publish_codebook(ada, home)
    study = extracting.first_study(bo, home)
    told = {"participants": "40", "component": COMPONENT}
    extracting.extract(bo, study, country="Norway", **told)
    extracting.expect_blind(cy, study, "Norway")
    extracting.extract(cy, study, country="Sweden", **told)
    assert extracting.adjudicate(al, study) == 1
    extracting.expect_table(ada, home, COMPONENT)

    # 7. The interviews, and where both arms meet.
    interviewing.add_transcripts(ann, home)
    interviewing.code(ann, home, COMPONENT, by_mouse={0})
    interviewing.make_theme(ann, home, COMPONENT)
    interviewing.judge(ann, home, COMPONENT)
    interviewing.expect_exports(ann, home, COMPONENT)

    # 8. The diagram, every list behind it, and what the machine itself says.
    numbers = reporting.expect_numbers(ada, home, ledger)
    assert min(numbers[box] for box in ("D2_dup", "D4", "D6", "D8", "O5", "I_studies")) > 0
    reporting.expect_lists(ada, home, ledger)
    reporting.expect_downloads(ada, home, ledger)
    site.manage("verify")
