"""The joint of the duplicate engine: what is joined, what is asked, what is left alone."""

import random
import time
from dataclasses import replace

import pytest

from citations.matching import Citation, Zone, match

ASPIRIN = Citation(
    id=1,
    title="Low-dose aspirin in the prevention of preeclampsia: a randomised trial",
    authors=("Okafor, Ada", "Brandt, Lena M.", "Suzuki, Ken"),
    year=2016,
    journal="British Journal of Obstetrics",
    volume="41",
    issue="3",
    pages="659-72",
    doi="10.1234/bjo.2016.0041",
    source="Medline",
)
EMBASE = replace(
    ASPIRIN,
    id=2,
    title="LOW DOSE ASPIRIN IN THE PREVENTION OF PREECLAMPSIA: A RANDOMIZED TRIAL.",
    authors=("Okafor A.", "Brandt L.M.", "Suzuki K."),
    journal="Br J Obstet",
    pages="659-672",
    doi="http://dx.doi.org/10.1234/BJO.2016.0041",
    source="Embase",
)
OTHER = Citation(
    id=3,
    title="Screening for gestational diabetes in rural clinics",
    authors=("Meyer, Jo",),
    year=2011,
    journal="Midwifery",
    volume="9",
    pages="11-19",
)


def zone(found, a, b):
    zones = {frozenset((p.a, p.b)): p.zone for p in found.pairs}
    return zones.get(frozenset((a, b)), Zone.DISTINCT)


def test_it_joins_two_exports_of_one_record():
    found = match([ASPIRIN, EMBASE, OTHER])
    assert found.clusters[1] == found.clusters[2] != found.clusters[3]
    (pair,) = found.pairs
    assert (pair.zone, pair.rule) == (Zone.AUTO, "doi")
    assert pair.probability >= 0.95
    assert "same DOI" in pair.why


def test_every_new_record_has_a_cluster():
    assert match([OTHER]).clusters == {3: 3}
    assert match([]).clusters == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Erratum: " + ASPIRIN.title, "pages": "803", "issue": "4", "doi": ""},
        {"title": ASPIRIN.title + ". Part 2", "pages": "673-80", "doi": ""},
        {"title": "Reply to: " + ASPIRIN.title, "pages": "803", "authors": ("Vo, T.",), "doi": ""},
        {
            "journal": "medRxiv",
            "entry_type": "preprint",
            "doi": "10.1101/2015.11.1",
            "volume": "",
            "pages": "",
        },
        {"pmid": "22222222"},
        {"volume": "77", "pages": "12-19", "doi": "", "year": 2019},
    ],
)
def test_it_never_joins_what_a_rule_holds(changed):
    first = replace(ASPIRIN, pmid="11111111")
    found = match([first, replace(first, id=2, **changed)])
    assert zone(found, 1, 2) in (Zone.ASK, Zone.RELATED)
    assert found.clusters[1] != found.clusters[2]


def test_a_pair_told_apart_never_comes_back():
    found = match([ASPIRIN, EMBASE], different=[frozenset((1, 2))])
    assert found.pairs == []
    assert found.clusters[1] != found.clusters[2]


def test_a_pair_told_apart_is_not_joined_by_a_chain():
    third = replace(EMBASE, id=4, source="Scopus")
    found = match([ASPIRIN, EMBASE, third], different=[frozenset((1, 2))])
    assert found.clusters[1] != found.clusters[2]
    assert zone(found, 1, 2) is Zone.DISTINCT


def test_word_for_word_copies_told_apart_stay_apart():
    found = match([ASPIRIN, replace(ASPIRIN, id=2)], different=[frozenset((1, 2))])
    assert found.clusters[1] != found.clusters[2]
    assert found.pairs == []


def test_one_import_twice_merges_fully():
    once = [ASPIRIN, OTHER]
    twice = [*once, *(replace(c, id=c.id + 100) for c in once)]
    found = match(twice)
    assert found.clusters == {1: 1, 101: 1, 3: 3, 103: 3}
    assert {p.rule for p in found.pairs} == {"identical"}


def test_it_looks_only_at_pairs_with_a_new_record():
    found = match([replace(EMBASE, id=9, issue="")], standing=[ASPIRIN, EMBASE, OTHER])
    assert {p.b for p in found.pairs} | {p.a for p in found.pairs} == {1, 2, 9}
    assert zone(found, 1, 2) is Zone.DISTINCT
    assert 3 not in found.clusters
    assert found.clusters[9] in (1, 2)


def test_an_id_there_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        match([ASPIRIN, replace(OTHER, id=1)])


