"""The second count: what the files hold and what the five people said, kept in plain dicts.

It knows PRISMA 2020's boxes from the statement and nothing of the application: no model, no place,
no query. A report is known by its number in the page's address.
"""

from collections import Counter
from dataclasses import dataclass, field

DATABASE, CITATION = "database", "citation"


@dataclass
class Ledger:
    sources: dict = field(default_factory=dict)  # name -> (kind, titles of its records)
    removed_before: Counter = field(default_factory=Counter)  # cause -> records, databases only
    joined: int = 0  # records of databases that are duplicates of another one
    known: int = 0  # records of other methods whose report the databases had found already
    titles: dict = field(default_factory=dict)  # report -> title
    abstract: dict = field(default_factory=dict)  # report -> {who: verdict}
    abstract_final: dict = field(default_factory=dict)  # report -> verdict
    not_retrieved: set = field(default_factory=set)
    fulltext: dict = field(default_factory=dict)  # report -> {who: (verdict, reason)}
    fulltext_final: dict = field(default_factory=dict)  # report -> (verdict, reason)

    def records(self, kind):
        return sum(len(titles) for of, titles in self.sources.values() if of == kind)

    @property
    def reports(self):
        """How many documents the records are, once the duplicates are joined."""
        everything = self.records(DATABASE) + self.records(CITATION)
        return everything - self.joined - self.known

    def is_of_databases(self, report):
        """Whether any database had it; the others were found by citation searching alone."""
        found = {DATABASE: set(), CITATION: set()}
        for kind, titles in self.sources.values():
            found[kind].update(titles)
        return self.titles[report] not in found[CITATION] - found[DATABASE]

    def in_conflict(self):
        """Reports on which one person excludes and another doesn't, without a final word yet."""
        return {
            report
            for report, said in self.abstract.items()
            if len({verdict == "exclude" for verdict in said.values()}) == 2
            and report not in self.abstract_final
        }

    def passed(self):
        """Reports that go on to full text: nobody excludes, or the final word includes."""
        return {
            report
            for report, said in self.abstract.items()
            if self.abstract_final.get(report, "") == "include"
            or (report not in self.abstract_final and "exclude" not in said.values())
        }

    def outcome(self, report):
        """(verdict, reason) of an assessed report: the final word, else what both said."""
        if report in self.fulltext_final:
            return self.fulltext_final[report]
        (agreed,) = set(self.fulltext[report].values())
        return agreed

    def included(self):
        return {report for report in self.fulltext if self.outcome(report)[0] == "include"}

    def reasons(self, *, databases):
        """{reason: reports} of what was excluded at full text in one column."""
        out = [r for r in self.fulltext if self.is_of_databases(r) == databases]
        return Counter(reason for verdict, reason in map(self.outcome, out) if verdict == "exclude")

    def boxes(self):
        """Every number of the diagram by its id."""
        before = self.removed_before
        boxes = {
            "D1_db": self.records(DATABASE) + before.total(),
            "D1_reg": 0,
            "D2_dup": self.joined + before["duplicates"],
            "D2_auto": before["automation"],
            "D2_other": before["other"],
            "O1": self.records(CITATION),
            "O1_website": 0,
            "O1_organisation": 0,
            "O1_citation": self.records(CITATION),
        }
        for column, databases in (("D", True), ("O", False)):

            def n(reports, databases=databases):
                return sum(self.is_of_databases(report) == databases for report in reports)

            sought = self.passed()
            boxes |= {
                f"{column}5": n(sought),
                f"{column}6": n(self.not_retrieved),
                f"{column}7": n(sought - self.not_retrieved),
                f"{column}8": self.reasons(databases=databases).total(),
            }
            if databases:
                boxes["D3"] = n(self.abstract)
                boxes["D4"] = n(self.abstract.keys() - sought)
        boxes["I_reports"] = boxes["I_studies"] = len(self.included())
        return boxes

    def never_imported(self, box):
        """How many of a box were removed outside and have no row in any list."""
        before = self.removed_before
        causes = {"D2_dup": "duplicates", "D2_auto": "automation", "D2_other": "other"}
        return before.total() if box == "D1_db" else before[causes.get(box, "")]
