"""The numbers as the R package PRISMA2020 reads them (columns and keys of its PRISMA.csv)."""

import csv
import io
from typing import Any

FIRST = ["data", "node", "box", "description", "boxtext", "tooltips", "url", "n"]
# (key, node, box, text, our box)
ROWS = [
    ("NA", "node4", "prevstud", "Previous studies", ""),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review", "P_studies"),
    ("previous_reports", "NA", "box1", "Reports of studies included in previous version of review", "P_reports"),
    ("NA", "node6", "newstud", "Identification of new studies via databases and registers", ""),
    ("database_results", "node7", "box2", "Databases", "D1_db"),
    ("database_specific_results", "NA", "box2", "Databases", ""),
    ("register_results", "NA", "box2", "Registers", "D1_reg"),
    ("register_specific_results", "NA", "box2", "Registers", ""),
    ("NA", "node16", "othstud", "Identification of new studies via other methods", ""),
    ("website_results", "node17", "box11", "Websites", "O1_website"),
    ("organisation_results", "NA", "box11", "Organisations", "O1_organisation"),
    ("citations_results", "NA", "box11", "Citation searching", "O1_citation"),
    ("duplicates", "node8", "box3", "Duplicate records", "D2_dup"),
    ("excluded_automatic", "NA", "box3", "Records marked as ineligible by automation tools", "D2_auto"),
    ("excluded_other", "NA", "box3", "Records removed for other reasons", "D2_other"),
    ("records_screened", "node9", "box4", "Records screened", "D3"),
    ("records_excluded", "node10", "box5", "Records excluded", "D4"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval", "D5"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved", "D6"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval", "O5"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved", "O6"),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility", "D7"),
    ("dbr_excluded", "node14", "box9", "Reports excluded", ""),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility", "O7"),
    ("other_excluded", "node21", "box15", "Reports excluded", ""),
    ("new_studies", "node15", "box10", "New studies included in review", "I_studies"),
    ("new_reports", "NA", "box10", "Reports of new included studies", "I_reports"),
    ("total_studies", "node22", "box16", "Total studies included in review", "T_studies"),
    ("total_reports", "NA", "box16", "Reports of total included studies", "T_reports"),
    ("identification", "node1", "identification", "Identification", ""),
    ("screening", "node2", "screening", "Screening", ""),
    ("included", "node3", "included", "Included", ""),
]  # fmt: skip
TITLES = {"NA", "identification", "screening", "included"}


def as_csv(numbers: dict[str, Any]) -> str:
    """`numbers` has the shape of prisma.report."""
    lists = {
        "database_specific_results": _list(_of_kind(numbers, "database"), "name"),
        "register_specific_results": _list(_of_kind(numbers, "register"), "name"),
        "dbr_excluded": _list(numbers["reasons"], "reason"),
        "other_excluded": _list(numbers["other_reasons"], "reason"),
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIRST)
    new = numbers["template"].startswith("new")
    for key, node, box, text, ours in ROWS:
        said = text
        if new and key not in ("total_studies", "total_reports"):
            said = text.replace("of new ", "of ").replace("New studies", "Studies")
        n = lists[key] if key in lists else numbers["boxes"].get(ours, 0)
        address = "NA" if key in TITLES else f"{key}.html"
        writer.writerow([key, node, box, said, said, said, address, n])
    return out.getvalue()


def _of_kind(numbers: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in numbers["sources"] if each["kind"] == kind]


def _list(rows: list[dict[str, Any]], name: str) -> str:
    """ "One, 3; Two, 4": the package splits at commas and semicolons, so names go without them.

    It fails on a single entry: a zero one keeps it company.
    """
    said = [(" ".join(_plain(row[name]).split()), row["n"]) for row in rows]
    if name == "reason":
        while len(said) < 2:
            said.append(("Other reasons" if said else "No reason", 0))
    return "; ".join(f"{words}, {n}" for words, n in said) or "NA"


def _plain(text: str) -> str:
    return text.replace(",", " ").replace(";", " ")
