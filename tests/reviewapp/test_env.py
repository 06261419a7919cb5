"""The environment is read by type, and a wrong value is a sentence that names its variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from reviewapp import env


@pytest.mark.parametrize(("given", "meant"), [("yes", True), ("ON", True), ("0", False)])
def test_a_flag_is_yes_or_no(monkeypatch, given, meant):
    monkeypatch.setenv("CONCORD_TEST", given)
    assert env.flag("CONCORD_TEST") is meant


def test_what_is_not_set_has_its_default(monkeypatch):
    monkeypatch.delenv("CONCORD_TEST", raising=False)
    assert env.flag("CONCORD_TEST", default=True) is True
    assert env.number("CONCORD_TEST", 7) == 7
    assert env.words("CONCORD_TEST", "a, b") == ["a", "b"]


def test_networks_are_written_as_networks(monkeypatch):
    monkeypatch.setenv("CONCORD_TEST", "10.1.0.0/16, ::1")
    assert [str(each) for each in env.networks("CONCORD_TEST")] == ["10.1.0.0/16", "::1/128"]
    monkeypatch.setenv("CONCORD_TEST", "10.1.0.0/16, home")
    with pytest.raises(ImproperlyConfigured, match="CONCORD_TEST: “home” is no network"):
        env.networks("CONCORD_TEST")


@pytest.mark.parametrize("read", [env.flag, lambda name: env.number(name, 1)])
def test_a_wrong_value_names_its_variable(monkeypatch, read):
    monkeypatch.setenv("CONCORD_TEST", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="CONCORD_TEST is “perhaps”"):
        read("CONCORD_TEST")
