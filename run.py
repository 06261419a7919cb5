#!/usr/bin/env python3
"""Concord on one machine, with nothing but Python 3.11 or newer.

    python3 run.py              install, prepare, start web and worker; Ctrl-C stops both
    python3 run.py --no-demo    the same without the fictional demo review (first start only)
    python3 run.py setup        install and prepare only; --dev adds the developers' tools,
                                --vectors what the ranking needs to read sentences
    python3 run.py test         the whole suite, on SQLite and on PostgreSQL with Redis;
                                --no-browser leaves the browser tests out, --browser-twice runs
                                them on both, --only sqlite|postgresql runs on one, and what
                                else follows goes to pytest
    python3 run.py lint         every check that needs no test run
    python3 run.py format       bring code and templates into the form that lint asks for
    python3 run.py bench NAME   one measurement of bench/; without NAME, their names
    python3 run.py manage ...   Django's command line

Everything is installed into .venv beside this file, and kept in ./data (REVIEWAPP_DATA_DIR).
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

if sys.version_info < (3, 11):  # noqa: UP036  (the sentence is for those who have an older one)
    sys.exit(f"Concord needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from tools import checks, environment, preparation, serving, testing


def start(words: list[str]) -> int:
    options = parser("")
    options.add_argument("--no-demo", action="store_true")
    wanted = not options.parse_args(words).no_demo
    if wanted:  # for one person who tries it, on the loopback address
        os.environ.setdefault("REVIEWAPP_RESTORE_FROM_PAGE", "everybody")
    serving.choose_port().close()  # a wrong or taken PORT is said before anything is installed
    environment.install()
    preparation.prepare_tables_and_files()
    return serving.serve(preparation.demo_sign_ins(wanted=wanted))


def setup(words: list[str]) -> int:
    options = parser("setup")
    options.add_argument("--dev", action="store_true")
    options.add_argument("--vectors", action="store_true")
    asked = options.parse_args(words)
    environment.install(dev=asked.dev)
    if asked.vectors and not environment.install_vectors():
        environment.stop("Sentence vectors could not be installed; everything else works without.")
    preparation.prepare_tables_and_files()
    environment.say("Ready. Start it with: python3 run.py")
    return 0


def test(words: list[str]) -> int:
    options = parser("test", add_help=False)
    options.add_argument("--no-browser", action="store_true")
    options.add_argument("--browser-twice", action="store_true")
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    ours, for_pytest = options.parse_known_args(words)
    return testing.run_tests(
        for_pytest,
        with_browser=not ours.no_browser,
        browser_twice=ours.browser_twice,
        only=ours.only,
    )


def lint(words: list[str]) -> int:
    parser("lint").parse_args(words)
    return checks.lint()


def tidy(words: list[str]) -> int:
    parser("format").parse_args(words)
    return checks.tidy()


def bench(words: list[str]) -> int:
    names = sorted(path.stem for path in (environment.ROOT / "bench").glob("[!_]*.py"))
    if not words or words[0] not in names:
        environment.stop(f"Which one? {', '.join(names) or 'There is none yet.'}")
    environment.install(dev=True)
    return become_python("-m", f"bench.{words[0]}", *words[1:])


def manage(words: list[str]) -> int:
    environment.install()
    return become_python("manage.py", *words)


def become_python(*arguments: str) -> NoReturn:
    """Turn into that program, so that the terminal, signals and exit code are its own."""
    os.chdir(environment.ROOT)
    os.execv(environment.PYTHON, [str(environment.PYTHON), *arguments])


def parser(command: str, *, add_help: bool = True) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"run.py {command}".strip(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=add_help,
    )


COMMANDS = {
    "setup": setup,
    "test": test,
    "lint": lint,
    "format": tidy,
    "bench": bench,
    "manage": manage,
}


def main(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](words[1:])
    if words and not words[0].startswith("-"):
        environment.stop(f"run.py knows {', '.join(COMMANDS)}, not {words[0]!r}.")
    return start(words)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
