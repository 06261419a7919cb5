"""Looking up by DOI: off until two people say so, asked with limits, believed in nothing unseen.

The registers are a server on this machine that gives answers written for these tests.
"""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from citations import composing, values
from citations.lookups import NotFetched, fetch, fetching
from citations.models import FullText, Lookup, LooseFile, RetrievalRules
from reviewapp import env
from reviews import jobs
from reviews.models import AuditEvent
from screening import actions
from screening.filing import looking_up
from screening.flow import Place
from synthesis.demo.pdf import pdf

pytestmark = pytest.mark.django_db
CONTACT = "librarian@example.org"
DOI = "10.1000/care.7"
TITLE = "Peer mentoring for young people who leave residential care"
PDF = pdf(
    TITLE,
    ["Ada Abara, Bo Lind", "Journal of Care 2019", f"https://doi.org/{DOI}", *["Words. " * 40] * 3],
)
OTHER = pdf("Another paper altogether", ["Kofi Osei", "2011", *["Words. " * 40] * 3])

UNPAYWALL = {
    "doi": DOI, "title": TITLE, "year": 2019, "journal_name": "Journal of Care",
    "z_authors": [{"family": "Abara", "given": "Ada"}, {"family": "Lind", "given": "B."}],
    "best_oa_location": {"url_for_pdf": "https://repository.example.edu/7.pdf", "version": "acceptedVersion",
                         "license": "cc-by"},
    "oa_locations": [{"url_for_pdf": "https://repository.example.edu/7.pdf"},
                     {"url_for_pdf": "http://plain.example.edu/7.pdf"}, {"url_for_pdf": None}],
}  # fmt: skip
CROSSREF = {"message": {
    "DOI": DOI.upper(), "title": [f"<i>{TITLE}</i>"], "issued": {"date-parts": [[2020, 1]]},
    "container-title": ["Journal of Care"], "volume": "12", "issue": "3", "page": "100–110",
    "author": [{"family": "Abara", "given": "A"}, {"family": "Lind", "given": "Bo"}],
}}  # fmt: skip
OPENALEX = {
    "doi": f"https://doi.org/{DOI}", "title": TITLE, "publication_year": 2019,
    "authorships": [{"author": {"display_name": "Ada Abara"}}, {"author": {"display_name": "Bo Lind"}}],
    "biblio": {"volume": "12", "first_page": "100", "last_page": "110"},
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/7654321"}, "locations": [],
}  # fmt: skip
SEARCH = {"esearchresult": {"idlist": ["7654321"]}}
SUMMARY = {"result": {"7654321": {
    "title": TITLE + ".", "pubdate": "2019 May", "fulljournalname": "Journal of Care", "pages": "100-10",
    "authors": [{"name": "Abara A"}, {"name": "Lind B"}], "articleids": [{"idtype": "doi", "value": DOI}],
}}}  # fmt: skip
ANSWERS = {
    f"api.unpaywall.org/v2/{DOI}": UNPAYWALL,
    f"api.crossref.org/works/{DOI}": CROSSREF,
    f"api.openalex.org/works/doi:{DOI}": OPENALEX,
    "eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi": SEARCH,
    "eutils.ncbi.nlm.nih.gov/entrez/eutils/esummary.fcgi": SUMMARY,
    "repository.example.edu/7.pdf": PDF,
}


class Network(ThreadingHTTPServer):
    """Every host of the test's network on one port of this machine."""

    def __init__(self):
        self.answers, self.asked, self.agents = dict(ANSWERS), [], set()
        super().__init__(("127.0.0.1", 0), Answering)


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.agents.add(self.headers["User-Agent"])
        address = f"{self.headers['Host']}{unquote(urlsplit(self.path).path)}"
        self.server.asked.append(f"{self.headers['Host']}{self.path}")
        answer = self.server.answers.get(address, 404)
        if isinstance(answer, int):
            self.send_response(answer)
            self.end_headers()
        elif isinstance(answer, str):
            self.send_response(302)
            self.send_header("Location", answer)
            self.end_headers()
        else:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class OnThisMachine(http.client.HTTPConnection):
    def __init__(self, host, port):
        super().__init__("127.0.0.1", port, timeout=5)
        self.named = host

    def putrequest(self, method, url, **_):
        super().putrequest(method, url, skip_host=True)
        self.putheader("Host", self.named)


