"""An update: old decisions stay, only what is new is marked, the diagram changes its template."""

import pytest

from citations.models import FullText, Report, Search
from reviews.models import AuditEvent
from screening import actions, flow
from screening.flow import Place
from screening.reporting import prisma
from tests.citations.test_import import THREE, check, entry, imported, ris

pytestmark = pytest.mark.django_db
NEW = entry("Mentoring by survivors in residential programs", doi="10.1/n", page=401)


def include(cast, report):
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    FullText.objects.create(
        report=report, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
    )
    flow.settle(report.review, [report.pk])
    for user in (cast.bo, cast.cy):
        actions.decide(report, "fulltext", "include", by=user)


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def begin(ada, version=1):
    return ada.post("/r/one/update/", {"version": version})


def numbers(review):
    review.refresh_from_db()
    check(review)
    return prisma.report(review)


def test_an_update_counts_its_own_searches_and_keeps_what_was_decided(cast, review, ada):
    imported(cast, ris(*THREE), "MEDLINE", "a.ris")
    first = Report.objects.order_by("pk").first()
    include(cast, first)
    places = dict(review.reports.values_list("pk", "place"))
    assert numbers(review)["template"] == "new v1"
    assert begin(ada).status_code == 302

    told = imported(cast, ris(*THREE, NEW), "MEDLINE", "b.ris")
    assert (told["records"], told["new"], told["joined"]) == (4, 1, 3)
    found = numbers(review)
    b = found["boxes"]
    assert found["template"] == "updated v1"
    assert (b["P_studies"], b["P_reports"]) == (1, 1)
    assert (b["D1"], b["D2_dup"], b["D3"], b["D_Q"]) == (4, 3, 1, 1)
    assert (b["I_studies"], b["T_studies"], b["T_reports"]) == (0, 1, 1)
    assert {pk: each for pk, each in review.reports.values_list("pk", "place") if pk in places} == (
        places
    )
    assert found["pending"]["previous"] == 2
    names = list(Search.objects.order_by("pk").values_list("name", "version"))
    assert names == [("MEDLINE", 1), ("MEDLINE", 2)]

    new = Report.objects.get(title__startswith="Mentoring")
    upload = review.uploads.last()
    page = ada.get(f"/r/one/reports/?q=Mentoring&new={upload.pk}").content.decode()
    assert "new with b.ris" in page
    assert 'href="?q=Mentoring"' in page  # the chip takes its filter away and no other
    assert f'<input type="hidden" name="new" value="{upload.pk}">' in page
    page = ada.get(f"/r/one/reports/?new={upload.pk}").content.decode()
    assert "Mentoring by survivors" in page
    assert "A nurse led programme" not in page
    include(cast, new)
    b = numbers(review)["boxes"]
    assert (b["I_studies"], b["I_reports"], b["T_studies"], b["T_reports"]) == (1, 1, 2, 2)
    page = ada.get("/r/one/prisma/").content.decode()
    for words in ("Previous studies", "New studies included in review", "Total studies included"):
        assert words in page
    listed = ada.get("/r/one/studies/?box=P_studies")
    assert [each.pk for each in listed.context["page"]] == [first.studies.get().pk]


def test_a_new_report_of_an_old_study_is_no_new_study(cast, review, ada):
    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    old = Report.objects.get()
    include(cast, old)
    begin(ada)
    imported(cast, ris(NEW), "MEDLINE", "b.ris")
    new = Report.objects.exclude(pk=old.pk).get()
    include(cast, new)
    new.studies.get().links.all().delete()
    old.studies.get().links.create(report=new)
    b = numbers(review)["boxes"]
    assert (b["N_prev"], b["I_studies"], b["I_reports"]) == (1, 0, 0)
    assert (b["T_studies"], b["T_reports"]) == (1, 2)
    page = ada.get("/r/one/reports/?box=N_prev").content.decode()
    assert "Mentoring by survivors" in page


def test_a_version_made_elsewhere_is_declared_in_numbers(cast, review, ada):
    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    assert ada.post("/r/one/update/", {"studies": 12, "reports": 15}).status_code == 302
    found = numbers(review)
    assert found["template"] == "updated v1"
    assert (found["boxes"]["P_studies"], found["boxes"]["T_reports"]) == (12, 15)
    wrong = ada.post("/r/one/update/", {"studies": 12, "reports": 0})
    assert wrong.status_code == 422
    assert "at least one report" in wrong.content.decode()
    assert AuditEvent.objects.filter(verb="declared an earlier version").count() == 1


def test_it_is_begun_once_and_taken_back_only_while_empty(cast, review, ada):
    assert "nothing to update" in begin(ada).content.decode()
    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    begin(ada)
    assert begin(ada, version=1).status_code == 422  # the same button, pressed twice
    assert ada.post("/r/one/update/undo/").status_code == 302
    review.refresh_from_db()
    assert review.version == 1
    begin(ada)
    imported(cast, ris(NEW), "MEDLINE", "b.ris")
    ada.post("/r/one/update/undo/")
    review.refresh_from_db()
    assert review.version == 2


def test_a_repeated_search_begins_with_the_words_of_the_first(cast, review, ada):
    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    first = review.searches.get()
    Search.objects.filter(pk=first.pk).update(strategy="1. exp Child/", platform="Ovid")
    begin(ada)
    page = ada.get(f"/r/one/searches/add/?again={first.pk}").content.decode()
    assert "1. exp Child/" in page
    ada.post(f"/r/one/searches/add/?again={first.pk}", {"name": "MEDLINE", "kind": "database"})
    second = Search.objects.get(version=2)
    assert second.rerun_of == first
    # The old version's sources take no more files.
    assert f'value="{first.pk}"' not in ada.get("/r/one/import/").content.decode()


def test_an_undone_import_of_the_update_leaves_the_old_version_alone(cast, review, ada):
    from tests.screening.test_undoing_imports import go

    imported(cast, ris(THREE[0]), "MEDLINE", "a.ris")
    begin(ada)
    imported(cast, ris(THREE[0], NEW), "MEDLINE", "b.ris")
    go(cast, lambda user: ada, review.uploads.last(), "undo")
    b = numbers(review)["boxes"]
    assert (b["D1"], b["D3"], b["P_pending"]) == (0, 0, 1)
    assert Report.objects.get(title__startswith="Mentoring").place == Place.WITHDRAWN


def test_the_api_begins_an_update_and_takes_it_back(cast, review, ada, signed_in):
    address, sent = "/api/v1/reviews/one/update/", {"version": 1}
    assert ada.post(address, sent).status_code == 422  # nothing was searched yet
    imported(cast, ris(*THREE), "MEDLINE", "a.ris")
    assert signed_in(cast.bo).post(address, sent).status_code == 403
    assert ada.post(address, sent).json() == {"version": 2}
    late = ada.post(address, sent)
    assert (late.status_code, "just begun" in late.json()["detail"]) == (409, True)
    assert numbers(review)["template"] == "updated v1"
    assert ada.delete(address).json() == {"version": 1}
    assert ada.delete(address).status_code == 409
    assert numbers(review)["template"] == "new v1"
    assert (
        AuditEvent.objects.filter(verb__in=["began an update", "took an update back"]).count() == 2
    )
