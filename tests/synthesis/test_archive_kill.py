"""A restore that is killed with -9 leaves no row; the next one restores everything."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_kills import database

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.timeout(600), pytest.mark.database]

SEED = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
from citations.models import Record, Report, Search
from reviews import actions
from reviews.models import User
from screening import flow
ada = User.objects.create_user("ada", "ada@example.org")
review = actions.create_review("Killed", by=ada, slug="killed")
search = Search.objects.create(review=review, name="S", kind="database", created_by=ada)
for number in range(1500):
    about = {"review": review, "title": f"Report {number}"}
    Record.objects.create(search=search, report=Report.objects.create(**about), **about)
flow.settle(review)
"""
COUNTS = """
from citations.models import Record, Report
from reviews.models import AuditEvent, Membership, Review, User
print([m.objects.count() for m in (Review, Report, Record, User, Membership, AuditEvent)])
"""


def test_a_kill_in_the_middle_leaves_nothing(tmp_path):
    with database(tmp_path) as url:
        apart = ("REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        environment = {k: v for k, v in os.environ.items() if k not in apart}
        environment |= {"DATABASE_URL": url, "REVIEWAPP_DATA_DIR": str(tmp_path)}
        manage = {"cwd": ROOT, "env": environment, "text": True}

        def run(*words):
            command = [sys.executable, "manage.py", *words]
            done = subprocess.run(command, capture_output=True, **manage)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        run("shell", "-v", "0", "-c", SEED)
        out = str(tmp_path / "killed.zip")
        run("archive", "killed", out)
        before = run("shell", "-v", "0", "-c", COUNTS)
        command = [sys.executable, "manage.py", "restore", out]
        for moment in ("Restoring records", "Checking the numbers"):
            with subprocess.Popen(command, stderr=subprocess.PIPE, **manage) as process:
                assert process.stderr is not None
                assert any(moment in line for line in process.stderr), "it never came so far"
                process.send_signal(signal.SIGKILL)
            assert process.returncode == -signal.SIGKILL
            assert run("shell", "-v", "0", "-c", COUNTS) == before
        run("restore", out)
        assert "wrong" not in run("verify")
        assert run("shell", "-v", "0", "-c", COUNTS).startswith("[2, 3000, 3000, 1, 2,")
