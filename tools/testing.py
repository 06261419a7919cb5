"""`run.py test`: the whole suite on SQLite, then on PostgreSQL with Redis."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools import browser
from tools.databases import servers
from tools.environment import PYTHON, ROOT, install, install_vectors, say, stop

PYTEST_FOUND_NO_TEST = 5
PROCESSES = 2

NO_CHROMIUM = (
    "The browser tests cannot run: there is no Chromium that starts. Install one (Debian: "
    "apt-get install chromium), name it in CONCORD_CHROMIUM, or leave these tests out with "
    "--no-browser."
)

NO_SERVERS = (
    "NOT RUN ON POSTGRESQL: set DATABASE_URL and REDIS_URL, start both servers on their standard "
    "local ports, or install their programs."
)


@dataclass
class Part:
    """One run of the suite on one database."""

    name: str
    code: int
    seconds: float
    not_run: list[str] = field(default_factory=list)  # "3 × NOT RUN: reason"

    def __str__(self) -> str:
        words = {0: "passed", PYTEST_FOUND_NO_TEST: "found no test"}
        return f"{self.name:<32} {words.get(self.code, 'FAILED'):<14} {self.seconds:6.0f} s"


def run_part(name: str, marks: str | None, arguments: list[str], variables: dict[str, str]) -> Part:
    """Run pytest with only `variables` saying which database, and a data folder of its own."""
    say(f"\n== {name} ==")
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    command = [str(PYTHON), "-m", "pytest", "-n", str(PROCESSES), "--dist", "worksteal"]
    if marks:
        command += ["-m", marks]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="concord-test-") as folder:
        kept = Path(folder) / "not-run.txt"  # written by tests/conftest.py
        environment |= {
            "REVIEWAPP_DATA_DIR": folder,
            "CONCORD_NOT_RUN": str(kept),
            **variables,
        }
        code = subprocess.call(
            [*command, *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL
        )
        not_run = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return Part(name, code, time.monotonic() - started, not_run)


def run_tests(
    arguments: list[str], *, with_browser: bool, browser_twice: bool, only: str | None
) -> int:
    """Run the parts, say how each went and how long it took; 0 when all passed.

    The browser tests run on SQLite only unless `browser_twice`: see docs/decisions.
    """
    install(dev=True)
    if not install_vectors():
        say("The tests of sentence vectors will say that they did not run.")
    variables = {}
    if with_browser:
        chromium = browser.find_or_install() or stop(NO_CHROMIUM)
        variables[browser.VARIABLE] = chromium

    parts: list[Part] = []
    notes: list[str] = []
    if only != "postgresql":
        parts.append(
            run_part("SQLite", None if with_browser else "not browser", arguments, variables)
        )
    if only != "sqlite":
        here_too = with_browser and (browser_twice or only == "postgresql")
        with servers() as found:
            if found:
                marks = "" if here_too else "not browser"
                if parts:  # what touches no database has run already
                    marks = " and ".join(filter(None, ["database", marks]))
                where = {**variables, **found}
                parts.append(run_part("PostgreSQL and Redis", marks, arguments, where))
            else:
                notes.append(NO_SERVERS)
    if not with_browser:
        notes.append("The browser tests were left out.")
    return summary(parts, notes, picked=bool(arguments))


def summary(parts: list[Part], notes: list[str], *, picked: bool) -> int:
    """Print how it went. Tests picked by hand may all belong to one part; a whole one may not."""
    codes = {part.code for part in parts}
    fine = {0, PYTEST_FOUND_NO_TEST} if picked else {0}
    passed = 0 in codes and codes <= fine
    if NO_SERVERS in notes and os.environ.get("CI") == "true":
        passed = False  # a green build must not mean half of it
    say("")
    for part in parts:
        say(str(part))
        for line in part.not_run:
            say(f"  {line}")
    for line in notes:
        say(line)
    minutes, seconds = divmod(round(sum(part.seconds for part in parts)), 60)
    say(f"{'Passed' if passed else 'FAILED'} in {minutes} min {seconds} s.")
    return 0 if passed else 1
