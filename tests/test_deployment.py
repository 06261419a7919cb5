"""Dockerfile and docker-compose.yml, read by the tools that know them: hadolint, and compose-spec,
a parser of the Compose Specification. No container engine is asked, so nothing is built here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from compose_spec import PyOptions

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)
# Set by the image itself, or not for a site that is in use.
NOT_FOR_COMPOSE = {"REVIEWAPP_DATA_DIR", "REVIEWAPP_DEBUG"}

VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def fill_in(text, values):
    """What compose makes of ${NAME:-default}, ${NAME:?message} and $$."""

    def value(found):
        name, kind, rest = found["name"], found["kind"], found["rest"]
        if values.get(name):
            return values[name]
        if kind == "?":
            raise ValueError(rest)
        return rest or ""

    return VARIABLE.sub(value, text).replace("$$", "$")


def read(text, **values):
    """The compose file as a dict, refused by ValueError where it breaks the specification."""
    options = PyOptions()
    options.apply_merge = True
    compose = options.from_yaml(fill_in(text, values))
    compose.validate()
    compose.to_spec()
    return compose.to_dict()


SECRETS = {"POSTGRES_PASSWORD": "s3cret", "REVIEWAPP_SECRET_KEY": "k" * 32}


@pytest.fixture
def compose():
    return read(COMPOSE, **SECRETS)


def hadolint(text):
    program = Path(sys.executable).parent / "hadolint"
    return subprocess.run(
        [program, "--no-color", "-"], input=text, capture_output=True, text=True, check=False
    )


def test_hadolint_finds_nothing_to_say_about_the_dockerfile():
    answer = hadolint(DOCKERFILE)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("FROM python:3.11-slim", "FROM python"),
        ("pip install --no-cache-dir", "pip install"),
        ("WORKDIR /concord", "WORKDIR concord"),
        ("COPY . .", "COPI . ."),
    ],
)
def test_hadolint_would_have_found_a_mistake(good, bad):
    assert good in DOCKERFILE
    assert hadolint(DOCKERFILE.replace(good, bad)).returncode != 0


def test_the_image_installs_by_hash_and_does_not_run_as_root():
    lines = DOCKERFILE.splitlines()
    assert any("--require-hashes" in line and "requirements.lock" in line for line in lines)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001"]
    last_run = max(number for number, line in enumerate(lines) if line.startswith("RUN "))
    assert lines.index("USER 10001") > last_run


def test_compose_has_the_four_services_and_a_migration_before_them(compose):
    assert set(compose["services"]) == {"web", "worker", "postgres", "redis", "migrate"}
    for name in ("web", "worker"):
        needs = compose["services"][name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"
    needs = compose["services"]["migrate"]["depends_on"]
    assert needs["postgres"]["condition"] == "service_healthy"


def test_services_wait_only_for_services_that_exist(compose):
    for service in compose["services"].values():
        assert set(service.get("depends_on", ())) <= set(compose["services"])


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("condition: service_healthy", "condition: service_well"),
        ("interval: 10s", "interval: often"),
        ("image: postgres:16", "imag: postgres:16"),
        ("- files:/data", "- folders:/data"),
        (':8000"', ':800000"'),
        ("restart: unless-stopped", "restart: perhaps"),
    ],
)
def test_the_parser_would_have_found_a_mistake(good, bad):
    assert good in COMPOSE
    with pytest.raises(ValueError, match=r"\w"):
        read(COMPOSE.replace(good, bad), **SECRETS)


def test_every_lasting_service_has_a_health_check(compose):
    for name, service in compose["services"].items():
        if name == "web":
            assert "\nHEALTHCHECK " in DOCKERFILE  # its image's own
        elif name != "migrate":
            assert service["healthcheck"]["test"]


def test_what_must_last_is_in_named_volumes(compose):
    assert set(compose["volumes"]) == {"files", "postgres"}
    assert "files:/data" in compose["services"]["web"]["volumes"]
    assert "files:/data" in compose["services"]["worker"]["volumes"]
    assert "postgres:/var/lib/postgresql/data" in compose["services"]["postgres"]["volumes"]


def test_only_this_machine_reaches_the_web_port_and_nobody_the_servers(compose):
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    for name in ("worker", "postgres", "redis"):
        assert "ports" not in compose["services"][name]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_it_does_not_start_without_its_secrets(name):
    with pytest.raises(ValueError, match=f"set {name} in .env"):
        read(COMPOSE, **{**SECRETS, name: ""})


def test_the_repository_holds_no_secret(compose):
    secret = re.compile(r"^\s*\w*(?:PASSWORD|SECRET|KEY)\w*:\s*(?P<value>.*)$", re.MULTILINE)
    values = [found["value"].strip('"') for found in secret.finditer(COMPOSE)]
    assert len(values) >= 3
    assert all(value.startswith("${") for value in values)
    assert [EXAMPLE[name] for name in SECRETS] == ["", ""]
    for ignored in (".gitignore", ".dockerignore"):
        assert ".env" in (ROOT / ignored).read_text().splitlines()


def settings_variables():
    read_with_env = re.compile(r"env\.\w+\(\s*\"(\w+)\"")
    return set(read_with_env.findall((ROOT / "reviewapp" / "settings.py").read_text()))


def test_every_setting_can_be_set_in_compose(compose):
    web = compose["services"]["web"]["environment"]
    assert settings_variables() - NOT_FOR_COMPOSE == set(web)
    assert {found["name"] for found in VARIABLE.finditer(COMPOSE)} == set(EXAMPLE)


def test_every_setting_is_in_the_manual():
    manual = (ROOT / "docs" / "administrator.md").read_text()
    missing = [name for name in settings_variables() | {"PORT"} if f"`{name}`" not in manual]
    assert missing == []
