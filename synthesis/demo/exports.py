"""How four invented databases and one website would export the library, each in its own habits.

The same work looks different from source to source (initials, abbreviated journals, short page
ranges, a missing DOI), which is what the matching has to see through.
"""

import csv
import io
import random
from dataclasses import dataclass

from .library import SEED, Work

ABBREVIATED = {
    "Journal": "J",
    "Review": "Rev",
    "Annals": "Ann",
    "Quarterly": "Q",
    "Studies": "Stud",
    "Fictional": "Fict",
    "Welfare": "Welf",
    "Services": "Serv",
    "Research": "Res",
    "Community": "Community",
    "Psychology": "Psychol",
}


@dataclass(frozen=True)
class Source:
    """A source of the demo's search log with the share of the library that it holds."""

    name: str
    kind: str
    platform: str
    file: str
    share: float
    strategy: str
    hits_extra: int = 0  # hits that were removed as duplicates before the export


SOURCES = [
    Source("MedBase", "database", "Ovid-like platform", "medbase.ris", 0.62,
           '("sex* exploit*" or "sex traffick*") and (youth* or adolescen* or child*) and (program* or service* or intervention*)'),
    Source("PsychIndex", "database", "Index platform", "psychindex.ris", 0.47,
           'TI,AB(("commercial* sexual* exploit*" OR traffick*) AND (foster OR "child welfare" OR youth))', 18),
    Source("SocialCare Abstracts", "database", "Abstracts online", "socialcare.bib", 0.36,
           "abstract: (exploitation AND (youth OR child) AND (program OR service))"),
    Source("YouthLit", "register", "Own site", "youthlit.csv", 0.22, "exploit* AND program*"),
    Source("Child Welfare Exchange", "website", "Own site", "exchange.csv", 0.0,
           "Browsed “Programs” and “Evaluations”, all pages"),
]  # fmt: skip


def exports(works: list[Work]) -> dict[str, bytes]:
    """{file name: bytes} for every source; every work stands in at least one."""
    rng = random.Random(SEED + 1)  # noqa: S311 - a fixed choice, not a secret
    held: dict[str, list[Work]] = {source.name: [] for source in SOURCES}
    databases = [source for source in SOURCES if source.share]
    website = [work for work in works if work.key in ("F03", "F36", "N04", "N06", "N11", "N13")]
    for work in works:
        if work.key in ("N13", "N06"):
            continue  # found on the website only
        chosen = [source for source in databases if rng.random() < source.share]
        for source in chosen or [databases[0]]:
            held[source.name].append(work)
    return {
        "medbase.ris": _ris_full(held["MedBase"], rng),
        "psychindex.ris": _ris_terse(held["PsychIndex"], rng),
        "socialcare.bib": _bibtex(held["SocialCare Abstracts"]),
        "youthlit.csv": _csv(held["YouthLit"], rng),
        "exchange.csv": _csv(website, rng),
    }


def _ris_full(works: list[Work], rng: random.Random) -> bytes:
    lines = []
    for work in works:
        lines += ["TY  - JOUR", f"TI  - {work.title}"]
        lines += [f"AU  - {author}" for author in work.authors]
        lines += [f"PY  - {work.year}", f"JO  - {work.journal}", f"VL  - {work.volume}"]
        lines += [f"IS  - {work.issue}", f"SP  - {work.first_page}", f"EP  - {work.last_page}"]
        if rng.random() < 0.9:
            lines.append(f"DO  - {work.doi}")
        if work.abstract:
            lines.append(f"AB  - {work.abstract}")
        lines += [f"KW  - {keyword}" for keyword in work.keywords] + ["ER  - ", ""]
    return "\r\n".join(lines).encode()


def _ris_terse(works: list[Work], rng: random.Random) -> bytes:
    lines = []
    for work in works:
        family, given = zip(*(author.split(", ") for author in work.authors), strict=True)
        journal = " ".join(
            ABBREVIATED.get(word, word)
            for word in work.journal.split()
            if word not in ("of", "and", "in")
        )
        last = str(work.last_page)
        if len(last) == len(str(work.first_page)):  # 112-9 for 112-119
            same = 0
            while same < len(last) - 1 and last[same] == str(work.first_page)[same]:
                same += 1
            last = last[same:]
        lines += ["TY  - JOUR"]
        lines += [f"A1  - {f}, {g[0]}." for f, g in zip(family, given, strict=True)]
        lines += [f"T1  - {work.title}.", f"Y1  - {work.year}///", f"JF  - {journal}"]
        lines += [f"VL  - {work.volume}", f"SP  - {work.first_page}-{last}"]
        if rng.random() < 0.7:
            lines.append(f"DO  - https://doi.org/{work.doi.upper()}")
        if work.abstract:
            lines.append(f"N2  - {work.abstract}")
        lines += ["ER  - ", ""]
    return "\n".join(lines).encode()


def _bibtex(works: list[Work]) -> bytes:
    entries = []
    small = {"a", "an", "and", "for", "from", "in", "of", "the", "to", "with", "who", "by", "on"}
    for number, work in enumerate(works, start=1):
        words = work.title.split()
        title = " ".join(
            word if n and word in small else word[0].upper() + word[1:]
            for n, word in enumerate(words)
        )
        fields = {
            "author": " and ".join(work.authors),
            "title": "{" + title.replace("&", r"\&") + "}",
            "journal": work.journal,
            "year": str(work.year),
            "volume": str(work.volume),
            "number": str(work.issue),
            "pages": f"{work.first_page}--{work.last_page}",
            "abstract": work.abstract.replace("%", r"\%").replace("&", r"\&"),
        }
        if number % 5:
            fields["doi"] = work.doi
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        entries.append(f"@article{{soc{number:03d},\n{body}\n}}\n")
    return "\n".join(entries).encode()


def _csv(works: list[Work], rng: random.Random) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Title", "Authors", "Year", "Journal", "DOI"])
    for work in works:
        authors = "; ".join(
            f"{family} {given[0]}" for family, given in (a.split(", ") for a in work.authors)
        )
        title = work.title.replace("young people", "youth") if rng.random() < 0.1 else work.title
        doi = work.doi if rng.random() < 0.5 else ""
        # Registers and websites list no abstracts, which is why their titles may raise a question.
        writer.writerow([title, authors, work.year, work.journal, doi])
    return ("﻿" + out.getvalue()).encode()
