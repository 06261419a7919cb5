"""Frozen PRISMA numbers: kept as they were, compared with now and with each other, checked."""

import pytest

from screening import actions
from screening.models import Snapshot
from screening.reasons import set_reasons
from screening.reporting import snapshots
from screening.verifying import checks

pytestmark = pytest.mark.django_db


def test_it_keeps_the_numbers_and_the_names_of_then(cast, make_report, signed_in):
    set_reasons(cast.review, "fulltext", ["Population"], by=cast.ada)
    first = make_report(cast.review)
    lead = signed_in(cast.ada)
    answer = lead.post("/r/one/prisma/snapshots/", {"name": " Protocol "})
    taken = Snapshot.objects.get()
    assert answer.url == f"/r/one/prisma/snapshots/{taken.pk}/"
    assert (taken.name, taken.numbers["boxes"]["D3"], taken.is_draft) == ("Protocol", 1, True)
    make_report(cast.review)
    for by in (cast.bo, cast.cy):
        actions.decide(first, "abstract", "exclude", by=by)
    page = lead.get(answer.url).content.decode()
    assert "Records screened (n = 1)" in page
    rows = {each.label: (each.before, each.after, each.by) for each in _since(taken)}
    assert rows["Records screened"] == (1, 2, "+1")
    assert rows["Records excluded"] == (0, 1, "+1")
    assert "Studies included in review" not in rows
    assert all(label in page for label in rows)


def _since(taken):
    from screening.reporting import prisma

    return snapshots.changes(taken.numbers, prisma.report(taken.review))


def test_two_of_them_are_compared_in_the_order_of_time(cast, make_report, signed_in):
    make_report(cast.review)
    early = snapshots.freeze(cast.review, "Early", by=cast.ada)
    make_report(cast.review)
    late = snapshots.freeze(cast.review, "Late", by=cast.ada)
    for one, other in ((early, late), (late, early)):
        address = f"/r/one/prisma/snapshots/{one.pk}/?with={other.pk}"
        page = signed_in(cast.obi).get(address)
        assert [str(each.by) for each in page.context["changes"]][:1] == ["+1"]
    assert "From “Early” to here" in page.content.decode() or page.context["is_earlier"] is False


def test_without_a_name_nothing_is_frozen(cast, signed_in):
    answer = signed_in(cast.ada).post("/r/one/prisma/snapshots/", {"name": "  "}, follow=True)
    assert "Give the snapshot a name" in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_verify_notices_a_snapshot_that_was_changed(cast, make_report):
    make_report(cast.review)
    taken = snapshots.freeze(cast.review, "Then", by=cast.ada)

    def found():
        return next(c for c in checks(cast.review) if c.name == "PRISMA snapshots").differences

    assert found() == []
    taken.numbers["boxes"]["D3"] = 7
    taken.sha256 = snapshots.fingerprint(taken.numbers)  # not even then: the log knows better
    taken.save()
    assert len(found()) == 1


def test_its_files_are_of_then(cast, make_report, signed_in):
    make_report(cast.review)
    taken = snapshots.freeze(cast.review, "Then", by=cast.ada)
    make_report(cast.review)
    answer = signed_in(cast.ada).get(f"/r/one/prisma/snapshots/{taken.pk}/svg/")
    assert b"Records screened (n = 1)" in answer.content
    assert f"{taken.at:%Y-%m-%d}.svg" in answer["Content-Disposition"]