@pytest.fixture
def network(monkeypatch):
    server = Network()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fetching, "resolved", lambda host: ["93.184.216.34"])
    monkeypatch.setattr(
        fetching,
        "connection",
        lambda host, address, seconds: OnThisMachine(host, server.server_port),
    )
    monkeypatch.setattr(looking_up, "PAUSE", 0)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def sought(cast, review, make_report):
    report = make_report(review, TITLE, authors=["Abara, Ada", "Lind, Bo"], year=2019, doi=DOI)
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    return report


@pytest.fixture
def switched_on(settings, cast, signed_in, review):
    settings.LOOKUP_EMAIL = CONTACT
    answer = signed_in(cast.ada).post(
        reverse("screening:seeking", args=["one"]), {"resolver": "", "looks_up": "on"}
    )
    assert answer.status_code == 302


def start(client, status=302):
    answer = client.post(reverse("screening:look_up", args=["one"]))
    assert answer.status_code == status
    while jobs.run_one():
        pass
    return answer.content.decode()


@pytest.mark.parametrize(("email", "by_lead", "says"), [
    ("", True, "administrator"), (CONTACT, False, "lead has not"), ("", False, "administrator"),
])  # fmt: skip
def test_no_call_is_made_while_it_is_off(
    settings, cast, signed_in, review, sought, network, email, by_lead, says
):
    settings.LOOKUP_EMAIL = email
    RetrievalRules.objects.create(review=review, looks_up=by_lead)
    client = signed_in(cast.bo)
    assert says in client.get(reverse("screening:look_up", args=["one"])).content.decode()
    assert says in start(client, status=422)
    # Nor by a job that was begun before somebody switched it off.
    job = jobs.enqueue(review, looking_up.KIND, by=cast.bo)
    while jobs.run_one():
        pass
    job.refresh_from_db()
    assert says in job.error
    assert network.asked == []


def test_it_is_off_unless_somebody_says_otherwise(settings, review):
    assert settings.LOOKUP_EMAIL == ""
    assert looking_up.why_off(review)
    assert not RetrievalRules(review=review).looks_up


def test_an_open_copy_comes_through_the_tray_and_is_attached_by_its_own_words(
    cast, signed_in, sought, network, switched_on
):
    client = signed_in(cast.bo)
    start(client)
    sought.refresh_from_db()
    assert sought.place == Place.FULLTEXT_OPEN
    loose = LooseFile.objects.get()
    assert loose.fulltext == FullText.objects.get()
    why = " ".join(loose.guesses[0]["why"])
    assert f"DOI {DOI} on the first pages" in why
    assert "named by Unpaywall" in why
    log = client.get(reverse("screening:read", args=["one", sought.pk])).content.decode()
    assert "Repository, repository.example.edu" in log
    assert "acceptedVersion, cc-by" in log
    assert network.agents == {f"Concord (systematic reviews; mailto:{CONTACT})"}
    assert not [each for each in network.asked if each.startswith("plain.")]
    assert AuditEvent.objects.filter(verb="looked full texts up").exists()


@pytest.mark.parametrize("copy", [OTHER, pdf("", [])])
def test_a_copy_that_is_another_paper_or_says_nothing_waits_in_the_tray(
    cast, signed_in, sought, network, switched_on, copy
):
    network.answers["repository.example.edu/7.pdf"] = copy
    start(signed_in(cast.bo))
    loose = LooseFile.objects.get()
    assert (loose.fulltext, loose.guesses[0]["report"]) == (None, sought.pk)
    assert "named by Unpaywall" in loose.guesses[0]["why"]


