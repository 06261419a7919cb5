"""What anybody downloads can be imported again and says the same."""

import pytest

from citations.formats import ParsedRecord, read
from citations.models import BIBLIOGRAPHIC_FIELDS
from citations.writing import BIBLIOGRAPHIC, CONTENT_TYPES

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
