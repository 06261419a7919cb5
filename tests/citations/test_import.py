"""From a file to records: whole or not at all, once, and told in numbers."""

import io
import json
import threading
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from citations import actions, blobs, importing, matching, sources, values
from citations.matching import Pair, Zone, engine, settling
from citations.models import (
    DuplicatePair,
    DuplicateRules,
    KeyIndex,
    Merge,
    Record,
    Report,
    Search,
    Upload,
)
from reviews import jobs
from reviews.models import AuditEvent, Job
from reviews.refusal import Clash, Refused
from screening import actions as screening
from screening import flow
from screening.arrival import arriving
from screening.duplicates import answering, joining, questions
from screening.flow import Place

pytestmark = pytest.mark.django_db


def entry(title, *, doi="", year=2019, author="Abara, Ife", journal="Journal of Care", page=1):
    lines = ["TY  - JOUR", f"TI  - {title}", f"AU  - {author}", f"PY  - {year}", f"JO  - {journal}"]
    lines += [f"SP  - {page}", f"VL  - {year - 1990}"] + ([f"DO  - {doi}"] if doi else [])
    return "\n".join([*lines, "ER  - ", ""])


def ris(*entries):
    return "\n".join(entries).encode()


THREE = [
    entry("Transition care for young adults with asthma in primary clinics", doi="10.1/a", page=11),
    entry("A nurse led programme for diabetes education at schools", doi="10.1/b", page=57),
    entry("Peer mentoring and quality of life among adolescents with arthritis", page=83),
]


def submit(cast, content, source="MEDLINE", name="a.ris"):
    return actions.submit(cast.review, [content], name=name, by=cast.ada, source=source)


def run(job):
    assert jobs.run_one(job.pk)
    job.refresh_from_db()
    return job


def imported(cast, content, source="MEDLINE", name="a.ris"):
    job = run(submit(cast, content, source, name))
    assert job.state == Job.State.DONE, job.error
    return job.result


def check(review):
    assert flow.misplaced(review) == []
    boxes = flow.boxes(review)
    assert [i for i in flow.identities(review, boxes) if not i.holds] == []
    return boxes


def test_each_record_gets_a_report(cast, review):
    told = imported(cast, ris(*THREE))
    assert (told["records"], told["new"], told["problems"]) == (3, 3, 0)
    assert [r.line for r in review.records.all()] == [1, 11, 21]
    record = review.records.first()
    assert record.report.title == record.title == THREE[0].splitlines()[1][6:]
    assert record.raw["DO"] == ["10.1/a"]
    assert check(review)["D3"] == 3
    assert AuditEvent.objects.filter(verb="imported a file").count() == 1


def test_the_same_file_again_changes_nothing_and_says_so(cast, review):
    imported(cast, ris(*THREE))
    again = submit(cast, ris(*THREE), source="Embase", name="other.ris")
    assert again.state == Job.State.DONE
    assert again.result["already"]
    assert "imported already" in again.result["text"]
    assert review.records.count() == 3
    assert review.searches.count() == review.uploads.count() == 1


def test_the_same_file_while_the_first_waits_is_the_same_job(cast):
    assert submit(cast, ris(*THREE)).pk == submit(cast, ris(*THREE)).pk


def test_sure_duplicates_join_and_the_standing_report_keeps_its_id(cast, review):
    imported(cast, ris(*THREE))
    standing = set(review.reports.values_list("pk", flat=True))
    told = imported(
        cast, ris(THREE[1], entry("Something else entirely about sleep", page=5)), "Embase"
    )
    assert (told["new"], told["joined"]) == (1, 1)
    merge = Merge.objects.get()
    assert merge.keep_id in standing
    assert merge.by is None
    pair = DuplicatePair.objects.get(merge=merge)
    assert (pair.zone, pair.answer, pair.answered_by) == ("auto", "same", None)
    assert pair.why
    assert merge.keep.records.count() == 2
    assert check(review)["D2_dup"] == 1
    joining.unmerge(merge, by=cast.ada)
    assert check(review)["D2_dup"] == 0
    assert questions.waiting(review) == [pair.pk]


