"""When work ends at the present pace. Pure Python, no Django."""

from collections.abc import Sequence


def days_until(missing: int, people: Sequence[tuple[float, int]]) -> float | None:
    """Days until `missing` answers are given; None when they never are at this pace.

    `people` are (answers a day, answers that this person can still give at the most). Everybody goes
    on at their pace until nothing is left for them: with as many people as a report needs answers the
    slowest decides on the date, with more of them the others take over.
    """
    if missing <= 0:
        return 0.0
    working = sorted((left / pace, pace, left) for pace, left in people if pace > 0 and left > 0)
    if sum(left for _, _, left in working) < missing:
        return None
    given, pace = 0, sum(pace for _, pace, _ in working)
    for until, own, left in working:
        # While all those that are still at it are at it: given + pace * t
        if given + pace * until >= missing:
            return (missing - given) / pace
        given, pace = given + left, pace - own
    return working[-1][0]
