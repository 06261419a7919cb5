"""Agreement: the arithmetic against published cases and a reference; which decisions count."""

import importlib.util
import math
import random
from itertools import combinations, permutations

import pytest

from screening import actions
from screening.models import Decision
from screening.reporting import agreeing
from screening.reporting.agreement import (
    FIGURES,
    Cells,
    cohens_kappa,
    fleiss_kappa,
    intervals,
    krippendorff_alpha,
)

# AGREEMENT.md, to two places: cells, p_o, kappa, PABAK, AC1, p_pos.
TABLE = [
    ((40, 9, 11, 40), (0.80, 0.60, 0.60, 0.60, 0.80)),
    ((5, 9, 11, 75), (0.80, 0.22, 0.60, 0.73, 0.33)),
    ((2, 4, 4, 90), (0.92, 0.29, 0.84, 0.91, 0.33)),
    ((0, 3, 3, 94), (0.94, -0.03, 0.88, 0.94, 0.00)),
    ((20, 15, 15, 950), (0.97, 0.56, 0.94, 0.97, 0.57)),
]


@pytest.mark.parametrize(("cells", "expected"), TABLE)
def test_the_published_table(cells, expected):
    c = Cells(*cells)
    found = (c.observed, c.kappa, c.pabak, c.ac1, c.positive)
    assert [round(value, 2) for value in found] == list(expected)


