"""Whose full text a file is: sure only where nothing speaks against it."""

import pytest

from citations.documents import Document
from citations.documents.knowing import Library, Wanted
from citations.documents.links import files_of, linked
from citations.formats.pages import first_and_last
from citations.formats.record import ParsedRecord

TITLE = "Peer mentoring for young people who leave residential care"
ABARA = Wanted(1, TITLE, ("Abara, Ada", "Lind, Bo"), 2019, "10.1000/care.7", "7654321")
OTHER = Wanted(
    2, "Shelter for girls in three northern cities", ("Osei, Kofi",), 2015, "10.1000/care.70"
)
TWIN = Wanted(3, TITLE, ("Abara, Ada",), 2019)


def guessed(text, name="x.pdf", wanted=(ABARA, OTHER), **told):
    return Library(wanted).guesses(Document(pages=1, text=text, **told), name)


def sure(*args, **kwargs):
    found = guessed(*args, **kwargs)
    return found[0].id if found and found[0].sure else None


HEAD = f"{TITLE}\nAda Abara, Bo Lind\nJournal of Care 2019\n"
SURE = [
    HEAD + "doi: 10.1000/care.7",
    HEAD + "https://doi.org/10.1000/ca\nre.7",  # a line break runs through it
    HEAD.replace("mentoring for", "mentor-\ning for") + "10.1000/CARE.7",
    HEAD + "Lead text. As Osei found (doi:10.1000/care.70), it helps.\n10.1000/care.7",
    HEAD,  # no DOI: the title, then the author
    HEAD + "PMID: 7654321",
]


@pytest.mark.parametrize("text", SURE)
def test_two_signs_that_agree_are_sure(text):
    assert sure(text) == 1


NOT_SURE = [
    f"Correction: {TITLE}\nAda Abara, Bo Lind\ndoi: 10.1000/care.7",
    f"Supplementary material\n{TITLE}\nAda Abara\n10.1000/care.7",
    f"What is known\nKofi Osei 2011\nSee {TITLE} (doi:10.1000/care.7)",
    f"{TITLE} and its costs over ten years for the public purse\nAda Abara\n2019",
    f"{TITLE}\nAda Abara\nAbstracts of 2012",  # years apart: the conference abstract
    f"{TITLE}\nAda Abara\n2019 doi: 10.9999/preprint.1",
    "Nothing that is known\n10.1000/care.71",  # a longer DOI than ours
    f"References\n{TITLE} doi: 10.1000/care.7",
    "",
]


@pytest.mark.parametrize("text", NOT_SURE)
def test_what_something_speaks_against_is_asked(text):
    assert sure(text) is None


def test_two_reports_of_one_title_are_asked_about_unless_the_doi_tells():
    assert sure(HEAD, wanted=(ABARA, TWIN)) is None
    assert [each.id for each in guessed(HEAD, wanted=(ABARA, TWIN))][:2] == [1, 3]


def test_a_scan_goes_by_a_whole_name_only():
    assert sure("", f"Abara - 2019 - {TITLE}.pdf") == 1
    assert sure("", f"{TITLE}.pdf") is None
    assert guessed("", "Abara2019.pdf")[0].id == 1
    assert guessed("", "10.1000_care.70.pdf")[0].id == 2


def test_links_are_believed_when_one_reference_names_one_file():
    zotero = ParsedRecord(
        1,
        1,
        9,
        title=TITLE,
        raw={
            "file": [
                "Full Text:files/12/Abara.pdf:application/pdf;Snapshot:files/13/a.html:text/html"
            ]
        },
    )
    endnote = ParsedRecord(
        2, 10, 19, title="B", raw={"urls/pdf-urls/url": ["internal-pdf://0123456/Osei%202015.pdf"]}
    )
    assert files_of(zotero) == ["files/12/Abara.pdf", "files/13/a.html"]
    assert files_of(endnote) == ["0123456/Osei 2015.pdf"]
    windows = ParsedRecord(
        3, 20, 29, raw={"file": [r":C\:/Users/a/Lind.pdf:pdf"], "L1": ["https://x.example/y.pdf"]}
    )
    assert files_of(windows) == ["Users/a/Lind.pdf"]
    names = {
        1: "lib/files/12/Abara.pdf",
        2: "lib/files/99/Abara.pdf",
        3: "PDF/0123456/Osei 2015.pdf",
        4: "a/Lind.pdf",
        5: "b/Lind.pdf",
    }
    found = linked([zotero, endnote, windows], "a.ris", names)
    assert set(found) == {1, 3, 4}


def paged(number, pages, **fields):
    return Wanted(number, f"{TITLE} no {number}", ("Kim, Bo",), 2004, pages=pages, **fields)


def test_a_scan_is_guessed_by_how_many_pages_its_citation_says_never_attached_by_it():
    wanted = [paged(1, "100-110"), paged(2, "31-50"), paged(3, "e12")]
    library = Library(wanted)
    for pages in (11, 12):  # with the library's own page before it
        found = library.guesses(Document(pages=pages, text=""), "scan.pdf")
        assert [(each.id, each.sure) for each in found] == [(1, False)]
        assert "11 pages, as its citation says" in found[0].why
    many = Library([paged(n, "100-110") for n in range(9)])
    assert many.guesses(Document(pages=11, text=""), "scan.pdf") == []


def test_what_has_its_file_already_comes_behind_what_has_none():
    library = Library([paged(1, "1-9"), paged(2, "1-20")])
    name = "Kim 2004.pdf"
    assert library.guesses(Document(pages=5, text=""), name)[0].id == 1
    library.filed(1)
    assert library.guesses(Document(pages=5, text=""), name)[0].id == 2


@pytest.mark.parametrize(
    ("pages", "span"),
    [("100-110", (100, 110)), ("123–31", (123, 131)), ("S10-S12", (10, 12)), ("e5", None),
     ("9-3", None), ("1-2, 7-9", None), ("", None)],
)  # fmt: skip
def test_pages_of_a_citation(pages, span):
    assert first_and_last(pages) == span
