"""The `.venv` beside run.py: made with whatever this machine has, filled from the hashed lock."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {
    "runtime": ROOT / "requirements.lock",
    "dev": ROOT / "requirements-dev.lock",
    "vectors": ROOT / "requirements-vectors.lock",
}
STAMP = VENV / "installed-locks.json"

NO_WAY_TO_INSTALL = (
    "Concord needs pip to install its packages and this Python has none. "
    "Install it (Debian and Ubuntu: apt-get install python3-venv python3-pip), then try again."
)


def say(text: str) -> None:
    print(text, flush=True)


def stop(text: str) -> NoReturn:
    """End with one readable sentence and exit code 1."""
    sys.exit(text)


def works(*command: str | Path) -> bool:
    """Does this command exist and end well? Its output is not shown."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def can_apt() -> bool:
    """May we install Debian packages ourselves?"""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> bool:
    """Install Debian packages as root; False (with apt's last lines shown) when it did not go."""
    say(f"Installing {', '.join(packages)} with apt-get …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            say("\n".join(done.stdout.splitlines()[-5:]))
            return False
    return True


def make_venv() -> None:
    """Make `.venv` unless a working one is there: uv, venv, venv without pip, apt, or stop."""
    if works(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        return
    made = make_bare_venv()
    # The standard library's venv, or pip, may be missing: Debian ships both apart.
    if not (made and installers()):
        made = can_apt() and apt_install("python3-venv", "python3-pip") and make_bare_venv()
    if not (made and installers()):
        shutil.rmtree(VENV, ignore_errors=True)
        stop(NO_WAY_TO_INSTALL)


def make_bare_venv() -> bool:
    """The first of the three ways that works; a half-made folder is cleared before the next."""
    for command in (
        ["uv", "venv", "--quiet", "--python", sys.executable, str(VENV)],
        [sys.executable, "-m", "venv", str(VENV)],
        [sys.executable, "-m", "venv", "--without-pip", str(VENV)],
    ):
        shutil.rmtree(VENV, ignore_errors=True)
        if works(*command) and works(PYTHON, "-c", ""):
            return True
    return False


def installers() -> list[tuple[str, list[str]]]:
    """Every way to install into `.venv` that this machine has, the quickest first."""
    found: list[tuple[str, list[str]]] = []
    if works("uv", "--version"):
        found.append(("uv", ["uv", "pip", "install", "--quiet", "--python", str(PYTHON)]))
    if works(PYTHON, "-m", "pip", "--version"):
        found.append(("pip", [str(PYTHON), "-m", "pip", "install", "--quiet"]))
    system_pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    # pip learnt --python in 22.3: an older one answers with an error here.
    if works(*system_pip, "--version"):
        found.append(("the system's pip", [*system_pip, "install", "--quiet"]))
    return found


def fingerprint(which: str) -> str:
    return hashlib.sha256(LOCKS[which].read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Which locks are installed, as {"runtime": sha256, "dev": sha256, "vectors": sha256}."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def install(*, dev: bool = False) -> None:
    """Make `.venv` and install the lock, once per change of the lock.

    The developers' lock contains the runtime one, so installing it satisfies both.
    """
    make_venv()
    which = "dev" if dev else "runtime"
    if installed().get(which) == fingerprint(which):
        return
    with_vectors = "vectors" in installed()
    STAMP.unlink(missing_ok=True)
    if not install_lock(which):
        stop("The packages could not be installed; the lines above say why.")
    kinds = ["runtime", "dev"] if dev else ["runtime"]
    STAMP.write_text(json.dumps({kind: fingerprint(kind) for kind in kinds}))
    if with_vectors:  # a site that chose them keeps them when the release brings other versions
        install_vectors()


def install_vectors() -> bool:
    """Install what sentence vectors need (docs/methods/ranking.md) beside the rest; whether it worked."""
    if installed().get("vectors") == fingerprint("vectors"):
        return True
    # What the model's package asks for beyond the lock is PyTorch, which is not used.
    if not install_lock("vectors", "--no-deps"):
        return False
    STAMP.write_text(json.dumps({**installed(), "vectors": fingerprint("vectors")}))
    return True


def install_lock(which: str, *options: str) -> bool:
    """Install a lock with the first installer that can; whether one could. It says what happens."""
    started = time.monotonic()
    for name, command in installers():
        say(f"Installing {LOCKS[which].name} with {name} …")
        lock = ["--require-hashes", "--requirement", str(LOCKS[which])]
        done = subprocess.run(
            [*command, *options, *lock],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            say(f"Installed in {time.monotonic() - started:.0f} s.")
            return True
        say(f"{done.stdout.rstrip()}\n{name} could not install {LOCKS[which].name}.")
    return False
