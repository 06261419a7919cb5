"""Trees as REFI-QDA codebooks (.qdc, specification 1.5; schema of 18 March 2019). Pure.

The format has a name, a description, a colour and "can be coded" for each code, and nothing else:
what else we know is written into the description, a label a line, and read from there again.
"""

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from reviews.refusal import Refused

from .interchange import CODE, GUID, LARGEST, MOST, UNSTORABLE, Node
from .tree import DEEPEST

NAMESPACE = "urn:QDA-XML:codebook:1.0"
COLOUR = re.compile(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What stands in the description, by the words in front of it.
LABELS = {
    "Include": "include_when",
    "Exclude": "exclude_when",
    "Exemplar": "exemplar",
    "Exemplar from": "exemplar_source",
    "Not this": "counter_exemplar",
    "Not this, from": "counter_exemplar_source",
}
# What another program reading the file will not see in a field of its own.
LOST = [
    "Include, exclude and the exemplars stand in the description: REFI-QDA has no field for them.",
    "TIDieR items, patterns and the order of siblings beyond their place in the file are left out.",
]


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def write(nodes: list[Node]) -> bytes:
    """The codes in use as a .qdc file. Refused when there is none: the format wants one at least."""
    standing = [node for node in nodes if not node.retired]
    if not standing:
        raise Refused("There is no component in use; a codebook of REFI-QDA needs at least one.")
    root = etree.Element(_tag("CodeBook"), nsmap={None: NAMESPACE}, origin="Concord")
    codes = etree.SubElement(root, _tag("Codes"))
    elements: dict[str | None, Any] = {None: codes}
    for node in standing:  # parents come first
        above = elements.get(node.parent, codes)
        element = etree.SubElement(above, _tag("Code"))
        element.set("guid", node.guid)
        element.set("name", UNWRITABLE.sub(" ", f"{node.code} {node.name}"))
        element.set("isCodable", "true" if node.is_codable else "false")
        if node.colour:
            element.set("color", node.colour)
        if told := _description(node):
            etree.SubElement(element, _tag("Description")).text = UNWRITABLE.sub(" ", told)
        elements[node.code] = element
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _description(node: Node) -> str:
    lines = [node.definition] if node.definition else []
    lines += [
        f"{label}: {value}" for label, name in LABELS.items() if (value := getattr(node, name))
    ]
    return "\n".join(lines)


def lost_in(nodes: list[Node]) -> list[str]:
    """What a .qdc of these nodes does not carry, in sentences."""
    lost = [LOST[0]] if any(node.include_when or node.exemplar for node in nodes) else []
    items = sum(bool(node.tidier_items) for node in nodes)
    patterns = sum(bool(node.pattern) for node in nodes)
    retired = sum(node.retired for node in nodes)
    if items:
        lost.append(f"TIDieR items of {items} components are left out.")
    if patterns:
        lost.append(f"Patterns of {patterns} components are left out.")
    if retired:
        lost.append(f"{retired} retired components are left out.")
    return lost


def read(content: bytes, *, known: dict[str, str]) -> tuple[list[Node], list[str]]:
    """(nodes, what was lost or put right on the way). `known` is {guid: code} of the review.

    Refused with a sentence for what is no codebook; entities are never followed.
    """
    if len(content) > LARGEST:
        raise Refused("The file is larger than 5 MB; a codebook is not.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refused("The file declares a document type or entities; that is not safe to read.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(f"The file is not XML: line {error.lineno}.") from None
    if root.tag != _tag("CodeBook"):
        raise Refused("The file is XML, but no codebook of REFI-QDA.")
    reader = _Reader(known)
    codes = root.find(_tag("Codes"))
    if codes is not None:
        reader.below(codes, None, 1)
    if not reader.nodes:
        raise Refused("The codebook holds no code.")
    sets = root.find(_tag("Sets"))
    if sets is not None:
        number = len(sets.findall(_tag("Set")))
        reader.say(
            f"{number} sets of codes are left out: a component stands in one place of the tree."
            if number
            else "The empty list of sets is against the standard; it was passed over."
        )
    return reader.nodes, reader.told


class _Reader:
    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.nodes: list[Node] = []
        self.told: list[str] = []
        self.taken = {code.casefold() for code in known.values()}

    def say(self, sentence: str) -> None:
        if sentence not in self.told:
            self.told.append(sentence)

    def below(self, element: Any, parent: str | None, depth: int) -> None:
        if depth > DEEPEST + 1:
            raise Refused(f"The codebook is deeper than {DEEPEST} levels.")
        for order, each in enumerate(element.findall(_tag("Code"))):
            if len(self.nodes) >= MOST:
                raise Refused(f"The file holds more than {MOST} codes.")
            node = self.node(each, parent, order)
            self.nodes.append(node)
            self.below(each, node.code, depth + 1)

    def node(self, element: Any, parent: str | None, order: int) -> Node:
        name = " ".join((element.get("name") or "").split())
        if not name or UNSTORABLE.search(name):
            raise Refused(f"Code {len(self.nodes) + 1} of the file has no name.")
        guid = (element.get("guid") or "").strip("{} ").lower()
        if not GUID.fullmatch(guid):
            self.say(f"“{name[:40]}” has no identifier that is one; it gets a new one.")
            guid = ""
        code, name = self.code(name, guid)
        if len(name) > 200:
            self.say(f"The name of {code} was longer than 200 letters; its end is left out.")
        colour = element.get("color") or ""
        if colour and not COLOUR.fullmatch(colour):
            self.say(f"The colour “{colour[:20]}” of {code} is left out.")
            colour = ""
        if len(colour) == 4:
            colour = "#" + "".join(letter * 2 for letter in colour[1:])
        words = self.words(element.findtext(_tag("Description")) or "")
        node = Node(
            code=code,
            guid=guid,
            name=name[:200],
            parent=parent,
            order=order,
            is_codable=(element.get("isCodable") or "true").lower() not in ("false", "0"),
            colour=colour,
        )
        return replace(node, **words)  # type: ignore[arg-type]

    def code(self, name: str, guid: str) -> tuple[str, str]:
        """(code, name): of a code that we know by its guid, of our own files, or made from the name."""
        first, _, rest = name.partition(" ")
        own = bool(rest) and CODE.fullmatch(first) and first.upper() == first
        if guid in self.known:
            code = self.known[guid]
            return code, rest if own and first == code else name
        if own and first.casefold() not in self.taken:
            self.taken.add(first.casefold())
            return first, rest
        made = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:32] or "CODE"
        code, number = made, 1
        while code.casefold() in self.taken:
            number += 1
            code = f"{made}-{number}"
        self.taken.add(code.casefold())
        self.say("Codes without a short code of ours got one that is made from their name.")
        return code, name

    def words(self, told: str) -> dict[str, str]:
        """The definition and what our own files say in labelled lines after it."""
        found: dict[str, list[str]] = {"definition": []}
        here = "definition"
        for line in UNSTORABLE.sub(" ", told).strip().split("\n"):
            label, colon, value = line.partition(": ")
            if colon and label in LABELS and LABELS[label] not in found:
                here, line = LABELS[label], value
            found.setdefault(here, []).append(line)
        words = {name: "\n".join(lines).strip() for name, lines in found.items()}
        for name in ("exemplar_source", "counter_exemplar_source"):
            if name in words:
                words[name] = words[name][:200]
        return words
