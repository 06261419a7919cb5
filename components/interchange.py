"""Reading and writing a tree as JSON ("evidence-codebook/1"). Pure: bytes in, nodes out.

    {"schema": "evidence-codebook/1", "name": "…", "codes": [
        {"id": "WRAP-CM", "parent": "WRAP" | null, "order": 1, "name": "…", "is_codable": true,
         "colour": "#1B6E8C", "tidier_items": [4, 5], "definition": "…", "include_when": "…",
         "exclude_when": "…", "exemplar": {"source": "…", "text": "…"} | null,
         "status": "active" | "retired"}]}

Keys that we don't know are left alone. What can't be read is refused in one sentence.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from reviews.refusal import Refused

from .tree import DEEPEST, circle, levels

SCHEMA = "evidence-codebook/1"
MOST = 2_000  # components in one file
LARGEST = 5 * 1024 * 1024  # bytes; a tree of a thousand components is about one megabyte
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PATTERNS = ("", "diagonal", "dots", "grid", "horizontal", "vertical")
TIDIER_ITEMS = range(1, 13)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what a database of text can't keep


@dataclass
class Node:
    """One component as the file has it; `parent` is a code."""

    code: str
    name: str
    parent: str | None = None
    order: int = 0
    is_codable: bool = True
    colour: str = ""
    tidier_items: list[int] = field(default_factory=list)
    definition: str = ""
    include_when: str = ""
    exclude_when: str = ""
    exemplar: str = ""
    exemplar_source: str = ""
    counter_exemplar: str = ""
    counter_exemplar_source: str = ""
    pattern: str = ""
    guid: str = ""
    retired: bool = False


def read(content: bytes, *, known: dict[str, str | None] | None = None) -> list[Node]:
    """The nodes of a file, in its order. Refused with the first thing that is wrong with it.

    `known` are the components that are there already, {code: code of the parent}: a parent may be
    one of them, and a circle may run through them.
    """
    nodes = [node(number, given) for number, given in enumerate(_codes(content), start=1)]
    return checked(nodes, known=known)


def checked(nodes: list[Node], *, known: dict[str, str | None] | None = None) -> list[Node]:
    """`nodes`, whatever file they are from; Refused unless they make a tree with what is known."""
    known = known or {}
    guids = Counter(node.guid for node in nodes if node.guid)
    for node in nodes:
        if guids[node.guid] > 1:
            raise Refused(f"{node.code} has a “guid” that stands in the file twice.")
    seen: set[str] = set()
    for node in nodes:
        if node.code in seen:
            raise Refused(f"{node.code} stands in the file twice.")
        seen.add(node.code)
    for node in nodes:
        if node.parent is not None and node.parent not in seen and node.parent not in known:
            raise Refused(f"{node.code} hangs below {node.parent}, which is not there.")
    parents = known | {node.code: node.parent for node in nodes}
    for node in nodes:
        if way := circle(node.code, parents):
            # Read downwards, as the tree is: the one above first.
            raise Refused(f"{node.code} is below itself ({' > '.join(reversed(way))}).")
    for node in nodes:
        if levels(node.code, parents) > DEEPEST:
            raise Refused(f"{node.code} stands deeper than {DEEPEST} levels.")
    return nodes


def about(content: bytes) -> tuple[str, list[dict[str, str]]]:
    """(version, history) that a file which was read tells of itself; what is no text is left out."""
    tree = json.loads(content.decode("utf-8-sig"))
    version = tree.get("version")
    if not (isinstance(version, str) and VERSION.fullmatch(version)):
        version = ""
    told = tree.get("history")
    history = [
        {
            key: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            for key, value in each.items()
            if isinstance(value, str | int | list)
            and len(str(value)) < 2_000
            and not UNSTORABLE.search(f"{key}{value}")
        }
        for each in (told if isinstance(told, list) else [])[:MOST]
        if isinstance(each, dict)
    ]
    return version, history


def _codes(content: bytes) -> list[Any]:
    if len(content) > LARGEST:
        raise Refused("The file is larger than 5 MB; a tree of components is not.")
    try:
        tree = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused("The file is not text in UTF-8, so it is not JSON.") from None
    except json.JSONDecodeError as error:
        raise Refused(
            f"The file is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    except (RecursionError, ValueError):
        raise Refused("The file is not JSON that can be read.") from None
    codes = tree.get("codes") if isinstance(tree, dict) else None
    if not isinstance(codes, list) or not codes:
        raise Refused("The file is JSON, but holds no list of “codes”.")
    if len(codes) > MOST:
        raise Refused(f"The file holds more than {MOST} components.")
    return codes


def node(number: int, given: Any) -> Node:
    """One entry as a node; Refused, with its number or code, when it is none."""
    if not isinstance(given, dict):
        raise Refused(f"Entry {number} of “codes” is not a component.")
    code = _text(given, "id", f"Entry {number}")
    if not CODE.fullmatch(code):
        raise Refused(
            f"Entry {number} has the id “{code[:50]}”; an id is 1 to 40 letters, digits, dots, "
            "dashes or underscores."
        )
    name = _text(given, "name", code, most=200)
    if not name:
        raise Refused(f"{code} has no name.")
    colour = _text(given, "colour", code)
    if colour and not COLOUR.fullmatch(colour):
        raise Refused(f"{code} has the colour “{colour[:20]}”; write it like #1B6E8C.")
    items = given.get("tidier_items") or []
    if not isinstance(items, list) or not all(_is_whole(item) for item in items):
        raise Refused(f"{code} has TIDieR items that are not numbers from 1 to 12.")
    if not all(item in TIDIER_ITEMS for item in items):
        raise Refused(f"{code} has TIDieR items that are not numbers from 1 to 12.")
    order = given.get("order", number)
    if not _is_whole(order) or not 0 <= order < 2**31:
        raise Refused(f"{code} has an order that is not a whole number.")
    exemplar, counter = (_quote(given, key, code) for key in ("exemplar", "counter_exemplar"))
    guid = _text(given, "guid", code).strip("{}").lower()
    if guid and not GUID.fullmatch(guid):
        raise Refused(f"{code} has a “guid” that is none.")
    pattern = _text(given, "pattern", code)
    if pattern not in PATTERNS:
        raise Refused(f"{code} has the pattern “{pattern[:20]}”, which is none of ours.")
    return Node(
        code=code,
        name=name,
        parent=_text(given, "parent", code) or None,
        order=order,
        is_codable=given.get("is_codable") is not False,
        colour=colour,
        tidier_items=sorted(set(items)),
        definition=_text(given, "definition", code),
        include_when=_text(given, "include_when", code),
        exclude_when=_text(given, "exclude_when", code),
        exemplar=_text(exemplar, "text", code),
        exemplar_source=_text(exemplar, "source", code, most=200),
        counter_exemplar=_text(counter, "text", code),
        counter_exemplar_source=_text(counter, "source", code, most=200),
        pattern=pattern,
        guid=guid,
        retired=_text(given, "status", code) == "retired",
    )


def _quote(given: dict[str, Any], key: str, code: str) -> dict[str, Any]:
    quote = given.get(key) or {}
    if isinstance(quote, str):
        quote = {"text": quote}
    if not isinstance(quote, dict):
        raise Refused(f"{code} has an exemplar that is not text.")
    return quote


def _is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _text(given: dict[str, Any], key: str, whose: str, *, most: int = 20_000) -> str:
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or UNSTORABLE.search(value):
        raise Refused(f"{whose} has a “{key}” that is not text.")
    value = value.strip()
    if len(value) > most:
        raise Refused(f"{whose} has a “{key}” of more than {most} letters.")
    return value


def write(name: str, nodes: list[Node]) -> dict[str, Any]:
    """The tree as `read` understands it."""
    return {"schema": SCHEMA, "name": name, "codes": [_given(node) for node in nodes]}


def _given(node: Node) -> dict[str, Any]:
    exemplar = {"source": node.exemplar_source, "text": node.exemplar} if node.exemplar else None
    given: dict[str, Any] = {
        "id": node.code,
        "parent": node.parent,
        "order": node.order,
        "name": node.name,
        "is_codable": node.is_codable,
        "colour": node.colour,
        "tidier_items": node.tidier_items,
        "definition": node.definition,
        "include_when": node.include_when,
        "exclude_when": node.exclude_when,
        "exemplar": exemplar,
        "status": "retired" if node.retired else "active",
    }
    # Written where there is one: a file of another tool has none of these.
    if node.guid:
        given["guid"] = node.guid
    if node.counter_exemplar:
        given["counter_exemplar"] = {
            "source": node.counter_exemplar_source,
            "text": node.counter_exemplar,
        }
    if node.pattern:
        given["pattern"] = node.pattern
    return given
