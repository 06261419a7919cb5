"""Search and selection told in sentences, out of the data: every number leads to its list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reviews.models import Review, Stage, StageRules

from .prisma import KIND_WORDS, searches_of

Link = Callable[[str, int | str | None], str]


@dataclass(frozen=True)
class Part:
    """A piece of a sentence; a number has the address of what it counts."""

    text: str
    href: str = ""


def as_text(parts: list[Part]) -> str:
    return "".join(part.text for part in parts)


def _number(n: int, href: str) -> Part:
    return Part(f"{n:,}", href)


def sources(review: Review, numbers: dict[str, Any], link: Link) -> list[Part]:
    """Which sources were searched, when, with how many records each."""
    said: list[Part] = []
    of = {search.pk: search for search in searches_of(review)}
    for kind, words in KIND_WORDS.items():
        found = [each for each in numbers["sources"] if each["kind"] == kind]
        if not found:
            continue
        said.append(Part(f"{words}: "))
        for place, each in enumerate(found):
            search = of[each["id"]]
            about = [search.platform] if search.platform else []
            if search.searched_on:
                about.append(f"{search.searched_on.day} {search.searched_on:%B %Y}")
            said.append(Part(f"{each['name']} (" + "".join(f"{word}, " for word in about)))
            said.append(_number(each["n"], link("source", each["id"])))
            said.append(Part(" records)" + ("; " if place + 1 < len(found) else ". ")))
    return said


def process(review: Review) -> list[Part]:
    """How reports were selected, by the rules of the two stages."""
    rules = {rule.stage: rule for rule in review.stage_rules.all()}
    said = []
    for stage, what in ((Stage.ABSTRACT, "Titles and abstracts"), (Stage.FULLTEXT, "Full texts")):
        people = rules[stage].screeners
        how = "by one reviewer" if people == 1 else f"by {people} reviewers independently"
        if people > 1 and review.blind:
            how += ", blind to each other's decisions"
        said.append(f"{what} were screened {how}.")
    if any(rules[stage].screeners > 1 for stage in (Stage.ABSTRACT, Stage.FULLTEXT)):
        said.append("Disagreements were settled by an adjudicator's final word.")
    if rules[Stage.ABSTRACT].maybe != StageRules.Maybe.DISCUSSED:
        said.append("“Maybe” at title and abstract counted as include.")
    return [Part(" ".join(said) + " ")]


def selection(numbers: dict[str, Any], link: Link) -> list[Part]:
    """From records identified to studies included (PRISMA 2020 item 16a)."""
    b = numbers["boxes"]
    updated, both = numbers["template"].split()

    def n(box: str) -> Part:
        return _number(b[box], link(box, None))

    by_tools = [Part(", "), n("D4_auto"), Part(" of them by automation tools")]
    by_tools = by_tools if b.get("D4_auto") else []
    said = [
        Part("Databases gave "), n("D1_db"), Part(" records and registers "), n("D1_reg"),
        Part(". Before screening "), n("D2_dup"), Part(" duplicates, "), n("D2_auto"),
        Part(" records marked as ineligible by automation tools and "), n("D2_other"),
        Part(" records for other reasons were removed. Of "), n("D3"),
        Part(" records screened, "), n("D4"), Part(" were excluded"), *by_tools, Part("; "), n("D5"),
        Part(" reports were sought, "), n("D6"), Part(" could not be retrieved, and "), n("D7"),
        Part(" were assessed for eligibility. "),
        *_excluded("D8", b["D8"], numbers["reasons"], link),
    ]  # fmt: skip
    if both == "v2":
        said += [
            Part("Other methods gave "), n("O1"), Part(" further records; "), n("O5"),
            Part(" reports were sought, "), n("O6"), Part(" could not be retrieved, and "), n("O7"),
            Part(" were assessed. "),
            *_excluded("O8", b["O8"], numbers["other_reasons"], link),
        ]  # fmt: skip
    new = "new " if updated == "updated" else ""
    said += [
        Part("We included "), n("I_studies"), Part(f" {new}studies in "), n("I_reports"),
        Part(" reports."),
    ]  # fmt: skip
    if new:
        said += [Part(" In total the review has "), n("T_studies"), Part(" studies in ")]
        said += [n("T_reports"), Part(" reports.")]
    return said


def _excluded(box: str, n: int, reasons: list[dict[str, Any]], link: Link) -> list[Part]:
    if not reasons:
        return []
    said = [_number(n, link(box, None)), Part(" were excluded: ")]
    for place, row in enumerate(reasons):
        said += [Part(f"{row['reason']} ("), _number(row["n"], link(box, row["id"])), Part(")")]
        said.append(Part("; " if place + 1 < len(reasons) else ". "))
    return said


def paragraph(review: Review, numbers: dict[str, Any], link: Link) -> list[Part]:
    """The whole of it; `numbers` has the shape of prisma.report."""
    return [*sources(review, numbers, link), *process(review), *selection(numbers, link)]
