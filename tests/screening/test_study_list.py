"""A list of studies that were included elsewhere comes in, by page and API, and is taken back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from citations.models import Program, Record, Report, Search, Study, Upload
from reviews import jobs
from reviews.models import Job
from screening import actions, flow, retrieval
from screening.flow import Place, misplaced
from screening.lead import conflicts
from screening.models import BulkAct, Decision
from screening.reporting import diagram, prisma
from synthesis.demo.library import SAMPLE

pytestmark = pytest.mark.django_db

PAGE, API = "/r/one/studies/bring-in/", "/api/v1/reviews/one/studies/list/"
SMALL = (
    "study_id,citation,year,program,n\nS1,Abara (2019),2019,Lantern,12\nS2,Bell (2020),2020,,7\n"
)


def csv_file(text, name="studies.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return SimpleUploadedFile(name, data, content_type="text/csv")


def sample():
    return (SAMPLE / "studies.csv").read_bytes()


def work():
    while jobs.run_one():
        pass
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


def counts(review):
    return (
        Record.objects.count(),
        Report.objects.count(),
        Study.objects.filter(review=review).count(),
        flow.studies_in(review).count(),
        Program.objects.filter(review=review).count(),
        Decision.objects.current().count(),
        BulkAct.objects.count(),
    )


def check_figures(review):
    assert misplaced(review) == []
    tally = flow.take(review)
    numbers = flow.boxes(review, tally)
    assert [each for each in flow.identities(review, numbers, tally) if not each.holds] == []
    call_command("verify")
    return numbers


@pytest.fixture
def send(request, cast, signed_in):
    """Send a list, by the page or by the API; its answer's code and sentence."""

    def by_page(text, name="studies.csv"):
        told = signed_in(cast.ada).post(PAGE, {"file": csv_file(text, name)}, follow=True)
        return told.status_code, told.content.decode()

    def by_api(text, name="studies.csv"):
        told = signed_in(cast.ada).post(API, {"file": csv_file(text, name)})
        return told.status_code, told.content.decode()

    return {"page": by_page, "api": by_api}[request.param]


both = pytest.mark.parametrize("send", ["page", "api"], indirect=True)


@both
def test_the_sample_comes_in_once_and_is_taken_back(send, cast, review, signed_in):
    code, said = send(sample())
    assert code in (200, 202)
    work()
    assert "40 of 40 reports included by one act." in Job.objects.get(kind="import").result["text"]
    assert flow.studies_in(review).count() == 40
    assert Program.objects.filter(review=review).count() == 25
    labels = flow.studies_in(review).values_list("label", flat=True)
    assert sorted(labels) == [f"F{n:02}" for n in range(1, 41)]
    lantern = Report.objects.filter(place=Place.INCLUDED, studies__program__name="Lantern Homes")
    assert lantern.count() == 4
    source = Search.objects.get(review=review)
    assert (source.name, source.kind) == ("List of studies: studies.csv", "citation")
    assert Record.objects.get(title__startswith="Ambervale").raw["row"][0].count("Canada") == 1
    numbers = check_figures(review)
    assert (numbers["O1"], numbers["O7"], numbers["O_included"]) == (40, 40, 40)
    before = counts(review)
    code, said = send(sample())
    assert code == 200
    assert "40 of 40 rows were here already: nothing was added." in said
    work()
    assert counts(review) == before
    act = BulkAct.objects.get()
    ada = signed_in(cast.ada)
    assert "Included elsewhere: studies.csv" in ada.get("/r/one/reports/acts/").content.decode()
    ada.post(f"/r/one/reports/acts/{act.pk}/undo/")
    work()
    assert flow.studies_in(review).count() == 0
    assert Report.objects.filter(place=Place.ABSTRACT_OPEN).count() == 40
    check_figures(review)
    # And in again: what is known is included anew, nothing is added.
    code, said = send(sample())
    assert "what waited for screening is included" in said
    assert counts(review)[:5] == before[:5]
    check_figures(review)


