"""Work the figures of agreement out again from decisions.csv, with Python alone.

    python reproduce.py           prints the figures as CSV
    python reproduce.py --check   compares them with figures.csv; exit 1 names every difference

Needs Python 3.11 or later and nothing else. agreement.py beside it holds the formulas.
"""

import csv
import datetime
import itertools
import pathlib
import sys
from collections.abc import Iterator

from agreement import FIGURES, Cells, fleiss_kappa, intervals, krippendorff_alpha

HERE = pathlib.Path(__file__).parent

Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def in_words(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.6f}"


def figures(stage: str, people: int, part: str, reports: list[list[Row]]) -> Row:
    """One line of the table; `reports` are lists of the decisions (rows) on one report each."""
    cells = {(i, j): 0 for i in (True, False) for j in (True, False)}
    for decisions in reports:
        ordered = sorted(decisions, key=lambda row: int(row["reviewer"]))
        for one, other in itertools.combinations(ordered, 2):
            cells[one["counts_as"] == "include", other["counts_as"] == "include"] += 1
    table = Cells(cells[True, True], cells[True, False], cells[False, True], cells[False, False])
    spans = intervals(table)
    line = {"stage": stage, "people": str(people), "part": part, "reports": str(len(reports))}
    line |= {name: str(getattr(table, name)) for name in "abcd"}
    for name, figure in FIGURES.items():
        low, high = spans[name] or (None, None)
        line |= {name: in_words(figure(table))}
        line |= {f"{name}_low": in_words(low), f"{name}_high": in_words(high)}
    answers = [[row["counts_as"] for row in decisions] for decisions in reports]
    line["fleiss"] = in_words(fleiss_kappa(answers))
    line["alpha"] = in_words(krippendorff_alpha(answers))
    return line


def monday(decisions: list[Row]) -> datetime.date:
    day = datetime.date.fromisoformat(decisions[-1]["at"][:10])
    return day - datetime.timedelta(days=day.weekday())


def lines(rows: list[Row]) -> Iterator[Row]:
    """The whole table: each stage and number of people, then its pairs, rounds and weeks."""
    by_report: dict[tuple[str, str], list[Row]] = {}
    for row in rows:  # they stand in the order of time within a report
        by_report.setdefault((row["stage"], row["report"]), []).append(row)
    phases: dict[tuple[str, int], list[list[Row]]] = {}
    for (stage, _), decisions in by_report.items():
        phases.setdefault((stage, len(decisions)), []).append(decisions)
    for (stage, people), reports in sorted(phases.items()):
        yield figures(stage, people, "all", reports)
        pairs: dict[tuple[int, int], list[list[Row]]] = {}
        rounds: dict[int, list[list[Row]]] = {}
        weeks: dict[datetime.date, list[list[Row]]] = {}
        for decisions in reports:
            ordered = sorted(decisions, key=lambda row: int(row["reviewer"]))
            for one, other in itertools.combinations(ordered, 2):
                who = (int(one["reviewer"]), int(other["reviewer"]))
                pairs.setdefault(who, []).append([one, other])
            if decisions[0]["round"]:
                rounds.setdefault(int(decisions[0]["round"]), []).append(decisions)
            weeks.setdefault(monday(decisions), []).append(decisions)
        for (first, second), both in sorted(pairs.items()):
            yield figures(stage, people, f"pair {first} {second}", both)
        for number, some in sorted(rounds.items()):
            yield figures(stage, people, f"round {number}", some)
        for week, some in sorted(weeks.items()):
            yield figures(stage, people, f"week {week}", some)


def criteria() -> Iterator[Row]:
    """The figures for each criterion, where reviewers answered them one by one: criteria.csv."""
    if not (HERE / "criteria.csv").exists():
        return
    found: dict[tuple[str, int, str, str], dict[str, list[str]]] = {}
    for row in rows_of("criteria.csv"):
        key = (row["stage"], int(row["people"]), row["kind"], row["criterion"])
        found.setdefault(key, {}).setdefault(row["report"], []).append(row["answer"])
    for (stage, people, kind, criterion), reports in sorted(found.items()):
        pairs = [two for said in reports.values() for two in itertools.combinations(said, 2)]
        if pairs:
            line = {"stage": stage, "people": str(people), "kind": kind, "criterion": criterion}
            line |= {"pairs": str(len(pairs)), "unlike": str(sum(a != b for a, b in pairs))}
            yield line | {"alpha": in_words(krippendorff_alpha(list(reports.values())))}


def differences(found: list[Row], name: str) -> int:
    """Print where the file `name` says something else than `found`; how often."""
    wanted = rows_of(name)
    wrong = int(len(found) != len(wanted))
    if wrong:
        print(f"{name} has {len(wanted)} lines, the decisions give {len(found)}")
    for ours, theirs in zip(found, wanted, strict=False):
        for column in ours:
            if ours[column] != theirs[column]:
                wrong += 1
                place = ", ".join(
                    [ours["stage"], ours["people"] + " people", *list(ours.values())[2:4]]
                )
                print(f"{place}: {column} is {theirs[column]}, the decisions give {ours[column]}")
    return wrong


def main() -> int:
    found = list(lines(rows_of("decisions.csv")))
    by_criterion = list(criteria())
    if "--check" not in sys.argv:
        for table in (found, by_criterion):
            if table:
                out = csv.DictWriter(sys.stdout, list(table[0]), lineterminator="\n")
                out.writeheader()
                out.writerows(table)
        return 0
    wrong = differences(found, "figures.csv")
    if (HERE / "criteria.csv").exists():
        wrong += differences(by_criterion, "criteria_figures.csv")
    if not wrong:
        print(f"All {len(found) + len(by_criterion)} lines are the same.")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
