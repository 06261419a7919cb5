"""The cast that everyone knows: Ada leads, Bo and Cy review, Obi observes, Ann analyses, Ed
extracts, Al adjudicates; Eve is a stranger, Zed leads another review."""

import collections
import itertools
import os
import shutil
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import SimpleTestCase
from hypothesis import settings

from citations.models import Record, Report, Search
from reviews.actions import create_review
from reviews.models import Membership, User
from screening.ranking import encoder

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CHROMIUM = os.environ.get("CONCORD_CHROMIUM") or shutil.which("chromium")

# No timing is asserted, also not of a single example: a busy machine is no defect.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

# Playwright's loop makes Django think that it is asynchronous, in fixtures too.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items):
    """Mark what touches a database: the rest says the same on the second one, see decision 021."""
    for item in items:
        through = {"db", "transactional_db", "live_server"} & set(item.fixturenames)
        in_class = isinstance(getattr(item, "cls", None), type) and issubclass(
            item.cls, SimpleTestCase
        )
        if through or in_class or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)


def pytest_terminal_summary(terminalreporter):
    """Say last which tests were not run for want of something, and how many for each reason.

    run.py repeats these lines at its own end: it names the file that they go into.
    """
    # (path, line, "Skipped: reason")
    skipped = [
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    ]
    reasons = collections.Counter(why for why in skipped if why.startswith("NOT RUN"))
    lines = [f"{count} × {why}" for why, count in reasons.most_common()]
    if lines:
        terminalreporter.section("tests that were not run", yellow=True)
        terminalreporter.write("".join(f"{line}\n" for line in lines))
    if kept := os.environ.get("CONCORD_NOT_RUN"):
        Path(kept).write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """How pytest-playwright starts the one Chromium of all browser tests."""
    if not CHROMIUM:
        pytest.skip("NOT RUN: no Chromium; install one or name it in CONCORD_CHROMIUM")
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    return {"executable_path": CHROMIUM, "args": quiet}


@pytest.fixture(autouse=True)
def words_alone(monkeypatch):
    """Ranking as a plain installation has it; tests of sentence vectors switch them on themselves."""
    monkeypatch.setattr(encoder, "is_installed", lambda: False)


@pytest.fixture
def visit(live_server, transactional_db, new_context):
    """`visit(path)` opens a page in a fresh browser; `visit.complaints` is what browsers said."""
    cache.clear()

    def open_(path, **settings):
        page = new_context(base_url=live_server.url, **settings).new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda line: open_.complaints.append(line.text) if line.type == "error" else None,
        )
        page.on("pageerror", lambda error: open_.complaints.append(str(error)))
        page.goto(path)
        return page

    open_.complaints = []
    yield open_
    assert open_.complaints == []


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file: a live server's threads can't share one connection in memory."""
    from django.conf import settings

    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        default.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3")


@pytest.fixture(autouse=True)
def _fast_and_apart(settings, tmp_path):
    """Cheap password hashes, and a data folder of its own for each test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""
    # Otherwise every test client reads through all of staticfiles/ before its first request.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def shared():
    """The open benchmarks and corpora beside the project; skips where they are not."""
    if not SHARED.is_dir():
        pytest.skip("NOT RUN: ../shared (corpora and reference arithmetic) is not here")
    return SHARED


def person(name: str) -> User:
    return User.objects.create_user(
        name.lower(), f"{name.lower()}@example.org", "a long password", name=name
    )


class Cast:
    """`cast.ada` is a user; `cast.member("bo")` her membership; `cast.review` the review."""

    ROLES = {
        "ada": ["lead"],
        "bo": ["screener", "extractor"],
        "cy": ["screener", "extractor"],
        "al": ["adjudicator"],
        "ed": ["extractor"],
        "ann": ["analyst"],
        "obi": ["viewer"],
    }

    def __init__(self):
        self.ada = person("Ada")
        self.review = create_review("Programs for youth", by=self.ada, slug="one")
        for name, roles in self.ROLES.items():
            if name != "ada":
                setattr(self, name, person(name.capitalize()))
                Membership.objects.create(review=self.review, user=getattr(self, name), roles=roles)
        self.eve, self.zed = person("Eve"), person("Zed")
        self.other = create_review("Another review", by=self.zed, slug="two")

    def member(self, name: str) -> Membership:
        return Membership.objects.get(review=self.review, user=getattr(self, name))


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def review(cast):
    return cast.review


_numbers = itertools.count(1)


@pytest.fixture
def make_search():
    def make(review, name=None, kind="database", **fields):
        return Search.objects.create(
            review=review,
            name=name or f"Source {next(_numbers)}",
            kind=kind,
            created_by=review.created_by,
            **fields,
        )

    return make


@pytest.fixture
def make_report(make_search):
    """A report with `records` records of one search (made when not given)."""

    def make(review, title=None, *, search=None, records=1, **fields):
        search = search or review.searches.first() or make_search(review)
        title = title or f"Report {next(_numbers)}"
        report = Report.objects.create(review=review, title=title, **fields)
        for _ in range(records):
            Record.objects.create(
                review=review, search=search, report=report, title=title, **fields
            )
        return report

    return make


@pytest.fixture
def signed_in(client):
    """`signed_in(user)` gives a client that is signed in as that user."""
    from django.test import Client

    def sign_in(user):
        fresh = Client()
        fresh.force_login(user)
        return fresh

    return sign_in