def test_what_registers_say_otherwise_is_offered_and_nothing_is_overwritten(
    cast, signed_in, sought, network, switched_on
):
    network.answers["repository.example.edu/7.pdf"] = 403
    start(signed_in(cast.bo))
    before = (sought.year, sought.volume, sought.pages, sought.pmid)
    sought.refresh_from_db()
    assert (sought.year, sought.volume, sought.pages, sought.pmid) == before
    told = {
        each["source"]: {other["label"]: other["theirs"] for other in each["others"]}
        for each in looking_up.told_of(sought)
    }
    assert told["Crossref"] == {"Year": "2020", "Journal": "Journal of Care", "Volume": "12",
                                "Issue": "3", "Pages": "100-110"}  # fmt: skip
    assert told["PubMed"]["PMID"] == "7654321"
    assert "Title" not in told["PubMed"]
    page = signed_in(cast.bo).get(reverse("screening:look_up", args=["one"])).content.decode()
    assert "Year: 2020" in page
    assert "(here: 2019)" in page
    sought.refresh_from_db()
    assert sought.place == Place.SOUGHT  # that no copy was had gives nothing up
    assert "gave no PDF" in sought.retrieval_events.get().note


def test_a_value_is_taken_over_by_a_click_with_its_source_and_given_back(
    cast, signed_in, sought, network, switched_on
):
    network.answers["repository.example.edu/7.pdf"] = 403
    start(signed_in(cast.bo))
    client = signed_in(cast.ada)

    def post(act, **data):
        page = client.post(reverse(f"screening:{act}", args=["one", sought.pk]), data, follow=True)
        sought.refresh_from_db()
        return page.content.decode()

    page = post("take_value", field="year", register="crossref")
    assert (sought.year, "Taken over" in page, "from Crossref" in page) == (2020, True, True)
    post("take_value", field="authors", register="pubmed")
    assert sought.authors == ["Abara, A", "Lind, B"]
    event = AuditEvent.objects.filter(verb="took a value over").order_by("pk").first()
    assert (event.before, event.after["year"]) == ({"year": 2019}, 2020)
    assert f"Crossref, asked about doi:{DOI}" in event.after["source"]
    # It stays when the report is composed from its records again.
    composing.compose(sought)
    sought.refresh_from_db()
    assert sought.year == 2020
    assert "taken over from Crossref" in client.get(reverse("screening:report", args=["one", sought.pk])).content.decode()  # fmt: skip
    assert "says the same already" in post("take_value", field="year", register="crossref")
    assert "says nothing of that" in post("take_value", field="pmid", register="crossref")
    assert "no such value" in post("take_value", field="place", register="crossref")
    post("give_value_back", field="year")
    post("give_value_back", field="authors")
    assert (sought.year, sought.authors, sought.taken) == (2019, ["Abara, Ada", "Lind, Bo"], {})
    assert "not taken over" in post("give_value_back", field="year")


def test_a_record_that_is_chosen_later_counts(cast, signed_in, sought, network, switched_on):
    network.answers["repository.example.edu/7.pdf"] = 403
    start(signed_in(cast.bo))
    values.take_over(sought, "year", "crossref", by=cast.ada)
    record = sought.records.get()
    values.choose_value(sought, "year", record, by=cast.ada)
    sought.refresh_from_db()
    assert (sought.year, sought.taken) == (record.year, {})


def test_a_register_that_fails_is_one_sentence_and_stops_no_other(
    cast, signed_in, sought, network, switched_on
):
    network.answers[f"api.crossref.org/works/{DOI}"] = 500
    network.answers[f"api.openalex.org/works/doi:{DOI}"] = b"<html>busy</html>"
    network.answers["eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"] = 429
    network.answers[f"api.unpaywall.org/v2/{DOI}"] = {**UNPAYWALL, "doi": "10.1000/other"}
    start(signed_in(cast.bo))
    problems = dict(Lookup.objects.values_list("source", "problem"))
    assert "status 500" in problems["crossref"]
    assert "can't be read" in problems["openalex"]
    assert "pause" in problems["pubmed"]
    assert Lookup.objects.get(source="unpaywall").said == {}  # it spoke of another work
    assert not LooseFile.objects.exists()


