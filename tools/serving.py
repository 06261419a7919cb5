"""Start web and worker, watch both, and stop both. Neither is left behind alone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools.environment import PYTHON, ROOT, say, stop
from tools.health import HOST, all_well, ask
from tools.preparation import HERE, last_lines, log_file

FIRST_PORT = 8000
PORTS_TO_TRY = 100
SECONDS_TO_START = 60
SECONDS_TO_STOP = 15


class StopAsked(Exception):
    """Ctrl-C or SIGTERM."""


@dataclass
class Child:
    """One process of ours and the file that holds all it printed."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    log_began: int  # bytes in the file before this start

    def printed(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self.log_began)
            return log.read().decode(errors="replace")


def take(port: int) -> socket.socket | None:
    """The port, open for us; None when somebody else has it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # So that a port that its last owner has just given up counts as free.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # only now it is ours: two may be bound to one port, one may listen
    except OSError:
        listener.close()
        return None
    return listener


def choose_port() -> socket.socket:
    """PORT if it is set, and then only that one; else 8000 or the next that is free.

    Opened at once and handed to the web process, so that nobody takes it between the two.
    """
    asked = os.environ.get("PORT", "")
    if asked:
        if not asked.isdecimal() or not 0 < int(asked) < 65536:
            stop(f"PORT must be a number from 1 to 65535, not {asked!r}.")
        found = take(int(asked))
        return found or stop(
            f"Port {asked} is taken. Choose another PORT, or none to have one found."
        )
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY):
        if found := take(port):
            return found
    stop(f"No free port from {FIRST_PORT} to {FIRST_PORT + PORTS_TO_TRY - 1}. Set PORT.")


def web_command(listener: int) -> list[str]:
    """Gunicorn on a socket that is open already; `listener` is its file descriptor."""
    workers = os.environ.get("WEB_CONCURRENCY", "2")
    return [
        *(str(PYTHON), "-m", "gunicorn", "reviewapp.wsgi", "--bind", f"fd://{listener}"),
        *("--workers", workers, "--threads", "4", "--graceful-timeout", "10"),
        # A reviewer thinks for longer than gunicorn's 2 s between two decisions; an idle
        # connection costs no thread, and one that closes under a POST is a decision sent again.
        *("--keep-alive", "75"),
        "--no-control-socket",
    ]


def worker_command() -> list[str]:
    """The embedded worker; or, with REDIS_URL, Celery with its clock (-B) in the same process."""
    if not os.environ.get("REDIS_URL"):
        return [str(PYTHON), "manage.py", "worker"]
    return [
        *(str(PYTHON), "-m", "celery", "-A", "reviewapp", "worker", "-B"),
        *("--loglevel", "INFO", "--concurrency", "2"),
    ]


def die_with_parent() -> Callable[[], None] | None:
    """On Linux: a hook that has the kernel end the child when run.py itself is killed with -9."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    pr_set_pdeathsig = 1
    return lambda: libc.prctl(pr_set_pdeathsig, signal.SIGTERM)


def launch(name: str, command: list[str], *keep_open: int) -> Child:
    """Start it with its output in its log; `keep_open` are file descriptors it inherits."""
    log = log_file(name)
    with log.open("ab") as output:
        began = output.tell()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=keep_open,
            # A group of its own: Ctrl-C in the terminal reaches only us, and we stop them in order.
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    return Child(name, process, log, began)


def dead(children: list[Child]) -> Child | None:
    return next((child for child in children if child.process.poll() is not None), None)


def wait_until_healthy(port: int, children: list[Child]) -> bool:
    """True when web, database and worker are all well; False when one died or time ran out."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if dead(children):
            return False
        if all_well(ask(port)):
            return True
        time.sleep(0.5)
    say(f"Not ready after {SECONDS_TO_START} s. /healthz says: {ask(port) or 'nothing'}")
    return False


def end(children: list[Child]) -> None:
    """Ask each to finish, wait, and kill what does not; a job that is cut off is taken up again."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"The {child.name} process did not stop in {SECONDS_TO_STOP} s; killing it.")
        # Also what a child of ours that was itself killed may have left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def on_signal(_number: int, _frame: FrameType | None) -> NoReturn:
    raise StopAsked


def serve(sign_ins: str) -> int:
    """Run until Ctrl-C, SIGTERM (both: 0) or until one of the two dies (1)."""
    listener = choose_port()
    port = int(listener.getsockname()[1])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    children: list[Child] = []
    code = 1
    try:
        with listener:
            descriptor = listener.fileno()
            children.append(launch("web", web_command(descriptor), descriptor))
        children.append(launch("worker", worker_command()))
        if wait_until_healthy(port, children):
            greet(port, sign_ins, children)
            while not dead(children):
                time.sleep(0.5)
    except StopAsked:
        code = 0
        say("\nStopping …")
    finally:
        # A second Ctrl-C must not leave one of them behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        first = dead(children)
        end(children)
    if code and first:
        exit_code = first.process.returncode
        say(f"\n{last_lines(first.printed())}")
        say(f"The {first.name} process ended with exit code {exit_code}; the other was stopped.")
        say(f"Its log: {first.log}")
    return code


def greet(port: int, sign_ins: str, children: list[Child]) -> None:
    if sign_ins.strip():
        say(f"\n{sign_ins.strip().replace(HERE, f'http://{HOST}:{port}')}")
    say(f"\nConcord is ready: http://{HOST}:{port}/")
    say(f"Logs: {', '.join(str(child.log) for child in children)}")
    say("Ctrl-C stops it.")
