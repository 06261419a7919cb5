"""How two publications that are not duplicates belong together, and which have been retracted.

Pure Python, no Django. What is guessed here is only offered: a person says what two reports are to
each other. That a publication has been retracted is read from what the databases write, which is
either in its type or at one end of its title:

- MEDLINE and PubMed: publication type "Retracted Publication" for the article, "Retraction of
  Publication" for the notice (NLM, Publication Characteristics (Publication Types), 2024);
- Web of Science: "(Retracted article. See vol. 3, pg. 4, 2020)" behind the title; types "Retracted
  Publication" and "Retraction";
- Scopus: type "Retracted"; publishers: "RETRACTED: " or "RETRACTED ARTICLE: " before the title
  (COPE retraction guidelines), "Retraction: " or "Retraction note: " before that of the notice.

An expression of concern is not a retraction.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ERRATUM, REPLY, RETRACTION, PREPRINT = "erratum", "reply", "retraction", "preprint"
CONFERENCE, UPDATE, PART, OTHER = "conference", "update", "part", "other"

_RETRACTED_TYPE = re.compile(r"\bretracted( publication| article)?\b", re.I)
_NOTICE_TYPE = re.compile(r"\bretraction\b(?! in\b)", re.I)
_RETRACTED_TITLE = re.compile(
    r"^\W*(retracted|withdrawn)( (article|paper|chapter|publication))?\s*[:\])\-–—]"  # RETRACTED: …
    r"|[\[(]\s*retracted\b[^\])]*[\])]?\W*$",  # … (Retracted article. See vol. 3)
    re.I,
)
_NOTICE_TITLE = re.compile(
    r"^\W*(notice of |statement of |partial )?retractions?( (note|notice|statement))?\s*"
    r"([:\])\-–—]|(to|of|for)\s*[:\"“‘']|of (article|paper|publication|the article)\b|\W*$)"
    r"|[:.\-–—]\s*(notice of )?retraction( (note|notice|statement))?\W*$",
    re.I,
)
_ERRATUM_TITLE = re.compile(
    r"\b(errat(um|a)|corrigend(um|a)|addendum)\b|^\W*(author |publisher )?corrections?\b", re.I
)
_REPLY_TITLE = re.compile(
    r"^\W*(re|reply|in reply|response|comments?|commentary|letter)\b.{0,30}?([:,\"“(]| (to|on|by)\b|$)"
    r"|\b(author|authors)['’]?s?['’]? (reply|response)\b|[:.]\s*(reply|response|comment) (to|on|by)\b",
    re.I,
)
_UPDATE_TITLE = re.compile(r"\b(update[ds]?|updating|second edition|follow-?up report)\b", re.I)
_PREPRINT = re.compile(
    r"\b(preprints?|biorxiv|medrxiv|arxiv|psyarxiv|socarxiv|ssrn|research square|osf)\b", re.I
)
_CONFERENCE = re.compile(
    r"\b(conference|congress|symposium|meeting|proceedings?|proc|poster|abstracts?)\b", re.I
)
_COCHRANE = re.compile(r"cochrane database", re.I)
# Where the formats keep publication types; the first value alone may stand in `entry_type`.
_TYPE_TAGS = {"PT", "DT", "M3", "TY", "%0", "%9", "document type", "publication type"}
_MANY = 40  # types that one record may name


@dataclass(frozen=True)
class Work:
    """What is looked at of one publication. Empty means unknown."""

    title: str = ""
    types: Sequence[str] = ()
    journal: str = ""
    doi: str = ""
    year: int | None = None


def types_in(entry_type: str, raw: Mapping[str, Any]) -> list[str]:
    """All that a record says of the type of its publication."""
    found = [entry_type] if entry_type else []
    for tag, values in raw.items():
        if tag in _TYPE_TAGS or tag.lower() in _TYPE_TAGS or tag.endswith("PublicationType"):
            found += [str(v) for v in (values if isinstance(values, list) else [values])][:_MANY]
    return found


def is_retraction_notice(title: str, types: Iterable[str] = ()) -> bool:
    """Whether this publication retracts another one."""
    return bool(_NOTICE_TITLE.search(title)) or any(_NOTICE_TYPE.search(kind) for kind in types)


def is_retracted(title: str, types: Iterable[str] = ()) -> bool:
    """Whether the database says that this publication has been retracted."""
    return bool(_RETRACTED_TITLE.search(title)) or any(
        _RETRACTED_TYPE.search(kind) for kind in types
    )


def kind_between(first: Work, second: Work, rule: str = "") -> str:
    """What the two probably are to each other; `rule` is what the matching named (may be "")."""
    both = (first, second)

    def one(tells: Any) -> bool:
        """A word in one of them that the other lacks."""
        return bool(tells(first)) != bool(tells(second))

    if any(is_retraction_notice(each.title, each.types) for each in both):
        return RETRACTION
    if one(lambda each: is_retracted(each.title, each.types)):
        return RETRACTION
    if one(lambda each: _ERRATUM_TITLE.search(each.title) or _typed(each, "erratum")):
        return ERRATUM
    if one(lambda each: _REPLY_TITLE.search(each.title) or _typed(each, "comment")):
        return REPLY
    if rule == "preprint" or one(
        lambda each: _PREPRINT.search(f"{each.journal} {each.doi} {' '.join(each.types)}")
    ):
        return PREPRINT
    if all(_COCHRANE.search(each.journal) for each in both) or one(
        lambda each: _UPDATE_TITLE.search(each.title)
    ):
        return UPDATE
    if rule in ("conference", "supplement") or one(
        lambda each: _CONFERENCE.search(f"{each.journal} {' '.join(each.types)}")
    ):
        return CONFERENCE
    return PART if rule in ("number", "consecutive") else OTHER


def _typed(work: Work, word: str) -> bool:
    return any(word in kind.lower() for kind in work.types)
