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


@pytest.mark.parametrize("read", [env.flag, lambda name: env.number(name, 1)])
def test_a_wrong_value_names_its_variable(monkeypatch, read):
    monkeypatch.setenv("CONCORD_TEST", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="CONCORD_TEST is “perhaps”"):
        read("CONCORD_TEST")
