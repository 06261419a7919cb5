"""What must be true before the site starts: tables, static files, and a demo review to look at."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from functools import cache
from pathlib import Path

from tools.environment import PYTHON, ROOT, say, stop

LAST_LINES = 25
HERE = "http://here"  # stands in what is kept for the address of each start; see serving.greet


def data_dir() -> Path:
    """Where the embedded database, the files, the logs and the demo's sign-ins are kept."""
    folder = ROOT / os.environ.get("REVIEWAPP_DATA_DIR", "data")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_file(name: str) -> Path:
    """data/logs/NAME.log; the previous one is kept as NAME.log.1 when it has grown large."""
    path = data_dir() / "logs" / f"{name}.log"
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > 5_000_000:
        path.replace(path.with_suffix(".log.1"))
    return path


def last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-LAST_LINES:])


def manage(title: str, *arguments: str) -> str:
    """Run one manage.py command to its end and return its output; stop the start if it fails."""
    log = log_file("setup")  # makes the data folder too, which the database needs
    started = time.monotonic()
    done = subprocess.run(
        [str(PYTHON), "manage.py", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    with log.open("a") as output:
        output.write(f"$ manage.py {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    if done.returncode != 0:
        stop(f"{last_lines(done.stdout + done.stderr)}\n{title} failed; the lines above say why.")
    say(f"{title}: done in {time.monotonic() - started:.1f} s.")
    return done.stdout


@cache
def commands() -> set[str]:
    """The names of the commands that manage.py knows."""
    done = subprocess.run(
        [str(PYTHON), "manage.py", "help", "--commands"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        stop(f"{last_lines(done.stderr)}\nmanage.py does not start; the lines above say why.")
    return set(done.stdout.split())


def prepare_tables_and_files() -> None:
    """Bring the database to this version of the code and collect the static files. Repeatable."""
    manage("Database", "migrate", "--no-input")
    manage("Cache", "createcachetable")
    manage("Static files", "collectstatic", "--no-input")


def database_mark() -> str:
    """Nothing for the embedded database; for each other one a short mark, not its password.

    Whoever moves to PostgreSQL with the same data folder begins with empty tables.
    """
    url = os.environ.get("DATABASE_URL", "")
    return f"-{hashlib.sha256(url.encode()).hexdigest()[:8]}" if url else ""


def demo_sign_ins(*, wanted: bool) -> str:
    """What `manage.py demo` printed, "" for none; makes the demo review on the first start only.

    The file that keeps the text also says that the first start is over: with `wanted` false an
    empty one is left, so that a later start does not fill a real site with invented people.
    """
    kept = data_dir() / f"demo{database_mark()}.txt"
    if kept.exists():
        return kept.read_text()
    if wanted and "demo" not in commands():
        say("No demo review: manage.py has no command called demo.")
        return ""
    text = manage("Demo review", "demo", "--base-url", HERE) if wanted else ""
    kept.touch(mode=0o600)
    kept.write_text(text)
    return text
