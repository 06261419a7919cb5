"""Lists as files: the same rows as on the page, and no more of decisions than the reader may see."""

import csv
import io
import json
import re

import pytest
from openpyxl import load_workbook

from citations import studies, writing
from citations.formats import ParsedRecord, read
from citations.models import Record
from screening import actions, retrieval
from screening.models import Decision
from screening.reporting import exports

pytestmark = pytest.mark.django_db
REPORTS, RECORDS = "/r/one/reports/", "/r/one/records/"


def content(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def table(client, address):
    text = content(client.get(address)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def screened(cast, review, make_report, make_search, reasons, at_fulltext):
    """Excluded at full text for two reasons, then by a final word; half decided; of two records;
    of another source."""
    done = at_fulltext("Cats, =dogs and {bees}")
    actions.decide(done, "fulltext", "exclude", by=cast.bo, reason=reasons[0])
    actions.decide(done, "fulltext", "exclude", by=cast.cy, reason=reasons[1])
    actions.final_word(done, "fulltext", "exclude", by=cast.al, reason=reasons[1])
    half = make_report(review, "Half decided")
    actions.decide(half, "abstract", "exclude", by=cast.bo)
    make_report(review, "=HYPERLINK(1)", records=2)
    make_report(review, "From elsewhere", search=make_search(review, "Embase"))
    return {"done": done, "half": half}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=half",
        "?place=abstract-open",
        "?box=D8",
        "?box=D3",
        "?source=EMBASE",
        "?found=EMBASE",
    ],
)
def test_a_file_holds_the_rows_of_the_list(screened, cast, review, signed_in, query):
    query = query.replace("EMBASE", str(review.searches.get(name="Embase").pk))
    bo = signed_in(cast.bo)
    page = bo.get(REPORTS + query).content.decode()
    n = int(re.search(r'class="total">(\d+) report', page)[1])
    assert f'href="{REPORTS}export/csv/{query.replace("&", "&amp;") or "?"}"' in page or (
        not query and f'href="{REPORTS}export/csv/' in page
    )
    assert n
    assert len(table(bo, f"{REPORTS}export/csv/{query}")) == n


def test_records_and_the_records_of_a_box(screened, cast, signed_in):
    bo = signed_in(cast.bo)
    assert len(table(bo, f"{RECORDS}export/csv/")) == Record.objects.count()
    (row,) = table(bo, f"{RECORDS}export/csv/?box=D2_dup")
    assert row["title"] == "'=HYPERLINK(1)"
    assert row["place"] == "Awaiting title and abstract"
    assert bo.get(f"{RECORDS}export/csv/?box=nonsense").status_code == 404
    assert bo.get(f"{RECORDS}export/exe/").status_code == 404


def test_the_reason_that_counts_has_a_column_of_its_own(screened, cast, signed_in):
    (row,) = table(signed_in(cast.obi), f"{REPORTS}export/csv/?box=D8")
    assert row["reasons"] == "Full text: Not a program"
    assert "Full text, Al: exclude (Not a program), final" in row["decisions"]
    assert "Full text, Bo: exclude (Wrong population)" in row["decisions"]


@pytest.mark.parametrize("list_", [REPORTS, RECORDS])
def test_a_blind_reviewer_finds_nothing_of_the_other_in_any_format(
    screened, cast, signed_in, list_
):
    for kind in writing.CONTENT_TYPES:
        if kind == "xlsx":
            continue  # a zip; its rows are those of the CSV, read below
        text = content(signed_in(cast.cy).get(f"{list_}export/{kind}/?q=half")).decode()
        assert "Half decided" in text
        assert "Bo" not in text
    (seen,) = table(signed_in(cast.cy), f"{list_}export/csv/?q=half")
    assert seen["decisions"] == ""
    (own,) = table(signed_in(cast.bo), f"{list_}export/csv/?q=half")
    (overseen,) = table(signed_in(cast.ada), f"{list_}export/csv/?q=half")
    assert own["decisions"] == overseen["decisions"] == "Title and abstract, Bo: exclude"


@pytest.mark.parametrize("kind", [kind for kind in writing.CONTENT_TYPES if kind != "xlsx"])
def test_our_own_reader_finds_the_same_records_in_the_file(
    screened, cast, review, signed_in, tmp_path, kind
):
    path = tmp_path / f"export.{kind}"
    path.write_bytes(content(signed_in(cast.bo).get(f"{REPORTS}export/{kind}/")))
    if kind == "json":
        titles = [row["title"] for row in json.loads(path.read_text())]
    else:
        titles = [
            each.title for each in read(path, name=path.name) if isinstance(each, ParsedRecord)
        ]
    assert len(titles) == review.reports.count()
    assert "Half decided" in titles


def test_a_workbook_runs_nothing(screened, cast, signed_in):
    book = load_workbook(io.BytesIO(content(signed_in(cast.bo).get(f"{REPORTS}export/xlsx/"))))
    rows = list(book.active.iter_rows(values_only=True))
    assert list(rows[0]) == [*exports.COLUMNS, "continued"]
    cells = {cell.value: cell.data_type for row in book.active.iter_rows() for cell in row}
    assert cells["'=HYPERLINK(1)"] in ("s", "inlineStr")


def test_the_menu_offers_every_format_that_is_written(screened, cast, signed_in):
    page = signed_in(cast.bo).get(REPORTS).content.decode()
    for kind in writing.CONTENT_TYPES:
        assert f"{REPORTS}export/{kind}/" in page
    assert "export/csv" not in signed_in(cast.bo).get(f"{REPORTS}?q=nothing").content.decode()