@pytest.mark.parametrize(
    "empty",
    [
        Citation(id=0),
        Citation(id=0, title="Editorial"),
        Citation(id=0, title="Editorial", year=2010),
        Citation(id=0, title="Author reply", journal="Lancet", year=2010),
        Citation(id=0, year=2010, journal="Lancet"),
        Citation(id=0, authors=("Smith, J.",), year=2010),
        Citation(id=0, title="!!!", authors=("...",)),
    ],
)
def test_emptiness_joins_nothing(empty):
    found = match([replace(empty, id=k) for k in range(40)])
    assert len(set(found.clusters.values())) == 40
    assert len(found.pairs) <= 40


def test_a_doi_alone_joins_only_its_own_copies():
    found = match([Citation(id=1, doi="10.1/x"), Citation(id=2, doi="10.1000/a"), Citation(id=3)])
    assert len(set(found.clusters.values())) == 3


def test_a_doi_of_the_whole_journal_joins_nothing():
    titles = ["Copper and zinc in serum", "Sleep in shift workers", "Falls of the elderly at home"]
    cited = [
        Citation(id=k, title=t, doi="10.1111/(ISSN)1234-5678", authors=(f"Name{k}, A",), year=2001)
        for k, t in enumerate(titles)
    ]
    assert len(set(match(cited).clusters.values())) == 3


def test_titles_that_differ_in_a_number_alone_are_no_flood():
    cited = [Citation(id=k, title=f"Imported 3f2a9c1b77d0 {k}") for k in range(300)]
    start = time.process_time()
    found = match(cited)
    assert time.process_time() - start < 2
    assert len(set(found.clusters.values())) == 300
    assert len(found.pairs) <= 30


def test_two_titles_that_differ_in_a_number_are_not_joined():
    found = match([replace(ASPIRIN, doi="", title=f"Report of trial {k}", id=k) for k in (17, 18)])
    assert found.clusters[17] != found.clusters[18]


def test_time_grows_with_the_records_not_with_their_pairs():
    same = [Citation(id=k, title="Abstracts", journal="J", year=2000 + k % 7) for k in range(4000)]
    start = time.process_time()
    found = match(same)
    assert time.process_time() - start < 6
    assert len(found.pairs) <= 4000


def test_six_thousand_authors_are_no_trouble():
    crowd = replace(ASPIRIN, authors=tuple(f"Author{k}, X." for k in range(6000)))
    found = match([crowd, replace(crowd, id=2, pages="659")])
    assert found.clusters[1] == found.clusters[2]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (  # a translated title with equal volume and pages
            {"title": "Niedrig dosiertes Aspirin bei Präeklampsie", "doi": "10.1234/x"},
            {"title": "Low-dose aspirin in preeclampsia. [German]", "doi": "10.1234/x"},
        ),
        ({"year": 2016}, {"year": 2018}),  # printed two years after it was online
        ({}, {"journal": "", "doi": ""}),
        (
            {"title": "Aspirin 2016–2019 in Bergen and Oslo maternity wards"},
            {"title": "Aspirin 2016-2019 in Bergen and Oslo maternity wards"},
        ),
        ({}, {"title": ASPIRIN.title + " [Review] [53 refs]"}),
        ({}, {"title": ASPIRIN.title + " - eScholarship", "doi": ""}),
    ],
)
def test_hard_positives_are_joined_or_asked(first, second):
    found = match([replace(ASPIRIN, **first), replace(EMBASE, **second)])
    assert zone(found, 1, 2) in (Zone.AUTO, Zone.ASK)


@pytest.mark.parametrize(
    "title",
    [
        "Платформенная занятость: масштабы и признаки неустойчивости",
        "低剂量阿司匹林预防先兆子痫的随机对照试验",
        "الأسبرين بجرعة منخفضة في الوقاية من تسمم الحمل",
        "Η ασπιρίνη στην πρόληψη της προεκλαμψίας",
    ],
)
def test_titles_in_any_script_are_compared(title):
    one = Citation(id="a", title=title, year=2020, authors=("Иванов, И.",), pages="3-9", volume="4")
    found = match([one, replace(one, id="b", title=title + ".", pages="3"), replace(OTHER, id="c")])
    assert found.clusters["a"] == found.clusters["b"] != found.clusters["c"]


def test_any_order_gives_the_same():
    cited = [
        ASPIRIN,
        EMBASE,
        OTHER,
        replace(EMBASE, id=7, doi="", title="Erratum: " + EMBASE.title),
    ]
    cited += [replace(OTHER, id=k, pages="") for k in (20, 21, 22)]
    expected = match(cited)
    for seed in range(5):
        random.Random(seed).shuffle(cited)
        again = match(cited)
        assert again.pairs == expected.pairs
        assert again.clusters == expected.clusters
