"""The shared pieces of templates/: what they draw for each thing they are given."""

from types import SimpleNamespace as Row

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory


def draw(piece, **context):
    return render_to_string(piece, context)


def text(html):
    return " ".join(
        engines["django"].from_string("{{ it|striptags }}").render({"it": html}).split()
    )


PLACES = {
    "merged": "Duplicate",
    "removed-automation": "Removed by automation",
    "removed-other": "Removed before screening",
    "abstract-open": "Title &amp; abstract",
    "abstract-half": "Title &amp; abstract",
    "abstract-conflict": "Conflict, title &amp; abstract",
    "abstract-out": "Excluded, title &amp; abstract",
    "sought": "Full text sought",
    "not-retrieved": "Not retrieved",
    "fulltext-open": "Full text",
    "fulltext-half": "Full text",
    "fulltext-conflict": "Conflict, full text",
    "fulltext-out": "Excluded, full text",
    "awaiting": "Awaiting classification",
    "ongoing": "Ongoing study",
    "included": "Included",
}


@pytest.mark.parametrize(("place", "words"), PLACES.items())
def test_a_place_is_said_in_words_with_an_icon(place, words):
    html = draw("_place.html", place=place)
    assert words in html
    assert "<svg" in html
    assert html.count('class="badge') == 1


def test_an_unknown_place_is_not_hidden():
    assert "limbo" in draw("_place.html", place="limbo")


@pytest.mark.parametrize("verdict", ["include", "maybe", "exclude"])
def test_a_verdict_is_a_word_with_an_icon_and_a_tone(verdict):
    html = draw("_verdict.html", verdict=verdict)
    assert text(html) == verdict.capitalize()
    assert f"tone-{verdict}" in html
    assert "<svg" in html


def test_no_verdict_draws_nothing():
    assert text(draw("_verdict.html", verdict=None)) == ""


class Protocol(forms.Form):
    title = forms.CharField(help_text="As it will stand in the protocol.")
    note = forms.CharField(required=False)
    frame = forms.ChoiceField(choices=[("PICO", "PICO")], widget=forms.RadioSelect)
    blind = forms.BooleanField(required=False, label="Keep decisions blind")
    review = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self):
        raise forms.ValidationError("The search lies after the import.")


def test_a_form_draws_each_field_through_our_piece():
    html = str(Protocol())
    assert html.count('class="field') == 4
    assert html.count("(optional)") == 1  # the note; a tick needs no such word
    assert '<div class="check"><input type="checkbox"' in html
    assert html.count('type="hidden"') == 1
    assert "<legend>Frame" in html


def test_an_error_stands_by_its_field_and_is_tied_to_it():
    html = str(Protocol({"title": "", "frame": "PICO", "note": "kept <b>as typed</b>"}))
    assert '<ul class="errorlist" id="id_title_error"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="kept &lt;b&gt;as typed&lt;/b&gt;"' in html


def test_an_error_of_the_whole_form_is_an_alert_at_its_head():
    html = str(Protocol({"title": "x", "frame": "PICO"}))
    assert html.index('role="alert"') < html.index('class="field')
    assert "The search lies after the import." in html


def paging(number, total=240, query=""):
    request = RequestFactory().get(f"/records/?{query}")
    page = Paginator(range(total), 25).get_page(number)
    return render_to_string("_pagination.html", {"page": page}, request=request)


def test_paging_keeps_the_rest_of_the_query():
    html = paging(3, query="q=sleep&amp;place=sought".replace("&amp;", "&"))
    assert 'href="?q=sleep&amp;place=sought&amp;page=4"' in html
    assert text(html) == "51–75 of 240 1 2 3 4 … 10"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (1, "1–25 of 240 1 2 … 10"),
        (5, "101–125 of 240 1 … 4 5 6 … 10"),
        (10, "226–240 of 240 1 … 9 10"),
    ],
)
def test_paging_shows_the_ends_and_the_neighbours(number, says):
    assert text(paging(number)) == says


