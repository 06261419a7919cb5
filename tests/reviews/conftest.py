"""A real Chromium before a real server, for the ways that a test client can't walk."""

import pytest
from django.core.cache import cache


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