def test_duplicates_within_one_file_join(cast, review):
    told = imported(cast, ris(THREE[0], THREE[1], THREE[0]))
    assert (told["records"], told["joined"]) == (3, 1)
    keep = Merge.objects.get().keep
    assert keep.pk < Merge.objects.get().absorb_id
    assert check(review)["D3"] == 2


def test_a_screened_report_takes_the_new_record_in(cast, review):
    imported(cast, ris(*THREE))
    report = review.reports.order_by("pk")[0]
    for user in (cast.bo, cast.cy):
        screening.decide(report, "abstract", "include", by=user)
    imported(cast, ris(THREE[0], ""), "Embase")
    report.refresh_from_db()
    assert report.place == Place.SOUGHT
    assert report.records.count() == 2
    assert check(review)["D3"] == 3


def test_different_never_comes_back(cast, review):
    imported(cast, ris(*THREE))
    imported(cast, ris(THREE[0], ""), "Embase")
    merge = Merge.objects.get()
    joining.unmerge(merge, by=cast.ada)
    pair = DuplicatePair.objects.get()
    answering.answer(pair, "different", by=cast.ada)
    imported(cast, ris(THREE[0], "", ""), "Scopus")
    pair.refresh_from_db()
    assert pair.answer == "different"
    assert {merge.keep_id, merge.absorb_id} <= set(
        review.reports.standing().values_list("pk", flat=True)
    )
    check(review)


def test_nothing_is_seen_of_a_half_imported_file(cast, review, monkeypatch):
    imported(cast, ris(*THREE))
    before = check(review)
    monkeypatch.setattr(arriving, "_match_and_publish", lambda *_: 1 / 0)
    job = run(submit(cast, ris(*(entry(f"Title number {n}", page=n) for n in range(30))), "Embase"))
    assert job.state == Job.State.FAILED
    assert review.records.count() == 33
    assert check(review) == before
    assert review.reports.standing().count() == 3
    # The lines of the figure, source by source, are the number in its box.
    assert sum(n for _, n in flow.identified(review)) == 3
    monkeypatch.undo()
    told = run(
        submit(cast, ris(*(entry(f"Title number {n}", page=n) for n in range(30))), "Embase")
    )
    assert told.state == Job.State.DONE
    assert review.records.count() == 33
    assert flow.boxes(review)["D1_db"] == 33


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_a_killed_import_ends_with_the_same_records(cast, review, monkeypatch, batches):
    """The process disappears between two transactions; its lease lapses; another takes the job."""
    monkeypatch.setattr(importing, "BATCH", 10)
    content = ris(*(entry(f"Title number {n}", page=n) for n in range(35)), THREE[0], THREE[0])
    job = submit(cast, content)

    class Killed(BaseException):
        pass

    stored = []
    store_batch = importing._store_batch

    def store_some(upload, batch):
        if len(stored) == batches:
            raise Killed
        stored.append(batch)
        store_batch(upload, batch)

    monkeypatch.setattr(importing, "_store_batch", store_some)
    first = jobs.claim(job.pk)
    with pytest.raises(Killed):
        jobs.perform(first)
    assert review.records.count() == batches * 10
    Job.objects.filter(pk=job.pk).update(lease_until="2020-01-01T00:00Z")
    monkeypatch.setattr(importing, "_store_batch", store_batch)
    job = run(job)
    assert job.state == Job.State.DONE, job.error
    assert list(review.records.order_by("number").values_list("number", flat=True)) == list(
        range(1, 38)
    )
    assert check(review)["D1_db"] == 37
    with pytest.raises(jobs.LeaseLost):
        first.step(1)


def test_a_worker_that_lost_its_lease_publishes_nothing(cast, review, monkeypatch):
    job = submit(cast, ris(*THREE))
    first = jobs.claim(job.pk)
    publish = arriving._publish

    def taken_up_meanwhile(*args):
        told = publish(*args)
        Job.objects.filter(pk=job.pk).update(worker="another")
        return told

    monkeypatch.setattr(arriving, "_publish", taken_up_meanwhile)
    jobs.perform(first)
    assert Upload.objects.get().imported_at is None
    assert flow.boxes(review)["D1_db"] == 0


