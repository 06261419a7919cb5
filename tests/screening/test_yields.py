"""What each source brought: the arithmetic against an oracle, the page against its lists."""

import re
from html import unescape

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from citations.models import Record, Report, Study, Upload
from screening import actions, flow
from screening.flow import Place
from screening.reporting import upset, yields

PLACES = [Place.ABSTRACT_OPEN, Place.ABSTRACT_OUT, Place.SOUGHT, Place.INCLUDED]

# {report: (place, {source: records}, {studies})}
libraries = st.dictionaries(
    st.integers(1, 12),
    st.tuples(
        st.sampled_from(PLACES),
        st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3), min_size=1),
        st.frozensets(st.integers(1, 4)),
    ),
)


@given(libraries)
def test_it_counts_as_the_definitions_say(library):
    rows = [
        (report, source, place, records)
        for report, (place, found, _) in library.items()
        for source, records in found.items()
    ]
    studies = {
        pk: told for pk, (place, _, told) in library.items() if place == Place.INCLUDED and told
    }
    counted = yields.tally(rows, studies, "abcd")

    def reports(*places):
        return {pk for pk, (place, _, _) in library.items() if place in places}

    included = reports(Place.INCLUDED)
    for source in "abcd":
        here = {pk for pk, (_, found, _) in library.items() if source in found}
        alone = {pk for pk, (_, found, _) in library.items() if set(found) == {source}}
        told = {study for pk in included for study in studies.get(pk, ())}
        left = {study for pk in included - alone for study in studies.get(pk, ())}
        n = counted.of[source]
        assert n.records == sum(found.get(source, 0) for _, found, _ in library.values())
        assert (n.reports, n.unique, n.shared) == (len(here), len(alone), len(here - alone))
        assert n.passed == len(here & reports(Place.SOUGHT, Place.INCLUDED))
        assert (n.included, n.missed_reports) == (len(here & included), len(alone & included))
        assert n.missed_studies == len(told - left)
    combined = {each.sources: (each.reports, each.included) for each in counted.combinations}
    assert combined == {
        names: (
            len(same := {pk for pk, (_, found, _) in library.items() if set(found) == names}),
            len(same & included),
        )
        for names in {frozenset(found) for _, found, _ in library.values()}
    }
    sizes = [each.reports for each in counted.combinations]
    assert sizes == sorted(sizes, reverse=True)
    assert counted.together.reports == len(library)
    assert counted.together.included == len(included)


def test_precision_and_its_inverse_are_nothing_where_nothing_is_to_divide():
    nothing = yields.Counts()
    assert (nothing.precision, nothing.to_read, nothing.percent) == (None, None, "")
    some = yields.Counts(records=40, included=3)
    assert (some.percent, round(some.to_read, 1)) == ("7.5", 13.3)


def test_the_picture_stays_in_its_frame_and_folds_nothing_by_itself():
    sets = [upset.Set("A name that is much longer than what fits here", 9), upset.Set("B", 3)]
    drawn = upset.draw(sets, [upset.Overlap([0], 7, 1), upset.Overlap([0, 1], 2, 0)], title="t")
    assert [row.short for row in drawn.rows] == ["A name that is much longer th…", "B"]
    assert [column.line for column in drawn.columns] == [
        None,
        (drawn.rows[0].y, drawn.rows[1].y),
    ]
    assert max(column.bar for column in drawn.columns) == upset.BARS
    assert all(0 < column.x < drawn.width for column in drawn.columns)
    assert all(row.bar_x > row.number_x > 0 for row in drawn.rows)
    assert drawn.columns[1].names == "A name that is much longer than what fits here and B"


# --- The page -------------------------------------------------------------------------------

PAGE = "/r/one/searches/yield/"
LINK = re.compile(r'<a href="([^"]+)"[^>]*>(?:<text[^>]*>)?([\d,]+)')


@pytest.fixture
def world(cast, review, make_search):
    """Six reports of three searches, two of one database; three are included, two of one study."""
    first = make_search(review, "MEDLINE", strategy="=cats AND dogs")
    again = make_search(review, "MEDLINE again", database="MEDLINE")
    embase = make_search(review, "Embase")
    found = [[first], [first], [first, again], [first, embase], [embase], [embase, again, first]]
    reports = []
    for number, searches in enumerate(found, start=1):
        report = Report.objects.create(review=review, title=f"Report {number}")
        for search in searches:
            Record.objects.create(review=review, search=search, report=report, title=report.title)
        reports.append(report)
    # An import that has not finished counts nowhere.
    upload = Upload.objects.create(
        review=review, search=embase, name="a", sha256="0" * 64, size=1, by=cast.ada
    )
    late = Report.objects.create(review=review, title="Late", place=Place.ARRIVING)
    Record.objects.create(review=review, search=embase, report=late, title="Late", upload=upload)
    Report.objects.filter(pk__in=[each.pk for each in reports[:4]]).update(place=Place.INCLUDED)
    Report.objects.filter(pk=reports[3].pk).update(place=Place.SOUGHT)
    for label, told in (("A", reports[:2]), ("B", reports[2:3])):
        study = Study.objects.create(review=review, label=label)
        for report in told:
            study.links.create(report=report)
    return {"first": first, "again": again, "embase": embase, "reports": reports}


