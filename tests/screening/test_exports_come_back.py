"""What anybody downloads can be imported again and says the same."""

import pytest

from citations import actions as uploading
from citations.formats import ParsedRecord, read
from citations.models import BIBLIOGRAPHIC_FIELDS, Report
from citations.writing import BIBLIOGRAPHIC, CONTENT_TYPES
from reviews import jobs
from reviews.actions import create_review
from screening import flow

pytestmark = pytest.mark.django_db


def test_the_writers_know_the_fields_of_the_model():
    assert list(BIBLIOGRAPHIC_FIELDS) == BIBLIOGRAPHIC


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_an_export_read_again_is_the_same(kind, cast, review, make_report, signed_in):
    values = {
        "title": "=Care & {trauma}: 10%", "authors": ["Reyes, Ana", "World Health Organization"], "year": 2020,
        "journal": "J Care", "pages": "10-19", "doi": "10.5555/x_1", "keywords": ["a; b", "c"],
        "abstract": "R&amp;D <i>kept</i>", "entry_type": "Journal Article",
    }  # fmt: skip
    make_report(review, **values)
    answer = signed_in(cast.ada).get(f"/api/v1/reviews/{review.slug}/export/?format={kind}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == CONTENT_TYPES[kind]
    body = b"".join(answer) if answer.streaming else answer.content
    (record,) = [item for item in read(body) if isinstance(item, ParsedRecord)]
    assert {name: getattr(record, name) for name in values} == values


# What reference managers must carry: no title, no author, any script, very long, look-alikes.
COLLECTION = [
    {"title": ""},
    {"title": "", "authors": ["Reyes, Ana"], "year": 1999},
    {"title": "Без авторов: обзор"},
    {"title": "暴力予防プログラムの評価", "authors": ["山田, 太郎"], "year": 2011},
    {"title": "برنامج الوقاية من العنف", "authors": ["الأحمد, ليلى"], "year": 2015},
    {"title": "ก\u0e33 नमस्ते 🙂 e\u0301", "authors": ["O’Neil-Łukasz, Ōta"]},
    {"title": "Long " + "and longer " * 400, "authors": [f"Person{n}, A" for n in range(300)]},
    {"title": "Abstract of 60,000 letters", "abstract": "word " * 12_000},
    {"title": "{Braces} & <tags> \\ \"quotes\" % # $ _ ~ ^", "journal": "A & B {C}"},
    {"title": "ER  - and TY  - in a title", "abstract": "Line one\nER  - \nTY  - JOUR\nline two"},
    {"title": "Erratum", "year": 2001, "authors": ["Low, B"], "pages": "1"},
    {"title": "Erratum", "year": 2014, "authors": ["High, C"], "pages": "77-78"},
]  # fmt: skip


@pytest.mark.parametrize("kind", ["ris", "bib", "xml"])
@pytest.mark.django_db(transaction=True)
def test_a_reference_manager_keeps_every_record(kind, cast, make_report, signed_in):
    """Zotero reads RIS and BibTeX, EndNote its XML: what they are given makes the same review anew."""
    for fields in COLLECTION:
        report = make_report(cast.review, **{**fields, "title": fields["title"] or "x"})
        Report.objects.filter(pk=report.pk).update(title=fields["title"])
    ada = signed_in(cast.ada)
    answer = ada.get(f"/api/v1/reviews/{cast.review.slug}/export/?format={kind}")
    body = b"".join(answer) if answer.streaming else answer.content
    fresh = create_review("Fresh", by=cast.ada)
    uploading.submit(fresh, [body], name=f"export.{kind}", by=cast.ada, source="Library")
    assert jobs.run_one()
    assert fresh.jobs.get(kind="import").state == "done", fresh.jobs.get(kind="import").error
    assert fresh.records.count() == len(COLLECTION)
    titles = [" ".join(each["title"].split()) for each in COLLECTION]
    came = [" ".join(each.split()) for each in fresh.records.values_list("title", flat=True)]
    assert sorted(came) == sorted(titles)
    boxes = flow.boxes(fresh)
    assert boxes["D1"] == len(COLLECTION)
    authors = [each for record in fresh.records.all() for each in record.authors]
    assert sorted(authors) == sorted(a for each in COLLECTION for a in each.get("authors", []))
