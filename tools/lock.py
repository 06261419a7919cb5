#!/usr/bin/env python3
"""Write requirements.lock, requirements-dev.lock and requirements-vectors.lock from pyproject.toml.

    python3 tools/lock.py                 # keep what still fits, add what is new
    python3 tools/lock.py --upgrade       # take the newest of everything
    python3 tools/lock.py --upgrade NAME  # take the newest of one package

One lock holds for Python 3.11 to 3.13 on Linux and macOS: differences are markers behind a
package. Every package is pinned with its hashes, and no address is written, so the files say
what is installed and each site says from where. Needs uv.
"""

import argparse
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
VECTORS = ROOT / "requirements-vectors.lock"

HEADER = "# Written by tools/lock.py from pyproject.toml; change that file, then run it again.\n"


def compile_lock(out: Path, *options: str, source: str = "pyproject.toml", text: str = "") -> None:
    """Resolve `source` ("-": `text`) into `out`; versions already pinned there are kept if they fit."""
    command = [
        *("uv", "pip", "compile", source, "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"),
        *("--no-header", "--quiet", "--output-file", str(out), *options),
    ]
    subprocess.run(command, cwd=ROOT, input=text, text=True, check=True)
    out.write_text(HEADER + out.read_text())
    lines = out.read_text().splitlines()
    if addresses := [line for line in lines if "http" in line or "file:" in line]:
        sys.exit(f"{out.name} names an address: {addresses[0]}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the locks from pyproject.toml.")
    parser.add_argument("--upgrade", nargs="?", const="everything", metavar="NAME")
    wanted = parser.parse_args().upgrade
    if not shutil.which("uv"):
        sys.exit("tools/lock.py needs uv: python3 -m pip install uv")

    upgrade = []
    if wanted == "everything":
        upgrade = ["--upgrade"]
    elif wanted:
        upgrade = ["--upgrade-package", wanted]
    compile_lock(RUNTIME, *upgrade)
    # The developers' lock is the first one plus their tools, never another choice of versions.
    compile_lock(DEV, "--extra", "dev", "--constraint", str(RUNTIME), *upgrade)
    # Of the extra just what it names: the package of the model asks for PyTorch, which is not used.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = "\n".join(project["optional-dependencies"]["vectors"])
    options = ("--no-deps", "--constraint", str(DEV), *upgrade)
    compile_lock(VECTORS, *options, source="-", text=named)


if __name__ == "__main__":
    main()
