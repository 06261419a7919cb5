"""Two extractors do not see each other: not by pages, not by numbers, not by addresses."""

import re

import pytest
from django.urls import reverse

from extraction import actions, adjudicating
from extraction.models import ComponentEntry, Extraction, Value
from extraction.waiting import steps

pytestmark = pytest.mark.django_db

PAGES = [
    "agreement",
    "studies",
    "codebook",
    "preview",
    "table",
    "components-csv",
    "evidence-csv",
    "fields-csv",
]
STUDY_PAGES = ["study", "form", "adjudicate"]


def seen_by(client, member, study, components):
    """Every page and file of the room as `member` gets it, without what changes by request."""
    urls = [reverse(f"extraction:{name}", args=["one"]) for name in PAGES]
    files = ["evidence.json", "extracted-answers.csv", "tidier.csv"]
    urls += [reverse("extraction:file", args=["one", name]) for name in files]
    urls += [reverse(f"extraction:{name}", args=["one", study.pk]) for name in STUDY_PAGES]
    urls += [reverse("extraction:evidence", args=["one", each.pk]) for each in components.values()]
    urls += [
        reverse("extraction:studies", args=["one"]) + f"?show={show}"
        for show in ("mine", "begun", "to-settle", "settled")
    ]
    pages = {}
    for url in urls:
        answer = client.get(url)
        text = re.sub(
            rb'(csrfmiddlewaretoken" value|csrf-token" content)="[^"]*"', b"", answer.content
        )
        pages[url] = (answer.status_code, answer.get("Location"), text)
    return pages, steps(member)


WORLDS = {
    "nothing yet": ({"Country": ""}, []),
    "the same": ({"n": "12", "Fidelity": "yes"}, ["HOME"]),
    "something else": (
        {"Country": "Norway", "n": "99", "Outcomes": ["Safety"]},
        ["WRAP-CM:opposes"],
    ),
    "not reported": ({"Country": None, "n": None, "Fidelity": None, "Design": None}, []),
}


@pytest.mark.parametrize("hands_in", [False, True])
@pytest.mark.parametrize("who", ["cy", "ed", "al", "obi", "ann"])
def test_pages_are_equal_whatever_the_other_answered(
    cast, review, study, book, components, fill, signed_in, who, hands_in
):
    if who == "cy":
        fill(actions.begin(study, by=cast.cy), {"n": "12", "Fidelity": "yes"}, ["HOME"])
    bos = actions.begin(study, by=cast.bo)
    client, member = signed_in(getattr(cast, who)), cast.member(who)
    views = []
    for answers, found in WORLDS.values():
        for entry in bos.entries.current():
            actions.remove_entry(entry, by=cast.bo)
        for value in bos.values.current():
            actions.save_value(bos, value.field, "", by=cast.bo)
        fill(bos, answers, found)
        if hands_in and answers.get("Country", "x") != "":
            Extraction.objects.filter(pk=bos.pk).update(submitted_at="2026-01-01T00:00Z")
        elif hands_in:
            continue
        views.append(seen_by(client, member, study, components))
        Extraction.objects.filter(pk=bos.pk).update(submitted_at=None)
    assert len(views) == (3 if hands_in else 4)
    for view in views[1:]:
        assert view == views[0]


def test_the_test_above_can_fail(cast, study, book, components, fill, signed_in):
    """The lead, who oversees, does see a difference: so would the others if they were shown it."""
    bos = actions.begin(study, by=cast.bo)
    client, member = signed_in(cast.ada), cast.member("ada")
    fill(bos, {"n": "1"})
    before = seen_by(client, member, study, components)
    fill(bos, {"n": "2"})
    assert seen_by(client, member, study, components) != before


def test_a_lead_who_extracts_is_as_blind_as_the_rest(cast, study, book, fill):
    fill(actions.begin(study, by=cast.bo))
    ada = cast.member("ada")
    assert Value.objects.visible_to(ada).count() == 1
    ada.roles = ["lead", "extractor"]
    ada.save()
    assert not Value.objects.visible_to(ada).exists()
    assert not Extraction.objects.visible_to(ada).exists()


def test_once_both_have_handed_in_everybody_sees(cast, study, handed_in, signed_in):
    handed_in(study, ("bo", {"n": "4100041"}, ["HOME"]), ("cy", {"n": "4200042"}, ["HOME"]))
    for who in ("bo", "cy", "obi", "al"):
        assert Value.objects.visible_to(cast.member(who)).count() == 4
        assert ComponentEntry.objects.visible_to(cast.member(who)).count() == 2
        page = signed_in(getattr(cast, who)).get(
            reverse("extraction:study", args=["one", study.pk])
        )
        assert "4100041" in page.content.decode()
        assert "4200042" in page.content.decode()


def test_an_open_blind_opens_the_forms(cast, review, study, book, fill):
    fill(actions.begin(study, by=cast.bo))
    review.blind = False
    review.save()
    assert Value.objects.visible_to(cast.member("cy")).count() == 1


def test_another_review_sees_nothing(cast, study, handed_in):
    from reviews.models import Membership

    handed_in(study, ("bo",), ("cy",))
    zed = Membership.objects.get(user=cast.zed)
    assert not Value.objects.visible_to(zed).exists()
    assert not Extraction.objects.visible_to(zed).exists()


def test_the_adjudicators_page_stays_shut_until_both_have_handed_in(
    cast, study, handed_in, signed_in
):
    handed_in(study, ("bo", {"n": "4100041"}))
    al = signed_in(cast.al)
    page = al.get(reverse("extraction:adjudicate", args=["one", study.pk]), follow=True)
    assert "waits for its extractors" in page.content.decode()
    assert "4100041" not in page.content.decode()
    assert adjudicating.compare(study).is_opened is False
