"""The API answers as its description says, whatever it is sent: no 5xx, no undocumented answer.

schemathesis makes requests that fit the description and requests that don't, for each address and
method, as somebody who may be there and with objects that exist, so that they reach the action.
CONCORD_EXAMPLES says how many of each (5 in the suite; 200 take half an hour).
"""

import os
import re

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings

from reviews import tokens
from tests.test_access import ADDRESSES, ROWS, made_once, world  # noqa: F401  # fixtures

schemathesis = pytest.importorskip(
    "schemathesis", reason="NOT RUN: schemathesis is not installed (requirements-dev.lock)"
)
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.generation import GenerationMode  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("CONCORD_EXAMPLES", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DESCRIPTION = SchemaGenerator().get_schema(request=None, public=True)
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
SCHEMA.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture(autouse=True)
def _one_connection():
    """As Django's own test client: the end of a request does not close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def row_of(operation):
    """The row of the table of access for an operation: who may be there, with which objects."""
    path = re.sub(r"\{(\w+)\}", "<>", operation.path.removeprefix("/"))
    for name, _, known in ADDRESSES:
        if re.sub(r"<[^>]+>", "<>", known) == path:
            rows = [row for row in ROWS[name] if row.method == operation.method.lower()]
            return (rows or ROWS[name])[0]
    raise LookupError(operation.path)


def test_each_address_of_the_api_is_described():
    described = {re.sub(r"\{\w+\}", "<>", path).removeprefix("/") for path in DESCRIPTION["paths"]}
    there = {
        re.sub(r"<[^>]+>", "<>", path)
        for name, _, path in ADDRESSES
        if path.startswith("api/v1/") and name not in ("schema", "docs", "api_nowhere")
    }
    assert there == described


def test_each_operation_says_its_errors_and_its_parameters():
    for operation in OPERATIONS:
        responses = operation.definition.raw["responses"]
        assert {"400", "401", "403", "429"} <= set(responses), operation.label
        for code, answer in responses.items():
            assert answer.get("content") or code == "204", (operation.label, code)


def says(operation):
    """Does its request say anything that could be wrong?"""
    raw = operation.definition.raw
    return "requestBody" in raw or any(each["in"] == "query" for each in raw.get("parameters", []))


ASKED = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode == GenerationMode.POSITIVE or says(operation)
]


@pytest.mark.parametrize(("operation", "mode"), ASKED)
def test_the_api_answers_as_it_is_described(world, operation, mode):  # noqa: F811
    row = row_of(operation)
    with transaction.atomic():
        who = getattr(world.cast, (row.open_to.split() or ["ada"])[0])
        secret = tokens.make(who, name="Test", scopes=tokens.Scope.values)[1]
        named = {"slug": "one"} | row.args
        named |= {name: world.objects["one"][what].pk for name, what in row.objects.items()}
        asked = re.findall(r"\{(\w+)\}", operation.path)
        # The description calls an address's number `id`.
        here = {name: named.get(name, named.get("pk")) for name in asked}

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case):
            case.path_parameters.update(here)
            case.headers["Authorization"] = f"Token {secret}"
            with transaction.atomic():
                response = case.call()
                transaction.set_rollback(True)
            case.validate_response(response, checks=CHECKS)

        try:
            answers()
        finally:
            transaction.set_rollback(True)
