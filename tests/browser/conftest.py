"""A whole installation for the browser: a web process and a worker, as `run.py` starts them, on an
embedded database of their own. The tests see it as people do, through pages, and ask no model.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.serving import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 120


@dataclass
class Installation:
    """`url` of the web process; `manage` runs a command of manage.py on the same data."""

    url: str
    data: Path

    @property
    def environment(self):
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        return kept | {
            "REVIEWAPP_DATA_DIR": str(self.data),
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        }

    def manage(self, *arguments):
        """What the command printed; fails the test with it when the command failed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def install(tmp_path_factory):
    """`install()` starts one more installation; all of them end with the tests."""
    started = []

    def make():
        listener = socket.create_server(("127.0.0.1", 0))
        descriptor = listener.fileno()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        made = Installation(url, tmp_path_factory.mktemp("installation"))
        made.manage("migrate", "--no-input", "-v0")
        web = [sys.executable, "-m", "gunicorn", "reviewapp.wsgi", "--bind", f"fd://{descriptor}"]
        web += ["--workers", "1", "--threads", "6", "--no-control-socket", "--log-level", "error"]
        for name, command in {
            "web": web,
            "worker": [sys.executable, "manage.py", "worker"],
        }.items():
            with (made.data / f"{name}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=made.environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        pass_fds=[descriptor] if name == "web" else [],
                        preexec_fn=die_with_parent(),
                    )
                )
        listener.close()
        _wait_until_healthy(made)
        return made

    yield make
    for process in started:
        process.terminate()
    for process in started:
        process.wait(30)


@pytest.fixture(scope="session")
def demo(install):
    """An installation with the demo review, and its people's passwords as the command prints them."""
    site = install()
    site.passwords = dict(
        re.findall(r"^  (\w+) +([0-9a-f]{12}) ", site.manage("demo"), re.MULTILINE)
    )
    assert set(site.passwords) == {"ada", "bo", "cy", "al", "ann"}
    return site


def _wait_until_healthy(made):
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urllib.request.urlopen(f"{made.url}/healthz", timeout=10):
                return
        except OSError:
            logs = "\n".join(log.read_text() for log in made.data.glob("*.log"))
            assert time.monotonic() < deadline, f"not healthy in time\n{logs}"
            time.sleep(0.3)
