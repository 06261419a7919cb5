"""The protocol is locked; a later change asks for its reason and is listed. The blind's band."""

import csv

import pytest

from reviews.models import AuditEvent

pytestmark = pytest.mark.django_db

PAGE, SETUP = "/r/one/protocol/", "/r/one/setup/"
QUESTION = {"title": "Another title", "framework": "pico", "population": "Youth"}
CRITERIA = {"inclusion": "=Young people", "seen": "1"}
RULES = {"stage": "fulltext", "fulltext-screeners": "1"}


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def saved():
    verbs = ["changed the question", "changed the criteria", "changed the rules"]
    return AuditEvent.objects.filter(verb__in=verbs).count()


def test_without_a_lock_nothing_is_asked_and_nothing_listed(ada):
    ada.post(f"{SETUP}question/", QUESTION)
    ada.post(f"{SETUP}criteria/", CRITERIA)
    assert ada.post("/r/one/rules/", RULES).status_code == 302
    assert saved() == 3
    page = ada.get(PAGE)
    assert page.context["differences"] == []
    assert "The protocol is not locked" in page.content.decode()


def test_once_locked_each_change_asks_for_its_reason_and_is_listed(ada, cast, signed_in):
    ada.post(f"{PAGE}lock/")
    assert "Nothing has changed since" in ada.get(PAGE).content.decode()
    doors = [
        (f"{SETUP}question/", QUESTION, "reason"),
        (f"{SETUP}criteria/", CRITERIA, "reason"),
        ("/r/one/rules/", RULES, "fulltext-reason"),
    ]
    for url, data, name in doors:
        refused = ada.post(url, data | {name: " "})
        assert refused.status_code == 422
        assert "The protocol is locked. Say why" in refused.content.decode()
        assert f'name="{name}"' in refused.content.decode()
    assert saved() == 0
    for url, data, name in doors:
        assert ada.post(url, data | {name: f"Why {url}"}).status_code == 302
    found = signed_in(cast.obi).get(PAGE).context["differences"]
    assert [each.what for each in found] == ["Question", "Criteria", "Rules for full text"]
    assert ("population", "", "Youth") in found[0].parts
    assert found[2].parts == [("screeners", "2", "1")]
    lines = b"".join(ada.get(f"{PAGE}differences.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(lines.splitlines()))
    assert rows[-1]["reason"] == "Why /r/one/rules/"
    assert (rows[-1]["before"], rows[-1]["after"], rows[-1]["who"]) == ("2", "1", "Ada")
    told = next(row for row in rows if row["what"] == "Criteria")
    assert told["after"] == "'=Young people"  # not a formula


def test_saving_what_stands_already_asks_for_nothing(ada):
    ada.post(f"{PAGE}lock/")
    same = {"stage": "fulltext", "fulltext-screeners": "2"}
    assert ada.post("/r/one/rules/", same).status_code == 302
    assert saved() == 0


def test_unlocking_needs_a_reason_and_stays_in_the_list(ada):
    ada.post(f"{PAGE}lock/")
    page = ada.post(f"{PAGE}unlock/", {"reason": ""}, follow=True).content.decode()
    assert "Say why the protocol is unlocked" in page
    ada.post(f"{PAGE}unlock/", {"reason": "Typing errors"})
    ada.post("/r/one/rules/", RULES)
    found = ada.get(PAGE).context["differences"]
    assert [each.what for each in found] == ["Protocol unlocked", "Rules for full text"]


def test_while_the_blind_is_off_every_page_says_so(cast, ada, signed_in):
    pages = ["", "screen/", "decisions/", "reports/", "fulltexts/", "agreement/", "prisma/"]
    for path in pages:
        assert "Blinding is off" not in signed_in(cast.bo).get(f"/r/one/{path}").content.decode()
    assert ada.post(f"{SETUP}open-blind/", {"reason": ""}).status_code == 422
    assert signed_in(cast.bo).post(f"{SETUP}open-blind/", {"reason": "x"}).status_code == 403
    ada.post(f"{SETUP}open-blind/", {"reason": "Training"})
    event = AuditEvent.objects.get(verb="opened the blind")
    assert (event.actor, event.reason) == (cast.ada, "Training")
    for path in pages:
        assert "Blinding is off" in signed_in(cast.bo).get(f"/r/one/{path}").content.decode()