def test_a_job_that_is_killed_asks_only_about_the_rest(
    cast, signed_in, review, sought, network, switched_on
):
    network.answers["repository.example.edu/7.pdf"] = 403
    start(signed_in(cast.bo))
    many = len(network.asked)
    job = review.jobs.get(kind=looking_up.KIND)
    review.jobs.filter(pk=job.pk).update(state="queued")
    while jobs.run_one():
        pass
    assert len(network.asked) == many
    assert sought.retrieval_events.count() == 1


@pytest.mark.parametrize("url", [
    "http://repository.example.edu/7.pdf", "ftp://repository.example.edu/7.pdf", "file:///etc/passwd",
    "https://localhost/", "https://user@repository.example.edu/7.pdf", "https://repository.example.edu:8080/",
    "https://repository.example.edu/a b", "https://[::1/", "//repository.example.edu/",
    "https://repository.example.edu/7.pdf\r\nX: y",
])  # fmt: skip
def test_only_plain_https_addresses_are_opened(network, url):
    with pytest.raises(NotFetched):
        fetch(url, contact=CONTACT, limit=1000)
    assert network.asked == []


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.7", "64:ff9b::a00:7", "2002:a00:7::", "224.0.0.1",
    "rubbish",
])  # fmt: skip
def test_no_host_inside_the_house_is_asked(monkeypatch, network, address):
    assert not fetching.is_public(address)
    # One public address beside it makes it no better.
    monkeypatch.setattr(fetching, "resolved", lambda host: ["93.184.216.34", address])
    with pytest.raises(NotFetched, match="not on the public network"):
        fetch("https://inside.example.edu/", contact=CONTACT, limit=1000)
    assert network.asked == []


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
)
def test_a_public_host_is_asked(address):
    assert fetching.is_public(address)


def test_a_redirection_is_checked_as_the_first_address_is(network):
    network.answers["a.example.edu/"] = "https://repository.example.edu/7.pdf"
    assert fetch("https://a.example.edu/", contact=CONTACT, limit=1 << 20).body == PDF
    network.answers["a.example.edu/"] = "http://repository.example.edu/7.pdf"
    with pytest.raises(NotFetched, match="https"):
        fetch("https://a.example.edu/", contact=CONTACT, limit=1 << 20)
    network.answers["a.example.edu/"] = "/"
    with pytest.raises(NotFetched, match="leads from one"):
        fetch("https://a.example.edu/", contact=CONTACT, limit=1 << 20)


def test_an_answer_that_is_too_large_or_too_slow_is_left(monkeypatch, network):
    with pytest.raises(NotFetched, match="larger than"):
        fetch("https://repository.example.edu/7.pdf", contact=CONTACT, limit=100)
    monkeypatch.setattr(fetching, "SECONDS", -1)
    with pytest.raises(NotFetched, match="seconds"):
        fetch("https://repository.example.edu/7.pdf", contact=CONTACT, limit=1 << 20)


def test_who_asks_is_an_address_of_e_mail(monkeypatch):
    monkeypatch.setenv("REVIEWAPP_LOOKUP_EMAIL", CONTACT)
    assert env.address("REVIEWAPP_LOOKUP_EMAIL") == CONTACT
    for wrong in ("yes", "a@b", "a@b.c\nd", "a b@example.org"):
        monkeypatch.setenv("REVIEWAPP_LOOKUP_EMAIL", wrong)
        with pytest.raises(ImproperlyConfigured, match="e-mail address"):
            env.address("REVIEWAPP_LOOKUP_EMAIL")
