"""Each rule sends a pair to a person that the model would have joined, and names itself."""

from dataclasses import replace

import numpy as np
import pytest

from citations.matching import Citation, Zone, features, match, records

ARTICLE = Citation(
    id=1,
    title="Copper and zinc in the serum of women with gestational diabetes in Oslo",
    authors=("Berg, Nina", "Okafor, Ada", "Meyer, Jo"),
    year=2012,
    journal="Nordic Journal of Midwifery",
    volume="18",
    issue="2",
    pages="101-109",
    source="Medline",
)


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("kind", {"title": "Erratum: " + ARTICLE.title, "pages": ""}),
        ("part", {"title": ARTICLE.title + ". Part 2", "pages": ""}),
        ("pmid-conflict", {"pmid": "22222222"}),
        ("preprint", {"doi": "10.1101/2012.03.04.12345678", "pages": ""}),
        ("consecutive", {"pages": "110-118", "pmid": ""}),
    ],
)
def test_the_rule_asks_and_says_why(rule, changed):
    first = replace(ARTICLE, pmid="11111111")
    second = replace(first, id=2, source="Embase", **changed)
    (pair,) = match([first, second]).pairs
    assert pair.zone in (Zone.ASK, Zone.RELATED)
    assert pair.probability < 0.95
    if pair.zone is Zone.ASK:
        assert pair.rule == rule


def test_a_second_part_is_told_where_its_number_stands_in_the_title_already():
    first = replace(ARTICLE, title="Sharing knowledge in the Web 2.0: a model from activity theory")
    second = replace(first, id=2, title=first.title + ". Part 2", pages="", source="Embase")
    (pair,) = match([first, second]).pairs
    assert (pair.zone, pair.rule) == (Zone.ASK, "part")


def test_articles_of_one_issue_under_two_dois_are_never_joined():
    """Siblings: one journal, issue, place and group; other titles and other DOIs."""
    first = replace(ARTICLE, doi="10.1234/njm.2012.18.101", pages="")
    sibling = replace(
        first,
        id=2,
        title="Iron and selenium in the serum of women with gestational diabetes in Bergen",
        doi="10.1234/njm.2012.18.102",
    )
    found = match([first, sibling], every_pair=True)
    assert all(pair.zone is not Zone.AUTO for pair in found.pairs)
    assert len(set(found.clusters.values())) == 2


def test_two_dois_under_other_titles_are_a_question_even_on_one_page():
    first = replace(ARTICLE, doi="10.1234/njm.2012.18.101")
    shorter = "Copper and zinc in the serum of women in Oslo"
    second = replace(first, id=2, doi="10.1234/njm.2012.18.2", title=shorter, source="Embase")
    (pair,) = match([first, second]).pairs
    assert (pair.zone, pair.rule) == (Zone.ASK, "doi-conflict")
    (pair,) = match([first, replace(second, doi="")]).pairs
    assert pair.zone is Zone.AUTO


def test_a_title_that_says_nothing_is_a_question():
    """One export calls it "Editorial", the other gives its title."""
    first = replace(ARTICLE, pages="101-109", doi="10.1234/njm.2012.18.101")
    bare = replace(first, id=2, title="Editorial", pages="99", doi="10.1234/njm.2012.18.99")
    (pair,) = match([first, bare]).pairs
    assert (pair.zone, pair.rule) in ((Zone.ASK, "bare-title"), (Zone.ASK, "kind"))
    other = replace(bare, authors=("Vo, Ann",))
    assert [p for p in match([first, other]).pairs if p.zone is Zone.ASK] == []


def test_a_title_that_is_cut_off_is_a_question_until_a_page_agrees():
    """What stands behind the dots may be "of the left hand" as well as "of the right hand"."""
    whole = replace(ARTICLE, title=ARTICLE.title + ": a study of the right hand")
    cut = replace(whole, id=2, title=ARTICLE.title + "…", pages="", source="Scholar")
    (pair,) = match([whole, cut]).pairs
    assert (pair.zone, pair.rule) == (Zone.ASK, "cut-title")
    (pair,) = match([whole, replace(cut, pages="101")]).pairs
    assert pair.rule != "cut-title"


