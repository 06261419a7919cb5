"""What the browser is sent: the vendored files, the tokens' contrast, the strict policy's rules."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OUR_CSS = sorted((STATIC / "css").glob("*.css"))


def tokens(theme):
    """The colours of one theme: {"ink": "#1f2126", ...}."""
    body = re.search(rf"color-scheme: {theme};(.*?)\n *}}", TOKENS, re.S)[1]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))


def luminance(colour):
    """WCAG 2.2's relative luminance of #rrggbb."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


SET_BY_PDF_JS = {"--text-scale-factor", "--min-font-size-inv", "--total-scale-factor"}
GROUNDS = ["ground", "surface", "sunken", "hover"]
TONES = ["include", "maybe", "exclude", "info", "neutral"]
TEXT_ON = (
    [(ink, on) for ink in ("ink", "ink-2", "ink-3", "accent-ink") for on in GROUNDS]
    + [(tone, f"{tone}-soft") for tone in TONES]
    + [(tone, on) for tone in ("include", "maybe", "exclude") for on in ("ground", "surface")]
    + [("ink", f"{tone}-soft") for tone in (*TONES, "accent")]
    + [(f"on-{tone}", tone) for tone in ("accent", "include", "maybe", "exclude")]
    + [("on-accent", "accent-hover"), ("accent-ink", "accent-soft"), ("accent-hover", "ground")]
    + [("mark-ink", "mark"), ("ink-2", "neutral-soft")]
)
# The edge of a field, the ring of the focus, the bar of a progress.
SHAPE_ON = (
    [("line-strong", on) for on in ("ground", "surface")]
    + [("focus", on) for on in GROUNDS]
    + [("accent", on) for on in ("ground", "surface", "neutral-soft")]
)


def test_contrast_is_computed_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_reaches_aa(theme):
    colours = tokens(theme)
    poor = {
        f"{ink} on {on}": round(contrast(colours[ink], colours[on]), 2)
        for ink, on in TEXT_ON
        if contrast(colours[ink], colours[on]) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_reach_three_to_one(theme):
    colours = tokens(theme)
    poor = {
        f"{shape} on {on}": round(contrast(colours[shape], colours[on]), 2)
        for shape, on in SHAPE_ON
        if contrast(colours[shape], colours[on]) < 3
    }
    assert poor == {}


def test_both_themes_set_the_same_colours():
    assert tokens("light").keys() == tokens("dark").keys()


@pytest.mark.parametrize("css", OUR_CSS, ids=lambda path: path.name)
def test_colours_stand_in_the_tokens_alone(css):
    if css.name == "tokens.css":
        return
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(", css.read_text())
    assert found == []


@pytest.mark.parametrize("css", OUR_CSS, ids=lambda path: path.name)
def test_every_variable_is_defined(css):
    text = css.read_text()
    defined = set(re.findall(r"(--[\w-]+):", TOKENS + text))
    used = {name for name in re.findall(r"var\((--[\w-]+)\)", text) if not name.startswith("--bs-")}
    assert used - defined - SET_BY_PDF_JS == set()


@pytest.mark.parametrize("css", OUR_CSS, ids=lambda path: path.name)
def test_every_file_that_css_names_is_here(css):
    for name in re.findall(r'url\("(?!data:)([^"]+)"\)', css.read_text()):
        assert (css.parent / name).is_file(), name


def test_vendored_files_are_as_their_manifest_says():
    check = [sys.executable, str(ROOT / "tools" / "vendor.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_vendored_package_brings_its_licence_and_locked_version():
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text())
    lock = json.loads((ROOT / "tools" / "package-lock.json").read_text())["packages"]
    assert {package["name"] for package in manifest["packages"]} == set(lock[""]["dependencies"])
    for package in manifest["packages"]:
        assert f"{package['home']}/LICENSE" in manifest["files"]
        assert package["version"] == lock[f"node_modules/{package['name']}"]["version"]


def test_the_lock_holds_hashes_and_no_address():
    text = (ROOT / "tools" / "package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(each["integrity"].startswith("sha512-") for name, each in packages.items() if name)


def icons_we_have():
    sprite = ET.parse(STATIC / "vendor" / "bootstrap-icons" / "icons.svg").getroot()
    return {symbol.attrib["id"] for symbol in sprite}


def test_the_sprite_is_what_the_list_says():
    lines = (ROOT / "tools" / "icons.txt").read_text().splitlines()
    assert icons_we_have() == {line for line in lines if line and not line.startswith("#")}


FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>",
    "an event handler": r"<[^>]*\son[a-z]+\s*=",
    "hx-on": r"\bhx-on[:=]",
    "evaluated htmx values": r"""hx-(?:vals|headers)=["'](?:js|javascript):""",
    "a filter in a trigger": r"hx-trigger=\"[^\"]*\[",
    "another host's file": r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?:https?:)?//",
}


def without_comments(template):
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", template.read_text(), flags=re.S)
    return re.sub(r"{#.*?#}", "", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_the_strict_policy(template):
    text = without_comments(template)
    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("a style attribute", '<p style="color: red">'),
        ("a style element", "<style>p {}</style>"),
        ("an inline script", "<script>go()</script>"),
        ("an event handler", '<button type="button" onclick="go()">'),
        ("hx-on", '<p hx-on:click="go()">'),
        ("evaluated htmx values", """<p hx-vals='js:{a: 1}'>"""),
        ("a filter in a trigger", '<p hx-trigger="keyup[ctrlKey]">'),
        ("another host's file", '<script src="https://example.org/a.js">'),
    ],
)
def test_the_patterns_find_what_they_forbid(what, markup):
    assert re.search(FORBIDDEN[what], markup)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_name_files_and_icons_that_exist(template):
    text = without_comments(template)
    for name in re.findall(r"""{% static ['"]([^'"]+)['"] %}""", text):
        assert (STATIC / name).exists(), name
    named = set(re.findall(r'"_icon\.html" with name="([^"]+)"', text))
    named |= set(re.findall(r'\bicon="([^"]+)"', text))
    assert named - icons_we_have() == set()
