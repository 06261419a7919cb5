"""Opening a long full text: from the click on the report to its first page painted, in Chromium.

    CONCORD_CHROMIUM=/usr/bin/chromium python bench/reading.py [--pages 300] [--times 7]
                                                               [--slow-mbit 20] [--only scans]

Starts gunicorn as an installation does, in a data folder of its own, with three PDFs of so many
pages: one of words, one whose cross-references stand at the end of 7 MB of scanned pages, and one
of the demo's kind with three pages to compare with. A browser opens the page of the report

* *first*: with an empty cache, as on a person's first day;
* *again*: with pdf.js in its cache, as for every report after;
* *slow*: again, over a line of `--slow-mbit` megabits a second with 20 ms.

Prints the median and the slowest in milliseconds, from the start of the navigation until page 1 is
painted, and until its words can be selected; and the bytes of the document that had come by then.
"""

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fulltexts import prose  # noqa: E402

ACROSS, DOWN = 120, 200  # pixels of a scanned page, one byte each
WATCH = """
  (() => {
    const seen = (name, at) => { window[name] ??= at; };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (entry.name === "reader-page-painted") requestAnimationFrame(() => seen("painted", performance.now()));
    }).observe({ type: "mark", buffered: true });
    new MutationObserver(() => {
      if (document.querySelector('.reader-sheet[data-page="1"][data-ready]')) seen("selectable", performance.now());
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-ready"] });
  })();
"""


def words(pages: int) -> bytes:
    from synthesis.demo.pdf import pdf

    dice = random.Random(1)
    return pdf(
        "A program of care described at length", prose(dice, 3 * pages), pages_at_least=pages
    )


def scans(pages: int) -> bytes:
    """Pages that are one grey picture each; nothing in them can be compressed."""
    dice = random.Random(2)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for _ in range(pages):
        first = len(objects) + 1
        kids.append(first)
        draw = b"595 0 0 842 0 0 cm /I Do"
        picture = dice.randbytes(ACROSS * DOWN)
        head = b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I %d 0 R >> >> "
            b"/Contents %d 0 R >>" % (first + 2, first + 1),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw),
            (head % (ACROSS, DOWN)) + b" /Length %d >>\nstream\n%s\nendstream" % (len(picture), picture),
        ]  # fmt: skip
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)  # fmt: skip
    return bytes(out)


def set_up(documents: dict[str, bytes]) -> tuple[str, dict[str, str]]:
    """(session key, {name: address of the page that shows it})."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command
    from django.test import Client

    from citations.models import Report
    from reviews.actions import create_review
    from reviews.models import User
    from screening import retrieval
    from screening.actions import decide, moved

    call_command("migrate", verbosity=0)
    lead, other = (
        User.objects.create_user(name, f"{name}@example.org", "a long bench password")
        for name in ("lead", "other")
    )
    review = create_review("Reading", by=lead, slug="reading")
    addresses = {}
    for name, data in documents.items():
        report = Report.objects.create(review=review, title=f"A report of {name}")
        moved(review, [report.pk])
        for user in (lead, other):
            decide(report, "abstract", "include", by=user)
        report.refresh_from_db()
        retrieval.attach_file(report, SimpleUploadedFile(f"{name}.pdf", data), by=lead)
        addresses[name] = f"/r/reading/fulltexts/{report.pk}/"
    client = Client()
    client.force_login(lead)
    return client.cookies["sessionid"].value, addresses


def opened(context: Any, url: str, mbit: float = 0) -> tuple[float, float, int]:
    """(ms to the first page, ms to its words, bytes of the document that had come)."""
    page = context.new_page()
    page.add_init_script(WATCH)
    bytes_of = [0]
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    mine: set[str] = set()
    line.on("Network.responseReceived", lambda e: mine.add(e["requestId"]) if e["response"]["url"].endswith("/file/") else None)  # fmt: skip
    line.on("Network.dataReceived", lambda e: bytes_of.__setitem__(0, bytes_of[0] + e["dataLength"]) if e["requestId"] in mine else None)  # fmt: skip
    if mbit:
        rate = mbit * 1e6 / 8
        line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 20,
                  "downloadThroughput": rate, "uploadThroughput": rate})  # fmt: skip
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => window.painted && window.selectable", timeout=120_000)
    painted, selectable = page.evaluate("[window.painted, window.selectable]")
    page.close()
    return painted, selectable, bytes_of[0]


def measure(url: str, session: str, addresses: dict[str, str], asked: argparse.Namespace) -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CONCORD_CHROMIUM")
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )

        def context() -> Any:
            made = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
            made.add_cookies([{"name": "sessionid", "value": session, "url": url}])
            return made

        for name, address in addresses.items():
            for way in ("first", "again", "slow"):
                kept, found = context(), []
                if way != "first":
                    opened(kept, address)
                for _ in range(asked.times):
                    with_cache = context() if way == "first" else kept
                    found.append(
                        opened(with_cache, address, asked.slow_mbit if way == "slow" else 0)
                    )
                    if with_cache is not kept:
                        with_cache.close()
                kept.close()
                painted, selectable, size = zip(*found, strict=True)
                print(
                    f"{name:12} {way:6} first page {statistics.median(painted):5.0f} ms (slowest {max(painted):5.0f}), "
                    f"its words {statistics.median(selectable):5.0f} ms, {statistics.median(size) / 1e6:5.1f} MB come"
                )
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--slow-mbit", type=float, default=20)
    parser.add_argument("--only", default="", help="the documents with this word in their name")
    asked = parser.parse_args()
    documents = {
        f"{asked.pages} of words": words(asked.pages),
        f"{asked.pages} scans": scans(asked.pages),
        "3 of words": words(3)[:],
    }
    documents = {name: data for name, data in documents.items() if asked.only in name}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"REVIEWAPP_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "reviewapp.settings"}
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        import django

        django.setup()
        from django.core.management import call_command

        from tools.serving import web_command

        call_command("collectstatic", interactive=False, verbosity=0)
        session, addresses = set_up(documents)
        sizes = ", ".join(f"{name}: {len(data) / 1e6:.1f} MB" for name, data in documents.items())
        print(sizes)
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (Path(folder) / "web.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, *web_command(listener.fileno())[1:]], cwd=ROOT, pass_fds=[listener.fileno()],
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        listener.close()
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"{url}/healthz", timeout=10).close()
                    break
                except OSError:
                    time.sleep(0.3)
            measure(url, session, addresses, asked)
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
