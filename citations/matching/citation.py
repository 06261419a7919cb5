"""The words of the duplicate engine: what comes in and what goes out."""

from dataclasses import dataclass, field
from enum import StrEnum

Id = int | str


@dataclass(frozen=True, slots=True)
class Citation:
    """One bibliographic record as far as the engine looks at it. Empty means unknown."""

    id: Id
    title: str = ""
    authors: tuple[str, ...] = ()  # "Family, Given"
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    isbn: str = ""  # ISSN and ISBN share this field in most exports
    abstract: str = ""
    entry_type: str = ""
    source: str = ""  # the file or search it came from


class Zone(StrEnum):
    """What to do with a pair: join it, ask a person, link it, or leave it."""

    AUTO = "auto"
    ASK = "ask"
    RELATED = "related"
    DISTINCT = "distinct"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, how probable it is that they are the same one, and why."""

    a: Id
    b: Id
    probability: float  # of being the same bibliographic record, 0..1
    zone: Zone
    rule: str  # short id, stable: see docs/duplicates.md
    why: str  # one sentence for a librarian


@dataclass
class Matches:
    """`pairs` holds auto, ask and related (all pairs on demand); `clusters` is the result of the automatic joins.

    Every new record is a key of `clusters`; a standing one is where a new one joined it. A cluster
    is named by one of its members: a standing record if there is one, else the smallest id.
    `tangled` are all records that hang together with a standing one and with a contradiction: what they
    end in could depend on the order of coming. `afresh` are standing ones that `settling` matched again.
    """

    pairs: list[Pair] = field(default_factory=list)
    clusters: dict[Id, Id] = field(default_factory=dict)
    tangled: set[Id] = field(default_factory=set)
    afresh: set[Id] = field(default_factory=set)