@pytest.fixture
def agree_ref(shared, capsys):
    path = shared / "oracle" / "agree_ref.py"
    if not path.is_file():
        pytest.skip("NOT RUN: ../shared/oracle/agree_ref.py is not here")
    spec = importlib.util.spec_from_file_location("agree_ref", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    capsys.readouterr()
    return module


def test_it_equals_the_reference(agree_ref):
    names = {
        "po": "observed",
        "kappa": "kappa",
        "pabak": "pabak",
        "ac1": "ac1",
        "ppos": "positive",
        "pneg": "negative",
    }
    rnd = random.Random(5)
    cases = [cells for cells, _ in TABLE] + [(120, 80, 0, 1800)]
    cases += [tuple(rnd.choice([0, 1, rnd.randint(0, 300)]) for _ in "abcd") for _ in range(300)]
    for case in cases:
        a, b, c, d = case
        if not (2 * a + b + c and 2 * d + b + c):
            continue  # nobody included, or nobody excluded: the reference divides by zero there
        theirs = agree_ref.stats(*case)
        for name, ours in names.items():
            value = FIGURES[ours](Cells(*case))
            if math.isnan(theirs[name]):
                assert value is None, (case, name)
            else:
                assert round(value, 3) == theirs[name], (case, name)


def test_what_is_not_defined_is_none():
    nothing = Cells(0, 0, 0, 0)
    assert {name: figure(nothing) for name, figure in FIGURES.items()} == dict.fromkeys(FIGURES)
    assert Cells(0, 0, 0, 9).kappa is None
    assert Cells(0, 0, 0, 9).positive is None
    assert Cells(9, 0, 0, 0).negative is None
    assert fleiss_kappa([]) is None
    assert fleiss_kappa([["in"], ["out"]]) is None
    assert fleiss_kappa([["in", "out"], ["in"]]) is None
    assert fleiss_kappa([["in", "in"]]) is None
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([["in"], ["out"]]) is None
    assert krippendorff_alpha([["in", "in"]]) is None
    assert cohens_kappa([]) is None


def test_fleiss_published_example():
    """14 raters, 10 subjects, 5 categories: kappa 0.210."""
    counts = """0 0 0 0 14|0 2 6 4 2|0 0 3 5 6|0 3 9 2 0|2 2 8 1 1
        |7 7 0 0 0|3 2 6 3 0|2 5 3 2 2|6 5 2 1 0|0 2 2 3 7"""
    rows = [
        [answer for answer, n in enumerate(map(int, row.split())) for _ in range(n)]
        for row in counts.split("|")
    ]
    assert round(fleiss_kappa(rows), 3) == 0.210


def test_krippendorffs_published_example():
    """4 observers, 12 units, missing answers; nominal alpha 0.743."""
    observers = ["12332141 2...", "12332241 25.3", ".3332342 251.", "12332441 251."]
    units = zip(*(row.replace(" ", "") for row in observers), strict=True)
    rows = [[answer for answer in unit if answer != "."] for unit in units]
    assert round(krippendorff_alpha(rows), 3) == 0.743


def test_alpha_equals_its_definition_by_pairs():
    rnd = random.Random(1)
    for _ in range(30):
        rows = [
            [rnd.choice("abc") for _ in range(rnd.randint(1, 4))] for _ in range(rnd.randint(3, 9))
        ]
        rows = [row for row in rows if len(row) > 1] or [["a", "b"]]
        pool = [answer for row in rows for answer in row]
        observed = sum(
            sum(x != y for x, y in permutations(row, 2)) / (len(row) - 1) for row in rows
        ) / len(pool)
        expected = sum(x != y for x, y in permutations(pool, 2)) / (len(pool) * (len(pool) - 1))
        if expected:
            assert krippendorff_alpha(rows) == pytest.approx(1 - observed / expected)


def test_kappa_over_three_answers_is_kappa_over_two_where_there_are_two():
    pairs = [("in", "in")] * 5 + [("in", "out")] * 9 + [("out", "in")] * 11 + [("out", "out")] * 75
    assert cohens_kappa(pairs) == pytest.approx(Cells(5, 9, 11, 75).kappa)


def test_intervals_are_seeded_hold_the_figure_and_shrink():
    small, large = Cells(5, 9, 11, 75), Cells(50, 90, 110, 750)
    first, again = intervals(small), intervals(small)
    assert first == again
    for name, figure in FIGURES.items():
        low, high = first[name]
        assert low < figure(small) < high
        narrow = intervals(large)[name]
        assert narrow[1] - narrow[0] < high - low
    assert intervals(Cells(1, 0, 0, 60))["kappa"] is None  # undefined in a third of the samples
    assert intervals(Cells(0, 0, 0, 0)) == dict.fromkeys(FIGURES)


# --- which decisions count -----------------------------------------------------------------------

database = pytest.mark.django_db


def decide(report, user, verdict, **more):
    return actions.decide(report, "abstract", verdict, by=user, **more)


def cells(review, stage="abstract"):
    return [pair.cells for pair in agreeing.panel(review, stage).pairs]


@database
def test_one_table_a_pair(cast, review, make_report, join):
    di = join("Di")
    for first, second, one, other in [
        (cast.bo, cast.cy, "include", "include"),
        (cast.bo, cast.cy, "maybe", "exclude"),
        (cast.cy, di, "exclude", "include"),
        (di, cast.cy, "exclude", "exclude"),
    ]:
        report = make_report(review)
        decide(report, first, one)
        decide(report, second, other)
    panel = agreeing.panel(review, "abstract")
    assert [(str(p.first), str(p.second), p.cells) for p in panel.pairs] == [
        ("Bo", "Cy", Cells(1, 1, 0, 0)),
        ("Cy", "Di", Cells(0, 0, 1, 1)),
    ]
    assert panel.reports == 4
    assert panel.together == Cells(1, 1, 1, 1)
    assert panel.pairs[0].maybes == 1
    assert panel.headline_kappa == panel.fleiss


@database
def test_nothing_moves_by_an_answer_whose_counterpart_is_blind(
    cast, review, make_report, in_conflict
):
    in_conflict()
    before = agreeing.panel(review, "abstract")
    decide(make_report(review), cast.bo, "include")
    assert agreeing.panel(review, "abstract") == before


@database
def test_the_first_answer_counts_and_a_changed_mind_does_not(cast, review, in_conflict):
    report = in_conflict()
    decide(report, cast.cy, "include")
    assert cells(review) == [Cells(0, 1, 0, 0)]


@database
def test_a_slip_taken_back_while_blind_is_no_answer(cast, review, make_report):
    report = make_report(review)
    actions.withdraw(decide(report, cast.bo, "exclude"), by=cast.bo)
    decide(report, cast.bo, "include")
    decide(report, cast.cy, "include")
    assert cells(review) == [Cells(1, 0, 0, 0)]


@database
def test_an_answer_given_after_the_others_could_be_seen_is_left_out(
    cast, review, in_conflict, join
):
    report = in_conflict()
    actions.withdraw(Decision.objects.get(by=cast.cy), by=cast.cy)
    decide(report, join("Di"), "include")
    assert cells(review) == [Cells(0, 1, 0, 0)]  # Bo and Cy, as they had said at first


@database
def test_final_words_are_nobodys_answer(cast, review, in_conflict):
    actions.final_word(in_conflict(), "abstract", "include", by=cast.al)
    assert cells(review) == [Cells(0, 1, 0, 0)]


@database
def test_phases_with_other_numbers_of_reviewers_are_not_pooled(cast, review, make_report, join):
    di = join("Di")
    report = make_report(review)
    decide(report, cast.bo, "include")
    decide(report, cast.cy, "include")
    actions.set_rules(review, "abstract", by=cast.ada, screeners=3, maybe="advances")
    assert agreeing.panel(review, "abstract").reports == 0
    decide(report, di, "exclude")
    panel = agreeing.panel(review, "abstract")
    assert panel.reports == 1
    assert len(panel.pairs) == len(list(combinations("BCD", 2)))
    assert panel.headline_interval is None
    actions.set_rules(review, "abstract", by=cast.ada, screeners=1, maybe="advances")
    assert agreeing.panel(review, "abstract").reports == 0


@database
def test_shared_excludes_for_the_same_reason_are_counted(cast, review, at_fulltext, reasons):
    for one, other in ((0, 0), (0, 1)):
        report = at_fulltext()
        actions.decide(report, "fulltext", "exclude", by=cast.bo, reason=reasons[one])
        actions.decide(report, "fulltext", "exclude", by=cast.cy, reason=reasons[other])
    (pair,) = agreeing.panel(review, "fulltext").pairs
    assert (pair.same_reason, pair.with_reasons) == (1, 2)
    assert pair.figures["kappa"].value is None


@database
def test_the_page_says_not_defined_and_states_its_method(cast, review, signed_in, make_report):
    obi = signed_in(cast.obi)
    assert (
        "No report has been decided by everybody yet"
        in obi.get("/r/one/agreement/").content.decode()
    )
    report = make_report(review)
    for user in (cast.bo, cast.cy):
        decide(report, user, "exclude")
    page = obi.get("/r/one/agreement/?stage=abstract").content.decode()
    assert "not defined" in page
    assert "seed 20200510" in page
    assert "“Maybe” is counted as include" in page
    assert obi.get("/r/one/agreement/?stage=nonsense").status_code == 200
    assert signed_in(cast.eve).get("/r/one/agreement/").status_code == 404


@database
def test_a_fixed_number_of_queries(cast, review, in_conflict, django_assert_num_queries):
    in_conflict()
    with django_assert_num_queries(4):
        agreeing.panel(review, "abstract")
    for _ in range(5):
        in_conflict()
    with django_assert_num_queries(4):
        agreeing.panel(review, "abstract")
