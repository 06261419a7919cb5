"""Six files dropped at once, in a real Chromium: each with a proposed source, sent one by one."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from citations.models import Upload
from tests.citations.test_import import THREE, ris

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(cast, live_server, new_context):
    client = Client()
    client.force_login(cast.ada)
    context = new_context(base_url=live_server.url)
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context.new_page()


def given(name, content):
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_several_files_are_assigned_and_sent_one_by_one(page, review, make_search, settings):
    settings.UPLOAD_LIMIT_MB = 1
    make_search(review, "Embase")
    page.goto("/r/one/import/")
    page.locator("input[type=file]").set_input_files(
        [
            given("embase.ris", ris(THREE[0])),
            given("scopus 1.ris", ris(THREE[1])),
            given("scopus 2.ris", ris(THREE[2])),
            given("own.csv", b"Eins;Wann\nA;2020\n"),
            given("photo.ris", b"%PDF-1.4"),
            given("huge.ris", b"TY  - JOUR\n" + b"x" * (2 << 20)),
        ]
    )
    rows = page.locator(".send-row")
    expect(rows).to_have_count(6)
    expect(rows.nth(0).locator(".send-pick option:checked")).to_have_text("Embase")
    expect(rows.nth(1).locator(".send-new-name")).to_have_value("Scopus")
    expect(rows.nth(2).locator(".send-new-name")).to_have_value("Scopus")
    expect(rows.nth(4)).to_contain_text("This is a PDF")
    expect(rows.nth(5)).to_contain_text("larger than 1 MB")
    page.get_by_role("button", name="Upload and look").click()
    expect(page.locator("[data-said]")).to_contain_text("2 files were not taken")
    for wrong in ("photo.ris", "huge.ris"):
        rows.filter(has_text=wrong).get_by_role("button", name="Leave out").click()
    page.get_by_role("button", name="Upload and look").click()
    page.wait_for_url("**/imports/")
    expect(page.get_by_role("link", name="Say what its columns are")).to_be_visible()
    found = {upload.name: upload.search.name for upload in Upload.objects.all()}
    assert found == {
        "embase.ris": "Embase",
        "scopus 1.ris": "Scopus",
        "scopus 2.ris": "Scopus",
        "own.csv": "own",
    }


def test_one_file_keeps_what_was_typed_when_it_is_refused(page, review):
    page.goto("/r/one/import/")
    page.locator("input[type=file]").set_input_files([given("cinahl.ris", b"%PDF-1.4")])
    expect(page.get_by_role("alert")).to_contain_text("This is a PDF")
    name = page.locator("[name=new-name]")
    expect(name).to_have_value("CINAHL")
    name.fill("CINAHL Complete")
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("alert")).to_contain_text("This is a PDF")
    expect(name).to_have_value("CINAHL Complete")
    assert not Upload.objects.exists()
    page.locator("input[type=file]").set_input_files([given("cinahl.ris", ris(*THREE))])
    page.get_by_role("button", name="Upload and look").click()
    page.wait_for_url("**/imports/*/")
    assert Upload.objects.get().search.name == "CINAHL Complete"
