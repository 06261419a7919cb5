"""A file as an answer: sent, kept, compared by its bytes, blind, served without running anything."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations import blobs, stored
from extraction import actions, attaching, codebook, tabling
from extraction.comparing import compare
from extraction.models import AdjudicatedValue, AttachedFile, Field, Value
from reviews.refusal import Refused
from screening import verifying

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
HTML = b"<script>alert(1)</script>"


@pytest.fixture
def figure(cast, book):
    """A question that asks for a file."""
    made = codebook.add_field(
        book, by=cast.ada, section="Study", label="Figure", kind=Field.Kind.FILE
    )
    codebook.publish(book, by=cast.ada)
    return made


@pytest.fixture
def bo(cast, study, figure):
    return actions.begin(study, by=cast.bo)


def attach(form, field, body=b"A figure", name="figure.png"):
    return attaching.attach(form, field, [body], name, by=form.by)


def give(form, field, body=b"A figure", name="figure.png", **more):
    made = attach(form, field, body, name)
    return actions.save_value(form, field, made.sha256, by=form.by, **more)


def send(client, form, field, body=b"A figure", name="figure.png", **more):
    """As the page sends it when the file was chosen."""
    return client.post(
        reverse("extraction:answer", args=["one", form.study_id, field.pk]),
        {f"f{field.pk}-file": SimpleUploadedFile(name, body), **more},
        **HTMX,
    )


def fetch(client, form, sha256):
    return client.get(reverse("extraction:attached", args=["one", form.study_id, sha256]))


def said(form, field):
    return Value.objects.current().get(extraction=form, field=field)


class TestOnTheForm:
    def test_it_is_kept_and_stands_below_its_question(self, bo, figure, cast, signed_in):
        answer = send(signed_in(cast.bo), bo, figure)
        value = said(bo, figure)
        assert value.value == ["figure.png", hashlib.sha256(b"A figure").hexdigest()]
        assert blobs.is_whole(value.value[1])
        page = answer.content.decode()
        assert "figure.png" in page
        assert f'name="f{figure.pk}-value" value="{value.value[1]}"' in page
        form = signed_in(cast.bo).get(reverse("extraction:form", args=["one", bo.study_id]))
        assert "figure.png" in form.content.decode()

    def test_a_quote_keeps_the_file(self, bo, figure, cast, signed_in):
        send(signed_in(cast.bo), bo, figure)
        first = said(bo, figure)
        name = f"f{figure.pk}"
        signed_in(cast.bo).post(
            reverse("extraction:answer", args=["one", bo.study_id, figure.pk]),
            {
                f"{name}-value": first.value[1],
                f"{name}-quote": "See figure 2.",
                f"{name}-seen": first.pk,
            },
            **HTMX,
        )
        assert (said(bo, figure).value, said(bo, figure).quote) == (first.value, "See figure 2.")

    def test_the_whole_form_takes_it_without_a_script(self, bo, figure, cast, signed_in):
        signed_in(cast.bo).post(
            reverse("extraction:form", args=["one", bo.study_id]),
            {f"f{figure.pk}-file": SimpleUploadedFile("a.csv", b"1,2")},
        )
        assert said(bo, figure).value[0] == "a.csv"

    def test_another_file_supersedes_it_and_both_are_kept(self, bo, figure):
        give(bo, figure)
        give(bo, figure, b"A better one", "better.png")
        assert said(bo, figure).value[0] == "better.png"
        names = list(AttachedFile.objects.values_list("name", flat=True))
        assert names == ["figure.png", "better.png"]
        assert bo.values.filter(field=figure).count() == 2

    def test_it_is_taken_off(self, bo, figure, cast, signed_in):
        give(bo, figure)
        standing = said(bo, figure)
        signed_in(cast.bo).post(
            reverse("extraction:answer", args=["one", bo.study_id, figure.pk]),
            {
                f"f{figure.pk}-value": standing.value[1],
                f"f{figure.pk}-remove": "on",
                f"f{figure.pk}-seen": standing.pk,
            },
            **HTMX,
        )
        assert said(bo, figure).value is None

    def test_an_empty_one_is_refused_in_a_sentence(self, bo, figure, cast, signed_in):
        answer = send(signed_in(cast.bo), bo, figure, b"")
        assert answer.status_code == 422
        assert "This file is empty." in answer.content.decode()
        assert not AttachedFile.objects.exists()
        assert not list(blobs.every())

    def test_one_that_is_too_large_leaves_nothing(self, bo, figure, cast, signed_in, settings):
        settings.UPLOAD_LIMIT_MB = 1
        answer = send(signed_in(cast.bo), bo, figure, b"12" * (1 << 20))
        assert answer.status_code == 413
        with pytest.raises(Refused, match="larger than 1 MB"):
            attach(bo, figure, b"12" * (1 << 20))
        assert not AttachedFile.objects.exists()
        assert not list(blobs.every())

    def test_a_form_has_room_for_so_many(self, bo, figure, monkeypatch):
        monkeypatch.setattr(attaching, "MOST_FILES", 1)
        attach(bo, figure)
        attach(bo, figure)  # the same again
        with pytest.raises(Refused, match="at most 1"):
            attach(bo, figure, b"Another")

    def test_nobody_gets_at_a_file_by_its_hash(self, bo, figure, cast, study):
        """Cy may not make Bo's file, of which they know the hash, their own answer."""
        made = attach(bo, figure)
        cy = actions.begin(study, by=cast.cy)
        with pytest.raises(Refused, match="Send the file first"):
            actions.save_value(cy, figure, made.sha256, by=cast.cy)

    def test_only_a_question_for_a_file_takes_one(self, bo, field):
        with pytest.raises(Refused, match="does not ask for a file"):
            attach(bo, field("Country"))

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\a.pdf", "a.pdf"),
            ("a\r\nb.pdf", "ab.pdf"),
            ("", "file"),
            ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ],
    )
    def test_its_name_is_a_name(self, bo, figure, given, kept):
        assert attach(bo, figure, name=given).name == kept


