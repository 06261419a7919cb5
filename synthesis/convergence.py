"""The rule of convergence coding. Pure.

Farmer T, Robinson K, Elliott SJ, Eyles J (2006): two elements are compared, (1) meaning and
prominence, (2) coverage and examples. The same on both: agreement; on one: partial agreement; on
neither: dissonance; only one side speaks: silence. Both silent is "no evidence", our own word.
"""


def category(
    *, left: int, right: int, same_meaning: bool | None, same_coverage: bool | None
) -> str | None:
    """The category for `left` and `right` sources that speak; None while an answer is missing."""
    if not left and not right:
        return "no evidence"
    if not left or not right:
        return "silence"
    if same_meaning is None or same_coverage is None:
        return None
    return {2: "agreement", 1: "partial agreement", 0: "dissonance"}[same_meaning + same_coverage]
