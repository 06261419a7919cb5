"""Files, versions and the queue after a split through the API: the pages' acts and refusals."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations.models import Report, Study, StudyReport
from components.interchange import write
from components.nodes import nodes_of
from extraction import actions, codebook
from extraction.models import AdjudicatedEntry, Field

pytestmark = pytest.mark.django_db
R = "/api/v1/reviews/{}/components/"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def send(client, content, name="codebook.json", slug="one"):
    return client.post(R.format(slug) + "file/", {"file": SimpleUploadedFile(name, content)})


def tree(review):
    return write("", nodes_of(review))


@pytest.mark.parametrize("kind", ["json", "csv", "docx", "qdc"])
def test_a_tree_goes_out_and_in_as_on_the_page(cast, review, ada, signed_in, sample, kind):
    told = send(ada, (sample / "codebook.json").read_bytes())
    assert (told.status_code, told.json()) == (
        200,
        {"added": 34, "changed": 0, "unchanged": 0, "lost": []},
    )
    out = ada.get(R.format("one") + "file/", {"kind": kind})
    assert out.status_code == 200
    page = ada.get(reverse(f"components:{kind}", args=["one"]))
    if kind != "docx":  # whose own bytes a test of the Word files compares
        assert out.content == page.content
    assert out["Content-Type"] == page["Content-Type"]
    into = send(signed_in(cast.zed), out.content, f"a.{kind}", "two").json()
    assert (into["added"], into["changed"]) == (34, 0)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("codebook_cycle.json", "WRAP is below itself (WRAP > WRAP-CM > WRAP)"),
        ("codebook_duplicate_id.json", "twice"),
        ("codebook_missing_parent.json", "hangs below NOPE, which is not there"),
        ("codebook_not_json.json", "JSON"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence_and_nothing_is_stored(
    review, small_tree, ada, sample, name, sentence
):
    before = tree(review)
    told = send(ada, (sample / "bad_inputs" / name).read_bytes(), name)
    assert told.status_code == 422
    assert sentence in told.json()["detail"]
    assert "\n" not in told.json()["detail"]
    assert tree(review) == before


def test_what_refi_qda_would_lose_is_said(ada, sample, review):
    empty = ada.get(R.format("one") + "file/", {"kind": "qdc"})
    assert (empty.status_code, "needs at least one" in empty.json()["detail"]) == (422, True)
    send(ada, (sample / "codebook.json").read_bytes())
    lost = ada.get(R.format("one") + "file/loss/").json()["lost"]
    assert len(lost) >= 1
    assert all(each.endswith(".") for each in lost)


def test_versions_are_frozen_compared_and_begun_anew(review, small_tree, ada):
    """Q02: one changed field between two versions; a frozen one is not changed by any door."""
    at = R.format("one")

    def post(path, status=201, **said):
        answer = ada.post(at + path, said, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    assert post("versions/freeze/", name="1.1", note="Before the extraction")["frozen_by"] == "ada"
    pk = small_tree["A1"].pk
    told = ada.patch(f"{at}{pk}/", {"definition": "Other"}, content_type="application/json")
    assert (told.status_code, "1.1 is frozen" in told.json()["detail"]) == (422, True)
    draft = post("versions/", name="1.2")
    assert (draft["name"], draft["frozen_by"]) == ("1.2", None)
    post("versions/", 422)  # there is a draft
    said = {"definition": "Other", "reason": "Clearer"}
    assert ada.patch(f"{at}{pk}/", said, content_type="application/json").status_code == 200
    post("versions/freeze/", name="1.2")
    found = ada.get(at + "versions/differences/", {"before": "1.1", "after": "1.2"}).json()
    assert found == [
        {
            "code": "A1",
            "name": "Name A1",
            "kind": "changed",
            "fields_changed": [{"field": "Definition", "before": "", "after": "Other"}],
        }
    ]
    names = [each["name"] for each in ada.get(at + "versions/").json()["results"]]
    assert names == ["1.2", "1.1"]
    codes = {each["id"]: each for each in ada.get(at + "versions/1.1/").json()["codes"]}
    assert codes["A1"].get("definition", "") == ""
    assert ada.get(at + "versions/1.7/").status_code == 404
    assert json.loads(ada.get(at + "file/").content)["codes"]


def test_the_queue_after_a_split_is_read_and_re_coded(
    cast, review, small_tree, ada, signed_in, make_report
):
    book = codebook.set_extractors(codebook.start(review, by=cast.ada), 1, by=cast.ada)
    group = codebook.add_field(
        book, by=cast.ada, section="C", label="Components", kind=Field.Kind.COMPONENT_GROUP
    )
    codebook.publish(book, by=cast.ada)
    group.refresh_from_db()
    for quote in ("One.", "Two."):
        report = make_report(review, f"A study of {quote}")
        Report.objects.filter(pk=report.pk).update(place="included")
        study = Study.objects.create(review=review, label=f"Study {quote}")
        StudyReport.objects.create(study=study, report=report)
        form = actions.begin(study, by=cast.bo)
        actions.add_entry(form, group, small_tree["A1"], by=cast.bo, quote=quote)
        actions.submit(form, by=cast.bo)
    at = f"{R.format('one')}{small_tree['A1'].pk}/"
    parts = [{"code": "A1a", "name": "First"}, {"code": "A1b", "name": "Second"}]
    ada.post(at + "split/", {"parts": parts, "reason": "Two things"}, "application/json")
    queue = ada.get(at + "recode/").json()
    assert (queue["left"], queue["parts"]) == (2, ["A1a", "A1b"])
    [waiting] = queue["groups"]
    assert [each["text"] for each in waiting["items"]] == ["One.", "Two."]
    to = review.components.get(code="A1a").pk
    said = {"kind": waiting["kind"], "items": [waiting["items"][0]["id"]], "to": to}
    event = ada.post(at + "recode/", said, "application/json")
    assert (event.status_code, event.json()["affected"]) == (201, 1)
    coded = AdjudicatedEntry.objects.filter(settled__component=to, settled__superseded_at=None)
    assert coded.get().quote == "One."
    assert ada.get(at + "recode/").json()["left"] == 1
    again = ada.post(at + "recode/", said, "application/json")
    assert "re-coded this already" in again.json()["detail"]
    assert (
        ada.post(at + "recode/", said | {"kind": "reviews.user"}, "application/json").status_code
        == 400
    )
    undo = f"{R.format('one')}events/{event.json()['id']}/undo/"
    assert ada.post(undo, {}, "application/json").status_code == 201
    assert ada.get(at + "recode/").json()["left"] == 2