def test_a_piece_costs_the_same_few_queries(
    screened, cast, review, member, django_assert_num_queries
):
    bo = member(cast.bo)
    # Two of them ask, once for the whole file, whether the rules hide authors, journal and year,
    # and whether they hide names.
    # Another one asks for the further reasons of decisions on full texts.
    with django_assert_num_queries(9):
        assert len(list(exports.rows(review.reports.all(), bo))) == 4
    with django_assert_num_queries(8):
        assert len(list(exports.record_rows(review.records.all(), bo))) == 5


# --- The lists of the screening floor: the same menu -------------------------------------------


@pytest.fixture
def decided(cast, screened, in_conflict, at_fulltext):
    """Beside `screened`: a conflict, a settled one, one sought, one study of two reports."""
    in_conflict("In conflict")
    settled = in_conflict("Settled")
    actions.final_word(settled, "abstract", "include", by=cast.al, note="It has a control group")
    retrieval.ask(settled, by=cast.ada, where="The library")
    reports = [at_fulltext("First of the study"), at_fulltext("Second of the study")]
    for report in reports:
        for user in (cast.bo, cast.cy):
            actions.decide(report, "fulltext", "include", by=user)
    study = reports[0].studies.get()
    studies.describe(study, by=cast.ada, label="Lind 2019", program="Haven")
    studies.tell_of(reports[1], study, by=cast.ada)


LISTS = [
    ("bo", "decisions", "", r'total">(\d+) decision'),
    ("bo", "decisions", "?stage=fulltext&verdict=exclude", r'total">(\d+) decision'),
    ("bo", "decisions", "?q=study", r'total">(\d+) decision'),
    ("al", "conflicts", "", r'abstract" aria-current="page">[^<]*<span class="count">(\d+)'),
    ("obi", "fulltexts", "", r'total">(\d+) report'),
    ("obi", "fulltexts", "?tab=here", r'total">(\d+) report'),
    ("obi", "fulltexts", "?tab=here&q=cats", r'total">(\d+) report'),
    ("obi", "studies", "", r"in (\d+) report"),
    ("obi", "studies", "?box=I_studies", r"in (\d+) report"),
]


@pytest.mark.parametrize(("who", "list_", "query", "total"), LISTS)
def test_every_list_and_its_file_have_the_same_number(
    decided, cast, signed_in, who, list_, query, total
):
    client = signed_in(getattr(cast, who))
    page = client.get(f"/r/one/{list_}/{query}").content.decode()
    n = int(re.search(total, page)[1])
    assert n
    for kind in writing.CONTENT_TYPES:
        assert f"/r/one/{list_}/export/{kind}/{query.replace('&', '&amp;')}" in page
    assert len(table(client, f"/r/one/{list_}/export/csv/{query}")) == n
    assert client.get(f"/r/one/{list_}/export/exe/").status_code == 404


def test_my_decisions_bring_my_answers(decided, cast, signed_in):
    bo = signed_in(cast.bo)
    rows = table(bo, "/r/one/decisions/export/csv/?q=cats")
    assert [(row["stage"], row["verdict"], row["reason"]) for row in rows] == [
        ("Full text", "exclude", "Wrong population"),
        ("Title and abstract", "include", ""),
    ]
    assert {row["by"] for row in rows} == {"Bo"}
    note = "N1  - verdict: exclude"
    assert note in content(bo.get("/r/one/decisions/export/ris/?q=half")).decode()
    assert "export/csv" not in bo.get("/r/one/decisions/?q=nothing").content.decode()


def test_the_final_words_and_the_last_steps_stand_in_the_file(decided, cast, signed_in):
    al = signed_in(cast.al)
    page = al.get("/r/one/conflicts/?show=settled").content.decode()
    rows = table(al, "/r/one/conflicts/export/csv/?show=settled")
    assert page.count('<dialog id="reopen-') == len(rows) == 2
    word = next(row for row in rows if row["title"] == "Settled")
    assert (word["verdict"], word["by"], word["note"]) == (
        "include",
        "Al",
        "It has a control group",
    )
    (sought,) = table(al, "/r/one/fulltexts/export/csv/")
    assert sought["last_step"] == "Asked for: The library"
    told = table(al, "/r/one/studies/export/csv/")
    assert [(row["studies"], row["programs"]) for row in told] == [("Lind 2019", "Haven")] * 2


@pytest.mark.parametrize("list_", ["decisions", "fulltexts"])
def test_a_blind_reviewer_finds_nothing_of_the_other_in_these_files(
    cast, signed_in, at_fulltext, reasons, list_
):
    """On the full text Bo has decided and Cy has not; both see each other's first answers."""
    half = at_fulltext("Half decided")
    actions.decide(half, "fulltext", "exclude", by=cast.bo, reason=reasons[0], note="Too old")
    for kind in writing.CONTENT_TYPES:
        address = f"/r/one/{list_}/export/{kind}/?tab=here"
        if kind == "xlsx":
            continue  # a zip; its rows are those of the CSV
        seen = content(signed_in(cast.cy).get(address)).decode()
        assert "Title and abstract, Bo: include" in seen
        for hidden in ("Full text, Bo", "Too old", "Wrong population"):
            assert hidden not in seen
        assert "Full text, Bo: exclude" in content(signed_in(cast.bo).get(address)).decode()


def test_a_piece_of_decisions_costs_the_same_few_queries(
    decided, cast, review, member, django_assert_num_queries
):
    bo = member(cast.bo)
    mine = Decision.objects.current().filter(by=cast.bo)
    n = mine.count()
    # One of them asks for what was said of each criterion, one whether the rules hide names.
    with django_assert_num_queries(10):
        assert len(list(exports.decision_rows(mine, bo))) == n > 5
