"""One's keys: presets, one's own, clashes, none at all. What they do: test_screen_browser.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.refusal import Refused
from screening.desk import keymap
from screening.models import KeyChoice

PAGE = "/accounts/me/keys/"


@pytest.mark.parametrize("name", keymap.PRESETS)
def test_no_preset_clashes_and_every_act_has_a_key(name):
    keys = keymap.checked(keymap.preset(name))
    assert set(keys) == {act.name for act in keymap.ACTS}
    assert all(keys.values())


@given(st.dictionaries(st.sampled_from([act.name for act in keymap.ACTS]), st.text(max_size=3)))
def test_what_is_taken_has_one_meaning_a_key(keys):
    try:
        taken = keymap.checked(keys)
    except Refused:
        return
    used = [key for key in taken.values() if key]
    assert len(used) == len(set(used))
    assert all(len(key) == 1 or key in keymap.NAMED for key in used)


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def bo(self, cast, signed_in):
        return signed_in(cast.bo)

    def test_a_preset_is_in_force_in_every_review_and_on_the_buttons(self, cast, bo, make_report):
        from reviews.models import Review

        assert bo.post(PAGE, {"preset": "rayyan"}).status_code == 302
        assert keymap.of(cast.bo).keys["maybe"] == "u"
        make_report(Review.objects.get(slug="one"))
        response = bo.get("/r/one/screen/")
        assert response.context["data"]["keymap"]["keys"]["undo"] == "z"
        assert "Maybe <kbd>U</kbd>" in response.content.decode()
        assert keymap.of(cast.cy).keys == keymap.OWN  # nobody else's

    def test_a_clash_is_refused_with_a_sentence_and_nothing_typed_is_lost(self, cast, bo):
        response = bo.post(PAGE, keymap.OWN | {"exclude": "I", "note": "ArrowLeft", "letters": "1"})
        assert response.status_code == 422
        page = response.content.decode()
        assert "The key I would mean both “Include” and “Exclude”." in page
        assert 'name="note" value="ArrowLeft"' in page
        assert not KeyChoice.objects.exists()

    def test_keys_of_one_character_can_be_off(self, cast, bo, review, make_report):
        make_report(review)
        bo.post(PAGE, keymap.OWN | {"include": "ArrowRight", "undo": ""})
        assert keymap.of(cast.bo) == keymap.Keymap(
            keymap.OWN | {"include": "ArrowRight", "undo": ""}, letters=False
        )
        page = bo.get("/r/one/screen/").content.decode()
        assert "<kbd>→</kbd>" in page
        assert "<kbd>E</kbd>" not in page
        # A preset leaves that as it is.
        bo.post(PAGE, {"preset": "asreview"})
        assert keymap.of(cast.bo).letters is False

    @pytest.mark.parametrize("wrong", ["ab", "Enter", "\u200b", "Tab"])
    def test_what_is_no_key_is_refused(self, bo, wrong):
        assert bo.post(PAGE, keymap.OWN | {"include": wrong}).status_code == 422
        assert not KeyChoice.objects.exists()

    def test_an_act_that_came_later_has_its_own_key_if_that_is_free(self, cast):
        older = {name: key for name, key in keymap.OWN.items() if name not in ("list", "help")}
        KeyChoice.objects.create(user=cast.bo, keys=older | {"note": "v"})
        keys = keymap.of(cast.bo).keys
        assert (keys["note"], keys["list"], keys["help"]) == ("v", "", "?")

    @pytest.mark.parametrize(
        ("asked", "shown"), [("/r/one/screen/", True), ("https://evil.example/", False)]
    )
    def test_the_way_back_leads_to_a_review_only(self, bo, asked, shown):
        page = bo.get(PAGE, {"back": asked}).content.decode()
        assert (f'href="{asked}"' in page) is shown
