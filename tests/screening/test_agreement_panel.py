"""The panel's page: phases, what stands behind each number, drift, and the file that reproduces it."""

import csv
import importlib.util
import io
import random
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from screening import actions
from screening.models import Decision
from screening.reporting import agreeing, behind, drift
from screening.reporting.agreement import Cells

pytestmark = pytest.mark.django_db

PAGE = "/r/one/agreement/"


@pytest.fixture
def screened(cast, review, make_report):
    """`screened(a, b, c, d)`: reports on which Bo and Cy said so; ids by cell."""

    def make(a=0, b=0, c=0, d=0, stage="abstract"):
        answers = {
            "a": ("include", "include"),
            "b": ("include", "exclude"),
            "c": ("exclude", "include"),
            "d": ("exclude", "exclude"),
        }
        found = {}
        for cell, n in zip("abcd", (a, b, c, d), strict=True):
            for _ in range(n):
                report = make_report(review)
                for user, verdict in zip((cast.bo, cast.cy), answers[cell], strict=True):
                    actions.decide(report, stage, verdict, by=user)
                found.setdefault(cell, []).append(report.pk)
        return found

    return make


def ids_behind(client, address):
    page = client.get(address).context["page"]
    return set(page.paginator.object_list.values_list("pk", flat=True))


def links(page):
    return [unescape(each) for each in re.findall(r'href="(/r/one/reports/\?agreed=[^"]+)"', page)]


def test_every_number_opens_the_reports_behind_it(cast, signed_in, screened, make_report, review):
    made = screened(a=3, b=2, c=1, d=4)
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)  # still open
    obi = signed_in(cast.obi)
    page = obi.get(PAGE).content.decode()
    pair = f"abstract_2_pair.{cast.bo.pk}.{cast.cy.pk}"
    for cell, ids in made.items():
        for words in (f"{pair}_{cell}", f"abstract_2_{cell}"):
            assert ids_behind(obi, f"/r/one/reports/?agreed={words}") == set(ids)
    assert f"/r/one/reports/?agreed={pair}_b" in links(page)
    for address in links(page):
        number = re.search(re.escape(address) + r'">(\d+)', unescape(page))
        assert len(ids_behind(obi, address)) == int(number[1]), address
    listed = obi.get(f"/r/one/reports/?agreed={pair}_b").content.decode()
    assert "Bo includes, Cy excludes" in listed


@pytest.mark.parametrize(
    "words",
    [
        "",
        "abstract",
        "abstract_2_x",
        "before_2",
        "abstract_2_block.0.1",
        "abstract_2_week.2026-02-31",
    ],
)
def test_what_we_never_write_narrows_nothing(cast, signed_in, screened, words):
    screened(a=1, d=1)
    assert behind.read(words) is None
    assert len(ids_behind(signed_in(cast.obi), f"/r/one/reports/?agreed={words}")) == 2


def test_words_in_an_address_are_read_as_they_were_written():
    for words in (
        "abstract_2",
        "fulltext_6_pair.3.5_b",
        "abstract_2_block.50.2_week.2026-03-02_same",
    ):
        assert str(behind.read(words)) == words


def test_six_people_then_two_are_two_phases(cast, review, make_report, join, signed_in):
    """ReLiS #108: agreement of phases with other numbers of people, pooled, is of nothing."""
    people = [cast.bo, cast.cy, *(join(name) for name in ("Di", "Em", "Fay", "Gil"))]
    actions.set_rules(review, "abstract", by=cast.ada, screeners=6, maybe="advances")
    for included_by in (6, 5, 1, 0):
        report = make_report(review)
        for at, user in enumerate(people):
            verdict = "include" if at < included_by else "exclude"
            actions.decide(report, "abstract", verdict, by=user)
    six = agreeing.panel(review, "abstract")
    assert (six.reports, len(six.pairs), six.screeners) == (4, 15, 6)
    actions.set_rules(review, "abstract", by=cast.ada, screeners=2, maybe="advances")
    report = make_report(review)
    for user in people[2:4]:
        actions.decide(report, "abstract", "include", by=user)
    two = agreeing.panel(review, "abstract")
    assert (two.reports, two.together) == (1, Cells(1, 0, 0, 0))
    again = agreeing.panel(review, "abstract", 6)
    assert (again.reports, again.together, again.fleiss) == (4, six.together, six.fleiss)
    # Fleiss by hand: 24 answers, 12 include; agreeing pairs 15 + 10 + 10 + 15 of 60.
    assert again.fleiss == pytest.approx((50 / 60 - 0.5) / 0.5)
    page = signed_in(cast.obi).get(f"{PAGE}?people=6").content.decode()
    assert "6 people a report" in page
    assert "Fleiss" in page


def test_not_defined_says_why(cast, signed_in, screened):
    screened(d=3)
    page = signed_in(cast.obi).get(PAGE).content.decode()
    assert "nobody included" in page
    assert "everybody said the same throughout" in page
    assert "nobody excluded" not in page


