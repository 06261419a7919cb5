"""What joins by itself: the table, the preview, carrying a change out, and later imports."""

import pytest

from citations.models import DuplicatePair, DuplicateRules, Merge, Report
from reviews import jobs
from reviews.models import AuditEvent, Job
from screening import actions, flow
from screening.arrival import arriving
from screening.duplicates import answering, automatic, joining, questions
from tests.citations.test_import import THREE, entry, imported, ris
from tests.screening.test_joining import ask, check, snapshot

pytestmark = pytest.mark.django_db
RULES = "/r/one/duplicates/rules/"
TITLE = "Transition care for young adults with asthma in primary clinics"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def machine(first, second, probability, rule="doi"):
    """A join that an import made."""
    pair = ask(first, second, probability=probability)
    pair.rule = rule
    pair.save(update_fields=["rule"])
    automatic.join_pair(pair)
    pair.refresh_from_db()
    return pair


@pytest.fixture
def crowd(review, make_report):
    def two():
        return make_report(review), make_report(review)

    return {
        "sure": machine(*two(), 0.999),
        "less": machine(*two(), 0.96),
        "open": ask(*two(), probability=0.9),
        "faint": ask(*two(), probability=0.3),
    }


def line(review, join_from):
    lines = automatic.settings_of(review, join_one_file=False)
    return next(each for each in lines if each.join_from == join_from)


def preview(client, **query):
    answer = client.get(RULES, query)
    assert answer.status_code == 200
    return answer


def confirm(client, follow=False, **query):
    """Post what the preview's form holds."""
    change = preview(client, **query).context["change"]
    sent = {**query, "joins": len(change.join), "parts": len(change.part)}
    return client.post(RULES, sent, follow=follow)


def test_the_table_has_questions_and_expected_errors(ada, review, crowd):
    now = line(review, 0.95)
    assert (now.automatic, now.questions, now.is_now) == (2, 2, True)
    assert now.wrong == pytest.approx(0.001 + 0.04)
    low = line(review, 0.9)
    assert (low.automatic, low.questions) == (3, 1)
    assert low.wrong == pytest.approx(0.001 + 0.04 + 0.1)
    high = line(review, 0.97)
    assert (high.automatic, high.questions) == (1, 3)
    none = line(review, automatic.NEVER)
    assert (none.automatic, none.questions, none.wrong) == (0, 4, 0)
    text = preview(ada).content.decode()
    assert "the sum of 1 − p" in text
    assert '<option value="0.95" selected>95 % (now)</option>' in text


def test_lowering_says_what_it_will_do_and_does_it_and_back(cast, ada, review, crowd):
    before = snapshot(review)
    text = preview(ada, join_from="0.9").content.decode()
    assert "<b>1</b> open question will be answered by joining" in text
    assert "<b>0</b> automatic joins will be undone" in text
    assert snapshot(review) == before  # looking changes nothing
    assert confirm(ada, join_from="0.9").url == RULES
    crowd["open"].refresh_from_db()
    assert (crowd["open"].answer, crowd["open"].answered_by) == ("same", None)
    assert questions.waiting(review) == [crowd["faint"].pk]
    check(review)
    event = AuditEvent.objects.get(verb=automatic.CHANGED)
    assert event.actor == cast.ada
    assert event.before["join_from"] == 0.95
    assert event.after == {"join_from": 0.9, "join_one_file": False, "joined": 1, "parted": 0}
    assert "?join_from=0.95" in preview(ada).content.decode()  # the way back
    confirm(ada, join_from="0.95")
    assert snapshot(review) == before
    assert set(questions.waiting(review)) == {crowd["open"].pk, crowd["faint"].pk}
    check(review)


def test_raising_turns_joins_into_questions_and_gives_votes_back(cast, ada, review, crowd):
    absorbed = crowd["less"].merge.absorb
    kept = crowd["less"].merge.keep
    actions.decide(kept, "abstract", "include", by=cast.bo)
    boxes = flow.boxes(review)
    confirm(ada, join_from="0.97")
    absorbed.refresh_from_db()
    assert absorbed.merged_into is None
    assert flow.boxes(review)["D2_dup"] == boxes["D2_dup"] - 1
    crowd["less"].refresh_from_db()
    assert (crowd["less"].answer, crowd["less"].zone) == ("", "ask")
    # Nobody has parted it: back at the old setting it is joined again.
    confirm(ada, join_from="0.95")
    crowd["less"].refresh_from_db()
    assert crowd["less"].answer == "same"
    check(review)


