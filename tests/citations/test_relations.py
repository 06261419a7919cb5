"""What two related publications are to each other, and what the databases write of retractions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citations.relations import (
    Work,
    is_retracted,
    is_retraction_notice,
    kind_between,
    types_in,
)

ARTICLE = "Care at home after discharge: a cohort study"


@pytest.mark.parametrize(
    ("title", "types", "retracted", "notice"),
    [
        (ARTICLE, ["Journal Article"], False, False),
        (f"RETRACTED: {ARTICLE}", [], True, False),
        (f"RETRACTED ARTICLE: {ARTICLE}", [], True, False),
        (f"[Retracted] {ARTICLE}", [], True, False),
        (f"Withdrawn: {ARTICLE}", [], True, False),
        (f"{ARTICLE} (Retracted article. See vol. 12, pg. 345, 2019)", [], True, False),
        (f"{ARTICLE} (Retracted Article)", [], True, False),
        (ARTICLE, ["Journal Article", "Retracted Publication"], True, False),
        (ARTICLE, ["Journal Article; Retracted Publication"], True, False),
        (ARTICLE, ["Article; Retracted Publication"], True, False),
        (ARTICLE, ["Retracted"], True, False),
        (f"Retraction: {ARTICLE}", [], False, True),
        (f"Retraction note: {ARTICLE}", [], False, True),
        (f"Retraction Note to: {ARTICLE}", [], False, True),
        (f"Notice of retraction: {ARTICLE}", [], False, True),
        ("Retraction", ["Journal Article"], False, True),
        ("Care at home. Retraction.", ["Retraction of Publication"], False, True),
        # What only speaks of it is neither.
        ("Retracted articles in nursing journals", [], False, False),
        ("Why authors are withdrawn about retraction", [], False, False),
        ("Lung retraction during surgery: a trial", [], False, False),
        ("Retraction of the tongue in infants", [], False, False),
        (f"Retraction of: {ARTICLE}", [], False, True),
        (f"Retraction of “{ARTICLE}”", [], False, True),
        (f"Expression of concern: {ARTICLE}", [], False, False),
        ("", [], False, False),
    ],
)
def test_what_databases_write_of_a_retraction(title, types, retracted, notice):
    assert is_retracted(title, types) is retracted
    assert is_retraction_notice(title, types) is notice


@pytest.mark.parametrize(
    ("other", "rule", "kind"),
    [
        (Work(title=f"Erratum: {ARTICLE}"), "kind", "erratum"),
        (Work(title=f"Corrigendum to “{ARTICLE}”"), "kind", "erratum"),
        (Work(title=f"Correction to: {ARTICLE}"), "", "erratum"),
        (Work(title=ARTICLE, types=["Published Erratum"]), "", "erratum"),
        (Work(title=f"Retraction: {ARTICLE}"), "kind", "retraction"),
        (Work(title=f"RETRACTED: {ARTICLE}"), "kind", "retraction"),
        (Work(title=f"Re: {ARTICLE}"), "kind", "reply"),
        (Work(title=f"Comment on “{ARTICLE}”"), "", "reply"),
        (Work(title=f"{ARTICLE}: authors' reply"), "", "reply"),
        (Work(title=ARTICLE, journal="medRxiv"), "", "preprint"),
        (Work(title=ARTICLE), "preprint", "preprint"),
        (Work(title=ARTICLE, journal="Proceedings of a congress"), "", "conference"),
        (Work(title=ARTICLE), "conference", "conference"),
        (Work(title=f"{ARTICLE}: an update"), "", "update"),
        (Work(title=f"{ARTICLE}, part II"), "number", "part"),
        (Work(title=ARTICLE), "sibling", "other"),
    ],
)
def test_the_kind_is_guessed_the_same_from_both_sides(other, rule, kind):
    article = Work(title=ARTICLE, types=["Journal Article"], journal="Journal of Care", year=2020)
    assert kind_between(article, other, rule) == kind
    assert kind_between(other, article, rule) == kind


def test_two_versions_in_the_cochrane_library_are_an_update():
    one, two = (Work(title=ARTICLE, journal="Cochrane Database Syst Rev", year=y) for y in (1, 2))
    assert kind_between(one, two, "sibling") == "update"


def test_every_type_of_a_record_counts():
    raw = {"PT": ["Journal Article", "Retracted Publication"], "TI": ["retracted"], "M3": "x"}
    assert types_in("Journal Article", raw) == [
        "Journal Article",
        "Journal Article",
        "Retracted Publication",
        "x",
    ]
    assert types_in("", {}) == []


@given(st.text(max_size=3000), st.lists(st.text(max_size=50), max_size=5))
def test_no_words_make_it_fall_over(title, types):
    work = Work(title=title, types=types)
    assert kind_between(work, work) in {"retraction", "update", "other"}
    assert isinstance(is_retracted(title, types), bool)