def test_drift_by_blocks_and_weeks(
    cast, review, screened, signed_in, django_assert_max_num_queries
):
    early = screened(a=6, d=6)
    late = screened(b=5, c=5, d=2)
    past = timezone.now() - timedelta(days=21)
    ids = [pk for some in early.values() for pk in some]
    Decision.objects.filter(report__in=ids).update(at=past)
    panel = agreeing.panel(review, "abstract")
    here = behind.Behind("abstract", 2)
    blocks = drift.by_blocks(panel.answered, here, 12)
    assert [step.figures.cells for step in blocks] == [Cells(6, 0, 0, 6), Cells(0, 5, 5, 2)]
    weeks = drift.by_weeks(panel.answered, here)
    assert [step.figures.reports for step in weeks] == [12, 12]
    assert weeks[0].behind.week == behind.monday(panel.answered[0])
    picture = drift.draw(blocks)
    assert [len(line.points) for line in picture.lines] == [2, 2]
    assert picture.lines[0].points[0].y < picture.lines[0].points[1].y  # it fell
    obi = signed_in(cast.obi)
    for address, ids in ((str(weeks[1].behind), late), (str(blocks[0].behind), early)):
        wanted = {pk for some in ids.values() for pk in some}
        assert ids_behind(obi, f"/r/one/reports/?agreed={address}") == wanted
    with django_assert_max_num_queries(25):
        page = obi.get(f"{PAGE}?by=week").content.decode()
    assert 'role="img"' in page
    assert "Every number stands in the table" in page


def test_the_download_reproduces_the_panel(
    cast, review, screened, join, make_report, signed_in, tmp_path, at_fulltext, reasons
):
    made = screened(a=4, b=2, c=3, d=9)
    Decision.objects.filter(report__in=made["d"]).update(at=timezone.now() - timedelta(days=9))
    di = join("Di")
    rnd = random.Random(3)
    for _ in range(6):
        report = make_report(review)
        for user in rnd.sample([cast.bo, cast.cy, di], 2):
            actions.decide(report, "abstract", rnd.choice(["include", "maybe", "exclude"]), by=user)
    for at in range(4):
        report = at_fulltext()
        for user in (cast.bo, cast.cy):
            if at % 2:
                actions.decide(report, "fulltext", "include", by=user)
            else:
                actions.decide(report, "fulltext", "exclude", by=user, reason=reasons[0])
    open_still = make_report(review)
    actions.decide(open_still, "abstract", "include", by=cast.bo, note="Nobody may read this")
    answer = signed_in(cast.obi).get(f"{PAGE}decisions.zip")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        bundle.extractall(tmp_path)
    decisions = (tmp_path / "decisions.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(decisions)))
    assert str(open_still.pk) not in {row["report"] for row in rows}
    assert "Nobody may read this" not in decisions

    # -S: with no installed package.
    run = [sys.executable, "-S", str(tmp_path / "reproduce.py")]
    checked = subprocess.run(
        [*run, "--check"], capture_output=True, text=True, cwd="/", check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    printed = subprocess.run(run, capture_output=True, text=True, check=True)
    lines = list(csv.DictReader(io.StringIO(printed.stdout)))
    for stage in ("abstract", "fulltext"):
        panel = agreeing.panel(review, stage)
        parts = {line["part"]: line for line in lines if line["stage"] == stage}
        assert int(parts["all"]["reports"]) == panel.reports
        for pair in panel.pairs:
            line = parts[f"pair {pair.first.pk} {pair.second.pk}"]
            assert Cells(*(int(line[cell]) for cell in "abcd")) == pair.cells
            for key, figure in pair.figures.items():
                said = "not defined" if figure.value is None else f"{figure.value:.6f}"
                assert line[key] == said
                if figure.interval:
                    assert line[f"{key}_low"] == f"{figure.interval[0]:.6f}"
                    assert line[f"{key}_high"] == f"{figure.interval[1]:.6f}"
    assert len([part for part in parts if part.startswith("week")]) == 1

    # A figure that was changed by hand is named.
    told = (tmp_path / "figures.csv").read_text("utf-8-sig")
    (tmp_path / "figures.csv").write_text(told.replace("abstract,2,all,28", "abstract,2,all,29"))
    assert "abstract,2,all,29" in (tmp_path / "figures.csv").read_text()
    wrong = subprocess.run([*run, "--check"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert "reports is 29, the decisions give 28" in wrong.stdout


def test_the_download_equals_the_reference(cast, review, screened, signed_in, shared, capsys):
    path = shared / "oracle" / "agree_ref.py"
    if not path.is_file():
        pytest.skip("NOT RUN: ../shared/oracle/agree_ref.py is not here")
    spec = importlib.util.spec_from_file_location("agree_ref", path)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    capsys.readouterr()
    screened(a=5, b=4, c=3, d=11)
    answer = signed_in(cast.obi).get(f"{PAGE}decisions.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        text = bundle.read("figures.csv").decode("utf-8-sig")
    line = next(csv.DictReader(io.StringIO(text)))
    theirs = reference.stats(*(int(line[cell]) for cell in "abcd"))
    names = {"po": "observed", "ppos": "positive", "pneg": "negative"}
    for name in ("po", "kappa", "pabak", "ac1", "ppos", "pneg"):
        assert round(float(line[names.get(name, name)]), 3) == theirs[name]


def test_who_may_not_export_has_no_link(cast, signed_in):
    assert signed_in(cast.eve).get(f"{PAGE}decisions.zip").status_code == 404
    assert (
        "decisions.zip" not in signed_in(cast.obi).get(PAGE).content.decode()
    )  # nothing to tell yet
