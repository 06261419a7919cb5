"""What the manual names is there: files, functions, links, commands, settings."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OURS = ["citations", "components", "extraction", "interviews", "reviews", "screening", "synthesis"]

CODE = re.compile(r"`([^`\n]+)`")
NAMED = re.compile(r"^([\w./-]+\.py):(\w+)$")
# A path that is meant as one: it begins with a folder or file of ours and holds no placeholder.
PATH = re.compile(r"^[\w.-]+(?:/[\w.-]+)*/?$")
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)|\]\(([^)\s]+)\)")
SETTING = re.compile(r"^(?:REVIEWAPP|CONCORD)_[A-Z_]+$|^(?:DATABASE_URL|REDIS_URL|PORT|CI)$")
# Read by our code and set by no administrator: Django's and Debian's own.
NOT_SETTINGS = {"DJANGO_SETTINGS_MODULE", "DEBIAN_FRONTEND"}


def ids(page):
    return str(page.relative_to(ROOT))


def prose(page):
    """The page without its fenced and indented code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


@cache
def names_in(path):
    """Every function, class, method and constant that a Python file defines."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def missing_names(text):
    missing = []
    for code in CODE.findall(text):
        if named := NAMED.match(code):
            path = ROOT / named[1]
            if not path.is_file() or named[2] not in names_in(path):
                missing.append(code)
    return missing


def missing_paths(text):
    """What looks like a path into this repository and leads nowhere."""
    tops = {path.name for path in ROOT.iterdir()}
    missing = []
    for code in CODE.findall(text):
        path = code.partition(":")[0] if NAMED.match(code) else code
        if not PATH.match(path) or "/" not in path or path.split("/")[0] not in tops:
            continue
        if "NNN" not in path and not (ROOT / path).exists():  # NNN: a decision to come
            missing.append(code)
    return missing


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for line in re.findall(r"^#+ (.+)$", page.read_text(), flags=re.M):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", line).lower())
        found.add(words.strip().replace(" ", "-"))
    return found


def broken_links(page, text):
    broken = []
    for found in LINK.finditer(text):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("sheet", PAGES, ids=ids)
def test_every_function_that_a_page_names_is_there(sheet):
    assert missing_names(sheet.read_text()) == []


@pytest.mark.parametrize("sheet", PAGES, ids=ids)
def test_every_path_that_a_page_names_is_there(sheet):
    assert missing_paths(prose(sheet)) == []


@pytest.mark.parametrize("sheet", PAGES, ids=ids)
def test_every_link_leads_somewhere(sheet):
    assert broken_links(sheet, prose(sheet)) == []


def test_the_checks_would_notice(tmp_path):
    assert missing_names(
        "`screening/flow/placing.py:settle` `screening/flow/placing.py:no_such_thing`"
    ) == ["screening/flow/placing.py:no_such_thing"]
    assert missing_names("`screening/no_such.py:settle`") == ["screening/no_such.py:settle"]
    assert missing_paths("`docs/index.md` `docs/no-such.md` `tests/no_such/`") == [
        "docs/no-such.md",
        "tests/no_such/",
    ]
    page = tmp_path / "page.md"
    page.write_text("# One thing\n")
    links = "[a](page.md) [b](#one-thing) [c](no.md) [d](page.md#no) [e](https://example.org)"
    assert broken_links(page, links) == ["no.md", "page.md#no"]


def test_architecture_names_a_function_at_each_step():
    # A page that names nothing would pass the checks above for nothing.
    steps = (ROOT / "ARCHITECTURE.md").read_text().split("## One citation's way")[1]
    steps = steps.split("\n## ")[0]
    for number in range(1, 12):
        step = re.search(rf"^{number}\. .*?(?=^\d+\. |\Z)", steps, flags=re.M | re.S)
        assert step, number
        assert any(NAMED.match(code) for code in CODE.findall(step[0])), number


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "index.md"
    linked = {
        (index.parent / (found[1] or found[2]).partition("#")[0]).resolve()
        for found in LINK.finditer(index.read_text())
    }
    left_out = {page for page in ROOT.glob("docs/**/*.md")} - linked - {index}
    assert not left_out, f"link from docs/index.md: {sorted(map(ids, left_out))}"


def test_every_command_is_in_the_manual():
    ours = {name for name, app in get_commands().items() if app in OURS}
    index = (ROOT / "docs" / "index.md").read_text()
    assert {"demo", "verify", "worker"} <= ours
    missing = {name for name in ours if f"| `{name}` |" not in index}
    assert not missing, f"add to docs/index.md: {sorted(missing)}"


def settings_read():
    """The names of environment variables that the program or its tools read."""
    found = set()
    sources = [ROOT / "run.py", *ROOT.glob("reviewapp/*.py"), *ROOT.glob("tools/*.py")]
    for source in sources:
        text = source.read_text()
        found |= set(re.findall(r"""environ(?:\.get\(|\.setdefault\(|\[)\s*["'](\w+)["']""", text))
        found |= set(re.findall(r"""\benv\.\w+\(\s*["'](\w+)["']""", text))
        found |= {
            word for word in re.findall(r"""=\s*["'](\w+)["']""", text) if SETTING.match(word)
        }
    return found - NOT_SETTINGS


def test_every_setting_is_in_the_administrators_manual():
    read = settings_read()
    assert {"PORT", "WEB_CONCURRENCY", "DATABASE_URL", "REVIEWAPP_FIELD_KEY"} <= read
    manual = (ROOT / "docs" / "administrator.md").read_text()
    missing = {name for name in read if not re.search(rf"`{name}\b", manual)}
    assert not missing, f"add to docs/administrator.md: {sorted(missing)}"


def test_every_setting_of_the_manual_is_read():
    manual = (ROOT / "docs" / "administrator.md").read_text()
    told = set(re.findall(r"^\| `(\w+)` \|", manual, flags=re.M))
    assert told <= settings_read(), "nothing reads these"


def test_the_pictures_are_small():
    pictures = list(ROOT.glob("docs/images/*.png"))
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 250_000, picture.name
