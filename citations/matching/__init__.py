"""Find the records that are one and the same publication. Pure Python, no Django.

    matches = match(records, standing=already_there, different=answered)

How it works, in the order of the modules: `normal` (one form for each field), `records`
(columns), `blocks` (which pairs to look at), `features` (what they have in common), `model` (how
probable), `rules` (what is never done without a person), `clusters` (joins without
contradictions), `reasons` (why, in words); and `index`, which finds the standing records that a
new one must be compared with; `settling` matches again what a new one sheds another light on. docs/duplicates.md tells it to users.
"""

from citations.matching.citation import Citation, Id, Matches, Pair, Zone
from citations.matching.engine import match
from citations.matching.index import Index, index, meeting, unpacked
from citations.matching.settling import Ground, settle

__all__ = [
    "Citation",
    "Ground",
    "Id",
    "Index",
    "Matches",
    "Pair",
    "Zone",
    "index",
    "match",
    "meeting",
    "settle",
    "unpacked",
]
