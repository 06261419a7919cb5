"""What the tests of screening share: a review with work in it, and reports brought to a place."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reviews.models import Membership
from screening import actions, retrieval
from screening.reasons import set_reasons
from synthesis.demo.pdf import pdf
from tests.conftest import person


@pytest.fixture
def reasons(cast, review):
    return set_reasons(review, "fulltext", ["Wrong population", "Not a program"], by=cast.ada)


@pytest.fixture
def join(review):
    """`join("Di")` is one more screener of the review."""

    def make(name, *roles):
        user = person(name)
        Membership.objects.create(review=review, user=user, roles=list(roles) or ["screener"])
        return user

    return make


@pytest.fixture
def member(review):
    def of(user):
        return Membership.objects.select_related("review", "user").get(review=review, user=user)

    return of


@pytest.fixture
def at_fulltext(cast, review, make_report):
    """A report that passed title and abstract and has its file."""

    def make(title=None):
        report = make_report(review, title)
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        report.refresh_from_db()
        paper = pdf(str(report), ["Words of the paper. " * 20])
        file = SimpleUploadedFile(f"{report.pk}.pdf", paper, content_type="application/pdf")
        retrieval.attach_file(report, file, by=cast.ada)
        report.refresh_from_db()
        return report

    return make


@pytest.fixture
def in_conflict(cast, review, make_report):
    """A report that Bo included and Cy excluded on title and abstract."""

    def make(title=None):
        report = make_report(review, title)
        actions.decide(report, "abstract", "include", by=cast.bo, note="Bo's note")
        actions.decide(report, "abstract", "exclude", by=cast.cy, note="Cy's note")
        report.refresh_from_db()
        return report

    return make