def test_rules_that_ask_still_ask_and_people_are_not_overruled(
    cast, ada, review, make_report, crowd
):
    held = ask(make_report(review), make_report(review), probability=0.9499)
    DuplicatePair.objects.filter(pk=held.pk).update(rule="pmid-conflict")
    apart = ask(make_report(review), make_report(review), probability=0.94)
    answering.answer(apart, "different", by=cast.al)
    joining.unmerge(crowd["less"].merge, by=cast.al)  # a person has parted these
    worked_on = ask(make_report(review), make_report(review), probability=0.93)
    for report in (worked_on.first, worked_on.second):
        actions.decide(report, "abstract", "include", by=cast.bo)
    mine = ask(make_report(review), make_report(review), probability=0.2)
    answering.answer(mine, "same", by=cast.al)
    text = preview(ada, join_from="0.75").content.decode()
    assert "1 question would be probable enough" in text
    confirm(ada, join_from="0.75")
    still_open = set(questions.waiting(review))
    assert {held.pk, crowd["less"].pk, worked_on.pk, crowd["faint"].pk} == still_open
    confirm(ada, join_from=str(automatic.NEVER))
    assert Merge.objects.filter(undone_at=None).get().by == cast.al


def test_pairs_below_the_engine_s_line_make_no_chains(cast, ada, review, make_report):
    a, b, c = (make_report(review) for _ in range(3))
    first, second = ask(a, b, probability=0.93), ask(b, c, probability=0.92)
    confirm(ada, join_from="0.9")
    assert questions.waiting(review) == [second.pk]
    first.refresh_from_db()
    assert first.answer == "same"
    # Not by a second look either.
    assert automatic.change_to(review, 0.9, join_one_file=False).join == []


def test_numbers_that_have_moved_are_looked_at_again(cast, ada, review, crowd):
    answering.answer(crowd["open"], "different", by=cast.al)
    sent = {"join_from": "0.9", "joins": 1, "parts": 0}
    text = ada.post(RULES, sent, follow=True).content.decode()
    assert "look at the numbers again" in text
    assert not DuplicateRules.objects.exclude(join_from=0.95).exists()


def test_only_the_lead_changes_it(cast, ada, signed_in, review, crowd):
    al = signed_in(cast.al)
    assert "The lead of the review can change this" in preview(al).content.decode()
    assert al.post(RULES, {"join_from": "0.9", "joins": 1, "parts": 0}).status_code == 403
    for sent in ({"join_from": "0.9"}, {"join_from": "7", "joins": 0}, {"joins": "x"}):
        text = ada.post(RULES, sent, follow=True).content.decode()
        assert "Look at what the setting would do first" in text
    assert not DuplicateRules.objects.exists()


