"""Which key does what on the reviewers' page: the one table, the presets, and each person's choice.

A key is one character, in lower case, or the name that browsers give to a key without a character
("ArrowRight"). WCAG 2.2, 2.1.4, asks that keys of one character can be changed and turned off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from reviews.models import User
from reviews.refusal import Refused

from ..models import KeyChoice


@dataclass(frozen=True)
class Act:
    name: str
    does: str  # the line in every list of keys
    key: str  # Concord's own


ACTS = [
    Act("include", "Include", "i"),
    Act("maybe", "Maybe", "m"),
    Act("exclude", "Exclude", "e"),
    *(Act(f"reason{n}", f"Exclude with reason {n}", str(n)) for n in range(1, 10)),
    Act("awaiting", "At full text: awaiting classification", "w"),
    Act("ongoing", "At full text: ongoing study", "g"),
    Act("yes", "To the criterion that is next: yes", "y"),
    Act("no", "To the criterion that is next: no", "x"),
    Act("unclear", "To the criterion that is next: unclear", "q"),
    Act("skip", "Leave that criterion, go to the one after", "s"),
    Act("undo", "Undo: go back to the last report", "u"),
    Act("duplicate", "Duplicate of another report …", "d"),
    Act("note", "Write a note (Escape leaves it)", "n"),
    Act("label", "Give a label", "l"),
    Act("criteria", "Fold or open the criteria", "c"),
    Act("highlight", "Mark the words to look for, or not", "h"),
    Act("list", "One report, or a list of titles", "v"),
    Act("down", "In the list: next report", "j"),
    Act("up", "In the list: report before", "k"),
    Act("open", "In the list: open or close the abstract", "o"),
    Act("help", "Show these keys", "?"),
]
OWN = {act.name: act.key for act in ACTS}

# For people who come from another tool: its letters for what it has, ours for the rest.
PRESETS: dict[str, tuple[str, dict[str, str]]] = {
    "concord": ("Concord’s own", {}),
    "covidence": (
        "Covidence (Yes, Maybe, No)",
        {"include": "y", "exclude": "n", "note": "t", "yes": "a"},
    ),
    "rayyan": ("Rayyan (Include, Undecided, Exclude)", {"maybe": "u", "undo": "z"}),
    "asreview": ("ASReview (Relevant, Irrelevant)", {"include": "r", "exclude": "i"}),
}

# Keys without a character that neither the browser nor a screen reader needs on this page.
NAMED = {
    "ArrowLeft": "←",
    "ArrowRight": "→",
    "ArrowUp": "↑",
    "ArrowDown": "↓",
    "Insert": "Ins",
    "Home": "Home",
    "End": "End",
    **{f"F{n}": f"F{n}" for n in (2, 4, 8, 9, 10)},
}


@dataclass(frozen=True)
class Keymap:
    keys: dict[str, str]  # {act: key}; "" for an act that has none
    letters: bool  # whether keys of one character are heard

    def caps(self) -> dict[str, str]:
        """{act: what is printed on its key}, "" for one that is not heard."""
        return {
            name: cap(key) if self.letters or len(key) > 1 else ""
            for name, key in self.keys.items()
        }


def cap(key: str) -> str:
    return NAMED.get(key, key.upper() if len(key.upper()) == 1 else key)


def preset(name: str) -> dict[str, str]:
    """The keys of a preset; Refused for a name that there is not."""
    if name not in PRESETS:
        raise Refused("There is no such set of keys.")
    return OWN | PRESETS[name][1]


def of(user: User) -> Keymap:
    """The keys of `user`, on whatever device. 1 query."""
    choice = KeyChoice.objects.filter(user=user).first()
    if choice is None:
        return Keymap(dict(OWN), letters=True)
    # An act that came into the product after the choice was made has its own key if that is free.
    taken = set(choice.keys.values())
    fresh = {act.name: "" if act.key in taken else act.key for act in ACTS}
    return Keymap({name: choice.keys.get(name, key) for name, key in fresh.items()}, choice.letters)


def checked(keys: Mapping[str, Any]) -> dict[str, str]:
    """`keys` as they are stored; Refused with a sentence for a key that cannot be, or for a clash."""
    found: dict[str, str] = {}
    for act in ACTS:
        key = str(keys.get(act.name, "")).strip()
        if key not in NAMED:
            key = key.lower()
        if len(key) > 1 and key not in NAMED:
            raise Refused(
                f"“{key[:20]}” can’t be the key of “{act.does}”: use one character or an arrow."
            )
        if len(key) == 1 and not key.isprintable():
            raise Refused(f"“{act.does}” has a key that can’t be typed.")
        found[act.name] = key
    meant: dict[str, Act] = {}
    for act in ACTS:
        key = found[act.name]
        if key and key in meant:
            raise Refused(
                f"The key {cap(key)} would mean both “{meant[key].does}” and “{act.does}”. "
                "Give one of them another key."
            )
        meant[key] = act
    return found


@transaction.atomic
def choose(user: User, keys: Mapping[str, Any], *, letters: bool) -> Keymap:
    """Store `user`'s keys. Refused when two acts would have the same one."""
    chosen = Keymap(checked(keys), letters)
    KeyChoice.objects.update_or_create(
        user=user, defaults={"keys": chosen.keys, "letters": chosen.letters}
    )
    return chosen
