"""A later import meets what it would have met at once, and ends in the same clusters."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citations.matching import (
    Citation,
    Ground,
    Zone,
    blocks,
    index,
    match,
    meeting,
    records,
    settle,
    tables,
    unpacked,
)

from .in_parts import as_sets, clusters_in_parts
from .test_match import ASPIRIN, EMBASE, OTHER

OPEN = Path(__file__).resolve().parents[4] / "shared/bench/dedup/open"
HEADS = ["Sleep of nurses", "Falls at home", "Copper in serum", "Peer mentoring of adolescents"]
TAILS = ["a cohort in northern ports", "results of a randomised trial", "views of rural families"]
FAMILIES = ["Okafor", "Brandt", "Suzuki", "Meyer", "Vo"]


@st.composite
def exports(draw):
    """Records of a few works as several databases would write them, in the order of arrival."""
    works = draw(
        st.lists(
            st.tuples(st.sampled_from(HEADS), st.sampled_from(TAILS), st.integers(0, 4)),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    records = []
    for head, tail, n in works:
        work = Citation(
            id=0,
            title=f"{head} in shift work: {tail}",
            authors=(f"{FAMILIES[n]}, A.", f"{FAMILIES[n - 1]}, B."),
            year=2010 + n,
            journal="Journal of Care",
            volume=str(20 + n),
            issue="2",
            pages=f"{100 + 7 * n}-{106 + 7 * n}",
            doi=f"10.1234/jc.{n}.{len(head)}{len(tail)}",
        )
        for _ in range(draw(st.integers(1, 4))):
            gone = draw(st.sets(st.sampled_from(["doi", "pages", "issue", "volume", "journal"])))
            copy = replace(work, **dict.fromkeys(gone, ""), source=draw(st.sampled_from("abc")))
            if draw(st.booleans()):
                copy = replace(copy, title=copy.title.upper() + ".")
            records.append(copy)
    shuffled = draw(st.permutations(records))
    return [replace(c, id=k) for k, c in enumerate(shuffled, start=1)]


@settings(max_examples=60, deadline=None)
@given(cited=exports(), data=st.data())
def test_in_parts_gives_the_clusters_of_the_whole(cited, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, len(cited)), max_size=3)))
    parts = [cited[a:b] for a, b in zip([0, *cuts], [*cuts, len(cited)], strict=True)]
    assert clusters_in_parts(parts) == as_sets(match(cited).clusters)


@pytest.mark.skipif(
    not OPEN.exists(), reason="NOT RUN: the labelled sets are not beside the project"
)
@pytest.mark.parametrize("name", ["stroke", "haematology", "copper", "gambling", "misq_cd"])
def test_a_real_set_in_parts_gives_the_clusters_of_the_whole(name):
    cited = tables.read_csv(OPEN / f"{name}.csv.gz")
    chance = random.Random(name)
    chance.shuffle(cited)
    cited = [replace(c, id=k) for k, c in enumerate(cited, start=1)]
    cuts = sorted(chance.sample(range(1, len(cited)), 3))
    parts = [cited[a:b] for a, b in zip([0, *cuts], [*cuts, len(cited)], strict=True)]
    assert clusters_in_parts(parts) == as_sets(match(cited).clusters)


def test_only_what_shares_a_key_is_met():
    kept = index([ASPIRIN, OTHER])
    assert meeting([index([replace(EMBASE, id=9)])], [kept]).ids.tolist() == [1]
    assert meeting([index([Citation(id=9)])], [kept]).ids.tolist() == []
    assert meeting([], [kept]).ids.tolist() == []
    assert meeting([index([ASPIRIN])], []).ids.tolist() == []


def test_what_shares_a_key_and_nothing_else_is_not_read():
    """One author, one year and one word: a key, and no reason to look closer."""
    one = Citation(id=1, title="Sleep of nurses in shift work", authors=("Vo, A.",), year=2015)
    other = Citation(id=2, title="Sleep apnoea and the heart", authors=("Vo, A.",), year=2015)
    assert np.intersect1d(index([one]).keys, index([other]).keys).size
    assert meeting([index([other])], [index([one])]).ids.tolist() == []


def test_one_place_in_print_is_met_whatever_the_titles():
    """A translated title: volume and pages are all that is left."""
    one = Citation(id=1, title="Der Schlaf von Pflegenden", volume="12", pages="101-9", year=2015)
    other = replace(one, id=2, title="Sleep among nurses", year=2016)
    assert meeting([index([other])], [index([one])]).ids.tolist() == [1]


@settings(max_examples=60, deadline=None)
@given(cited=exports(), cut=st.integers(1, 8))
def test_what_is_not_met_would_change_nothing(cited, cut):
    old, new = cited[:cut], cited[cut:]
    met = meeting([index(new)], [index(old)])
    those = set(met.ids.tolist())
    few = match(new, standing=[c for c in old if c.id in those], crowded=met.crowded)
    assert few == match(new, standing=old, crowded=met.crowded)


@settings(max_examples=60, deadline=None)
@given(cited=exports(), cut=st.integers(0, 8), data=st.data())
def test_what_an_index_knows_changes_nothing(cited, cut, data):
    old, new = cited[:cut], cited[cut:]
    some = data.draw(st.lists(st.lists(st.sampled_from(cited), unique=True), max_size=3))
    known = [index(part) for part in some]
    known += [unpacked(**index(new).packed())]  # one that came out of the database knows nothing
    assert match(new, standing=old, known=known) == match(new, standing=old)


def test_what_an_index_knows_is_not_normalised_again(monkeypatch):
    known, normalised = index([ASPIRIN, EMBASE]), []
    columns = records.columns
    monkeypatch.setattr(
        records, "columns", lambda cited: normalised.extend(cited) or columns(cited)
    )
    found = match([EMBASE, OTHER], standing=[ASPIRIN], known=[known])
    assert normalised == [OTHER]
    assert found == match([EMBASE, OTHER], standing=[ASPIRIN])


@pytest.mark.skipif(
    not OPEN.exists(), reason="NOT RUN: the labelled sets are not beside the project"
)
@pytest.mark.parametrize("name", ["stroke", "misq_cd"])
def test_of_a_real_set_too(name):
    cited = [replace(c, id=k) for k, c in enumerate(tables.read_csv(OPEN / f"{name}.csv.gz"), 1)]
    old, new = cited[: len(cited) // 2], cited[len(cited) // 2 :]
    met = meeting([index(new)], [index(old[:100]), index(old[100:])])
    those = set(met.ids.tolist())
    few = match(new, standing=[c for c in old if c.id in those], crowded=met.crowded)
    assert few == match(new, standing=old, crowded=met.crowded)


def test_of_standing_copies_one_is_met():
    copies = [replace(ASPIRIN, id=k) for k in range(5, 60)]
    halves = [index(copies[:30]), index(copies[30:])]
    met = meeting([index([replace(ASPIRIN, id=99)])], halves)
    assert met.ids.tolist() == [5]
    assert met.crowded.tolist() == []


def test_a_key_that_many_hold_meets_nobody_and_is_named():
    many = [Citation(id=k, title="Annual report", year=2000, journal=f"J {k}") for k in range(30)]
    assert blocks.LARGEST_BLOCK < 30
    new = index([Citation(id=99, title="Annual report", year=2000, journal="J 99")])
    met = meeting([new], [index(many)])
    assert met.ids.tolist() == []
    assert set(met.crowded.tolist()) <= set(new.keys.tolist())
    assert len(met.crowded)


def test_an_index_comes_back_from_its_bytes():
    made = index([ASPIRIN, EMBASE, OTHER])
    back = unpacked(**made.packed())
    for name in ("ids", "copies", "keys", "owners", "starts", "places", "firsts", "years"):
        assert np.array_equal(getattr(made, name), getattr(back, name)), name
    assert back.titles == made.titles
    assert sorted(made.keys) == made.keys.tolist()


def test_a_new_record_that_contradicts_one_of_a_report_stays_out_of_it():
    bare = Citation(id=2, title=ASPIRIN.title, authors=ASPIRIN.authors, year=2016)
    told = replace(ASPIRIN, id=3, doi="", title=ASPIRIN.title + " Part 2", pages="700-9")
    assert clusters_in_parts([[ASPIRIN, bare], [told]]) == as_sets(
        match([ASPIRIN, bare, told]).clusters
    )


FIRST = replace(ASPIRIN, doi="", pages="", volume="", pmid="11111111")
BETWEEN = replace(ASPIRIN, id=2, source="Scopus")
SECOND = replace(ASPIRIN, id=3, pmid="22222222", source="Embase")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 0, 2)])
def test_a_join_gives_way_to_a_better_one_that_comes_later(order):
    """Either article would take the record between them; it goes to the one that shares its DOI."""
    cited = [(FIRST, BETWEEN, SECOND)[k] for k in order]
    cited = [replace(c, id=n) for n, c in enumerate(cited, 1)]
    whole = as_sets(match(cited).clusters)
    assert len(whole) == 2
    assert clusters_in_parts([cited[:2], cited[2:]]) == whole
    assert clusters_in_parts([[c] for c in cited]) == whole


def test_what_a_person_has_settled_stays():
    def whole(ids):
        return [FIRST, BETWEEN], {1: 1, 2: 1}

    kept = [index([FIRST, BETWEEN])]
    mine = [index([SECOND])]
    ground = Ground(lambda: kept, whole, lambda ids: dict.fromkeys(ids, 1))
    found = settle([SECOND], mine, replace(ground, settled=lambda reports: reports))
    assert not found.afresh
    assert found.clusters[3] == 3
    assert [p.zone for p in found.pairs] == [Zone.ASK]
    found = settle([SECOND], mine, ground)
    assert found.afresh == {1, 2}
    assert found.clusters == {1: 1, 2: 2, 3: 2}


def test_copies_from_two_sources_are_both_compared():
    """Which of them came first decides nothing."""
    copies = [replace(ASPIRIN, id=k, source=name) for k, name in ((5, "a"), (6, "b"), (7, "a"))]
    met = meeting([index([replace(EMBASE, id=9)])], [index(copies)])
    assert met.ids.tolist() == [5, 6]
    assert as_sets(match(copies).clusters) == {frozenset({5, 6, 7})}


def test_what_a_person_joined_takes_in_a_copy_of_one_of_them():
    """The two contradict each other; the person knew better, and copies of either come in."""
    article = ASPIRIN
    erratum = replace(ASPIRIN, id=2, title="Erratum: " + ASPIRIN.title, pages="803", doi="")
    new = replace(EMBASE, id=3)
    apart = match([new], standing=[article, erratum])
    together = match([new], standing=[article, erratum], together={1: "r", 2: "r"})
    assert apart.clusters[3] == together.clusters[3] == 1


def test_told_apart_holds_for_all_records_of_two_reports():
    bare = replace(ASPIRIN, id=4, doi="", pages="659")
    found = match(
        [replace(EMBASE, id=9)],
        standing=[ASPIRIN, bare, replace(EMBASE, id=2)],
        together={1: "r", 4: "r", 2: "s"},
        different=[frozenset((1, 2))],
    )
    home = found.clusters[9]
    assert home in (1, 2)
    assert {p.zone for p in found.pairs} == {"auto"}
    assert not {found.clusters.get(1), found.clusters.get(4)} & {found.clusters.get(2)} - {None}
