"""Every address x everybody of the cast x the answer. The table is tests/access_tables/."""

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, reverse

from citations.models import Record
from components.models import Component
from reviews.models import Invitation, Job, Membership
from screening.models import Decision
from tests import access_tables
from tests.access_tables import MEMBERS, STRANGERS
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

TABLES = [
    importlib.import_module(f"tests.access_tables.{found.name}")
    for found in pkgutil.iter_modules(access_tables.__path__)
]
ROWS = {
    name: rows if isinstance(rows, list) else [rows]
    for table in TABLES
    for name, rows in table.ROWS.items()
}


def addresses(resolver=None, namespaces=(), prefix=""):
    """(name with namespaces, pattern, path) of every address there is."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield ":".join([*namespaces, entry.name or f"(no name: {path})"]), entry, path
        else:
            below = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from addresses(entry, below, path)


ADDRESSES = list(addresses())


def test_no_address_is_outside_the_table():
    missing = {name for name, _, _ in ADDRESSES} - set(ROWS)
    assert not missing, f"add a Row to tests/access_tables/ for: {', '.join(sorted(missing))}"


def test_no_row_is_without_an_address():
    gone = set(ROWS) - {name for name, _, _ in ADDRESSES}
    assert not gone, f"no such address (any more): {', '.join(sorted(gone))}"


def test_the_walk_sees_every_room():
    # A walk that silently stops at a namespace would make the tests above pass for nothing.
    assert {"healthz", "account_login", "reviews:setup", "synthesis:home"} <= {
        name for name, _, _ in ADDRESSES
    }


@pytest.mark.parametrize(
    ("name", "entry"),
    [(name, entry) for name, entry, path in ADDRESSES if path.startswith("r/<slug:slug>/")],
)
def test_every_view_of_a_review_is_behind_the_door(name, entry):
    assert getattr(entry.callback, "capabilities", None), f"{name} has no @member(…)"


def test_nothing_of_a_review_is_anywhere_else():
    for name, _, path in ADDRESSES:
        if "slug" in path:
            assert path.startswith(("r/<slug:slug>/", "api/v1/reviews/<slug:slug>/")), name


@dataclass
class World:
    """Ada's review "one" and Zed's "two" with one of everything in each, and everybody signed in."""

    cast: Cast
    objects: dict[str, dict[str, Any]]  # of each review, by name
    sessions: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def made_once(django_db_setup, django_db_blocker, tmp_path_factory):
    """Made once for all the tests here: none of them leaves a change behind."""
    folder = tmp_path_factory.mktemp("access")
    cheap = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=folder, PASSWORD_HASHERS=cheap),
        transaction.atomic(),
    ):
        cast = Cast()
        objects = {"one": seed(cast.review, cast.ada), "two": seed(cast.other, cast.zed)}
        sessions = {who: sign_in(getattr(cast, who)) for who in f"{MEMBERS} {STRANGERS}".split()}
        yield World(cast, objects, sessions, folder)
        transaction.set_rollback(True)


@pytest.fixture
def world(made_once):
    with override_settings(DATA_DIR=made_once.folder):
        yield made_once


def seed(review, lead):
    made = {}
    for table in TABLES:
        more = table.seed(review, lead) if hasattr(table, "seed") else {}
        assert not more.keys() & made.keys(), f"two tables seed one name: {table.__name__}"
        made |= more
    return made


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client.session.session_key


def test_every_object_has_one_name_and_every_row_names_one(world):
    wanted = {
        what
        for rows in ROWS.values()
        for row in rows
        for what in [*row.objects.values(), *row.sent.values()]
    }
    assert wanted <= set(world.objects["one"])
    assert {type(each) for each in world.objects["one"].values()} >= {
        Job,
        Invitation,
        Membership,
        Record,
        Decision,
        Component,
    }


def address(name, row, objects):
    """The address of `row` in review "one", with the given objects."""
    path = next(path for known, _, path in ADDRESSES if known == name)
    named = {argument: objects[what].pk for argument, what in row.objects.items()}
    slug = {"slug": "one"} if "<slug:slug>" in path else {}
    return reverse(name, kwargs={**slug, **named, **row.args})


def answer_to(world, who, row, url, objects):
    """The status that `who` gets; what the request did is undone."""
    client = Client()
    if who != "anonymous":
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[who]
    data = row.data | {name: objects[what].pk for name, what in row.sent.items()}
    with transaction.atomic():
        response = getattr(client, row.method)(url, data)
        if response.streaming:
            b"".join(response.streaming_content)  # so that its file is closed
        transaction.set_rollback(True)
    return response.status_code


def expected(row):
    """{name: status} for everybody of the cast."""
    opened = row.open_to.split()
    rule = {who: row.forbidden for who in MEMBERS.split()}
    rule |= dict.fromkeys(STRANGERS.split(), row.stranger)
    return {"anonymous": row.anonymous, **rule, **dict.fromkeys(opened, row.ok), **row.but}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_everybody_gets_the_answer_of_the_table(world, name):
    here = world.objects["one"]
    for row in ROWS[name]:
        url = address(name, row, here)
        wanted = expected(row)
        got = {who: answer_to(world, who, row, url, here) for who in wanted}
        assert got == wanted, f"{row.method.upper()} {url}"


@pytest.mark.parametrize(
    "name", sorted(name for name, rows in ROWS.items() if any(row.objects for row in rows))
)
def test_an_object_of_another_review_is_not_found(world, name):
    here, elsewhere = world.objects["one"], world.objects["two"]
    for row in ROWS[name]:
        for argument in row.objects.values():
            mixed = here | {argument: elsewhere[argument]}
            url = address(name, row, mixed)
            for who in row.open_to.split():
                answer = answer_to(world, who, row, url, mixed)
                assert answer == 404, f"{who}: {row.method.upper()} {url}"