def shown(client, address):
    """How many rows the list behind an address has, by its own word."""
    page = client.get(unescape(address)).content.decode()
    return int(re.search(r'class="total">(\d+) re(?:port|cord)s?\b', page)[1])


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["", "?by=search"])
def test_every_number_opens_exactly_what_it_counts(world, cast, signed_in, by):
    bo = signed_in(cast.bo)
    page = bo.get(PAGE + by).content.decode()
    numbers = [
        (address, int(n.replace(",", "")))
        for address, n in LINK.findall(page)
        if "/reports/" in address or "/records/" in address
    ]
    assert len(numbers) > 25
    for address, n in numbers:
        assert shown(bo, address) == n, address


@pytest.mark.django_db
def test_searches_of_one_database_count_together(world, review):
    found = yields.found(review)
    assert found.can_split
    medline = found.counts(found.sources[0])
    assert [source.name for source in found.sources] == ["MEDLINE", "Embase"]
    assert (medline.records, medline.reports, medline.unique) == (7, 5, 3)
    assert (medline.missed_reports, medline.missed_studies) == (3, 2)
    apart = yields.found(review, by_search=True)
    first = apart.counts(apart.sources[0])
    assert (first.records, first.unique, first.missed_studies) == (5, 2, 1)


@pytest.mark.django_db
def test_it_asks_the_database_the_same_few_questions(
    world, cast, review, signed_in, django_assert_num_queries, make_report
):
    with django_assert_num_queries(3):
        yields.found(review)
    for _ in range(3):
        make_report(review, search=world["embase"])
    with django_assert_num_queries(3):
        yields.found(review)


@pytest.mark.django_db
def test_the_files_say_what_the_page_says(world, cast, signed_in):
    bo = signed_in(cast.bo)
    table = bo.get(f"{PAGE}download/csv/").content.decode()
    assert "MEDLINE,Database,2,7,5,3,2,4,3,0.4286,2.3,3,2," in table
    assert "'=cats" not in table  # it stands after the name of its search, so nothing would run
    overlap = bo.get(f"{PAGE}download/overlap/").content.decode().splitlines()
    assert overlap[1:] == ["1,0,3,3", "1,1,2,0", "0,1,1,0"]
    picture = bo.get(f"{PAGE}download/svg/").content
    words = [text.text for text in etree.fromstring(picture).iter("{*}text")]
    assert {"MEDLINE", "Embase", "5", "3", "of them included"} <= set(words)
    assert b"<a " not in picture
    assert bo.get(f"{PAGE}download/pdf/").status_code == 404


@pytest.mark.django_db
def test_more_than_the_largest_combinations_are_folded_with_their_sum(
    cast, review, make_search, signed_in, monkeypatch
):
    monkeypatch.setattr(yields, "DRAWN", 2)
    for n in range(4):
        search = make_search(review, f"S{n}")
        for _ in range(4 - n):
            report = Report.objects.create(review=review, title="t")
            Record.objects.create(review=review, search=search, report=report, title="t")
    page = signed_in(cast.bo).get(PAGE).content.decode()
    assert "2 smaller combinations: 3 reports, 0 included" in page
    assert 'href="#folded" aria-label="2 smaller combinations: 3 reports"' in page


@pytest.mark.django_db
def test_an_empty_review_says_so(cast, signed_in):
    assert "Nothing has been imported yet" in signed_in(cast.bo).get(PAGE).content.decode()


@pytest.mark.django_db
def test_one_blind_answer_moves_no_number(world, cast, review, signed_in):
    cy = signed_in(cast.cy)
    Report.objects.filter(review=review).exclude(place=Place.ARRIVING).update(place="abstract-open")
    table = f"{PAGE}download/csv/"  # the page holds a token that differs each time
    before = cy.get(table).content
    actions.decide(world["reports"][0], "abstract", "include", by=cast.bo)
    assert cy.get(table).content == before
    actions.decide(world["reports"][0], "abstract", "include", by=cast.cy)
    assert cy.get(table).content != before
    assert flow.boxes(review)["D5"] == yields.found(review).tally.together.passed == 1


@pytest.mark.django_db
def test_a_list_of_another_reviews_sources_is_empty(world, cast, make_search, signed_in):
    theirs = make_search(cast.other)
    address = reverse("screening:reports", args=["one"])
    page = signed_in(cast.bo).get(f"{address}?found={theirs.pk}").content.decode()
    assert "an unknown source" in page
    assert "No report fits." in page


def test_a_short_list_says_why_and_each_reason_can_be_taken_away(
    cast, review, signed_in, make_search, make_report
):
    first, second = make_search(review, "CINAHL"), make_search(review, "CINAHL", version=2)
    other = make_search(review, "Embase")
    make_report(review, "Only there", search=first)
    ids = f"{first.pk}.{second.pk}"
    asked = {
        f"any={ids}": "found in CINAHL",
        f"shared={ids}": "found in CINAHL and in another source",
        f"found={ids}-{other.pk}": "found in CINAHL and in Embase only",
        "passed=1": "passed title and abstract",
        "new=99": "new with an unknown file",
    }
    obi = signed_in(cast.obi)
    for query, words in asked.items():
        page = obi.get(f"/r/one/reports/?{query}&place=included&page=2").content.decode()
        assert f'<span dir="auto">{words}</span>' in page
        assert 'class="badge tone-info chip" href="?place=included"' in page
    for nothing in ("any=x", "found=1-x", "shared=", "new=x"):
        assert "chip" not in obi.get(f"/r/one/reports/?{nothing}").content.decode()
    records = obi.get(f"/r/one/records/?any={ids}&found={ids}").content.decode()
    assert records.count("remove this filter") == 1
