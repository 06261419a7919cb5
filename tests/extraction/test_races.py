"""Two people in the same second: what the code looks at is locked, and the later one is told."""

import threading

import pytest
from django.db import close_old_connections, connection

from components import reshaping
from extraction import actions, adjudicating
from extraction.models import AdjudicatedValue, ComponentEntry, Extraction, Value
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run `acts` in threads that start together: their results, or the exceptions."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            start.wait(10)
            outcomes[place] = act()
        except Exception as exception:
            outcomes[place] = exception
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def apart():
    """SQLite in memory is one connection for all threads; races need a real database."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("NOT RUN: needs a database that threads can share (DATABASE_URL)")


def test_no_third_form(apart, cast, study, book):
    outcomes = at_once(
        *(lambda user=user: actions.begin(study, by=user) for user in (cast.bo, cast.cy, cast.ed))
    )
    assert Extraction.objects.count() == 2
    assert sum(isinstance(each, Clash) for each in outcomes) == 1


def test_one_form_from_two_windows(apart, cast, study, book):
    first, second = at_once(*[lambda: actions.begin(study, by=cast.bo)] * 2)
    assert first == second
    assert Extraction.objects.count() == 1


def test_two_forms_handed_in_together_are_opened_and_compared(apart, cast, study, book, fill):
    forms = [fill(actions.begin(study, by=user), {"n": "3"}) for user in (cast.bo, cast.cy)]
    at_once(*(lambda form=form: actions.submit(form, by=form.by) for form in forms))
    assert Extraction.objects.filter(opened_at__isnull=False).count() == 2
    assert AdjudicatedValue.objects.current().count() == 2


def test_one_current_value_from_two_windows(apart, cast, study, field, book):
    form, n = actions.begin(study, by=cast.bo), field("n")
    outcomes = at_once(
        *(
            lambda given=given: actions.save_value(form, n, given, by=cast.bo, seen=0)
            for given in ("1", "2")
        )
    )
    assert Value.objects.current().count() == 1
    assert sum(isinstance(each, Clash) for each in outcomes) == 1


def test_one_word_of_two_adjudicators(apart, cast, study, field, handed_in):
    handed_in(study, ("bo", {"n": "3"}), ("cy", {"n": "4"}))
    n = field("n")
    outcomes = at_once(
        lambda: adjudicating.settle_value(study, n, "first", by=cast.al, seen=0),
        lambda: adjudicating.settle_value(study, n, "second", by=cast.ada, seen=0),
    )
    assert AdjudicatedValue.objects.filter(field=n).count() == 1
    assert sum(isinstance(each, Clash) for each in outcomes) == 1


def test_no_entry_is_left_on_a_component_that_is_merged_away(
    apart, cast, study, book, components, field
):
    form = actions.begin(study, by=cast.bo)
    source, target = components["WRAP-MH"], components["WRAP-CM"]
    added, merged = at_once(
        lambda: actions.add_entry(form, field("Components"), source, by=cast.bo, quote="Words."),
        lambda: reshaping.merge(source, target, by=cast.ada, reason="One thing"),
    )
    assert not isinstance(merged, Exception)
    # The entry came first and went along, or it came second and was refused.
    there = list(ComponentEntry.objects.values_list("component", flat=True))
    assert there == ([] if isinstance(added, Refused) else [target.pk])
