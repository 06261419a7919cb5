"""No input crashes the engine, and no order of it changes the result."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from citations.matching import Citation, Zone, index, match, normal

rough = st.text(max_size=60)
shared = st.sampled_from(
    [
        "",
        "Aspirin in pregnancy",
        "Aspirin in pregnancy. Part 2",
        "Erratum: aspirin in pregnancy",
        "10.1000/ab",
        "12",
        "S3-9",
    ]
)
text = shared | rough


@st.composite
def citations(draw):
    many = draw(
        st.lists(
            st.builds(
                Citation,
                id=st.just(0),
                title=text,
                authors=st.lists(text, max_size=3).map(tuple),
                year=st.none() | st.integers(-5, 99999) | st.sampled_from([2010, 2011]),
                journal=text,
                volume=text,
                issue=text,
                pages=text,
                doi=text,
                pmid=text | st.sampled_from(["12345678", "PMID: 12345679"]),
                isbn=text | st.just("1234-567X"),
                abstract=text | st.just("We gave aspirin to women. " * 9),
                entry_type=text,
                source=text,
            ),
            max_size=9,
        )
    )
    return [replace(c, id=k if k % 2 else f"r{k}") for k, c in enumerate(many)]


@settings(max_examples=150, deadline=None)
@given(cited=citations(), data=st.data())
def test_any_order_gives_the_same_and_clusters_hold_the_automatic_pairs(cited, data):
    found = match(cited)
    again = match(data.draw(st.permutations(cited)))
    assert again.pairs == found.pairs
    assert again.clusters == found.clusters
    assert set(found.clusters) == {c.id for c in cited}
    for pair in found.pairs:
        assert 0 <= pair.probability <= 1
        joined = found.clusters[pair.a] == found.clusters[pair.b]
        assert joined == (pair.zone is Zone.AUTO)
        assert pair.why


@settings(max_examples=100, deadline=None)
@given(cited=citations(), data=st.data())
def test_pairs_told_apart_never_share_a_cluster(cited, data):
    ids = [c.id for c in cited]
    if len(ids) < 2:
        return
    apart = data.draw(st.lists(st.sets(st.sampled_from(ids), min_size=2, max_size=2), max_size=4))
    found = match(cited, different=[frozenset(pair) for pair in apart])
    for a, b in apart:
        assert found.clusters[a] != found.clusters[b]
        assert not any({p.a, p.b} == {a, b} for p in found.pairs)


@settings(max_examples=100, deadline=None)
@given(cited=citations(), cut=st.integers(0, 9))
def test_standing_records_are_not_compared_with_each_other(cited, cut):
    standing, new = cited[:cut], cited[cut:]
    found = match(new, standing=standing)
    fresh = {c.id for c in new}
    assert fresh <= set(found.clusters)
    assert all(p.a in fresh or p.b in fresh for p in found.pairs)


@settings(max_examples=300, deadline=None)
@given(raw=st.text(max_size=200))
def test_normal_forms_take_any_text(raw):
    folded, _ = normal.title(raw)
    assert folded == folded.strip()
    assert normal.fold(folded) == folded
    assert normal.doi(raw) == normal.doi(normal.doi(raw))
    normal.pages(raw)
    normal.authors((raw,))
    normal.journal(raw)
    normal.issns(raw)
    one, two = (index([Citation(id=k, title=raw)]) for k in (1, 2))
    assert one.keys.tolist() == two.keys.tolist()
