"""Where a stage hides names, no page, file or answer of the API says who said what."""

import io
import json
import zipfile

import pytest

from reviews.models import Membership
from screening import actions
from screening.desk import labels
from tests.conftest import person

pytestmark = pytest.mark.django_db
API = "/api/v1/reviews/one"
# Names that occur nowhere but beside what these people said.
BOB, CYD, ANN = "Bobolink", "Cydippe", "Annunziata"


@pytest.fixture
def world(cast, review, make_report):
    """Two conflicts on title and abstract, of which Annunziata settled one, with a label each."""
    people = [person(name) for name in (BOB, CYD, ANN)]
    for user, role in zip(people, ("screener", "screener", "adjudicator"), strict=True):
        Membership.objects.create(review=review, user=user, roles=[role])
    bob, cyd, ann = people
    found = []
    for title in ("Settled", "Standing"):
        report = make_report(review, title)
        actions.decide(report, "abstract", "include", by=bob)
        labels.put(report, "abstract", "odd", by=bob)
        actions.decide(report, "abstract", "exclude", by=cyd)
        found.append(report)
    actions.final_word(found[0], "abstract", "exclude", by=ann)
    return people, found


def hide(cast, review, hidden=True):
    rules = {"screeners": 2, "maybe": "advances", "by": cast.ada}
    actions.set_rules(review, "abstract", hide_names=hidden, **rules)


def body(answer):
    assert answer.status_code == 200, answer
    whole = answer.getvalue()
    if not whole.startswith(b"PK"):
        return whole.decode()
    with zipfile.ZipFile(io.BytesIO(whole)) as bundle:
        return "".join(bundle.read(name).decode("utf-8", "replace") for name in bundle.namelist())


def settling(found):
    """Where conflicts are settled: addresses that say who said what where names are shown."""
    yield "/r/one/conflicts/"
    yield "/r/one/conflicts/?show=settled"
    yield f"/r/one/conflicts/{found[1].pk}/"
    for kind in ("csv", "xlsx", "ris", "json", "xml"):
        yield f"/r/one/conflicts/export/{kind}/"
    for kind in ("csv", "xlsx"):
        yield f"/r/one/conflicts/export/{kind}/?show=settled"
    yield f"{API}/conflicts/?stage=abstract"


def elsewhere(found):
    for report in found:
        yield f"/r/one/reports/{report.pk}/"
        yield f"{API}/reports/{report.pk}/"
    yield "/r/one/reports/export/csv/"
    yield "/r/one/reports/export/json/"
    yield "/r/one/records/export/csv/"
    yield f"{API}/decisions/"
    yield f"{API}/export/?format=csv"
    yield f"{API}/export/?format=ris"
    yield "/r/one/agreement/decisions.zip"


def said(client, address, but=()):
    text = body(client.get(address)).casefold()
    return [name for name in (BOB, CYD, ANN) if name not in but and name.casefold() in text]


def test_nobody_reads_names_where_conflicts_are_settled(cast, review, world, signed_in):
    people, found = world
    readers = [signed_in(cast.al), signed_in(cast.ada)]
    told = {each: said(readers[0], each) for each in settling(found)}
    assert all(told.values()), told
    nothing = {each: [] for each in told}
    hide(cast, review)
    for reader in readers:
        assert {each: said(reader, each) for each in settling(found)} == nothing
    final = {"stage": "abstract", "verdict": "include"}
    late = readers[0].post(f"{API}/reports/{found[0].pk}/final/", final)
    assert "Somebody else has settled" in late.json()["detail"]
    ann = signed_in(people[2])
    settled = body(ann.get("/r/one/conflicts/?show=settled"))
    assert ">You<" in settled
    assert "An adjudicator" in body(readers[0].get("/r/one/conflicts/?show=settled"))


