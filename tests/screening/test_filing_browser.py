"""A whole folder, in a real Chromium: sent with its paths, the library at the end."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from citations.models import LooseFile
from reviews import jobs
from screening import actions
from synthesis.demo.pdf import pdf
from tests.screening.test_screen_browser import open_page  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Peer mentoring for young people who leave residential care"
LIBRARY = (
    f"TY  - JOUR\nTI  - {TITLE}\nAU  - Abara, Ada\nPY  - 2019\nL1  - files/12/scan.pdf\nER  - \n"
)


def test_a_folder_is_sent_with_its_paths_and_its_library_links_the_files(
    cast,
    review,
    make_report,
    tmp_path,
    open_page,  # noqa: F811
):
    report = make_report(review, TITLE, authors=["Abara, Ada"], year=2019)
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    folder = tmp_path / "My export"
    for name, data in {
        "My library.ris": LIBRARY.encode(),
        "files/12/scan.pdf": pdf("", []),
        "files/13/scan.pdf": pdf("", ["nothing"]),
        "sdb.eni": b"the reference manager's own",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    page = open_page(cast.bo, reverse("screening:loose_files", args=["one"]))
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="A whole folder").click()
    with page.expect_navigation():
        chosen.value.set_files(folder)
    while jobs.run_one():
        pass
    names = list(LooseFile.objects.order_by("pk").values_list("name", flat=True))
    assert sorted(names[:2]) == ["My export/files/12/scan.pdf", "My export/files/13/scan.pdf"]
    assert names[2:] == ["My export/My library.ris"]
    page.reload()
    page.get_by_role("link", name="Attached").click()
    expect(page.locator(".loose")).to_have_count(1)
    expect(page.locator(".loose")).to_contain_text(TITLE)
    assert report.files.count() == 1
