"""Which reports may tell of one study: what speaks for it, and what against."""

import pytest

from citations.study_signs import Told, registrations, samples, suggest

AUTHORS = ("Abara, Ada", "Lind, Bo", "Osei, Kofi")


def report(pk, title="A report", authors=AUTHORS, text="", **fields):
    return Told(pk, title, authors, 2019, text, studies=frozenset([pk]), **fields)


def test_a_shared_registration_is_the_strongest_sign():
    found = suggest(
        [report(1, text="NCT 01234567"), report(2, authors=("Kim, A",), text="(nct01234567)")]
    )
    assert [(each.first, each.second, each.why) for each in found] == [
        (1, 2, ["registration NCT01234567"])
    ]


def test_two_registrations_that_differ_speak_against_it():
    assert (
        suggest([report(1, text="NCT01234567, n = 112"), report(2, text="NCT76543210, n = 112")])
        == []
    )


def test_program_sample_and_authors_together_are_enough():
    named = {"programs": ("Open Gate",)}
    one = report(1, "Open Gate after a year", text="112 young people took part", **named)
    other = report(
        2, "What Open Gate staff say", ("Lind, Bo", "Abara, Ada"), "a total of 112", **named
    )
    (found,) = suggest([one, other])
    assert found.why == ["program Open Gate", "sample of 112", "authors Abara, Lind"]


@pytest.mark.parametrize(
    "others", [report(2, authors=("Kim, A",), text="112 girls"), report(2, authors=("Lind, Z",))]
)
def test_one_weak_sign_is_not(others):
    assert suggest([report(1, text="112 girls"), others]) == []


def test_reports_of_one_study_are_not_suggested_again():
    same = Told(2, "B", AUTHORS, 2020, "NCT01234567", studies=frozenset([1]))
    assert suggest([report(1, text="NCT01234567"), same]) == []


def test_numbers_are_read_as_papers_write_them():
    text = "ISRCTN 12345678; ACTRN12612000123456. N = 1,204 in all, n=36 girls, 88 participants; p = 0.05, 12 months"
    assert registrations(text) == {"ISRCTN12345678", "ACTRN12612000123456"}
    assert samples(text) == {1204, 36, 88}
