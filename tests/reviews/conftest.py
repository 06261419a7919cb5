"""A real Chromium before a real server, for the ways that a test client can't walk."""

import os
import shutil

import pytest
from django.core.cache import cache

# Playwright's loop makes Django think that it is asynchronous, in fixtures too.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
CHROMIUM = os.environ.get("CONCORD_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    if not CHROMIUM:
        pytest.skip("NOT RUN: no Chromium; install one or name it in CONCORD_CHROMIUM")
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    return {"executable_path": CHROMIUM, "args": quiet}


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
