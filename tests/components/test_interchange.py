"""The tree comes in and goes out as JSON; a wrong file is refused in one sentence."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from components import interchange
from components.models import Component
from components.sheets import guarded
from components.tree import outline
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db


def send(client, content, name="codebook.json"):
    return client.post(
        reverse("components:import", args=["one"]), {"file": SimpleUploadedFile(name, content)}
    )


def test_it_brings_the_sample_in_once(cast, review, sample, signed_in):
    client, content = signed_in(cast.ada), (sample / "codebook.json").read_bytes()
    assert send(client, content).status_code == 302
    tree = outline(review)
    assert (len(tree), sum(each.depth == 0 for each in tree)) == (34, 5)
    assert sum(each.component.is_codable for each in tree) == 29
    case = Component.objects.get(code="WRAP-CM")
    assert case.parent.code == "WRAP"
    assert case.exemplar_source == "T05"
    assert case.definition.startswith("One named worker")
    page = client.get(reverse("components:tree", args=["one"]))
    assert "34 components, 29 of them can be coded, 5 at the top" in page.content.decode()
    assert "Version 1.1, draft" in page.content.decode()
    told = review.tree_events.get(verb="import").history
    assert [each["change"] for each in told].count("merge") == 1
    assert [each["change"] for each in told].count("split") == 1
    again = client.post(
        reverse("components:import", args=["one"]),
        {"file": SimpleUploadedFile("codebook.json", content)},
        follow=True,
    )
    assert "0 added, 0 changed, 34 as before" in again.content.decode()


def test_what_goes_out_comes_in_the_same(cast, review, sample, signed_in):
    client = signed_in(cast.ada)
    send(client, (sample / "codebook.json").read_bytes())
    out = client.get(reverse("components:json", args=["one"])).content
    there = {
        code["id"]: code for code in json.loads((sample / "codebook.json").read_bytes())["codes"]
    }
    for code in json.loads(out)["codes"]:
        assert {key: there[code["id"]][key] for key in code} == code
    zed = signed_in(cast.zed)
    zed.post(
        reverse("components:import", args=["two"]), {"file": SimpleUploadedFile("a.json", out)}
    )
    again = json.loads(zed.get(reverse("components:json", args=["two"])).content)
    assert again["codes"] == json.loads(out)["codes"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("codebook_cycle.json", "WRAP is below itself (WRAP &gt; WRAP-CM &gt; WRAP)."),
        ("codebook_duplicate_id.json", "stands in the file twice."),
        ("codebook_missing_parent.json", "which is not there."),
        ("codebook_not_json.json", "The file is not JSON: "),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(
    cast, review, sample, signed_in, small_tree, name, said
):
    before = list(Component.objects.order_by("pk").values())
    answer = send(signed_in(cast.ada), (sample / "bad_inputs" / name).read_bytes(), name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert list(Component.objects.order_by("pk").values()) == before


def tree_of(*codes):
    return json.dumps({"codes": list(codes)}).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe{", "not text in UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "holds no list"),
        (b'{"codes": []}', "holds no list"),
        (b'{"codes": "A"}', "holds no list"),
        (tree_of("A"), "Entry 1 of “codes” is not a component"),
        (tree_of({"name": "x"}), "Entry 1 has the id “”"),
        (tree_of({"id": "=1+1", "name": "x"}), "an id is 1 to 40 letters"),
        (tree_of({"id": "A"}), "A has no name"),
        (tree_of({"id": "A", "name": "   "}), "A has no name"),
        (tree_of({"id": "A", "name": 3}), "that is not text"),
        (tree_of({"id": "A", "name": "a\x00"}), "that is not text"),
        (tree_of({"id": "A", "name": "\ud800"}), "that is not text"),
        (tree_of({"id": "A", "name": "x" * 201}), "more than 200 letters"),
        (tree_of({"id": "A", "name": "x", "colour": "blue"}), "write it like #1B6E8C"),
        (tree_of({"id": "A", "name": "x", "tidier_items": [13]}), "numbers from 1 to 12"),
        (tree_of({"id": "A", "name": "x", "tidier_items": "4"}), "numbers from 1 to 12"),
        (tree_of({"id": "A", "name": "x", "order": -1}), "not a whole number"),
        (tree_of({"id": "A", "name": "x", "exemplar": [1]}), "exemplar that is not text"),
        (tree_of({"id": "A", "name": "x", "parent": "A"}), "A is below itself (A > A)"),
        (
            tree_of(*({"id": f"N{n}", "name": "x"} for n in range(interchange.MOST + 1))),
            "more than 2000 components",
        ),
        (
            tree_of(
                {"id": "N0", "name": "x"},
                *({"id": f"N{n}", "name": "x", "parent": f"N{n - 1}"} for n in range(1, 1500)),
            ),
            "deeper than 12 levels",
        ),
    ],
)
def test_reading_says_what_is_wrong(content, said):
    with pytest.raises(Refused) as refusal:
        interchange.read(content)
    assert said in str(refusal.value)


def test_siblings_with_one_name_are_refused_and_nothing_is_stored(cast, review, signed_in):
    answer = send(
        signed_in(cast.ada), tree_of({"id": "A", "name": "Same"}, {"id": "B", "name": "same"})
    )
    assert "A and B beside it have the same name" in answer.content.decode()
    assert not Component.objects.exists()


def test_two_siblings_may_swap_their_names(cast, review, signed_in):
    client = signed_in(cast.ada)
    send(client, tree_of({"id": "A", "name": "One"}, {"id": "B", "name": "Two"}))
    send(client, tree_of({"id": "A", "name": "Two"}, {"id": "B", "name": "One"}))
    names = dict(Component.objects.values_list("code", "name"))
    assert names == {"A": "Two", "B": "One"}


def test_a_known_parent_counts_and_a_circle_through_it_is_seen(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    assert send(client, tree_of({"id": "C", "name": "C", "parent": "A1"})).status_code == 302
    answer = send(client, tree_of({"id": "A", "name": "A", "parent": "C"}))
    assert "A is below itself (A &gt; A1 &gt; C &gt; A)" in answer.content.decode()


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+plus", "'+plus"),
        ("-", "'-"),
        ("@x", "'@x"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("-3.5", "-3.5"),
        ("12-17", "12-17"),
        (None, ""),
        (40, "40"),
    ],
)
def test_no_cell_becomes_a_formula(cell, kept):
    assert guarded(cell) == kept


def test_the_csv_guards_every_cell(cast, review, signed_in):
    client = signed_in(cast.ada)
    send(client, tree_of({"id": "A", "name": "=HYPERLINK(1)", "definition": "@SUM(A1)"}))
    out = signed_in(cast.obi).get(reverse("components:csv", args=["one"])).content.decode()
    assert "'=HYPERLINK(1)" in out
    assert "'@SUM(A1)" in out
