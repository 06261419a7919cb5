"""`run.py lint`: every check that needs no test run, each shown by its own name."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
import time

from tools.environment import PYTHON, ROOT, VENV, install, say

# The version that templates are written for; pyproject.toml pins the same one.
DJANGO = "5.2"


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("templates/**/*.html"))]


def checks() -> dict[str, list[str]]:
    tool = VENV / "bin"
    found = {
        "ruff check": [str(tool / "ruff"), "check", "."],
        "ruff format": [str(tool / "ruff"), "format", "--check", "."],
        "mypy": [str(tool / "mypy"), "."],
        "import-linter": [str(tool / "lint-imports")],
        "migrations": [str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"],
        "deployment": [str(PYTHON), "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    }
    if paths := templates():
        found["djade"] = [str(tool / "djade"), "--check", "--target-version", DJANGO, *paths]
    return found


def production(folder: str) -> dict[str, str]:
    """An environment as a real site behind TLS would have, for `check --deploy`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("REVIEWAPP_", "DATABASE_"))}
    return kept | {
        "REVIEWAPP_HTTPS": "yes",
        "REVIEWAPP_DATA_DIR": folder,
        "REVIEWAPP_SECRET_KEY": secrets.token_urlsafe(60),
        "REVIEWAPP_ALLOWED_HOSTS": "concord.example.org",
    }


def lint() -> int:
    """Run all of them, also after one has failed; 0 when all passed."""
    install(dev=True)
    failed = []
    with tempfile.TemporaryDirectory(prefix="concord-lint-") as folder:
        environment = production(folder)
        for name, command in checks().items():
            started = time.monotonic()
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            passed = done.returncode == 0
            say(f"{name:<14} {'ok' if passed else 'FAILED':<7} {time.monotonic() - started:5.1f} s")
            if not passed:
                failed.append(name)
                say(done.stdout.rstrip())
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def tidy() -> int:
    """Put code and templates into the form that `lint` asks for."""
    install(dev=True)
    tool = VENV / "bin"
    subprocess.run([str(tool / "ruff"), "check", "--fix", "--quiet", "."], cwd=ROOT, check=False)
    subprocess.run([str(tool / "ruff"), "format", "."], cwd=ROOT, check=True)
    if paths := templates():
        # djade ends with 1 when it has changed something.
        djade = [str(tool / "djade"), "--target-version", DJANGO, *paths]
        subprocess.run(djade, cwd=ROOT, check=False)
    return 0