def test_elsewhere_the_lead_alone_reads_them(cast, review, world, signed_in):
    _, found = world
    ada, al, bo = signed_in(cast.ada), signed_in(cast.al), signed_in(cast.bo)
    told = {each: said(al, each) for each in elsewhere(found)}
    assert all(told.values()), told
    nothing = {each: [] for each in told}
    hide(cast, review)
    for reader in (al, bo):
        assert {each: said(reader, each) for each in elsewhere(found)} == nothing
    assert {each: said(ada, each) for each in elsewhere(found)} == told
    page = body(al.get(f"/r/one/reports/{found[1].pk}/"))
    assert "Reviewer A</b>" in page
    assert "Reviewer B</b>" in page


def test_ones_own_name_stays(cast, review, world, signed_in):
    people, found = world
    hide(cast, review)
    bob = signed_in(people[0])
    for address in elsewhere(found):
        assert said(bob, address, but=(BOB,)) == [], address
    rows = json.loads(body(bob.get(f"{API}/decisions/?report={found[1].pk}")))["results"]
    assert [each["by"] for each in rows] == [people[0].username, "Reviewer B"]
    assert BOB in body(bob.get("/r/one/reports/export/csv/"))
    assert "<b>You</b>" in body(bob.get(f"/r/one/reports/{found[1].pk}/"))


def test_a_list_of_what_one_person_said_would_name_them(cast, review, world, signed_in):
    (bob, cyd, _), _ = world
    al, ada = signed_in(cast.al), signed_in(cast.ada)
    everybody = "/r/one/decisions/all/"
    asked = [f"{everybody}?person={bob.pk}", f"{API}/decisions/?by={bob.username}"]
    pair = f"abstract_2_pair.{bob.pk}.{cyd.pk}"
    behind = [f"/r/one/reports/?agreed={each}" for each in (pair, f"{pair}_b", "abstract_2_b")]
    assert all("Standing" in body(al.get(each)) for each in asked[:1] + behind)
    assert json.loads(body(al.get(asked[1])))["count"] == 2
    hide(cast, review)
    assert "Standing" not in body(al.get(asked[0]))
    assert json.loads(body(al.get(asked[1])))["count"] == 0
    assert [al.get(each).status_code for each in behind] == [404] * 3
    assert "_pair." not in body(al.get("/r/one/agreement/"))
    assert all("Standing" in body(ada.get(each)) for each in asked[:1] + behind)
    # All decisions without a person: the letters stand in the table, names in the filter alone.
    names = [name for name, _ in al.get(everybody).context["rows"]]
    assert sorted(names) == ["Reviewer A", "Reviewer A", "Reviewer B", "Reviewer B"]
    assert body(al.get(everybody)).count(BOB) == 1


def test_counts_of_a_pair_do_not_tell_who_said_what(cast, review, world, make_report, signed_in):
    alone = make_report(review, "Alone")
    actions.decide(alone, "abstract", "include", by=cast.bo)
    actions.decide(alone, "abstract", "exclude", by=cast.cy)
    al, page, door = signed_in(cast.al), "/r/one/agreement/", f"{API}/agreement/"
    before = json.loads(body(al.get(door)))
    shared = [each for each in before["pairs"] if sum_of(each["cells"]) > 1]
    assert shared
    assert len(shared) < len(before["pairs"])  # one pair shares a single report
    hide(cast, review)
    text = body(al.get(page))
    assert "b + c" in text
    assert ">b</th>" not in text
    after = json.loads(body(al.get(door)))
    assert [each["first"] for each in after["pairs"]] == [each["first"] for each in shared]
    for each in [after, *after["pairs"]]:
        assert (each["cells"]["b"], each["cells"]["c"]) == (None, None)
    assert "Bo and Cy" not in text
    assert "Bo and Cy" in body(signed_in(cast.ada).get(page))
    assert json.loads(body(signed_in(cast.ada).get(door))) == before


def sum_of(cells):
    return sum(cells[name] for name in "abcd")


def test_the_file_of_agreement_leaves_such_a_stage_out(cast, review, world, signed_in):
    al = signed_in(cast.al)
    assert "Standing" in body(al.get("/r/one/agreement/decisions.zip"))
    hide(cast, review)
    text = body(al.get("/r/one/agreement/decisions.zip"))
    assert "Left out: Title and abstract" in text
    assert "Standing" not in text
    assert "Standing" in body(signed_in(cast.ada).get("/r/one/agreement/decisions.zip"))