def test_many_changes_are_a_job_that_ends_the_same_however_often_it_is_killed(
    cast, ada, review, make_report, monkeypatch
):
    monkeypatch.setattr(automatic, "AT_ONCE", 3)
    monkeypatch.setattr(automatic, "PIECE", 2)
    before = snapshot(review)
    for _ in range(5):
        ask(make_report(review), make_report(review), probability=0.93)
    before = snapshot(review)
    answer = confirm(ada, join_from="0.9")
    job = Job.objects.get(kind="duplicate-rules")
    assert answer.url == f"/r/one/jobs/{job.pk}/"
    real, calls = automatic._carry_out, []

    def fails_once(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("killed")
        real(*args, **kwargs)

    monkeypatch.setattr(automatic, "_carry_out", fails_once)
    jobs.run_one(job.pk)
    assert Merge.objects.filter(undone_at=None).count() == 2  # the first piece stands
    monkeypatch.setattr(automatic, "_carry_out", real)
    again = jobs.enqueue(review, "duplicate-rules", by=cast.ada)
    assert jobs.run_one(again.pk)
    again.refresh_from_db()
    assert again.result["done"] == 3
    assert Merge.objects.filter(undone_at=None).count() == 5
    check(review)
    confirm(ada, join_from="0.95")
    assert jobs.run_one(Job.objects.order_by("-pk").first().pk)
    assert snapshot(review) == before


# --- Later imports --------------------------------------------------------------------------


def test_two_of_one_file_are_asked_about_and_two_files_are_joined(cast, ada, review):
    copy = entry(TITLE, doi="10.1/a", page=11)
    other = entry(TITLE, doi="10.1/a", page=11, author="Abara, I.")
    told = imported(cast, ris(copy, other), "MEDLINE", "a.ris")
    assert (told["new"], told["joined"], told["questions"], told["one_file"]) == (2, 0, 1, 1)
    page = ada.get(f"/r/one/imports/{told['upload']}/")
    # Where its questions are counted, the rule is met.
    assert f'<a href="{RULES}">let such records be joined, too</a>' in page.content.decode()
    pair = DuplicatePair.objects.get()
    assert (pair.zone, pair.answer) == ("ask", "")
    assert pair.why.startswith("Both records are in the same file.")
    # Another file's record joins one of the two, and brings the other along no more than before.
    told = imported(
        cast, ris(entry(TITLE, doi="10.1/a", page=11, author="Abara, I. N.")), "Embase", "b.ris"
    )
    assert (told["new"], told["joined"]) == (0, 1)
    assert Report.objects.filter(review=review).standing().count() == 2
    check(review)
    # The review may say otherwise: the open question is answered, and back again.
    before = snapshot(review)
    confirm(ada, join_from="0.95", join_one_file="on")
    assert Report.objects.filter(review=review).standing().count() == 1
    told = imported(
        cast, ris(*THREE[1:], THREE[1].replace("Abara, Ife", "Abara, I.")), "CINAHL", "c.ris"
    )
    assert told["joined"] == 1
    change = automatic.change_to(review, 0.95, join_one_file=False)
    assert len(change.part) == 2  # both joins within a file become questions
    confirm(ada, join_from="0.95")
    reports = snapshot(review)["reports"]
    assert {pk: reports[pk] for pk in before["reports"]} == before["reports"]
    check(review)


def test_an_import_goes_by_a_raised_line(cast, ada, review):
    confirm(ada, join_from=str(automatic.NEVER))
    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    told = imported(cast, ris(THREE[0] + "\n"), "Embase", "b.ris")
    assert (told["joined"], told["questions"]) == (0, 1)


def test_an_import_goes_by_a_lowered_line(cast, ada, review, monkeypatch):
    """The engine's own "unsure" pair above the review's line is joined when it comes in."""
    from citations.matching import Matches, Pair, Zone

    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    known = Report.objects.get(review=review).records.get()

    def unsure(new, *_, **__):
        (one,) = new
        pair = Pair(known.pk, one.id, 0.92, Zone.ASK, "unsure", "Much alike.")
        return Matches([pair], {one.id: one.id})

    monkeypatch.setattr(arriving, "settle", unsure)
    confirm(ada, join_from="0.9")
    imported(cast, ris(THREE[1]), "Embase", "b.ris")
    assert Report.objects.filter(review=review).standing().count() == 1
    monkeypatch.undo()
    pair = DuplicatePair.objects.get()
    assert (pair.answer, pair.answered_by, pair.probability) == ("same", None, 0.92)
    check(review)


def test_different_holds_through_later_imports_of_the_same_records(cast, ada, review):
    """Also where the pair was asked because both are of one file, and at any setting."""
    one = entry(TITLE, doi="10.1/a", page=11)
    other = entry(TITLE, doi="10.1/a", page=11, author="Abara, I.")
    imported(cast, ris(one, other), "MEDLINE", "a.ris")
    (pk,) = questions.waiting(review)
    first, second = DuplicatePair.objects.values_list("first", "second").get()
    ada.post(f"/r/one/duplicates/{pk}/answer/", {"answer": "different"})

    def apart():
        heads = [
            report.merged_into_id or report.pk
            for report in Report.objects.filter(pk__in=[first, second])
        ]
        asked = [each.heads for each in questions.open_pairs(review)]
        return len(set(heads)) == 2 and frozenset(heads) not in asked

    for name, content in [
        ("b.ris", ris(one)),
        ("c.ris", ris("", other)),
        ("d.ris", ris(other, one)),
    ]:
        imported(cast, content, "Embase", name)
        assert apart(), name
    confirm(ada, join_from="0.75", join_one_file="on")
    assert apart()
    imported(cast, ris(one, other, THREE[1]), "CINAHL", "e.ris")
    assert apart()
    assert DuplicatePair.objects.get(pk=pk).answer == "different"
    check(review)


def test_the_same_file_twice_merges_fully(cast, review):
    """Sent again after a new export, with one record more: each joins its own."""
    imported(cast, ris(*THREE), "MEDLINE", "a.ris")
    told = imported(
        cast, ris(*THREE, entry("Something else altogether here", page=1)), "MEDLINE", "b.ris"
    )
    assert (told["new"], told["joined"], told["questions"]) == (1, 3, 0)
