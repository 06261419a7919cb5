"""run.py and its tools: the locks, the environment, and two processes that live and die together."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import environment, preparation, testing

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[.*\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def pins(name):
    text = (ROOT / name).read_text()
    return {canonicalize_name(found["name"]): found["version"] for found in PIN.finditer(text)}


# The locks


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_the_lock_holds_every_dependency_in_a_version_that_was_asked_for(lock, requirements):
    locked = pins(lock)
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{lock} lacks {name}: run tools/lock.py"
        assert requirement.specifier.contains(locked[name]), f"{name}: run tools/lock.py"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_has_hashes_and_no_addresses(lock):
    text = (ROOT / lock).read_text()
    assert "http" not in text
    assert "file:" not in text
    packages = text.split("\n    --hash=sha256:")
    blocks = re.split(r"\n(?=\w)", text)
    assert all("--hash=sha256:" in block for block in blocks if not block.startswith("#"))
    assert len(packages) > len(blocks)


def test_the_developers_lock_is_the_runtime_one_and_more():
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime.items() < dev.items()


def test_the_runtime_lock_is_enough_for_celery_on_redis():
    """kombu imports what only its redis extra asks for; the developers' tools have it by chance."""
    needed = [Requirement(line) for line in requires("kombu")]
    for_redis = [r for r in needed if r.marker and r.marker.evaluate({"extra": "redis"})]
    assert len(for_redis) >= 1
    assert {canonicalize_name(r.name) for r in for_redis} <= pins("requirements.lock").keys()


# The environment


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """One folder for all these tests: the first makes the environment, which is the slow part."""
    return tmp_path_factory.mktemp("environment") / "venv"


@pytest.fixture
def empty_room(venv, tmp_path, monkeypatch):
    """An environment elsewhere, and a lock that asks for nothing, so that no network is needed."""
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed-locks.json")
    locks = {"runtime": tmp_path / "requirements.lock", "dev": tmp_path / "requirements-dev.lock"}
    for lock in locks.values():
        lock.write_text("# nothing\n")
    monkeypatch.setattr(environment, "LOCKS", locks)
    return locks


def test_it_installs_once_for_each_change_of_the_lock(empty_room, capsys):
    environment.install()
    assert "Installing requirements.lock" in capsys.readouterr().out
    environment.install()
    assert capsys.readouterr().out == ""
    empty_room["runtime"].write_text("# still nothing\n")
    environment.install()
    assert "Installing requirements.lock" in capsys.readouterr().out


def test_the_developers_set_satisfies_the_runtime_one(empty_room, capsys):
    environment.install(dev=True)
    assert "Installing requirements-dev.lock" in capsys.readouterr().out
    environment.install()
    environment.install(dev=True)
    assert capsys.readouterr().out == ""


def test_a_lock_that_cannot_be_installed_stops_with_a_sentence_and_leaves_no_stamp(
    empty_room, tmp_path
):
    empty_room["runtime"].write_text(f"{tmp_path}/not-there.whl --hash=sha256:{'0' * 64}\n")
    with pytest.raises(SystemExit, match="could not be installed"):
        environment.install()
    assert environment.installed() == {}


def test_a_broken_environment_is_made_again(empty_room):
    environment.install()
    environment.PYTHON.unlink()
    environment.PYTHON.symlink_to("/not/there")
    environment.install()
    assert environment.works(environment.PYTHON, "-c", "")


# The demo's sign-ins