@both
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("citation,year\nAbara (2019),2019\n", "Row 1: there is no column “study_id”."),
        ("study_id,year\nS1,2019\n", "Row 1: there is no column “citation” (or “title”)."),
        (SMALL + ",Cole (2021),2021,,\n", "Row 4: study_id is empty."),
        (SMALL + "S3,,2021,,\n", "Row 4: there is no citation."),
        (SMALL.encode() + "S3,Çelik (2021),,,\n".encode("cp1254"), "Row 4: this file is not UTF-8"),
        ("study_id,citation\n", "There is no row below the header"),
        ("", "Row 1: there is no column “study_id”."),
        ("study_id,citation\nS1,Abara\0\n", "Row 2: this is no text"),
    ],
)
def test_what_is_wrong_is_said_with_its_row_and_nothing_is_stored(send, review, text, says):
    code, said = send(text)
    assert code == 422
    assert says in said
    assert (Upload.objects.count(), Search.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_the_page_asks_for_a_file(cast, signed_in):
    ada = signed_in(cast.ada)
    assert PAGE in ada.get("/r/one/studies/").content.decode()
    assert PAGE not in signed_in(cast.bo).get("/r/one/studies/").content.decode()
    assert ada.post(PAGE).status_code == 422


@pytest.fixture
def small(cast, review, signed_in):
    assert signed_in(cast.ada).post(API, {"file": csv_file(SMALL)}).status_code == 202
    work()
    return {study.label: study for study in review.studies.all()}


def test_rows_of_one_study_are_two_reports_and_only_what_is_new_comes(
    cast, review, small, signed_in
):
    more = SMALL + "S1,Abara and Cole: the protocol,2018,Lantern,12\n"
    told = signed_in(cast.ada).post(API, {"file": csv_file(more, "more.csv")}).json()
    assert (told["rows"], told["known"]) == (3, 2)
    work()
    assert Report.objects.filter(place=Place.INCLUDED).count() == 3
    assert flow.studies_in(review).count() == 2
    assert small["S1"].reports.count() == 2
    assert Record.objects.count() == 3
    check_figures(review)


def test_the_lead_s_word_is_no_vote_and_no_conflict(cast, review, small, signed_in, member):
    report = small["S1"].reports.get()
    words = Decision.objects.current().on(report)
    assert {(each.stage, each.final, each.verdict) for each in words} == {
        ("abstract", True, "include"),
        ("retrieval", True, "include"),
        ("fulltext", True, "include"),
    }
    assert {each.note for each in words} == {"Included elsewhere: studies.csv"}
    assert not conflicts.settled(member(cast.ada)).exists()
    with pytest.raises(actions.Refused, match="included elsewhere"):
        actions.reopen(report, "fulltext", by=cast.ada, reason="Hm.")
    # Its page, and the page on which it is extracted, do without a file; one may come.
    for address in (f"/r/one/reports/{report.pk}/", f"/r/one/extraction/{small['S1'].pk}/"):
        assert signed_in(cast.ada).get(address).status_code == 200
    retrieval.attach(
        report, by=cast.ada, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
    )
    report.refresh_from_db()
    assert report.place == Place.INCLUDED
    act = BulkAct.objects.get()
    signed_in(cast.ada).post(f"/r/one/reports/acts/{act.pk}/undo/")
    report.refresh_from_db()
    assert report.place == Place.ABSTRACT_OPEN
    assert not Decision.objects.current().exists()


def test_a_report_that_people_screen_is_left_to_them(cast, review, make_report, signed_in):
    here = make_report(review, "Abara (2019)", year=2019)
    here.studies.create(review=review, label="S1")
    actions.decide(here, "abstract", "exclude", by=cast.bo)
    signed_in(cast.ada).post(API, {"file": csv_file(SMALL)})
    work()
    here.refresh_from_db()
    assert here.place == Place.ABSTRACT_HALF
    assert [study.label for study in flow.studies_in(review)] == ["S2"]
    check_figures(review)


def test_the_figure_says_how_many_were_included_elsewhere(review, small):
    numbers = prisma.report(review)
    assert numbers["included_elsewhere"] == 2
    notes = diagram.draw(numbers).notes
    assert "2 had been included elsewhere" in " ".join(str(line) for line in notes)
