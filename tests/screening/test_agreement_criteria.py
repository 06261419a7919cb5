"""Disagreement by criterion: the map, the reports behind each number, and the file that reproduces it."""

import io
import random
import re
import subprocess
import sys
import zipfile
from html import unescape
from itertools import combinations

import pytest

from reviews.actions import set_criteria
from reviews.models import Stage
from screening import actions
from screening.desk.by_criterion import Asked
from screening.reporting import agreeing, behind, by_criteria
from screening.reporting.behind import Behind

pytestmark = pytest.mark.django_db

PAGE = "/r/one/agreement/"
TEXTS = ["Adults", "A trial", "In schools"]


def world(review, cast, people, make_report, number, seed):
    """Random answers on `number` reports; {criterion: [[answers of one report]]} as said."""
    chance = random.Random(seed)
    set_criteria(review, [("inclusion", text) for text in TEXTS], by=cast.ada)
    rules = {"screeners": len(people), "maybe": "advances", "ask_criteria": True}
    actions.set_rules(review, "abstract", by=cast.ada, **rules)
    rows = list(review.criteria.filter(until_version=None))
    told = {text: {} for text in TEXTS}
    for _ in range(number):
        report = make_report(review)
        for user in people:
            given = {
                each.pk: chance.choice(["yes", "yes", "no", "unclear"])
                for each in rows
                if chance.random() < 0.8
            }
            verdict = chance.choice(["include", "exclude"])
            actions.decide(report, "abstract", verdict, by=user, answers=given)
            for each in rows:
                if each.pk in given:
                    told[each.text].setdefault(report.pk, []).append((user.pk, given[each.pk]))
    return told


def rows_of(review, people):
    panel = agreeing.panel(review, "abstract")
    pairs = [(pair.first.pk, pair.second.pk) for pair in panel.pairs]
    return pairs, by_criteria.rows(review, panel.answered, pairs, Behind(Stage.ABSTRACT, people))


@pytest.mark.parametrize(("seed", "three"), [(1, False), (2, True), (3, True)])
def test_the_map_equals_a_plain_count_and_every_number_its_list(
    cast, review, join, make_report, seed, three
):
    people = [cast.bo, cast.cy, *([join("Di")] if three else [])]
    told = world(review, cast, people, make_report, 12, seed)
    pairs, rows = rows_of(review, len(people))
    assert {row.asked.text for row in rows} == set(TEXTS)
    for row in rows:
        for pair, cell in zip(pairs, row.pairs, strict=True):
            both = {
                report: [says for user, says in said if user in pair]
                for report, said in told[row.asked.text].items()
                if len({user for user, _ in said} & set(pair)) == 2
            }
            unlike = {report for report, (one, other) in both.items() if one != other}
            assert (cell.answered, cell.unlike) == (len(both), len(unlike))
            named = behind.read(str(cell.behind.but(cell="unlike")))
            assert set(behind.ids(review, named)) == unlike
            assert set(behind.ids(review, behind.read(str(cell.behind)))) == set(both)
        everything = [
            two
            for said in told[row.asked.text].values()
            for two in combinations([says for _, says in said], 2)
        ]
        assert row.whole.answered == len(everything)
        assert row.whole.unlike == sum(one != other for one, other in everything)
    shares = [row.whole.share for row in rows]
    assert shares == sorted(shares, reverse=True)


def test_a_half_decided_report_and_a_changed_mind_change_nothing(
    cast, review, make_report, signed_in
):
    world(review, cast, [cast.bo, cast.cy], make_report, 6, seed=4)
    _, before = rows_of(review, 2)
    criterion = review.criteria.filter(until_version=None).first()
    half = make_report(review)
    actions.decide(half, "abstract", "include", by=cast.bo, answers={criterion.pk: "no"})
    report = review.reports.exclude(place="abstract-half").filter(place="abstract-out").first()
    if report:
        actions.decide(report, "abstract", "include", by=cast.bo, answers={criterion.pk: "unclear"})
    _, after = rows_of(review, 2)
    assert [row.whole for row in after] == [row.whole for row in before]


def test_the_page_shows_the_map_and_its_links_open_what_they_say(
    cast, review, make_report, signed_in, django_assert_max_num_queries
):
    ada = signed_in(cast.ada)
    assert "By criterion" not in ada.get(PAGE).content.decode()
    world(review, cast, [cast.bo, cast.cy], make_report, 8, seed=5)
    with django_assert_max_num_queries(25):
        page = ada.get(PAGE).content.decode()
    assert "By criterion" in page
    found = re.findall(r'href="(/r/one/reports/\?agreed=[^"]*criterion[^"]*)">(\d+)</a>', page)
    assert found
    for address, number in found:
        listed = ada.get(unescape(address)).context["page"].paginator
        assert listed.count == int(number)


def test_the_same_words_in_a_later_version_are_the_same_criterion(cast, review, make_report):
    world(review, cast, [cast.bo, cast.cy], make_report, 4, seed=6)
    wanted = [("inclusion", "Adults"), ("inclusion", "Since 2010")]
    set_criteria(review, wanted, by=cast.ada)
    adults = review.criteria.get(until_version=None, text="Adults")
    report = make_report(review)
    for user, says in ((cast.bo, "yes"), (cast.cy, "no")):
        actions.decide(report, "abstract", "include", by=user, answers={adults.pk: says})
    _, rows = rows_of(review, 2)
    row = next(row for row in rows if row.asked == Asked("inclusion", "Adults"))
    listed = behind.ids(review, row.pairs[0].behind.but(cell="unlike"))
    assert report.pk in listed
    assert len(listed) == row.whole.unlike


def test_an_address_that_we_never_write_means_nothing(review):
    for words in ("abstract_2_unlike", "abstract_2_criterion.3_a", "abstract_2_criterion.x"):
        assert behind.read(words) is None
    assert behind.ids(review, behind.read("abstract_2_criterion.999_unlike")) == []


def test_the_download_reproduces_the_figures_by_criterion(
    cast, review, make_report, signed_in, tmp_path
):
    world(review, cast, [cast.bo, cast.cy], make_report, 10, seed=7)
    answer = signed_in(cast.ada).get(f"{PAGE}decisions.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        bundle.extractall(tmp_path)
    run = [sys.executable, "-S", str(tmp_path / "reproduce.py"), "--check"]
    checked = subprocess.run(run, capture_output=True, text=True, cwd="/", check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    figures = tmp_path / "criteria_figures.csv"
    figures.write_text(figures.read_text("utf-8-sig").replace(",Adults,", ",Adults,9", 1))
    wrong = subprocess.run(run, capture_output=True, text=True, cwd="/", check=False)
    assert wrong.returncode == 1
    assert "Adults" in wrong.stdout
