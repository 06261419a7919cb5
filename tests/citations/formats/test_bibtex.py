"""BibTeX: one entry can't hurt another, and nothing is changed without a word."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citations.formats import ParsedRecord, Problem, bibtex, latex, read

FILES = Path(__file__).parents[2] / "files" / "citations"


def parse(source):
    items = list(read(source if isinstance(source, Path) else source.encode()))
    return (
        [i for i in items if isinstance(i, ParsedRecord)],
        [i for i in items if isinstance(i, Problem)],
    )


def entry(key, title, extra=""):
    return f"@article{{{key},\n  title = {{{title}}},\n  year = {{2020}}{extra}\n}}\n"


def test_what_scopus_writes():
    (first, second), problems = parse(FILES / "scopus.bib")
    assert problems == []
    assert first.title == "Über foster care: a naïve Bayes view of 10% & more"
    assert first.authors == ["Reyes, Ana", "World Care Council", "van der Berg, J."]
    assert first.journal == "Journal of Care Studies"
    assert first.raw["funding_details"] == ["{one}", "{two}"]
    assert first.raw["funding_text 1"] == ["{three}"]
    assert (first.pages, first.doi, first.line) == ("10-19", "10.5555/care_1", 7)
    assert first.keywords == ["foster care", "placement"]
    assert (second.title, second.year, second.raw["@key"]) == (
        'Quoted "care" @home',
        2022,
        ["Reyes2021"],
    )


def test_equal_keys_are_all_kept():
    records, problems = parse(entry("k", "A") + entry("k", "B") + entry("k", "C"))
    assert [r.title for r in records] == ["A", "B", "C"]
    assert problems == []


def test_an_unclosed_brace_costs_one_entry():
    broken = "@article{b,\n  title = {{Broken},\n  year = {2020}\n}\n"
    records, problems = parse(entry("a", "A") + broken + entry("c", "C"))
    assert [r.title for r in records] == ["A", "C"]
    assert [p.line for p in problems] == [5]


def test_a_missing_comma_is_repaired_and_reported():
    broken = "@article{b,\n  title = {Broken}\n  author = {Lind, B.},\n  year = 2020\n}\n"
    records, problems = parse(entry("a", "A") + broken)
    assert (records[1].title, records[1].authors, records[1].year) == ("Broken", ["Lind, B."], 2020)
    assert [(p.line, "Missing comma" in p.message) for p in problems] == [(5, True)]


def test_text_that_resembles_a_missing_comma_is_text():
    records, problems = parse(entry("a", "The set {x} y = {z} in logic"))
    assert records[0].title == "The set x y = z in logic"
    assert problems == []


def test_a_field_without_equals_is_reported():
    records, problems = parse(
        "@article{b,\n  title {Broken},\n  year = {2020}\n}\n" + entry("a", "A")
    )
    assert [r.title for r in records] == ["A"]
    assert [p.line for p in problems] == [1]


def test_stray_closing_braces_are_read_line_by_line():
    broken = (
        "@article{b,\n  keywords = {a, x}, y}, z},\n  title = {Still here},\n  year = {2020},\n}\n"
    )
    records, problems = parse(broken + entry("a", "A"))
    assert [r.title for r in records] == ["Still here", "A"]
    assert [p.line for p in problems] == [1]


def test_an_entry_without_fields_is_reported():
    records, problems = parse(entry("a", "A") + "% @article{commented,}\n")
    assert len(records) == 1
    assert [p.line for p in problems] == [5]


def test_deep_braces_and_open_braces_end_soon():
    records, problems = parse(entry("a", "{" * 50_000 + "x" + "}" * 50_000))
    assert records[0].title == "x"
    _, problems = parse("@article{a, title={" + "{" * 1_000_000)
    assert "Unterminated" in problems[0].message


PIECES = ("title", "Year", "a b", "x:y", " = ", "=", ",", ", ", "\x010", "\x0112", "2020", "jan", '"q"', "#", " ", "}", "{")  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example(", title = \x010, Year=2020 , title = jan,")
def test_a_plain_entry_is_read_as_bibtexparser_reads_it(body):
    entry = "@article{key" + body + "}"
    if (quick := bibtex._plain(entry)) is not None:
        assert quick == bibtex._split(entry)


def test_ordinary_entries_are_plain():
    assert bibtex._plain("@Article{k:1, title = \x010, year = 2020, month=jan, }") == (
        "k:1",
        [("title", "\x010"), ("year", "2020"), ("month", "jan")],
    )


def test_the_character_that_stands_for_values_may_stand_in_a_file():
    records, _ = parse("@article{a, title = \x010}\n@article{b, title = {x \x010}, year = 2020}\n")
    assert [r.title for r in records] == ["\x010", "x \x010"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"{\"U}ber na{\"\i}ve fa{\c c}ade", "Über naïve façade"),
        (r"{\AA}ngstr{\"o}m, {\L}{\'o}d{\'z}", "Ångström, Łódź"),
        (r"{\c{C}}e{\c{s}}me Dvo{\v r}{\'a}k Erd{\H o}s Erd{\H{o}}s", "Çeşme Dvořák Erdős Erdős"),
        (
            r"Nu\~{n}ez Jos\'{e} {\TH}{\'o}r{\dh}ur {\AE}gir Stra{\ss}e",
            "Nuñez José Þórður Ægir Straße",
        ),
        (r"100\% {\&} \$5 \_ \#", "100% & $5 _ #"),
        (r"\emph{new} \textbf{bold} $\alpha$-helix", "new bold $α$-helix"),
        ("``quoted'' a~b", "“quoted” a b"),
    ],
)
def test_latex_becomes_unicode(written, shown):
    assert latex.to_unicode(written) == shown


@pytest.mark.parametrize("value", ["{B}", '"B"'])
def test_a_brace_on_the_line_below_opens_the_entry(value):
    below = f"@book\n\n{{b,\n title = {value}}}\n"
    records, problems = parse(entry("a", "A") + below + entry("c", "C"))
    assert [(r.title, r.line, r.end_line) for r in records] == [
        ("A", 1, 4),
        ("B", 5, 8),
        ("C", 9, 12),
    ]
    assert records[1].raw == {"@type": ["book"], "@key": ["b"], "title": [value]}
    assert problems == []
    assert [r.title for r in parse(below)[0]] == ["B"]  # also where the format is told by it


def test_an_entry_without_its_brace_is_reported_and_costs_no_other():
    records, problems = parse(
        entry("a", "A") + "@article b,\n  title = {B}\n}\n@comment said so\n" + entry("c", "C")
    )
    assert [r.title for r in records] == ["A", "C"]
    assert [(p.line, p.lost) for p in problems] == [(5, True)]