class TestServed:
    def test_as_a_download_that_runs_nothing(self, bo, figure, cast, signed_in):
        made = attach(bo, figure, HTML, "süß.html")
        answer = fetch(signed_in(cast.bo), bo, made.sha256)
        assert b"".join(answer.streaming_content) == HTML
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment;")
        assert "s%C3%BC%C3%9F.html" in answer["Content-Disposition"]
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_blind_until_every_form_is_in(self, bo, figure, cast, study, signed_in, fill):
        sha256 = give(bo, figure).value[1]
        cy = actions.begin(study, by=cast.cy)
        for each in ("cy", "al", "obi"):
            assert fetch(signed_in(getattr(cast, each)), bo, sha256).status_code == 404
        for form in (bo, cy):
            actions.submit(fill(form), by=form.by)
        for each in ("cy", "al", "obi"):
            assert fetch(signed_in(getattr(cast, each)), bo, sha256).status_code == 200
        assert fetch(signed_in(cast.eve), bo, sha256).status_code == 404

    def test_not_through_another_study(self, bo, figure, cast, review, make_study, signed_in):
        sha256 = give(bo, figure).value[1]
        bo.study_id = make_study(review, "Lind 2020").pk
        assert fetch(signed_in(cast.bo), bo, sha256).status_code == 404


class TestCompared:
    @pytest.fixture
    def two(self, bo, figure, cast, study, fill):
        def two(first, second):
            cy = actions.begin(study, by=cast.cy)
            for form, (body, name) in [(bo, first), (cy, second)]:
                give(fill(form), figure, body, name)
            for form in (bo, cy):
                actions.submit(form, by=form.by)
            return next(each for each in compare(study).lines if each.field == figure)

        return two

    def test_the_same_bytes_under_two_names_agree(self, two):
        line = two((b"A figure", "a.png"), (b"A figure", "b.png"))
        assert line.settled.value[0] == "a.png"

    def test_others_are_settled_and_shown(self, two, figure, study, cast, signed_in):
        line = two((b"A figure", "a.png"), (b"Another", "b.png"))
        assert line.is_open
        page = (
            signed_in(cast.al)
            .get(reverse("extraction:adjudicate", args=["one", study.pk]))
            .content.decode()
        )
        for value in (line.first, line.second):
            address = reverse("extraction:attached", args=["one", study.pk, value.value[1]])
            assert f'href="{address}"' in page
        signed_in(cast.al).post(
            reverse("extraction:settle-value", args=["one", study.pk, figure.pk]),
            {"side": "second", "basis": f"{line.first.pk}-{line.second.pk}", "seen": "0"},
        )
        held = AdjudicatedValue.objects.current().get(study=study, field=figure)
        assert held.value == line.second.value
        long = tabling.Held(study.review).long()
        value = long.head.index("value")
        assert [row[value] for row in long.rows if row[3] == "Figure"] == ["b.png"]
        shown = signed_in(cast.obi).get(reverse("extraction:study", args=["one", study.pk]))
        assert "b.png" in shown.content.decode()

    def test_another_file_is_none_of_the_two(self, two, figure, study, cast):
        from extraction import adjudicating

        two((b"A figure", "a.png"), (b"Another", "b.png"))
        with pytest.raises(Refused, match="take A or B"):
            adjudicating.settle_value(
                study, figure, "other", by=cast.al, given="c.png", reason="Better"
            )


class TestKept:
    def test_it_counts_as_used_and_is_checked(self, bo, figure):
        made = attach(bo, figure)
        assert stored.is_in_use(made.sha256)
        assert not stored.is_in_use("0" * 64)
        blobs.path_of(made.sha256).write_bytes(b"changed")
        review = bo.study.review
        [check] = [each for each in verifying.checks(review) if each.name == "files"]
        assert any("figure.png" in each for each in check.differences)

    def test_the_api_sends_and_names_it(self, bo, figure, cast, signed_in):
        client = signed_in(cast.bo)
        made = client.post(
            reverse("api_form_files", args=["one", bo.pk]),
            {"field": figure.pk, "file": SimpleUploadedFile("a.csv", b"1,2")},
        )
        assert made.status_code == 201
        told = client.put(
            reverse("api_values", args=["one", bo.pk]),
            {"field": figure.pk, "value": made.json()["sha256"]},
            content_type="application/json",
        )
        assert told.status_code == 200
        assert said(bo, figure).value[0] == "a.csv"
        got = client.get(reverse("api_form_file", args=["one", bo.pk, made.json()["id"]]))
        assert b"".join(got.streaming_content) == b"1,2"
        hidden = signed_in(cast.cy).get(
            reverse("api_form_file", args=["one", bo.pk, made.json()["id"]])
        )
        assert hidden.status_code == 404
