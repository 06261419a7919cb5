"""Nothing that people made is forgotten by the archive."""

import pytest
from django.apps import apps
from django.db import models

from synthesis.archive.nouns import LEFT_OUT, NOUNS, OURS, PERSON

ARCHIVED = {noun.model: noun for noun in NOUNS}
EVERY = {
    model._meta.label: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in OURS
}


def test_every_model_is_archived_or_left_out_for_a_reason():
    forgotten = set(EVERY) - set(ARCHIVED) - set(LEFT_OUT)
    assert not forgotten, (
        "add a line to NOUNS or LEFT_OUT in synthesis/archive/nouns.py for: "
        + ", ".join(sorted(forgotten))
    )
    assert len(ARCHIVED) == len(NOUNS), "a model stands in NOUNS twice"
    assert not set(ARCHIVED) & set(LEFT_OUT)
    assert not (set(ARCHIVED) | set(LEFT_OUT)) - set(EVERY), "no such model (any more)"
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("name", ARCHIVED)
def test_what_it_refers_to_comes_along(name):
    noun = ARCHIVED[name]
    fields = EVERY[name]._meta.concrete_fields
    for each in fields:
        if each.related_model is not None and each.name not in noun.dropped:
            assert each.related_model._meta.label in {PERSON, *ARCHIVED}, (
                f"{name}.{each.name} leads to {each.related_model._meta.label}, which is left out: "
                "archive that too, or name the field in `dropped`"
            )
    for name_of_field in noun.dropped:
        assert EVERY[name]._meta.get_field(name_of_field).null
    assert any(each.primary_key and each.attname == "id" for each in fields)


@pytest.mark.parametrize("name", ARCHIVED)
def test_somebody_has_thought_about_ids_in_its_json(name):
    noun = ARCHIVED[name]
    json = {
        each.name
        for each in EVERY[name]._meta.concrete_fields
        if isinstance(each, models.JSONField)
    }
    assert json == {*noun.ids, *noun.plain}, (
        "JSON with ids in it needs `ids`, without ids (or with ids that are history) `plain`"
    )


@pytest.mark.parametrize("name", ARCHIVED)
def test_its_stored_files_come_along(name):
    noun = ARCHIVED[name]
    hashes = {each.name for each in EVERY[name]._meta.concrete_fields if each.name == "sha256"}
    # These hash words or numbers and no stored file; a highlight speaks of a full text's file.
    words = {"interviews.Transcript", "screening.Snapshot", "reviews.Restoration"}
    if name in words or name == "screening.HighlightPlace":
        assert not noun.file
    else:
        assert hashes == ({noun.file} if noun.file else set())


@pytest.mark.django_db
@pytest.mark.parametrize("name", ARCHIVED)
def test_its_path_leads_to_the_review(name, review):
    noun = ARCHIVED[name]
    assert noun.rows_of._base_manager.filter(**{noun.path: review.pk}).count() >= 0
    for sealed in noun.sealed:
        assert isinstance(EVERY[name]._meta.get_field(sealed), models.TextField | models.CharField)
