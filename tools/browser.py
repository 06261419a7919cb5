"""The Chromium that the browser tests drive."""

from __future__ import annotations

import os
import shutil
import sys

from tools.environment import apt_install, can_apt, works

VARIABLE = "CONCORD_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find() -> str | None:
    """The one that CONCORD_CHROMIUM names, else one on the PATH; it must start."""
    if named := os.environ.get(VARIABLE):
        return named if works(named, "--version") else None
    candidates = [path for name in NAMES if (path := shutil.which(name))]
    if sys.platform == "darwin":
        candidates += MAC
    return next((path for path in candidates if works(path, "--version")), None)


def find_or_install() -> str | None:
    if found := find():
        return found
    if os.environ.get(VARIABLE) or not can_apt():
        return None
    return find() if apt_install("chromium") else None
