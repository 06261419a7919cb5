"""How the reports of a stage are shared out among its reviewers. Pure Python, no Django.

The reports of a stage fall into lots (of a source, of some years, or drawn by a seed), and each lot has a team: the
people who are asked for the answers on its reports. All of it follows from what the lead has set and
from who screens now, so nothing is stored per report, nobody who leaves takes a report along, and no
vote plays any part in it.

A lot whose team is smaller than the number of answers a report takes is open: its people are asked,
and everybody else as well, so that no report waits for nobody.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

Team = tuple[int, ...]  # users

RANDOM, QUOTA, PAIRS = "random", "quota", "pairs"
EXPERT_NOVICE, SOURCE = "expert-novice", "source"
EXPERT, NOVICE = "expert", "novice"

FEWEST_LOTS = 240  # divisible by all numbers of people up to six, and by eight
LOTS_A_PERSON = 20
MOST_TEAMS = 1_500  # of balanced teams: all pairs of 55 people


@dataclass(frozen=True)
class Part:
    """One person's part in a sharing."""

    user: int
    weight: int = 1  # of a quota: answers, relative to the others'
    group: str = ""  # EXPERT or NOVICE, where these are paired


@lru_cache(maxsize=64)
def lots(
    kind: str, parts: tuple[Part, ...], present: frozenset[int], seats: int, seed: int
) -> tuple[Team, ...]:
    """The team of each lot, for what is drawn: every kind but by source and by year. The number of lots follows from the parts.

    `seats`: answers a report takes. `present`: users who screen now. Who is gone is replaced, in his
    lots alone, by those with the fewest; who is new takes from those with the most where all are to
    have the same (RANDOM, PAIRS), and else waits for the lead.
    """
    made = _drawn(kind, parts, seats, seed)
    teams = _replaced(made, parts, present, seats)
    if kind in (RANDOM, PAIRS):
        known = {part.user for part in parts}
        teams = _levelled(teams, sorted(present - known))
    return tuple(tuple(sorted(team)) for team in teams)


def of_sources(parts: Mapping[int, Iterable[int]], present: Collection[int]) -> dict[int, Team]:
    """{source: its people}; one without people who are here is left out, and so open to all."""
    here = {source: sorted(set(people) & set(present)) for source, people in parts.items()}
    return {source: tuple(people) for source, people in here.items() if people}


@dataclass(frozen=True)
class Span:
    """Years, both ends included, and the people who take their reports; None: open at that end."""

    first: int | None
    last: int | None
    team: Team


def of_years(
    parts: Iterable[tuple[int, int | None, int | None]], present: Collection[int]
) -> list[Span]:
    """The spans, none over another, that (user, first year, last year) parts give. Years without
    people who are here are left out, and so open to all."""
    here = [part for part in parts if part[0] in present]
    begins = {first for _, first, _ in here if first is not None}
    begins |= {last + 1 for _, _, last in here if last is not None}
    cuts: list[int | None] = [None, *sorted(begins)]
    found = []
    for first, after in zip(cuts, [*cuts[1:], None], strict=True):
        last = None if after is None else after - 1
        team = sorted(
            user
            for user, low, high in here
            if (low is None or (first is not None and low <= first))
            and (high is None or (last is not None and last <= high))
        )
        if team:
            found.append(Span(first, last, tuple(team)))
    return found


def lots_of(user: int, teams: Iterable[tuple[int, Team]], seats: int, people: int) -> set[int]:
    """The lots of `teams` ((lot, team) pairs) whose reports are for `user`; open ones are for all.

    `people`: how many screen now; where they are fewer than the seats all of them are enough.
    """
    enough = min(seats, people)
    return {lot for lot, team in teams if user in team or len(team) < enough}


# --- Drawing ----------------------------------------------------------------------------------


def _drawn(kind: str, parts: tuple[Part, ...], seats: int, seed: int) -> list[list[int]]:
    users = [part.user for part in parts]
    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated, not a secret
    width = min(seats, len(users))
    if not width:
        return [[]]
    if kind == PAIRS and comb(len(users), width) <= MOST_TEAMS:
        teams = [list(team) for team in combinations(sorted(users), width)]
        chance.shuffle(teams)
        return teams
    number = max(FEWEST_LOTS, LOTS_A_PERSON * len(users))
    if kind == EXPERT_NOVICE:
        return _beside_an_expert(parts, width, number, chance)
    weights = {part.user: part.weight if kind == QUOTA else 1 for part in parts}
    return _filled(weights, width, number, chance)


