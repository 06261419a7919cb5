"""Names of people, as `Family, Given`.

A name without a comma may be an institution: it is turned round only where the format's grammar
or trailing initials say that it is a person.
"""

import re
from collections.abc import Iterable

from citations.formats.text import one_line

_TRAILING_INITIALS = re.compile(r"^(\S.*?)\s+((?:[^\W\d_a-z]\.?[- ]?){1,4})$")
_PARTICLE = re.compile(r"^(?:[a-zà-ÿ'’]+)$")
_AND_OTHERS = re.compile(r"^(?:et\.? al\b\.?|(?:and )?others)[.,]*$", re.IGNORECASE)
# What RefWorks and Mendeley write for a name that they do not have.
_NO_GIVEN_NAME = re.compile(r", *(?:null|undefined|nan)$", re.MULTILINE)
_TIDY_NAMES = re.compile(r"(?:[^\s,][^,\n]*, [^\s,][^,\n]*(?<! )(?:\n(?=.)|\Z))+")
_JUNIOR = re.compile(r"^(?:jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)


def tidy(name: str) -> str:
    """`Shannon,Claude E.` → `Shannon, Claude E.`; `Fanning E.` → `Fanning, E.`; rest as it is."""
    if "  " in name or "\n" in name or "\t" in name:
        name = one_line(name)
    if "," in name:
        family, _, given = name.partition(",")
        given = given.strip()
        if not given or given in ("null", "undefined", "nan"):
            return family.strip()
        return f"{family.strip()}, {given}"
    if " " in name:
        match = _TRAILING_INITIALS.match(name)
        if match and any(c.islower() for c in match[1]):
            return f"{match[1]}, {match[2].strip()}"
    return name.strip()


def given_first(name: str) -> str:
    """`Ludwig van Beethoven` → `van Beethoven, Ludwig`, by BibTeX's rule of lower-case particles."""
    name = one_line(name)
    if not name or "," in name:
        return tidy(name)
    words = name.split(" ")
    if len(words) == 1:
        return name
    suffix = ""
    if len(words) > 2 and _JUNIOR.match(words[-1]):
        suffix = " " + words.pop()
    start = next((i for i, word in enumerate(words[:-1]) if i and _PARTICLE.match(word)), None)
    if start is None:
        start = 0 if _PARTICLE.match(words[0]) and words[0] not in ("e", "y") else len(words) - 1
    given = " ".join(words[:start])
    family = " ".join(words[start:]) + suffix
    return f"{family}, {given}" if given else family


def family_last(name: str) -> str:
    """`Remco de Bree` → `Bree, Remco de`: for sources that say no more than "given name first"."""
    if "," in name or " " not in name:
        return tidy(name)
    given, _, family = name.rpartition(" ")
    if _JUNIOR.match(family) and " " in given:
        suffix = family
        given, _, family = given.rpartition(" ")
        given = f"{given} {suffix}"
    return f"{family}, {given}"


def _lacks_given_name(text: str) -> bool:
    """Whether a name in a tidy list has a null for its given name."""
    if ", n" in text or ", u" in text:
        return _NO_GIVEN_NAME.search(text) is not None
    return False


def listed(names: Iterable[str]) -> list[str]:
    """The names tidied, without empty ones and without `et al.`, which is nobody."""
    names = list(names)
    if not names:
        return names
    # Most lists come tidy, and one look at all of a list is quicker than one at each name.
    text = "\n".join(names)
    if _TIDY_NAMES.fullmatch(text) and "  " not in text and not _lacks_given_name(text):
        return names
    found = []
    for name in map(tidy, names):
        if name and not _AND_OTHERS.match(name):
            found.append(name)
    return found


def unrepeated(names: list[str]) -> list[str]:
    """The names in order, each once."""
    return list(dict.fromkeys(name for name in names if name))
