#!/usr/bin/env python3
"""Copy the few npm files that the browser needs into static/vendor, or check the copies.

    python tools/vendor.py          install from tools/package-lock.json, copy, write the manifest
    python tools/vendor.py --check  compare static/vendor with its manifest (no network, no node)

npm runs in a temporary folder, without install scripts; the app at run time never needs node.
To take a new version: edit tools/package.json, run with --update, look at the diff, commit both.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
VENDOR = TOOLS.parent / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"

# package -> {path inside the package (may be a pattern): folder inside static/vendor/<name>/}
# <name> is the last part of the package's name. pdf.js: the legacy build, because the modern one
# needs browsers of the last few months; wasm decodes the JBIG2 and JPEG 2000 of scanned papers.
WANTED: dict[str, dict[str, str]] = {
    "htmx.org": {"dist/htmx.min.js": "", "LICENSE": ""},
    "bootstrap": {"dist/css/bootstrap.min.css": "", "LICENSE": ""},
    "bootstrap-icons": {"LICENSE": ""},
    "pdfjs-dist": {
        "legacy/build/pdf.min.mjs": "",
        "legacy/build/pdf.worker.min.mjs": "",
        "cmaps/*": "cmaps",
        "standard_fonts/*": "standard_fonts",
        "wasm/*jbig2*": "wasm",
        "wasm/*JBIG2": "wasm",
        "wasm/openjpeg*": "wasm",
        "wasm/*OPENJPEG": "wasm",
        "LICENSE": "",
    },
    "@fontsource-variable/inter": {
        "files/inter-latin-wght-normal.woff2": "",
        "files/inter-latin-ext-wght-normal.woff2": "",
        "files/inter-greek-wght-normal.woff2": "",
        "LICENSE": "",
    },
    "@fontsource-variable/source-serif-4": {
        "files/source-serif-4-latin-wght-normal.woff2": "",
        "files/source-serif-4-latin-wght-italic.woff2": "",
        "files/source-serif-4-latin-ext-wght-normal.woff2": "",
        "files/source-serif-4-greek-wght-normal.woff2": "",
        "LICENSE": "",
    },
}

# Django's static files storage follows this pointer and stops at a map that is not there.
SOURCE_MAP = re.compile(rb"\s*/\*# sourceMappingURL=[^*]*\*/\s*")
SVG = "http://www.w3.org/2000/svg"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def icon_names() -> list[str]:
    """The names listed in tools/icons.txt."""
    lines = (TOOLS / "icons.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def sprite(icons: Path) -> str:
    """One SVG of <symbol>s, used as <use href="icons.svg#name"/>."""
    symbols = []
    for name in icon_names():
        drawing = ET.parse(icons / f"{name}.svg").getroot()  # noqa: S314 - the locked package's own
        shapes = "".join(
            re.sub(r' xmlns:?\w*="[^"]*"', "", ET.tostring(shape, encoding="unicode")).strip()
            for shape in drawing
        ).replace("ns0:", "")
        symbols.append(
            f'<symbol id="{name}" viewBox="{drawing.attrib["viewBox"]}">{shapes}</symbol>'
        )
    return f'<svg xmlns="{SVG}" fill="currentColor">\n' + "\n".join(symbols) + "\n</svg>\n"


def install(folder: Path, *, update: bool) -> None:
    """npm into `folder`; with `update` the lock is made anew and brought home."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to vendor the assets (not to run the app).")
    shutil.copy(TOOLS / "package.json", folder)
    if not update:
        shutil.copy(TOOLS / "package-lock.json", folder)
    quiet = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
    words = ["install", "--omit-lockfile-registry-resolved"] if update else ["ci"]
    subprocess.run([npm, *words, *quiet], cwd=folder, check=True)
    if update:
        lock = json.loads((folder / "package-lock.json").read_text())
        for package in lock["packages"].values():
            package.pop("resolved", None)  # an address is a machine's business, the hash is ours
            package.pop("funding", None)
        (TOOLS / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n")


def copy_all(modules: Path) -> None:
    """Lay static/vendor anew from an installed node_modules."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    packages = []
    for package, wanted in WANTED.items():
        home = VENDOR / package.split("/")[-1]
        for pattern, folder in wanted.items():
            found = sorted((modules / package).glob(pattern))
            if not found:
                sys.exit(f"{package} has no {pattern}: look at what the new version ships.")
            for path in found:
                target = home / folder / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                content = path.read_bytes()
                if path.suffix == ".css":
                    content = SOURCE_MAP.sub(b"\n", content)
                target.write_bytes(content)
        about = json.loads((modules / package / "package.json").read_text())
        packages.append(
            {
                "name": package,
                "version": about["version"],
                "license": about["license"],
                "home": home.name,
            }
        )
    icons = VENDOR / "bootstrap-icons" / "icons.svg"
    icons.write_text(sprite(modules / "bootstrap-icons" / "icons"))
    files = {str(path.relative_to(VENDOR)): sha256(path) for path in vendored_files()}
    MANIFEST.write_text(json.dumps({"packages": packages, "files": files}, indent=1) + "\n")


def vendored_files() -> list[Path]:
    return sorted(path for path in VENDOR.rglob("*") if path.is_file() and path != MANIFEST)


def differences() -> Iterator[str]:
    """Sentences on what in static/vendor is not as the manifest says."""
    listed = dict(json.loads(MANIFEST.read_text())["files"])
    for path in vendored_files():
        name = str(path.relative_to(VENDOR))
        expected = listed.pop(name, None)
        if expected is None:
            yield f"{name} is not in the manifest"
        elif expected != sha256(path):
            yield f"{name} has changed since it was vendored"
    for name in listed:
        yield f"{name} is missing"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare the copies with the manifest")
    parser.add_argument("--update", action="store_true", help="resolve package.json anew")
    options = parser.parse_args()
    if options.check:
        problems = list(differences())
        print("\n".join(problems) or "static/vendor is as its manifest says.")
        sys.exit(1 if problems else 0)
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder), update=options.update)
        copy_all(Path(folder) / "node_modules")
    print(f"{len(vendored_files())} files in static/vendor.")


if __name__ == "__main__":
    main()
