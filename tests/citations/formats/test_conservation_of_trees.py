"""Formats that nest or stand in columns: every text of a record is in its `raw`, where it stood."""

import csv
import io
import json
from collections import defaultdict
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citations.formats import ParsedRecord, read

several = settings(max_examples=30)
# Letters at both ends: a format may trim what stands around a value.
VALUES = st.text(
    st.characters(categories=("L", "N"), include_characters=" .,&<>'\"|"), max_size=14
).map(lambda text: f"v{text}v")
NAMES = st.sampled_from(["Zeta", "alpha-9", "Kappa"])


def raws(data, format):
    items = list(read(data, format=format))
    assert all(isinstance(item, ParsedRecord) for item in items), items
    return [item.raw for item in items]


# --- Tables -------------------------------------------------------------------------------


HEADER = ["Title", "Authors", "DOI", "Our own column", "Ärger 2"]
ROWS = st.lists(
    st.tuples(VALUES, *[st.one_of(st.just(""), VALUES) for _ in HEADER[1:]]), min_size=1, max_size=5
)


def as_csv(rows, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([HEADER, *rows])
    return text.getvalue().encode()


def as_xlsx(rows):
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        # As text, also what a spreadsheet would take for something else.
        book.active.append([value or None for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["comma", "tab", "semicolon", "xlsx"])
@several
@given(rows=ROWS)
def test_every_cell_is_in_raw_under_the_name_of_its_column(kind, rows):
    if kind == "xlsx":
        data, format = as_xlsx(rows), "xlsx"
    else:
        data, format = as_csv(rows, {"comma": ",", "tab": "\t", "semicolon": ";"}[kind]), "csv"
    assert raws(data, format) == [
        {name: [value] for name, value in zip(HEADER, row, strict=True) if value} for row in rows
    ]


# --- CSL-JSON -----------------------------------------------------------------------------


LEAVES = st.one_of(VALUES, st.integers(-9, 9999), st.booleans())
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


@several
@given(items=st.lists(st.dictionaries(NAMES, TREES), min_size=1, max_size=4), indent=st.booleans())
def test_every_member_of_a_json_item_is_in_raw(items, indent):
    items = [{"title": "first", **item} for item in items]
    text = json.dumps(items, indent=2 if indent else None, ensure_ascii=indent)
    for raw, item in zip(raws(text.encode(), "csl-json"), items, strict=True):
        found = {}
        for name, [value] in raw.items():
            # Text stands as it is, everything else as the JSON that it was.
            found[name] = value if isinstance(item[name], str) else json.loads(value)
        assert found == item


# --- XML ----------------------------------------------------------------------------------


@st.composite
def elements(draw, deep=3):
    """(name, attributes, text or children)"""
    attributes = draw(st.dictionaries(st.sampled_from(["Status", "n"]), VALUES, max_size=2))
    if not deep or draw(st.booleans()):
        return draw(NAMES), attributes, draw(VALUES)
    return draw(NAMES), attributes, draw(st.lists(elements(deep=deep - 1), min_size=1, max_size=3))


def as_xml(element):
    name, attributes, inside = element
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    text = escape(inside) if isinstance(inside, str) else "\n ".join(map(as_xml, inside))
    return f"<{name}{told}>{text}</{name}>"


def texts(element, path=""):
    """(path, text) of all leaves and attributes, in the order of the file."""
    name, attributes, inside = element
    path = f"{path}/{name}" if path else name
    for key, value in attributes.items():
        yield f"{path}@{key}", value
    if isinstance(inside, str):
        yield path, inside
    else:
        for child in inside:
            yield from texts(child, path)


@several
@given(st.lists(st.lists(elements(), max_size=4), min_size=1, max_size=3))
def test_every_text_and_attribute_of_pubmed_xml_is_in_raw(records):
    written = "".join(
        "<PubmedArticle><MedlineCitation><Article><ArticleTitle>first</ArticleTitle>\n"
        + "".join(map(as_xml, trees))
        + "</Article></MedlineCitation></PubmedArticle>\n"
        for trees in records
    )
    found = raws(f"<PubmedArticleSet>{written}</PubmedArticleSet>".encode(), "pubmed-xml")
    for raw, trees in zip(found, records, strict=True):
        wanted = defaultdict(list, {"MedlineCitation/Article/ArticleTitle": ["first"]})
        for tree in trees:
            for path, text in texts(tree, "MedlineCitation/Article"):
                wanted[path].append(" ".join(text.split()) if "@" not in path else text)
        assert raw == wanted


# Elements of EndNote's own (a field stands several times) and of nobody's.
FIELDS = st.sampled_from(
    [
        "contributors/authors/author",
        "titles/secondary-title",
        "keywords/keyword",
        "notes",
        "custom9",
    ]
)


@pytest.mark.parametrize("dress", ["{}", '<style face="normal" font="default">{}</style>'])
@several
@given(st.lists(st.lists(st.tuples(FIELDS, VALUES), max_size=6), min_size=1, max_size=3))
def test_every_field_of_endnote_xml_is_in_raw(dress, records):
    written = ""
    for fields in records:
        written += "<record><titles><title>first</title></titles>"
        for path, value in fields:
            names = path.split("/")
            written += "".join(f"<{name}>" for name in names) + dress.format(escape(value))
            written += "".join(f"</{name}>" for name in reversed(names))
        written += "</record>"
    found = raws(f"<xml><records>{written}</records></xml>".encode(), "endnote-xml")
    for raw, fields in zip(found, records, strict=True):
        wanted = defaultdict(list, {"titles/title": ["first"]})
        for path, value in fields:
            wanted[path].append(value)
        assert raw == wanted


# --- Ovid ---------------------------------------------------------------------------------


OVID = {"Title": "TI", "Authors": "AU", "Abstract": "AB", "Local Messages": "Local Messages"}


@pytest.mark.parametrize("labelled", [False, True])
@several
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(list(OVID)), VALUES), max_size=6), min_size=1, max_size=4
    )
)
def test_every_field_of_ovid_text_is_in_raw(labelled, records):
    written, wanted = "", []
    for number, fields in enumerate(records, 1):
        written += f"<{number}. >\n"
        told = defaultdict(list)
        for label, value in [("Title", "first"), ("Source", "Journal"), *fields]:
            tag = {"Source": "SO", "Local Messages": "ZZ"}.get(label, OVID.get(label))
            written += f"{label}\n  {value}\n" if labelled else f"{tag}  - {value}\n"
            told[label if labelled else tag].append(" ".join(value.split()))
        written += "\n"
        wanted.append(told)
    found = [
        {name: [" ".join(value.split()) for value in values] for name, values in raw.items()}
        for raw in raws(written.encode(), "ovid-text")
    ]
    assert found == wanted