def test_one_page_says_its_count_alone():
    assert text(paging(1, total=7)) == "1–7 of 7"
    assert text(paging(1, total=0)) == ""


def job(**fields):
    usual = {"pk": 4, "kind_label": "Import", "state": "running", "done": 1240, "total": 3105}
    return Row(**usual | {"doing": "", "error": "", "result": {}} | fields)


@pytest.mark.parametrize(
    ("state", "asks"),
    [("queued", 1), ("running", 1), ("done", 0), ("failed", 0), ("cancelled", 0)],
)
def test_a_job_asks_again_only_while_it_runs(state, asks):
    assert draw("_job.html", job=job(state=state), poll="/jobs/4/").count("hx-get") == asks


def test_a_running_job_shows_how_far_it_is():
    html = draw("_job.html", job=job(doing="Reading records"), poll="/jobs/4/")
    assert '<progress value="1240" max="3105"' in html
    assert "Reading records" in html


def test_a_failed_job_says_why():
    html = draw("_job.html", job=job(state="failed", error="Line 3 has <14> columns."))
    assert "Line 3 has &lt;14&gt; columns." in html
    assert "<progress" not in html


def test_asking_first_posts_to_its_own_form():
    html = draw(
        "_confirm.html", id="r3", label="Rescind", title="Rescind it?", action="/x/", ask="Reason"
    )
    assert 'commandfor="r3" command="show-modal"' in html
    assert '<form method="post" action="/x/">' in html
    assert 'name="reason" required' in html


def test_a_tile_counts_what_waits_for_me():
    step = Row(title="Duplicates", url="/d/", icon="intersect", says="364 joined", waiting=1)
    assert text(draw("_tile.html", tile=step)) == "Duplicates 1 waits for you 364 joined"
    step.waiting = 12
    assert "12 wait for you" in text(draw("_tile.html", tile=step))
    step.waiting = 0
    html = draw("_tile.html", tile=step)
    assert "Nothing waits for you" in html
    assert "is-mine" not in html


class Everything(dict):
    """A member who may do all."""

    def __missing__(self, capability):
        return True


def page(**context):
    shell = engines["django"].from_string('{% extends "base.html" %}')
    given = {"brand": "Concord", "user": Row(is_authenticated=False)} | context
    return shell.render(given, request=RequestFactory().get("/"))


def test_inside_a_review_its_title_and_the_rail_are_shown():
    review = Row(slug="one", title="Sleep & shifts", blind=True)
    html = page(review=review, can=Everything())
    assert "Sleep &amp; shifts" in html
    assert 'id="rail"' in html
    assert "Blinding is off" not in html


def test_a_review_that_is_not_blind_says_so_on_each_page():
    review = Row(slug="one", title="Sleep", blind=False)
    assert "Blinding is off" in page(review=review, can=Everything())


def test_outside_a_review_there_is_no_rail():
    html = page()
    assert 'id="rail"' not in html
    assert 'id="main"' in html


@pytest.mark.parametrize("code", ["400", "403", "404", "500"])
def test_an_error_page_needs_no_context_and_names_no_review(code):
    html = draw(f"{code}.html", review=Row(slug="s", title="Secret review", blind=True))
    assert "data-say" in html
    assert "Secret" not in html
    assert draw(f"{code}.html")


def test_a_403_says_what_is_missing():
    assert "the role of <b>" not in draw("403.html", exception="the role of <b>")
    assert "You need to be lead." in draw("403.html", exception="You need to be lead.")


def test_no_remark_of_a_template_is_shown_to_readers():
    """What Django takes for a remark ends on its own line; a longer one would stand on the page."""
    shown = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}"
        for path in (settings.BASE_DIR / "templates").rglob("*.*")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.count("{#") != line.count("#}")
    ]
    assert shown == []
