"""One form for each field: tables of cases from real exports."""

import pytest

from citations.matching import normal


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Copper &amp;amp; zinc: a <i>review</i>.", "copper and zinc a review"),
        ("2016–2019", "2016 2019"),
        ("Women's health", "womens health"),
        ("Women’s health", "womens health"),
        ("α-Synuclein in tumours", "alpha synuclein in tumors"),
        ("ΔFosB and 5 µg", "deltafosb and 5 microg"),
        ("ὠ", "omega"),
        ("Η υγεία των γυναικών", "η υγεια των γυναικων"),
        ("Efficacy of batroxobin. [Chinese]", "efficacy of batroxobin"),
        ("Iron and mood. [Review] [53 refs]", "iron and mood"),
        ("Iron and mood [Erratum appears in Lancet 2001]", "iron and mood"),
        ("Iron and mood - eScholarship", "iron and mood"),
        ("Original article: Iron and mood", "iron and mood"),
        ("[Iron and mood]", "iron and mood"),
        ("Straße nach Łódź", "strasse nach lodz"),
        ("Платформенная занятость.", "платформенная занятость"),
    ],
)
def test_titles(raw, expected):
    assert normal.title(raw)[0] == expected


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("Erratum: Iron and mood", normal.ERRATUM),
        ("Corrigendum to “Iron and mood”", normal.ERRATUM),
        ("Re: Iron and mood", normal.REPLY),
        ("Iron and mood: authors' reply", normal.REPLY),
        ("Retraction of Iron and mood", normal.RETRACTION),
        ("Editorial: Iron", normal.EDITORIAL),
        ("Iron and mood [Erratum appears in Lancet 2001]", 0),
        ("Correction of scoliosis with a brace: iron", normal.ERRATUM),
        ("Response rates of iron", 0),
    ],
)
def test_kinds(raw, kind):
    assert normal.title(raw)[1] == kind


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://doi.org/10.1000/ABC.1", "10.1000/abc.1"),
        ("http://dx.doi.org/10.1016/S0140-6736%2899%2901234-5", "10.1016/s0140-67369901234-5"),
        ("doi:10.1016/S0140-6736(99)01234-5.", "10.1016/s0140-67369901234-5"),
        ("10.1111/(ISSN)1234-5678", ""),
        ("n/a", ""),
    ],
)
def test_dois(raw, expected):
    assert normal.doi(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("29629291", 29629291),
        ("PMID: 29629291", 29629291),
        ("2010-12345-001", 0),
        ("126403552012", 0),
        ("PMC123456", 0),
        ("", 0),
    ],
)
def test_pmids(raw, expected):
    assert normal.pmid(raw) == expected


@pytest.mark.parametrize(
    ("raw", "first", "last"),
    [
        ("659-72", 659, 672),
        ("376 -- 383", 376, 383),
        ("S12-S15", 12, 15),
        ("p123-130", 123, 130),
        ("e45806", 45806, 45806),
        ("", 0, 0),
        ("n.p.", 0, 0),
    ],
)
def test_pages(raw, first, last):
    assert normal.pages(raw)[:2] == (first, last)


@pytest.mark.parametrize(
    ("raw", "families"),
    [
        (("Asemota, E. A.", "Okafor, I. M."), ("asemota", "okafor")),
        (("Bauer B., Simkhovich B. Z., Kloner R. A.",), ("bauer", "simkhovich", "kloner")),
        (("E. A. Asemota",), ("asemota",)),
        (("Le Quintrec, M",), ("le quintrec",)),
        (("Dennis", "Garfield"), ("dennis", "garfield")),
        (("et al.",), ()),
    ],
)
def test_family_names(raw, families):
    assert normal.authors(raw).families == families


def test_numbers_of_a_title():
    assert normal.numbers(["part", "ii", "of", "3", "trials"]) == {"2", "3"}
    assert normal.numbers(["part", "one"]) == {"1"}


def test_an_address_in_the_place_of_a_title_gives_the_title():
    title, _ = normal.title("https://jc.example.org/2020/copper-in-serum-of-nurses.html")
    assert title == "copper in serum of nurses"
    assert normal.title("https://jc.example.org/12345")[0].startswith("https")