def test_another_file_that_arrived_meanwhile_is_compared_too(cast, review, monkeypatch):
    first = submit(cast, ris(*THREE))
    second = submit(cast, ris(THREE[2], THREE[0]), "Embase")
    compare, done = arriving.settle, []

    def slowly(*args, **kwargs):
        found = compare(*args, **kwargs)
        if not done:
            done.append(True)
            run(second)
        return found

    monkeypatch.setattr(arriving, "settle", slowly)
    assert run(first).result["joined"] == 2
    assert check(review)["D3"] == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), (b"%PDF-1.7 ...", "PDF"), (b"only words\n", "No known citation format")],
)
def test_a_useless_file_is_refused_and_leaves_nothing(cast, review, content, sentence):
    with pytest.raises(Refused, match=sentence):
        submit(cast, content)
    assert not Upload.objects.exists()
    assert not Search.objects.exists()
    assert not Job.objects.exists()
    assert [path.name for path in blobs.folder().iterdir()] == [".lock"]


def test_a_file_without_records_is_not_kept(cast, review, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = run(submit(cast, b"TY  - JOUR\nER  - \n"))
    assert job.state == Job.State.FAILED
    assert "No record" in job.error
    assert not Upload.objects.exists()
    assert not list(blobs.folder().glob("??/*"))


def test_discarding_frees_the_file_unless_another_review_has_it(cast, review):
    here = actions.receive(
        review,
        [ris(*THREE)],
        name="a.ris",
        by=cast.ada,
        source=lambda: sources.add_search(review, by=cast.ada, name="MEDLINE"),
    ).upload
    there = actions.submit(cast.other, [ris(*THREE)], name="b.ris", by=cast.zed)
    actions.discard(here, by=cast.ada)
    with pytest.raises(Clash, match="discarded already"):
        actions.discard(here, by=cast.ada)
    assert Upload.objects.get().pk == there.payload["upload"]
    assert Search.objects.filter(review=cast.other, name="Unnamed source").exists()


def test_an_imported_file_is_not_discarded(cast):
    imported(cast, ris(*THREE))
    with pytest.raises(Refused, match="part of the review"):
        actions.discard(Upload.objects.get(), by=cast.ada)


def test_a_stopped_import_can_be_discarded(cast, review, monkeypatch):
    monkeypatch.setattr(arriving, "_match_and_publish", lambda *_: 1 / 0)
    run(submit(cast, ris(*THREE)))
    assert review.records.count() == 3
    actions.discard(Upload.objects.get(), by=cast.ada)
    assert not Record.objects.exists()
    assert not Report.objects.exists()


def test_a_choice_of_value_stays_and_can_be_taken_back(cast, review):
    imported(
        cast, ris(entry("Care at home of old people in the town", doi="10.1/x", journal="J Care"))
    )
    imported(
        cast,
        ris(
            entry("Care at home of old people in the town", doi="10.1/x", journal="Journal of Care")
        ),
        "E",
    )
    report = review.reports.standing().get()
    second = report.records.order_by("pk")[1]
    assert report.journal == "J Care"
    values.choose_value(report, "journal", second, by=cast.ada)
    report.refresh_from_db()
    assert report.journal == "Journal of Care"
    values.choose_value(report, "journal", None, by=cast.ada)
    report.refresh_from_db()
    assert report.journal == "J Care"
    with pytest.raises(Refused, match="no such field"):
        values.choose_value(report, "place", second, by=cast.ada)


def test_the_command_imports_and_prints_a_summary(cast, review, tmp_path):
    path = tmp_path / "export.ris"
    path.write_bytes(ris(*THREE))
    out = io.StringIO()
    call_command("import_citations", "one", str(path), "--source", "MEDLINE", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["records"], told["new"], told["source"]) == (3, 3, "MEDLINE")
    out = io.StringIO()
    call_command("import_citations", "one", str(path), "--source", "MEDLINE", stdout=out)
    assert json.loads(out.getvalue())["already"]
    with pytest.raises(CommandError, match="no review"):
        call_command("import_citations", "nowhere", str(path))
    with pytest.raises(CommandError, match="can't be opened"):
        call_command("import_citations", "one", str(tmp_path / "none.ris"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="NOT RUN: threads need PostgreSQL here")
def test_three_at_once_make_one_import(cast):
    found: list[int] = []

    def send():
        try:
            found.append(submit(cast, ris(*THREE)).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert Upload.objects.count() == Search.objects.count() == Job.objects.count() == 1


def many(count, *, start=0):
    return [
        entry(f"Copper and zinc in town number {n} of the far north", page=n, author=f"Name{n}, A.")
        for n in range(start, start + count)
    ]


def test_a_file_in_parts_ends_in_the_reports_of_the_whole(cast, review):
    variants = [
        lambda w: entry(f"Sleep of nurses in the {w} ward of a port", page=31, doi=f"10.1234/{w}"),
        lambda w: entry(f"SLEEP OF NURSES IN THE {w.upper()} WARD OF A PORT.", page=31),
        lambda w: entry(
            f"Sleep of nurses in the {w} ward of a port", journal="", page=31, doi=f"10.1234/{w}"
        ),
    ]
    records = [make(w) for make in variants for w in ("surgical", "medical", "maternity")]
    whole = cast.other
    for held in (review, whole):  # that two records share a file says nothing here
        DuplicateRules.objects.update_or_create(review=held, defaults={"join_one_file": True})
    for k in range(3):
        imported(cast, ris(*records[3 * k : 3 * k + 3]), "All", f"{k}.ris")
    run(actions.submit(whole, [ris(*records)], name="all.ris", by=cast.zed, source="All"))

    def reports(held):
        standing = held.reports.filter(merged_into=None)
        return sorted(sorted(r.records.values_list("title", "journal")) for r in standing)

    assert reports(review) == reports(whole)
    assert len(reports(review)) == 3


def test_only_the_standing_records_that_it_could_meet_are_read(cast, review, monkeypatch):
    imported(cast, ris(*THREE, *many(40)))
    compared = []
    monkeypatch.setattr(
        settling,
        "match",
        lambda new, **known: compared.append(known["standing"]) or matching.match(new, **known),
    )
    told = imported(cast, ris(THREE[0], ""), "Embase")
    assert told["joined"] == 1
    assert THREE[0].splitlines()[1][6:] in {c.title for c in compared[0]}
    assert len(compared[0]) < 5


def test_an_index_is_made_again_where_it_is_missing_or_of_an_older_release(cast, review):
    imported(cast, ris(*THREE))
    (kept,) = KeyIndex.objects.all()
    KeyIndex.objects.update(version="older", keys=b"", owners=b"")
    assert imported(cast, ris(THREE[0], ""), "Embase")["joined"] == 1
    (again,) = KeyIndex.objects.filter(upload=kept.upload)
    assert bytes(again.keys) == bytes(kept.keys)
    KeyIndex.objects.all().delete()
    assert imported(cast, ris(THREE[1], "", ""), "Scopus")["joined"] == 1


def test_records_that_came_in_no_file_are_met_too(cast, review):
    imported(cast, ris(*THREE))
    Record.objects.update(upload=None)
    KeyIndex.objects.all().delete()
    assert imported(cast, ris(THREE[0], ""), "Embase")["joined"] == 1


def test_what_a_person_took_apart_no_machine_joins_again(cast, review):
    imported(cast, ris(*THREE))
    imported(cast, ris(THREE[0], ""), "Embase")
    merge = Merge.objects.get()
    joining.unmerge(merge, by=cast.ada)
    imported(cast, ris(THREE[0], "", ""), "Scopus")
    two = Report.objects.filter(pk__in=[merge.keep_id, merge.absorb_id])
    assert [report.merged_into for report in two] == [None, None]
    assert questions.waiting(review) == [DuplicatePair.objects.get(answer="").pk]
    check(review)


def test_a_new_record_joins_two_reports_unless_somebody_worked_on_both(cast, review):
    full = entry("Care of old people at home by visiting nurses in the town", doi="10.1/x", page=31)
    bare = "TY  - JOUR\nTI  - Care at home\nDO  - 10.1/y\nAU  - Abara, Ife\nER  - \n"
    imported(cast, ris(full, *THREE))
    imported(cast, ris(bare), "Embase")
    first, second = (
        Report.objects.get(title__startswith=words) for words in ("Care of", "Care at")
    )
    screening.decide(second, "abstract", "include", by=cast.bo)
    upload = Upload.objects.first()
    pair = Pair(first.pk, second.pk, 0.99, Zone.AUTO, "doi", "The same DOI.")
    arriving._link_standing(review, first.pk, second.pk, pair)
    first.refresh_from_db()
    assert first.merged_into_id == second.pk  # what somebody has begun to screen stays
    third = Report.objects.get(title__startswith="Peer")
    screening.decide(third, "abstract", "include", by=cast.cy)
    arriving._link_standing(
        review, *sorted((second.pk, third.pk)), replace(pair, a=second.pk, b=third.pk)
    )
    assert Report.objects.get(pk=third.pk).merged_into is None
    assert questions.waiting(review) == [DuplicatePair.objects.get(zone="ask", answer="").pk]
    assert upload.records.exists()
    check(review)


def with_pmid(text, pmid):
    return text.replace("ER  - ", f"PMID  - {pmid}\nER  - ")


TITLE = "Care of old people at home by visiting nurses in the town"
ONE = with_pmid(entry(TITLE, page=""), "11111111")
BETWEEN = entry(TITLE, doi="10.1/x", page=31)
OTHER_ONE = with_pmid(entry(TITLE, doi="10.1/x", page=31), "22222222")


def together(review):
    """The records by their source, as they are joined."""
    held = {}
    for record in review.records.select_related("search"):
        held.setdefault(record.report_id, set()).add(record.search.name)
    return sorted(map(sorted, held.values()))


def test_a_join_that_nobody_has_seen_gives_way_to_a_better_one(cast, review):
    """The one between is surely the same as both, and they have two PMIDs: the closer one has it."""
    imported(cast, ris(ONE), "A")
    imported(cast, ris(BETWEEN), "B")
    assert together(review) == [["A", "B"]]
    imported(cast, ris(OTHER_ONE), "C")
    assert together(review) == [["A"], ["B", "C"]]
    assert check(review)["D3"] == 2
    assert Merge.objects.filter(undone_at=None).count() == 1
    (gone,) = Merge.objects.exclude(undone_at=None)
    assert gone.undone_by is None
    assert len(questions.waiting(review)) == 1
    imported(cast, ris(ONE, THREE[2]), "D")
    assert together(review) == [["A", "D"], ["B", "C"], ["D"]]
    check(review)


def test_a_join_that_somebody_has_seen_stays(cast, review):
    imported(cast, ris(ONE), "A")
    imported(cast, ris(BETWEEN), "B")
    screening.decide(Report.objects.get(merged_into=None), "abstract", "include", by=cast.bo)
    imported(cast, ris(OTHER_ONE), "C")
    assert together(review) == [["A", "B"], ["C"]]
    assert len(questions.waiting(review)) == 1
    check(review)


def test_a_join_that_somebody_sees_meanwhile_stays(cast, review, monkeypatch):
    imported(cast, ris(ONE), "A")
    imported(cast, ris(BETWEEN), "B")
    compare = arriving.settle

    def slowly(*args, **kwargs):
        found = compare(*args, **kwargs)
        if found.afresh:
            report = Report.objects.get(records__search__name="A")
            screening.decide(report, "abstract", "include", by=cast.bo)
        return found

    monkeypatch.setattr(arriving, "settle", slowly)
    imported(cast, ris(OTHER_ONE), "C")
    assert together(review) == [["A", "B"], ["C"]]
    check(review)


def test_the_comparison_shows_how_far_it_is(cast, review, monkeypatch):
    told = []
    step = jobs.Run.step

    def listen(self, done, total=None, doing=None):
        told.append((doing, done, total))
        return step(self, done, total, doing)

    monkeypatch.setattr(jobs.Run, "step", listen)
    monkeypatch.setattr(engine, "CHUNK", 2)
    imported(cast, ris(*many(12), *many(12)))
    shares = [done for doing, done, total in told if doing == "Looking for duplicates"]
    assert shares == sorted(shares)
    assert len(set(shares)) > 1
