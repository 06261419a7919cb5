"""A PostgreSQL and a Redis to test on: named, found on this machine, or our own for the while."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.environment import PYTHON, apt_install, can_apt, say, works

SECONDS_TO_START = 30
LOCAL_POSTGRESQL = "postgres://postgres@127.0.0.1:5432/"
LOCAL_REDIS = "redis://127.0.0.1:6379/"

ASK_POSTGRESQL = "import sys, psycopg; psycopg.connect(sys.argv[1], connect_timeout=2).close()"
ASK_REDIS = "import sys, redis; redis.from_url(sys.argv[1], socket_connect_timeout=2).ping()"


def postgresql_answers(url: str) -> bool:
    return works(PYTHON, "-c", ASK_POSTGRESQL, url)


def redis_answers(url: str) -> bool:
    return works(PYTHON, "-c", ASK_REDIS, url)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str | None:
    """A server's program on the PATH or where Debian keeps PostgreSQL's, the newest first."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(debian[0]) if debian else shutil.which(name)


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str] | None]:
    """Give {"DATABASE_URL", "REDIS_URL"} for the tests, or None where there is no way to.

    In this order: the two variables themselves; the standard local ports (user postgres, no
    password); servers that we start on free ports, in a temporary folder, and stop afterwards.
    Only with CI=true, as root on Debian, are they installed first.
    """
    found = {
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        "REDIS_URL": os.environ.get("REDIS_URL", ""),
    }
    if not found["DATABASE_URL"] and postgresql_answers(LOCAL_POSTGRESQL):
        # A name of its own: two runs on one machine must not drop each other's tables.
        found["DATABASE_URL"] = f"{LOCAL_POSTGRESQL}concord_{secrets.token_hex(4)}"
    if not found["REDIS_URL"] and redis_answers(LOCAL_REDIS):
        found["REDIS_URL"] = f"{LOCAL_REDIS}{1 + secrets.randbelow(15)}"

    with contextlib.ExitStack() as ours:
        if not found["DATABASE_URL"] and available("initdb", "postgresql"):
            found["DATABASE_URL"] = ours.enter_context(own_postgresql())
        if not found["REDIS_URL"] and available("redis-server", "redis-server"):
            found["REDIS_URL"] = ours.enter_context(own_redis())
        yield found if all(found.values()) else None


def available(name: str, package: str) -> bool:
    """Is the program here, or may and can we install it?"""
    if program(name):
        return True
    may_install = os.environ.get("CI") == "true" and can_apt()
    return may_install and apt_install(package) and program(name) is not None


def postgres_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then it runs as Debian's account for it."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


@contextlib.contextmanager
def own_postgresql() -> Iterator[str]:
    """A throw-away cluster: trust on the loopback address, no fsync, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="concord-postgresql-") as folder:
        account = postgres_account()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        uid, gid = (account.pw_uid, account.pw_gid) if account else (None, None)
        groups: list[int] | None = [] if account else None
        cluster, port = f"{folder}/cluster", free_port()
        subprocess.run(
            [
                *(str(program("initdb")), "--pgdata", cluster, "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            user=uid,
            group=gid,
            extra_groups=groups,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": folder,
            "max_connections": "200",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        url = f"postgres://postgres@127.0.0.1:{port}/"
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                [str(program("postgres")), "-D", cluster, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                user=uid,
                group=gid,
                extra_groups=groups,
            )
        try:
            wait_for("PostgreSQL", process, lambda: postgresql_answers(url))
            yield f"{url}concord"
        finally:
            # "Fast" shutdown: connections left open by a broken test are closed.
            process.send_signal(signal.SIGINT)
            process.wait()


@contextlib.contextmanager
def own_redis() -> Iterator[str]:
    """A Redis that keeps nothing on disk."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(str(program("redis-server")), "--bind", "127.0.0.1", "--port", str(port)),
            *("--save", "", "--appendonly", "no"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
    )
    url = f"redis://127.0.0.1:{port}/"
    try:
        wait_for("Redis", process, lambda: redis_answers(url))
        yield f"{url}0"
    finally:
        process.terminate()
        process.wait()


def wait_for(name: str, process: subprocess.Popen[bytes], answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start on this machine.")
        time.sleep(0.1)
    say(f"Started a {name} of our own for the tests.")
