"""Sharing out: full teams of people who are here, in the portions that were set, whoever comes or goes."""

import random
from collections import Counter
from itertools import combinations

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.sharing import scatter
from screening.sharing.shares import (
    EXPERT,
    EXPERT_NOVICE,
    NOVICE,
    PAIRS,
    QUOTA,
    RANDOM,
    Part,
    lots,
    lots_of,
    of_sources,
    of_years,
    portions,
)

people = st.sets(st.integers(1, 40), min_size=1, max_size=9)
seeds = st.integers(0, 2**31 - 1)


@st.composite
def sharings(draw):
    """(kind, parts, who is here, seats, seed): some have left, some have joined since."""
    kind = draw(st.sampled_from([RANDOM, QUOTA, PAIRS, EXPERT_NOVICE]))
    groups = st.sampled_from([EXPERT, NOVICE]) if kind == EXPERT_NOVICE else st.just("")
    parts = tuple(
        Part(user, draw(st.integers(0, 500)) if kind == QUOTA else 1, draw(groups))
        for user in sorted(draw(people))
    )
    left = draw(st.sets(st.sampled_from([part.user for part in parts])))
    joined = draw(st.sets(st.integers(41, 50), max_size=3))
    present = frozenset({part.user for part in parts} - left | joined)
    return kind, parts, present, draw(st.integers(1, 4)), draw(seeds)


@given(sharings())
@settings(max_examples=150)
def test_no_lot_is_orphaned_and_nobody_sits_twice_in_one(sharing):
    kind, parts, present, seats, seed = sharing
    teams = lots(kind, parts, present, seats, seed)
    assert teams == lots.__wrapped__(kind, parts, present, seats, seed)  # always the same
    for team in teams:
        assert len(set(team)) == len(team) <= seats
        assert set(team) <= present
    asked = [lots_of(user, enumerate(teams), seats, len(present)) for user in sorted(present)]
    for lot in range(len(teams)):
        # Enough people are asked for each report, as long as there are enough.
        assert sum(lot in mine for mine in asked) >= min(seats, len(present))


@given(sharings())
@settings(max_examples=100)
def test_everybody_here_with_a_part_of_the_same_size_has_as_much_as_the_next(sharing):
    kind, parts, _, seats, seed = sharing
    if kind not in (RANDOM, PAIRS):
        return
    present = frozenset(part.user for part in parts)
    load = Counter(user for team in lots(kind, parts, present, seats, seed) for user in team)
    assert max(load.values()) - min(load[user] for user in present) <= 1


@given(people, seeds, st.integers(2, 3))
def test_balanced_pairs_meet_equally_often(users, seed, seats):
    parts = tuple(Part(user) for user in sorted(users))
    met = Counter(
        pair
        for team in lots(PAIRS, parts, frozenset(users), seats, seed)
        for pair in combinations(team, 2)
    )
    assert len(set(met[pair] for pair in combinations(sorted(users), 2))) <= 1


@given(st.integers(1, 5), st.integers(1, 6), st.integers(2, 4), seeds)
def test_a_novice_never_decides_without_an_expert(experts, novices, seats, seed):
    parts = tuple(Part(n, 1, EXPERT) for n in range(1, experts + 1))
    parts += tuple(Part(n, 1, NOVICE) for n in range(11, novices + 11))
    present = frozenset(part.user for part in parts)
    for team in lots(EXPERT_NOVICE, parts, present, seats, seed):
        of_experts = sum(user <= experts for user in team)
        assert of_experts >= 1
        # No more of them than it takes to fill the team.
        assert of_experts == 1 or len(team) - of_experts == novices
    # An expert who goes is replaced by an expert, as long as there is one.
    if experts > 1:
        for team in lots(EXPERT_NOVICE, parts, present - {1}, seats, seed):
            assert any(2 <= user <= experts for user in team)


@given(st.dictionaries(st.integers(1, 30), st.integers(0, 1000), min_size=1), st.integers(0, 900))
def test_portions_deal_everything_and_nobody_more_than_the_most(weights, total):
    most = max(1, total // 2)
    dealt = portions(weights, total, most)
    takers = [user for user, weight in weights.items() if weight]
    assert sum(dealt.values()) == min(total, most * len(takers))
    assert all(0 <= each <= most for each in dealt.values())
    assert all(dealt[user] == 0 for user, weight in weights.items() if not weight)
    for one, other in combinations(takers, 2):
        if weights[one] > weights[other]:
            assert dealt[one] >= dealt[other] - 1


def test_a_quota_gives_its_share():
    parts = (Part(1, 600), Part(2, 300), Part(3, 100))
    teams = lots(QUOTA, parts, frozenset({1, 2, 3}), 1, 5)
    load = Counter(user for team in teams for user in team)
    assert load == {1: 144, 2: 72, 3: 24}  # of 240 lots


@given(sharings(), st.data())
@settings(max_examples=60)
def test_who_leaves_moves_no_lot_of_others(sharing, data):
    kind, parts, _, seats, seed = sharing
    everybody = frozenset(part.user for part in parts)
    gone = data.draw(st.sampled_from(sorted(everybody)))
    before = lots(kind, parts, everybody, seats, seed)
    after = lots(kind, parts, everybody - {gone}, seats, seed)
    for one, other in zip(before, after, strict=True):
        assert gone in one or one == other


def test_a_source_without_anybody_is_left_to_all():
    assert of_sources({3: [1, 2], 5: [9]}, {1, 2}) == {3: (1, 2)}


@pytest.mark.django_db
def test_sql_draws_what_python_draws():
    chance = random.Random(3)
    with connection.cursor() as cursor:
        for _ in range(60):
            number, seed = chance.randrange(2**40), chance.randrange(2**31)
            cursor.execute(f"SELECT {scatter.as_sql(f'CAST({number} AS bigint)', seed)}", [])
            assert cursor.fetchone()[0] == scatter.scatter(number, seed)


def test_a_draw_gives_every_id_a_number_of_its_own():
    for seed in (0, 7, 2**31 - 1):
        drawn = [scatter.scatter(number, seed) for number in range(1, 5001)]
        assert len(set(drawn)) == 5000
        lots_filled = Counter(each % 240 for each in drawn)
        assert min(lots_filled.values()) > 5  # 20.8 each on average
        assert drawn != sorted(drawn)


some_year = st.one_of(st.none(), st.integers(1990, 2000))


@given(
    st.lists(st.tuples(st.integers(1, 6), some_year, some_year), max_size=8),
    st.sets(st.integers(1, 6)),
)
def test_each_year_has_the_people_whose_years_hold_it(parts, present):
    spans = of_years(parts, present)
    for year in range(1985, 2006):
        here = [
            span
            for span in spans
            if (span.first or 0) <= year and (span.last is None or year <= span.last)
        ]
        asked = {
            user
            for user, first, last in parts
            if user in present and (first or 0) <= year and (last is None or year <= last)
        }
        assert [set(span.team) for span in here] == ([asked] if asked else [])
