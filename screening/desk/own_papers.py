"""Whether a name in a list of authors may be that of a person. Pure: a suggestion, never a finding.

"Family, Given" and "Given Family" are read alike; the family name has to be the same, and of the
given names the first letter, where both have one.
"""

import re
import unicodedata
from collections.abc import Iterable


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", _plain(text))


def family_as_typed(name: str) -> str:
    """ "Müller" of "Müller, Jo" and of "Jo Müller"."""
    words = name.partition(",")[0].split()
    return words[-1] if words else ""


def family_and_initial(name: str) -> tuple[str, str]:
    """("lind", "k") of "Lind, Karin" and of "Karin Lind"; the initial is "" where there is none."""
    before, comma, after = name.partition(",")
    if comma:
        family, given = " ".join(_words(before)), _words(after)
    else:
        *given, last = _words(name) or [""]
        family = last
    return family, given[0][:1] if given else ""


def may_be(name: str, author: str) -> bool:
    """Whether `author` of a report may be the person called `name`."""
    family, initial = family_and_initial(name)
    theirs, their_initial = family_and_initial(author)
    if len(family) < 2 or family.split()[-1:] != theirs.split()[-1:]:
        return False
    return not initial or not their_initial or initial == their_initial


def by_any(names: Iterable[str], authors: Iterable[str]) -> str:
    """The first of `authors` that may be one of `names`; "" for none."""
    said = list(names)
    return next((each for each in authors if any(may_be(name, each) for name in said)), "")
