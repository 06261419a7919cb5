"""Asking for full texts: by which way, when, how often; the library's links and the letters."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from citations import seeking
from citations.models import Report, RetrievalEvent, RetrievalRules
from screening import actions
from screening.flow import Place

pytestmark = pytest.mark.django_db
RESOLVER = "https://find.example.edu/openurl?{openurl}"


@pytest.fixture
def sought(cast, review, make_report):
    def make(title="A program & its costs", **fields):
        fields = {
            "authors": ["Abara, Ada", "Lind, Bo"],
            "doi": "10.1000/a b",
            "year": 2019,
        } | fields
        report = make_report(review, title, **fields)
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        return report

    return make


def at(act, report):
    return reverse(f"screening:{act}", args=["one", report.pk])


def test_a_step_says_by_which_way_whom_and_when(cast, signed_in, sought):
    report, client = sought(), signed_in(cast.bo)
    day = timezone.localdate() - timedelta(days=20)
    step = {"way": "loan", "where": "City library", "on": day.isoformat(), "note": "No. 7"}
    assert client.post(at("ask", report), step).status_code == 302
    assert (
        client.post(at("ask", report), {"way": "library", "came_to_nothing": "on"}).status_code
        == 302
    )
    first, second = report.retrieval_events.all()
    assert (first.way, first.where, timezone.localdate(first.at)) == ("loan", "City library", day)
    assert second.outcome == RetrievalEvent.Outcome.REFUSED
    page = client.get(at("read", report)).content.decode()
    assert "Interlibrary loan, City library" in page
    report.refresh_from_db()
    assert report.place == Place.SOUGHT  # nothing but giving up makes it "not retrieved"


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({}, "Say where"),
        ({"way": "pigeon"}, "pigeon is not one of"),
        ({"way": "loan", "on": "2999-01-01"}, "still to come"),
    ],
)
def test_a_step_that_says_too_little_is_refused(cast, signed_in, sought, step, says):
    report = sought()
    answer = signed_in(cast.bo).post(at("ask", report), step)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not report.retrieval_events.exists()


def test_the_letter_is_filled_in_and_the_second_one_reminds_of_the_first(cast, signed_in, sought):
    report, client = sought(), signed_in(cast.bo)
    page = client.get(at("read", report)).content.decode()
    assert "Dear Ada Abara," in page
    assert "Bo\nPrograms for youth" in page
    client.post(at("ask", report), {"way": "author", "where": "Abara, Ada"})
    page = client.get(at("read", report)).content.decode()
    assert "Second letter to the author" in page
    assert "we asked you for a copy" in page
    client.post(at("ask", report), {"way": "author"})
    listed = client.get(reverse("screening:fulltexts", args=["one"])).content.decode()
    assert "author written to 2 times" in listed


GOOD = [RESOLVER, "https://a.example/x?doi={doi}&t={title}", ""]
BAD = [
    ("http://a.example/{doi}", "https"),
    ("javascript:alert('{doi}')", "https"),
    ("https://{doi}.example.org/", "behind the host"),
    ("https://user@a.example/{doi}", "https"),
    ("https://a.example/", "Say where"),
    ("https://a.example/{secret}", "no place {secret}"),
    ("https://a.example/ {doi}", "space"),
    ("https://a.example/{doi.__class__}", "brace"),
]


@pytest.mark.parametrize("template", GOOD)
def test_a_good_template_is_taken(template):
    assert seeking.problem_with(template) == ""


@pytest.mark.parametrize(("template", "says"), BAD)
def test_a_bad_template_is_refused_with_a_sentence(cast, signed_in, template, says):
    assert says in seeking.problem_with(template)
    url = reverse("screening:seeking", args=["one"])
    assert signed_in(cast.ada).post(url, {"resolver": template}).status_code == 422
    assert not RetrievalRules.objects.exists()


def test_links_are_quoted_and_left_out_where_nothing_is_known(sought):
    report = Report(title="A & B?", doi="10.1/a#b", authors=["Ó, A"], year=2019)
    link = seeking.library_link(report, RESOLVER)
    assert "rft.atitle=A%20%26%20B%3F" in link
    assert "rft_id=info%3Adoi%2F10.1%2Fa%23b" in link
    assert (
        seeking.library_link(report, "https://a.example/?d={doi}")
        == "https://a.example/?d=10.1%2Fa%23b"
    )
    assert seeking.library_link(report, "https://a.example/?p={pmid}") == ""


def test_the_lead_sets_the_library_and_the_list_links_to_it(cast, signed_in, sought):
    report = sought()
    url = reverse("screening:seeking", args=["one"])
    kept = {"resolver": RESOLVER, "letter": "Hello {author}", "reminder": seeking.REMINDER}
    assert signed_in(cast.ada).post(url, kept).status_code == 302
    rules = RetrievalRules.objects.get()
    assert (rules.letter, rules.reminder) == ("Hello {author}", "")
    client = signed_in(cast.bo)
    assert (
        "https://find.example.edu/openurl?url_ver"
        in client.get(reverse("screening:fulltexts", args=["one"])).content.decode()
    )
    assert "Hello Ada Abara" in client.get(at("read", report)).content.decode()
    table = b"".join(client.get(reverse("screening:export_fulltexts", args=["one", "csv"])))
    assert b"library_link" in table
    assert b"find.example.edu" in table


def test_the_list_finds_what_nobody_began_and_what_nobody_answered(cast, signed_in, sought):
    untouched, late, fresh = sought("Untouched"), sought("Long asked"), sought("Just asked")
    client = signed_in(cast.bo)
    long_ago = (timezone.localdate() - timedelta(days=15)).isoformat()
    client.post(at("ask", late), {"way": "loan", "on": long_ago})
    client.post(at("ask", fresh), {"way": "loan"})
    url = reverse("screening:fulltexts", args=["one"])
    found = {
        step: client.get(url, {"step": step}).context["page"].object_list
        for step in ("none", "overdue")
    }
    assert (list(found["none"]), list(found["overdue"])) == ([untouched], [late])
