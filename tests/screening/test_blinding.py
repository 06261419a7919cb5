"""Until Cy has decided, nothing that Cy can fetch depends on what Bo said.

Two worlds are made by the same steps; in one Bo includes, in the other Bo excludes. Then every
page of the review that answers a GET is fetched as Cy, by walking the URLconf with every id there
is and by following every link, and compared byte by byte. A room that is added is walked too.
"""

import json
import re
from html import unescape
from io import BytesIO
from itertools import product
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from citations.models import Record, Report, Search
from reviews.actions import set_criteria
from reviews.models import Membership
from screening import actions, retrieval
from screening.desk import labels, queue, submitting
from screening.models import Decision
from screening.reasons import set_reasons
from synthesis.demo.pdf import pdf
from tests.conftest import Cast

CANARY = "CANARY7f3a"
IDS = range(1, 15)
FEW_IDS = range(1, 4)  # in addresses that name several things
# What the parameters of addresses may hold; a text that is not here is tried with each of WORDS.
VALUES = {
    "slug": ["one"],
    "stage": ["abstract", "fulltext"],
    "kind": ["svg", "json", "csv", "png", "pdf", "docx", "ris", "bib", "xlsx", "xml", "overlap"],
}
WORDS = ["abstract", "fulltext", "json", "csv", "ris", "xlsx"]
LEAVING = re.compile(r"/accounts/|logout|/static/")
LINK = re.compile(r"""(?:href|src|action|hx-get|data-url)=["']([^"']+)""")
# What differs between any two fetches of a page.
MOVING = [
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"'), b"csrf"),
    (re.compile(rb'name="csrf-token" content="[^"]+"'), b"csrf"),
    (re.compile(rb'"X-CSRFTOKEN"[^"]+"[^"]+"'), b"csrf"),
    (re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"), b"moment"),
    (re.compile(rb"\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d"), b"moment"),
]


def named_patterns(resolver, namespaces=()):
    """(full name, names of the parameters) of every address below `resolver`."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = [*namespaces, pattern.namespace] if pattern.namespace else namespaces
            yield from named_patterns(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join([*namespaces, pattern.name])


def addresses():
    """Every address under /r/one/ and /api/ that the URLconf and the ids there are can make."""
    found = set()
    for name in set(named_patterns(get_resolver())):
        resolver, parts = get_resolver(), name.split(":")
        for namespace in parts[:-1]:
            resolver = resolver.namespace_dict[namespace][1]
        for _possibility, _pattern, _defaults, converters in resolver.reverse_dict.getlist(
            parts[-1]
        ):
            for parameters in {tuple(p) for _, p in _possibility}:
                choices = []
                for parameter in parameters:
                    is_number = type(converters.get(parameter)).__name__ == "IntConverter"
                    ids = IDS if len(parameters) < 3 else FEW_IDS
                    default = ids if is_number or "pk" in parameter or parameter == "id" else WORDS
                    choices.append(VALUES.get(parameter, default))
                for values in product(*choices):
                    try:
                        found.add(reverse(name, kwargs=dict(zip(parameters, values, strict=True))))
                    except NoReverseMatch:
                        continue
    return sorted(a for a in found if a.startswith(("/r/one/", "/api/")))


def world(verdict):
    """The review with Bo's blind answers in it; returns the cast."""
    call_command("flush", interactive=False, verbosity=0, reset_sequences=True)
    cast = Cast()
    review = cast.review
    # Cy also adjudicates: conflicts must not tell either.
    Membership.objects.filter(review=review, user=cast.cy).update(
        roles=["adjudicator", "screener", "extractor"]
    )
    reasons = set_reasons(review, "fulltext", ["Population", "Design"], by=cast.ada)
    set_criteria(review, [("inclusion", "Adults"), ("exclusion", "A letter")], by=cast.ada)
    questions = [each.pk for each in review.criteria.all()]
    for stage in ("abstract", "fulltext"):
        kept = {"screeners": 2, "maybe": "advances"}
        actions.set_rules(review, stage, by=cast.ada, ask_criteria=True, **kept)
    search = Search.objects.create(review=review, name="MEDLINE", created_by=cast.ada)
    reports = [Report.objects.create(review=review, title=f"Report {n}") for n in range(1, 11)]
    for report in reports:
        Record.objects.create(review=review, search=search, report=report, title=report.title)

    def bo(report, stage="abstract"):
        reason = reasons[0] if verdict == "exclude" and stage == "fulltext" else None
        says = dict.fromkeys(questions, "yes" if verdict == "include" else "no")
        if verdict == "exclude":
            del says[questions[0]]
        actions.decide(report, stage, verdict, by=cast.bo, reason=reason, note=CANARY, answers=says)

    for report in reports[:3]:  # blind on title and abstract
        bo(report)
    bo(reports[3])  # a changed mind, still blind
    actions.decide(reports[3], "abstract", "maybe", by=cast.bo, note=CANARY)
    bo(reports[3])
    actions.withdraw(
        actions.decide(reports[4], "abstract", verdict, by=cast.bo, note=CANARY), by=cast.bo
    )
    for report in reports[5:8]:  # both decided: the same in both worlds
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        report.refresh_from_db()
        paper = SimpleUploadedFile("a.pdf", pdf(str(report), ["Words of the paper."]))
        retrieval.attach_file(report, paper, by=cast.ada)
    for report in reports[5:7]:  # blind on full text
        bo(report, "fulltext")
    for name in ("include", "exclude"):  # both labels are there in both worlds
        labels.put(reports[9], "abstract", name, by=cast.cy)
    for report, stage in [(reports[0], "abstract"), (reports[5], "fulltext")]:
        labels.put(report, stage, verdict, by=cast.bo)
    actions.decide(reports[8], "abstract", "include", by=cast.bo)
    actions.decide(reports[8], "abstract", "exclude", by=cast.cy)
    return cast


def body(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(
        b"PK\x03\x04"
    ):  # a zip keeps the time of each member: compare what is in it
        with ZipFile(BytesIO(content)) as archive:
            content = b"\n".join(name.encode() + archive.read(name) for name in archive.namelist())
    for pattern, word in MOVING:
        content = pattern.sub(word, content)
    return content


def crawl(user):
    """{address: (status, body)} of everything that `user` can fetch."""
    client = Client()
    client.force_login(user)
    seen, todo = {}, addresses()
    lists = ("/r/one/reports/", "/r/one/reports/export/csv/")
    todo += [f"{list_}?label={pk}" for list_ in lists for pk in FEW_IDS]
    while todo:
        address = todo.pop()
        if address in seen or LEAVING.search(address):
            continue
        response = client.get(address)
        seen[address] = (response.status_code, body(response))
        if "html" in response.get("Content-Type", ""):
            for link in LINK.findall(seen[address][1].decode()):
                link = unescape(link).split("#")[0]
                link = address.split("?")[0] + link if link.startswith("?") else link
                if link.startswith(("/r/", "/api/")):
                    todo.append(link)
    return seen


def acts(user):
    """What Cy gets back for acts of Cy's own that end nobody's blindness."""
    client = Client()
    client.force_login(user)
    answers = []
    for path, sent in [
        (
            "/r/one/screen/abstract/decide/",
            {"report": 10, "verdict": "include", "held": [1, 2, 3, 9]},
        ),
        ("/r/one/screen/abstract/undo/", {"report": 10}),
        ("/r/one/screen/abstract/undo/", {"report": 1}),
        ("/r/one/screen/abstract/decide/", {"report": 10, "verdict": "exclude", "reason": 1}),
    ]:
        response = client.post(path, json.dumps(sent), content_type="application/json")
        answers.append((path, response.status_code, body(response)))
    return answers


@pytest.mark.django_db(transaction=True)
def test_nothing_that_cy_can_fetch_depends_on_what_bo_said():
    worlds = {}
    for verdict in ("include", "exclude"):
        cast = world(verdict)
        who = Membership.objects.get(user=cast.cy, review=cast.review)
        order = [report.pk for report in queue.next_for(who, "abstract", 20)]
        seen = crawl(cast.cy)
        worlds[verdict] = {"order": order, "seen": seen, "acts": acts(cast.cy)}
    one, other = worlds["include"], worlds["exclude"]
    assert one["order"] == other["order"]
    assert set(one["seen"]) == set(other["seen"])
    for address, answer in one["seen"].items():
        assert answer == other["seen"][address], address
        assert CANARY.encode() not in answer[1], address
    assert one["acts"] == other["acts"]
    good = [address for address, (status, _) in one["seen"].items() if status == 200]
    # It walked: the reviewer's pages are there, and with content.
    for page in (
        "screen/",
        "screen/fulltext/",
        "decisions/",
        "conflicts/",
        "agreement/",
        "prisma/",
    ):
        assert f"/r/one/{page}" in good
    assert b"Report 1" in one["seen"]["/r/one/screen/"][1]


@pytest.mark.django_db(transaction=True)
def test_the_walk_would_find_a_leak(monkeypatch):
    """The same walk with the blind broken on purpose: a card that shows how many have excluded."""

    def leaking(report, known):
        said = Decision.objects.filter(report=report, verdict="exclude").count()
        return {**card(report, known), "abstract": f"{said} said exclude"}

    card = submitting._card
    monkeypatch.setattr(submitting, "_card", leaking)
    pages = []
    for verdict in ("include", "exclude"):
        client = Client()
        client.force_login(world(verdict).cy)
        pages.append(body(client.get("/r/one/screen/")))
    assert pages[0] != pages[1]
