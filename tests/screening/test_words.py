"""The lists of words to mark. How they are found in a text: test_words_browser.py."""

import pytest

from reviews.models import AuditEvent, Review
from reviews.refusal import Refused
from screening import copying
from screening.desk import words
from screening.models import MarkedWords

PAGE = "/r/one/words/"


def test_a_word_a_line_each_once_in_the_order_given():
    assert words.checked(" exploit* \n\nfoster   care\nEXPLOIT*\n虐") == [
        "exploit*",
        "foster care",
        "虐",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("*", "too short"),
        ("a*", "too short"),
        ("a*b*c*d*", "wildcards"),
        ("x" * 101, "longer than 100"),
        ("\n".join(f"word{n}" for n in range(301)), "at most 300"),
    ],
)
def test_what_would_mark_everything_or_last_for_ever_is_refused(text, sentence):
    with pytest.raises(Refused, match=sentence):
        words.checked(text)


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def ada(self, cast, review, signed_in):
        return signed_in(cast.ada)

    @pytest.fixture
    def bo(self, cast, review, signed_in):
        return signed_in(cast.bo)

    def test_the_lead_writes_the_review_s_and_everybody_has_their_own(
        self, cast, review, ada, bo, make_report
    ):
        make_report(review)
        ada.post(PAGE, {"whose": "review", "review-include": "exploit*", "review-exclude": "adult"})
        bo.post(PAGE, {"whose": "own", "own-include": "foster care", "own-exclude": ""})
        assert bo.get("/r/one/screen/").context["data"]["words"] == {
            "include": ["exploit*", "foster care"],
            "exclude": ["adult"],
        }
        assert words.shown_to(cast.cy, review) == {"include": ["exploit*"], "exclude": ["adult"]}
        assert "foster care" not in ada.get(PAGE).content.decode()
        event = AuditEvent.objects.get(verb="changed the words to mark")  # one's own: no event
        assert event.after == {"include": ["exploit*"], "exclude": ["adult"]}

    def test_a_screener_does_not_change_the_review_s(self, bo):
        assert bo.post(PAGE, {"whose": "review", "review-include": "x y"}).status_code == 403
        assert not MarkedWords.objects.exists()

    def test_a_word_in_both_lists_is_refused_with_everything_typed(self, ada):
        response = ada.post(
            PAGE, {"whose": "review", "review-include": "child\ncare", "review-exclude": "Care"}
        )
        assert response.status_code == 422
        page = response.content.decode()
        assert "“Care” can’t speak for including and for excluding." in page
        assert "child\ncare</textarea>" in page
        assert not MarkedWords.objects.exists()

    def test_a_new_review_with_this_set_up_has_the_review_s_words(self, cast, review):
        other_review = Review.objects.create(slug="two-more", title="Two", created_by=cast.ada)
        words.set_lists(review, include="exploit*", exclude="", by=cast.ada)
        words.set_lists(review, include="mine only", exclude="", by=cast.bo, own=True)
        copying.copy_setup(review, other_review, by=cast.ada)
        assert words.shown_to(cast.bo, other_review) == {"include": ["exploit*"], "exclude": []}