@pytest.fixture
def first_start(tmp_path, monkeypatch):
    """A data folder of its own, and manage.py replaced by a log of what it was asked."""
    asked = []
    monkeypatch.setenv("REVIEWAPP_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(preparation, "commands", lambda: {"demo"})
    monkeypatch.setattr(preparation, "manage", lambda *words: asked.append(words) or "Ada, secret")
    return asked


def test_the_demo_is_made_once_and_its_sign_ins_are_said_again(first_start, tmp_path):
    assert preparation.demo_sign_ins(wanted=True) == "Ada, secret"
    assert preparation.demo_sign_ins(wanted=True) == "Ada, secret"
    assert len(first_start) == 1
    assert (tmp_path / "demo.txt").stat().st_mode & 0o077 == 0


def test_a_site_begun_without_the_demo_stays_without_it(first_start):
    assert preparation.demo_sign_ins(wanted=False) == ""
    assert preparation.demo_sign_ins(wanted=True) == ""
    assert first_start == []


def test_another_database_has_a_first_start_of_its_own(first_start, monkeypatch):
    preparation.demo_sign_ins(wanted=True)
    monkeypatch.setenv("DATABASE_URL", "postgres://concord:secret@127.0.0.1/concord")
    preparation.demo_sign_ins(wanted=True)
    assert len(first_start) == 2


# The words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["dance"], "run.py knows setup, test, lint, format, bench, manage, not 'dance'."),
        (["bench", "no-such-bench"], "Which one?"),
        (["lint", "--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_an_unknown_word_is_answered_with_a_sentence(words, sentence):
    answer = subprocess.run(
        [sys.executable, "run.py", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode != 0
    assert sentence in answer.stderr


def test_it_explains_itself():
    answer = subprocess.run(
        [sys.executable, "run.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for word in ("setup", "test", "lint", "format", "bench", "manage"):
        assert f"run.py {word}" in answer.stdout


# The verdict on a test run


@pytest.mark.parametrize(
    ("codes", "picked", "verdict"),
    [
        ([0, 0], False, 0),
        ([0, 1], False, 1),
        ([1, 0], False, 1),
        ([0, 5], False, 1),  # a whole suite in which one half found no test is no success
        ([0, 5], True, 0),  # tests picked by hand may all be browser tests
        ([5, 5], True, 1),
        ([], False, 1),
    ],
)
def test_the_verdict(codes, picked, verdict, capsys):
    parts = [testing.Part(f"part {n}", code, 1.0) for n, code in enumerate(codes)]
    assert testing.summary(parts, [], picked=picked) == verdict
    assert ("Passed in" if verdict == 0 else "FAILED in") in capsys.readouterr().out


@pytest.mark.parametrize(("ci", "verdict"), [("true", 1), ("", 0)])
def test_without_postgresql_it_says_so_and_fails_in_ci(ci, verdict, monkeypatch, capsys):
    monkeypatch.setenv("CI", ci)
    parts = [testing.Part("SQLite", 0, 1.0)]
    assert testing.summary(parts, [testing.NO_SERVERS], picked=False) == verdict
    assert "NOT RUN ON POSTGRESQL" in capsys.readouterr().out


def test_what_was_not_run_is_said_last(tmp_path, monkeypatch, capsys):
    """A green run without the corpora beside the project must not look like a whole one."""
    tests = tmp_path / "test_few.py"
    tests.write_text("""
import pytest
@pytest.mark.parametrize("n", [1, 2])
def test_corpus(n): pytest.skip("NOT RUN: ../shared is not here")
@pytest.mark.skipif(True, reason="NOT RUN: needs a net")
def test_net(): pass
@pytest.mark.skip(reason="of another platform")
def test_other(): pass
def test_fine(): pass
""")
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_terminal_summary\n")
    monkeypatch.setattr(testing, "PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    part = testing.run_part("SQLite", None, [str(tests), f"--rootdir={tmp_path}"], {})
    assert part.not_run == ["2 × NOT RUN: ../shared is not here", "1 × NOT RUN: needs a net"]
    assert testing.summary([part], [], picked=False) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in told[-3:-1]] == part.not_run


# Web and worker, watched

WELL = '{"web": "ok", "database": "ok", "worker": "ok"}'
WEB = f"""
import http.server, socket, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{WELL}')
server = http.server.HTTPServer(("", 0), Healthy, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.server_activate()
server.serve_forever()
"""
WORKER = "import time; time.sleep(600)"
BROKEN_WORKER = "import sys; sys.exit('no key for the field')"
DRIVER = """
import sys
from tools import serving
web, worker = sys.argv[1:]
serving.web_command = lambda fd: [sys.executable, "-c", web, str(fd)]
serving.worker_command = lambda: [sys.executable, "-c", worker]
launch = serving.launch
def tell(*arguments):
    name, child = arguments[0], launch(*arguments)
    print(name, child.process.pid, flush=True)
    return child
serving.launch = tell
sys.exit(serving.serve("Sign in as ada at http://here/r/demo/"))
"""


class Runner:
    """A process that prints lines; `until` reads them up to one that contains a text."""

    def __init__(self, command, **variables):
        environ = {k: v for k, v in os.environ.items() if k != "PORT"} | variables
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []

    def until(self, text):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return line.strip()
        pytest.fail(f"{text!r} was never said:\n" + "\n".join(self.lines))

    def pid(self, name):
        return next(int(line.split()[1]) for line in self.lines if line.startswith(f"{name} "))

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def start(tmp_path):
    """`start(worker=...)` runs the supervisor on small processes of our own; all end afterwards."""
    started = []

    def run(worker=WORKER, **variables):
        command = [sys.executable, "-c", DRIVER, WEB, worker]
        started.append(Runner(command, REVIEWAPP_DATA_DIR=str(tmp_path), **variables))
        return started[-1]

    yield run
    for runner in started:
        if runner.process.poll() is None:
            runner.end(signal.SIGTERM)


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(pid):
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="NOT RUN: needs /proc")


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_greets_and_stops_both_when_asked(start, number):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    runner = start(PORT=str(free))
    runner.until(f"Sign in as ada at http://127.0.0.1:{free}/r/demo/")
    runner.until("Concord is ready: http://127.0.0.1:")
    runner.until("Ctrl-C stops it.")
    web, worker = runner.pid("web"), runner.pid("worker")
    assert is_running(web)
    assert is_running(worker)
    assert runner.end(number) == 0
    assert not is_running(web)
    assert not is_running(worker)


@linux
@pytest.mark.parametrize(("killed", "other"), [("web", "worker"), ("worker", "web")])
def test_when_one_is_killed_it_says_so_and_stops_the_other(start, killed, other):
    runner = start()
    runner.until("Ctrl-C stops it.")
    os.kill(runner.pid(killed), signal.SIGKILL)
    runner.until(f"The {killed} process ended with exit code -9; the other was stopped.")
    assert runner.process.wait(30) == 1
    assert not is_running(runner.pid(other))


def test_it_shows_why_one_did_not_start(start):
    runner = start(worker=BROKEN_WORKER)
    runner.until("no key for the field")
    runner.until("The worker process ended with exit code 1")
    assert runner.process.wait(30) == 1


@linux
def test_killing_run_py_itself_leaves_nothing_behind(start):
    runner = start()
    runner.until("Ctrl-C stops it.")
    runner.end(signal.SIGKILL)
    assert ends(runner.pid("web"))
    assert ends(runner.pid("worker"))


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


def test_a_port_that_was_asked_for_and_is_taken_is_said(start, taken):
    runner = start(PORT=taken)
    runner.until(f"Port {taken} is taken.")
    assert runner.process.wait(30) == 1


def test_without_a_wish_the_next_free_port_is_found(start):
    first, second = start(), start()
    addresses = {runner.until("Concord is ready").split()[-1] for runner in (first, second)}
    assert len(addresses) == 2


def test_a_site_with_a_name_of_its_own_is_asked_by_that_name(start):
    runner = start(REVIEWAPP_ALLOWED_HOSTS=".concord.example.org")
    runner.until("Concord is ready")


# The real thing


@linux
@pytest.mark.skipif(
    Path(sys.prefix) != environment.VENV, reason="NOT RUN: needs the .venv that run.py makes"
)
@pytest.mark.parametrize("redis", ["", "as it is"])
def test_it_starts_the_real_site_and_notices_a_killed_worker(tmp_path, redis):
    """On SQLite, once with the embedded worker and once, where there is a Redis, with Celery."""
    url = os.environ.get("REDIS_URL", "") if redis else ""
    if redis and not url:
        pytest.skip("NOT RUN: this half of the suite has no Redis")
    folder = tmp_path / "data"
    runner = Runner(
        [sys.executable, "run.py", "--no-demo"],
        REVIEWAPP_DATA_DIR=str(folder),
        DATABASE_URL="",
        REDIS_URL=url,
    )
    try:
        runner.until("Ctrl-C stops it.")
        assert (folder / "concord.sqlite3").exists()
        assert (folder / "demo.txt").read_text() == ""
        # Others may read what one user has collected: the container's web process is not root.
        assert (ROOT / "staticfiles" / "staticfiles.json").stat().st_mode & 0o044 == 0o044
        words = "celery" if url else "manage.py worker"
        worker = next(pid for pid in children(runner.process.pid) if words in command_line(pid))
        os.kill(worker, signal.SIGKILL)
        runner.until("The worker process ended with exit code -9")
        assert runner.process.wait(60) == 1
    finally:
        if runner.process.poll() is None:
            runner.end(signal.SIGTERM)


def children(pid):
    return map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_healthz_is_read_part_by_part():
    from tools.health import all_well

    answer = json.loads(WELL) | {"worker": "silent"}
    assert not all_well(answer)
    assert all_well(answer, ("web", "database"))
    assert not all_well({})
