"""Every tag and value of a record is in its `raw`, and what is in no record is reported."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citations.formats import ParsedRecord, Problem, read

several = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

VALUES = st.text(
    st.characters(categories=("L", "N"), include_characters=" .,&<>'"), min_size=1, max_size=14
).map(lambda text: "v" + text.rstrip() + "v")
# format: (how a record begins, how a field is written, how a record ends, tags)
FORMATS = {
    "ris": ("TY  - JOUR\n", "{}  - {}\n", "ER  - \n\n", ("TI", "AU", "N1", "ZZ", "U9")),
    "wos": ("PT J\n", "{} {}\n", "ER\n\n", ("TI", "AU", "CR", "ZZ", "X9")),
    "nbib": ("PMID- 123\n", "{:4}- {}\n", "SO  - s\n\n", ("TI", "FAU", "AB", "OTO", "ZZ")),
    "refer": ("%0 Book\n", "%{} {}\n", "\n", ("T", "A", "J", "X", "9")),
    "bibtex": ("@book{{k{}", ",\n  {} = {{{}}}", "\n}\n", ("title", "author", "note", "x-y")),
}  # fmt: skip
STRAY = "zzz stray words"


def written(format, fields):
    begin, line, end, _ = FORMATS[format]
    begin = begin.format("") if format == "bibtex" else begin
    return begin + "".join(line.format(tag, value) for tag, value in fields) + end


def fields_of(format):
    tag = st.sampled_from(FORMATS[format][3])
    return st.lists(st.tuples(tag, VALUES), min_size=1, max_size=8)


@pytest.mark.parametrize("format", FORMATS)
@several
@given(data=st.data())
def test_every_tag_and_value_of_a_record_is_in_raw(format, data):
    entries = data.draw(st.lists(fields_of(format), min_size=1, max_size=4))
    first = {"refer": "T", "bibtex": "title"}.get(format, "TI")
    entries = [[(first, "first"), *fields] for fields in entries]
    items = list(read("".join(written(format, e) for e in entries).encode(), format=format))
    records = [item for item in items if isinstance(item, ParsedRecord)]
    assert len(records) == len(entries)
    for record, fields in zip(records, entries, strict=True):
        wanted = defaultdict(list)
        for tag, value in fields:
            name = f"%{tag}" if format == "refer" else tag
            wanted[name].append(f"{{{value}}}" if format == "bibtex" else value)
        for name, values in wanted.items():
            assert record.raw[name] == values
    # And back: each value of raw stands in the file as it is.
    again = "".join(
        written(format, [(tag.removeprefix("%"), _bare(v)) for tag, vs in r.raw.items() for v in vs
                         if tag in {f"%{t}" if format == "refer" else t for t in FORMATS[format][3]}])
        for r in records
    )  # fmt: skip
    repeat = [i.raw for i in read(again.encode(), format=format) if isinstance(i, ParsedRecord)]
    key = {"@key", "PMID", "SO"}
    assert [{k: v for k, v in raw.items() if k not in key} for raw in repeat] == [
        {k: v for k, v in r.raw.items() if k not in key} for r in records
    ]


def _bare(value):
    return value[1:-1] if value.startswith("{") else value


# Where text outside records can stand in the format, and is not a remark by its own rules.
@pytest.mark.parametrize("format", ["ris", "wos", "nbib", "refer"])
@several
@given(data=st.data())
def test_text_in_no_record_is_reported_with_its_line(format, data):
    fields = data.draw(fields_of(format))
    first = "T" if format == "refer" else "TI"
    items = list(
        read((STRAY + "\n" + written(format, [(first, "one"), *fields])).encode(), format=format)
    )
    said = [item for item in items if isinstance(item, Problem)]
    assert [(p.line, p.excerpt) for p in said if STRAY in p.excerpt][:1] == [(1, STRAY)]
    assert sum(isinstance(item, ParsedRecord) for item in items) == 1