def portions(weights: Mapping[int, int], total: int, most: int) -> dict[int, int]:
    """`total` dealt out by weight, nobody more than `most`; what is cut off goes to the others.

    Less is dealt where `most` for everybody with a weight is not enough.
    """
    dealt = dict.fromkeys(weights, 0)
    open_ = {user: weight for user, weight in weights.items() if weight > 0}
    left = min(total, most * len(open_))
    while open_:
        whole = sum(open_.values())
        full = [user for user, weight in open_.items() if left * weight >= most * whole]
        if not full:
            break
        for user in full:
            dealt[user] = most
            left -= most
            del open_[user]
    if open_ and left:
        whole = sum(open_.values())
        for user, weight in open_.items():
            dealt[user] = left * weight // whole
        rest = left - sum(dealt[user] for user in open_)
        by_remainder = sorted(open_, key=lambda user: (-(left * open_[user] % whole), user))
        for user in by_remainder[:rest]:
            dealt[user] += 1
    return dealt


def _filled(
    weights: Mapping[int, int], width: int, number: int, chance: random.Random
) -> list[list[int]]:
    """`number` teams of `width` people at the most, everybody in as many as their weight gives.

    People stand in a row, each as often as they have teams, and the row is wrapped over the lots:
    nobody has more teams than there are lots, so nobody meets themselves. Then people of two teams
    change places at random, many times, so that chance decides who meets whom.
    """
    row = [
        user
        for user, times in portions(weights, width * number, number).items()
        for _ in range(times)
    ]
    teams: list[list[int]] = [[] for _ in range(number)]
    for place, user in enumerate(row):
        teams[place % number].append(user)
    for _ in range(6 * number):
        one, other = chance.choice(teams), chance.choice(teams)
        if not one or not other:
            continue
        here, there = chance.randrange(len(one)), chance.randrange(len(other))
        if one[here] not in other and other[there] not in one:
            one[here], other[there] = other[there], one[here]
    return teams


def _beside_an_expert(
    parts: tuple[Part, ...], width: int, number: int, chance: random.Random
) -> list[list[int]]:
    """One expert in each team and novices beside; more experts only where novices are too few."""
    experts = {part.user: 1 for part in parts if part.group == EXPERT}
    novices = {part.user: 1 for part in parts if part.group != EXPERT}
    of_experts = min(len(experts), max(1, width - len(novices)))
    first = _filled(experts, of_experts, number, chance)
    others = _filled(novices, width - of_experts, number, chance)
    return [[*one, *other] for one, other in zip(first, others, strict=True)]


# --- People who leave and join ------------------------------------------------------------------


def _replaced(
    teams: Iterable[Sequence[int]], parts: tuple[Part, ...], present: frozenset[int], seats: int
) -> list[list[int]]:
    """`teams` of people who are here, as full as can be; a lot that loses nobody stays as it is."""
    group = {part.user: part.group for part in parts}
    weight = {part.user: part.weight for part in parts}
    here = [user for user in sorted(group) if user in present and weight[user] > 0]
    kept = [[user for user in team if user in present] for team in teams]
    load = Counter(user for team in kept for user in team)
    for team, before in zip(kept, teams, strict=True):
        gone = [user for user in before if user not in present]
        # Also where a team was too small from the start, and somebody with a part could fill it.
        gone += [0] * (min(seats, len(before)) - len(before))
        for lost in gone:
            free = [user for user in here if user not in team]
            if not free:
                break
            taker = min(
                free,
                key=lambda user: (
                    group[user] != group.get(lost, ""),
                    load[user] / weight[user],
                    user,
                ),
            )
            team.append(taker)
            load[taker] += 1
    return kept


def _levelled(teams: list[list[int]], joined: Sequence[int]) -> list[list[int]]:
    """`teams` in which each of `joined` has as many as the others, taken from those with the most."""
    load = Counter(user for team in teams for user in team)
    load.update(dict.fromkeys(joined, 0))
    if not load:
        return teams
    fair = load.total() // len(load)
    for user in joined:
        for team in sorted(teams, key=lambda team: -max((load[each] for each in team), default=0)):
            if load[user] >= fair:
                break
            most = max(team, key=lambda each: (load[each], each), default=user)
            if user not in team and load[most] > fair:
                load[most] -= 1
                load[user] += 1
                team[team.index(most)] = user
    return teams