def test_without_the_difference_they_are_joined():
    (pair,) = match([ARTICLE, replace(ARTICLE, id=2, source="Embase", pages="101-9")]).pairs
    assert pair.zone is Zone.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "Sleep of men in shift work at two northern ports",
            "Sleep of women in shift work at two northern ports",
        ),
        (
            "Mortality of male rats given copper with the diet",
            "Mortality of female rats given copper with the diet",
        ),
        (
            "Hypertension in the second trimester among nurses",
            "Hypotension in the second trimester among nurses",
        ),
        (
            "Outcomes of symptomatic infection in rural clinics of the north",
            "Outcomes of asymptomatic infection in rural clinics of the north",
        ),
        (
            "Prenatal care of migrant women in rural clinics of the north",
            "Perinatal care of migrant women in rural clinics of the north",
        ),
    ],
)
def test_one_opposite_word_is_not_a_typing_error(one, two):
    first = replace(ARTICLE, title=one, pages="")
    found = match([first, replace(first, id=2, title=two, source="Embase", pages="230")])
    assert found.clusters[1] != found.clusters[2]


def test_letters_in_one_correspondence_block_are_told_by_their_authors():
    letter = Citation(
        id=1,
        title="Thrombomodulin in atypical hemolytic uremic syndrome",
        authors=("Edey, M.",),
        year=2009,
        journal="New Journal of Medicine",
        volume="361",
        issue="15",
        pages="1511",
    )
    other = replace(letter, id=2, authors=("Esmon, C.", "Conway, E."), source="Embase")
    assert len(set(match([letter, other]).clusters.values())) == 2


def test_a_chain_through_a_contradiction_is_refused():
    full = replace(ARTICLE, doi="10.1234/njm.18.101")
    bare = Citation(
        id=2, title=ARTICLE.title, authors=ARTICLE.authors, year=2012, journal=ARTICLE.journal
    )
    erratum = replace(ARTICLE, id=3, title="Erratum: " + ARTICLE.title, pages="250", issue="5")
    found = match([full, bare, erratum])
    assert found.clusters[1] != found.clusters[3]


def test_the_added_import_ends_as_the_whole_would():
    other = Citation(
        id=10,
        title="Falls of the elderly at home after a hip fracture",
        authors=("Vo, T.",),
        year=2001,
    )
    first = [ARTICLE, other]
    second = [
        replace(ARTICLE, id=2, source="Embase", pages="101"),
        replace(other, id=11, source="X"),
    ]
    whole = match(first + second)
    added = match(second, standing=first)
    assert {c: added.clusters[c] for c in (2, 11)} == {c: whole.clusters[c] for c in (2, 11)}


def test_strangers_elsewhere_are_looked_at_only_under_nearly_one_title():
    """Other people, another volume and page: half a title in common is no reason to look closer."""
    stranger = replace(
        ARTICLE, id=2, authors=("Vo, Ann",), volume="77", pages="5-9", doi="", pmid=""
    )
    half = replace(stranger, title=" ".join(ARTICLE.title.split()[:8]) + " of pigs and of goats")

    def looked_at(other):
        c = records.columns([ARTICLE, other])
        a, b = features.worth_comparing(c, np.array([0]), np.array([1]))
        return len(a) == 1 and not features.other_work(c, a, b).any()

    assert not looked_at(half)
    assert looked_at(replace(half, authors=ARTICLE.authors))
    assert looked_at(replace(half, pages=""))
    assert looked_at(stranger)
    (pair,) = match([ARTICLE, half], every_pair=True).pairs
    assert pair.zone is Zone.DISTINCT
