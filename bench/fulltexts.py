"""Full texts in one drop: how many go to the right report, how many to a wrong one, how fast.

    python bench/fulltexts.py [--works 170] [--seed 1] [--keep FOLDER]

Makes 200 PDFs for as many reports as are sought, the way publishers and people make them: with a
DOI in the text, in a line that is broken, in the file's own data or nowhere; scans without words;
names like "1-s2.0-S0145-main.pdf", "Abara 2019.pdf" or "download (3).pdf". Among them are the
traps: replies, corrections and supplements that bear a title and a DOI, conference abstracts of
the same title, papers that cite another sought one on page 1, and papers nobody looks for. They go
through the page's own functions on a data folder of their own.

Prints of the files that carry their DOI how many were attached rightly, how many files of all were
attached wrongly, in how many of the rest the tray's first guess is right, and seconds.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FAMILIES = [
    "Abara",
    "Lind",
    "Osei",
    "Ferreira",
    "Nguyen",
    "Okonkwo",
    "Müller",
    "García-López",
    "Petrović",
    "Tanaka",
    "Haddad",
    "O’Neill",
    "Ivanova",
    "Kim",
    "Li",
    "Söderström",
    "Mbeki",
    "Rossi",
    "Dubois",
    "Chaudhry",
    "Nakamura",
    "Silva",
    "Janssen",
    "Kowalski",
    "Ait",
    "Al-Masri",
    "van-der-Berg",
    "Björk",
    "Castillo",
    "Thapa",
    "Yilmaz",
    "Nowak",
    "Banda",
    "Costa",
    "Moreau",
    "Singh",
]
GIVEN = [
    "Ada",
    "Bo",
    "Maria",
    "Chen",
    "Kofi",
    "Ines",
    "Lars",
    "Noor",
    "Priya",
    "Tomás",
    "Wei",
    "Zanele",
    "Emil",
    "Fatima",
    "Jonas",
    "Aiko",
]
WHAT = ["Mentoring", "Trauma-focused therapy", "Peer support", "Shelter-based case management",
        "Motivational interviewing", "Multisystemic therapy", "Specialist foster care", "Drop-in services",
        "Group psychotherapy", "A court diversion program", "School-based prevention", "Safe housing"]  # fmt: skip
WHOM = ["commercially sexually exploited youth", "young people leaving care", "survivors of trafficking",
        "adolescents in residential treatment", "homeless young adults", "girls in juvenile justice",
        "refugee families", "unaccompanied minors", "street-connected children"]  # fmt: skip
HOW = ["a randomised controlled trial", "a qualitative study", "a mixed-methods evaluation",
       "results after two years", "a cohort study", "a feasibility study", "protocol of a cluster trial",
       "a retrospective chart review", "what practitioners say"]  # fmt: skip
WHERE = ["Ghana", "the Netherlands", "three cities of the United States", "rural Nepal", "Norway", "Brazil",
         "the Western Cape", "Ontario", "northern England", "Lagos", "New South Wales"]  # fmt: skip
JOURNALS = [
    "Child Abuse & Neglect",
    "Journal of Youth Care",
    "PLOS ONE",
    "BMC Public Health",
    "Trauma Quarterly",
]
WORDS = [
    "the",
    "of",
    "and",
    "participants",
    "program",
    "services",
    "staff",
    "reported",
    "after",
    "intervention",
    "outcomes",
    "months",
    "support",
    "group",
    "young",
    "people",
    "care",
    "measures",
    "sample",
    "baseline",
    "follow",
    "families",
    "risk",
    "were",
    "was",
    "with",
    "in",
    "to",
    "for",
    "a",
    "scale",
    "score",
    "interview",
]


@dataclass
class Work:
    number: int
    title: str
    authors: list[str]
    year: int
    doi: str
    journal: str
    first: int = 1
    last: int = 1


@dataclass
class Made:
    """A file with what it truly is: the number of its work, None for none that is sought."""

    name: str
    data: bytes
    work: int | None
    kind: str


def works(many: int, dice: random.Random) -> list[Work]:
    made, titles = [], set()
    while len(made) < many:
        title = f"{dice.choice(WHAT)} for {dice.choice(WHOM)}"
        if dice.random() < 0.8:
            title += f" in {dice.choice(WHERE)}"
        if dice.random() < 0.75:
            title += f": {dice.choice(HOW)}"
        if title in titles:
            continue
        titles.add(title)
        authors = [
            f"{name}, {dice.choice(GIVEN)}" for name in dice.sample(FAMILIES, dice.randint(1, 6))
        ]
        n = len(made)
        doi = dice.choice([f"10.1016/j.chiabu.{dice.randint(2005, 2024)}.{n:06}", f"10.1371/journal.pone.{n:07}",
                           f"10.1186/s12889-0{n:02}-{n * 7:05}-{n % 9}", f"10.1002/(SICI)1097-{n:04}(1999)12:3<{n}::AID>3.0.CO;2-{n % 9}"])  # fmt: skip
        first = dice.randint(1, 1400)
        made.append(Work(n, title, authors, dice.randint(2003, 2024), doi, dice.choice(JOURNALS),
                         first, first + dice.randint(5, 24)))  # fmt: skip
    return made


def prose(dice: random.Random, paragraphs: int = 14) -> list[str]:
    return [
        " ".join(dice.choice(WORDS) for _ in range(dice.randint(60, 110))).capitalize() + "."
        for _ in range(paragraphs)
    ]


def byline(work: Work) -> str:
    return ", ".join(f"{given} {family}" for family, given in (a.split(", ") for a in work.authors))


def file_name(work: Work, dice: random.Random) -> str:
    family, n = work.authors[0].split(",")[0], dice.randint(1, 9999)
    return dice.choice([
        f"1-s2.0-S0145{n:09}-main.pdf", f"download ({n}).pdf", f"{family} {work.year}.pdf", f"s12889-{n}.pdf",
        f"{family} et al. - {work.year} - {work.title[:60]}.pdf", f"fulltext{n}.pdf", f"{family}{work.year}.pdf",
        work.title[:50].replace(" ", "_") + ".pdf", work.doi.replace("/", "_").replace("<", "").replace(">", "") + ".pdf",
    ]).replace("/", "-")  # fmt: skip


def document(title: str, lines: list[str], body: list[str]) -> bytes:
    from synthesis.demo.pdf import pdf

    return pdf(title, [*lines, *body])


def scanned(pages: int) -> bytes:
    from synthesis.demo.pdf import pdf

    return pdf("", [], pages_at_least=pages)


def with_data(data: bytes, **told: str) -> bytes:
    """The PDF with its own data (title, subject) written into a new trailer."""
    said = " ".join(f"/{key} ({value})" for key, value in told.items()).encode("latin-1", "replace")
    number = data.count(b" 0 obj\n") + 1
    at = len(data)
    body = b"%d 0 obj\n<< %s >>\nendobj\n" % (number, said)
    xref = at + len(body)
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, at)
    previous = data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0]
    trailer = b"trailer << /Size %d /Root 1 0 R /Info %d 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        number + 1, number, previous, xref)  # fmt: skip
    return data + body + table + trailer


def files(all_works: list[Work], dice: random.Random, many: int = 200) -> list[Made]:
    """`many` files: 120 with a DOI in the text, 30 without, 10 scans, 10 cut titles, 30 traps."""
    made = []

    def add(name: str, data: bytes, work: Work | None, kind: str) -> None:
        if any(each.name == name for each in made):
            name = name.replace(".pdf", f" ({len(made)}).pdf")
        made.append(Made(name, data, work.number if work else None, kind))

    for work in all_works[:many]:
        n = work.number
        cite = f"{work.journal} {work.year}; {n % 40}({n % 6}): {work.first}–{work.last}"
        if n < 120:
            said = [f"doi: {work.doi}", f"https://doi.org/{work.doi}", f"{work.journal} {work.year}, {n}. DOI {work.doi.upper()}",
                    f"Contents lists available at ScienceDirect {'and elsewhere ' * (n % 5)} https://doi.org/{work.doi} Received 3 March"][n % 4]  # fmt: skip
            lines = [byline(work), cite, said] if n % 3 else [said, cite, byline(work)]
            other = all_works[(n + 7) % 120]
            body = prose(dice)
            if n % 10 == 3:  # cites another sought one on page 1
                body.insert(
                    0,
                    f"As {other.authors[0].split(',')[0]} ({other.year}) found ({other.title}, doi:{other.doi}), it helps.",
                )
            add(file_name(work, dice), document(work.title, lines, body), work, "doi")
        elif n < 150:
            title = work.title if n % 5 else work.title.upper()
            add(
                file_name(work, dice),
                document(title, [byline(work), cite], prose(dice)),
                work,
                "title",
            )
        elif n < 160:
            name = [f"{work.authors[0].split(',')[0]} {work.year}.pdf", f"scan{n}.pdf" if n < 155 else f"{work.title[:45]}.pdf",
                    f"{work.authors[0].split(',')[0]} - {work.year} - {work.title}.pdf".replace("/", "-")][n % 3]  # fmt: skip
            # As many pages as the article has; every fourth with the library's own page before them.
            long = work.last - work.first + 1 + (n % 4 == 0)
            add(name, scanned(long) + b"%% scan %d\n" % n, work, "scan")
        else:  # the title with another wording, as a first-draft or translation has it
            words = work.title.split()
            add(
                file_name(work, dice),
                document(" ".join(words[:-1]), ["Working paper", byline(work)], prose(dice)),
                work,
                "cut",
            )
    for n in range(30):
        work = all_works[dice.randrange(150)]
        who = f"{dice.choice(GIVEN)} {dice.choice(FAMILIES)}"
        title, lines, kind = [
            (f"Correction: {work.title}", [byline(work), f"The online version of the original article can be found at https://doi.org/{work.doi}"], "correction"),
            (f"Comment on “{work.title}”", [who, f"doi: {work.doi}", "A response."], "comment"),
            ("Supplementary material", [work.title, byline(work), work.doi], "supplement"),
            (work.title, [byline(work), f"Abstract of the {work.year - 4} conference, {work.year - 4}"], "conference"),
            ("What is known about care", [who, f"{JOURNALS[n % 5]} 2011", f"See also {work.title} (doi:{work.doi})"], "citing"),
            (f"{work.title} and its costs over ten years for the public purse", [byline(work), str(work.year)], "longer title"),
        ][n % 6]  # fmt: skip
        name = f"{work.authors[0].split(',')[0]} {work.year} b.pdf" if n % 2 else f"file{n}.pdf"
        add(name, document(title, lines, prose(dice)), None, kind)
    dice.shuffle(made)
    return made


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--works", type=int, default=170)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--keep", type=Path, help="write the files into this folder as well")
    said = asked.parse_args()
    dice = random.Random(said.seed)
    all_works = works(said.works, dice)
    made = files(all_works, dice)
    if said.keep:
        said.keep.mkdir(parents=True, exist_ok=True)
        for each in made:
            (said.keep / each.name).write_bytes(each.data)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"REVIEWAPP_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "reviewapp.settings"}
        os.environ.pop("DATABASE_URL", None), os.environ.pop("REDIS_URL", None)
        import django

        django.setup()
        measure(all_works, made)


def measure(all_works: list[Work], made: list[Made]) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from citations.models import LooseFile, Report
    from reviews import jobs
    from reviews.actions import create_review
    from reviews.models import User
    from screening.actions import decide, moved
    from screening.filing import delivering

    users = [User.objects.create_user(name, f"{name}@example.org", "x") for name in ("ada", "bo")]
    review = create_review("Bench", by=users[0], slug="bench")
    reports = {}
    for work in all_works:
        reports[work.number] = Report.objects.create(
            review=review, title=work.title, authors=work.authors, year=work.year, doi=work.doi,
            journal=work.journal, pages=f"{work.first}-{work.last}")  # fmt: skip
    moved(review)
    for report in reports.values():
        for user in users:
            decide(report, "abstract", "include", by=user)
    began = time.perf_counter()
    delivering.deliver(review, [(each.name, [each.data]) for each in made], by=users[0])
    stored = time.perf_counter()
    while jobs.run_one():
        pass
    ended = time.perf_counter()
    truth = {each.name: each for each in made}
    assert len(truth) == len(made), "two files have one name"
    tally, first, rest, wrong = Counter(), 0, 0, []
    for loose in LooseFile.objects.select_related("fulltext"):
        each = truth[loose.name]
        right = reports[each.work].pk if each.work is not None else None
        got = loose.fulltext.report_id if loose.fulltext else None
        if got is not None:
            tally[each.kind, "right" if got == right else "WRONG"] += 1
            if got != right:
                wrong.append((each.kind, each.name))
        else:
            tally[each.kind, "tray"] += 1
            if right is not None:
                rest += 1
                hit = bool(loose.guesses) and loose.guesses[0]["report"] == right
                first += hit
                if not hit:
                    print(f"  not the first guess: {each.kind} “{each.name}” {loose.guesses[:1]}")
    for (kind, how), n in sorted(tally.items()):
        print(f"{kind:14} {how:6} {n}")
    doi = [each for each in made if each.kind == "doi"]
    print(f"with a DOI in the text, attached rightly: {tally['doi', 'right']} of {len(doi)}")
    print(f"attached wrongly: {len(wrong)} of {len(made)} {wrong[:5]}")
    print(f"the tray's first guess is right: {first} of {rest}")
    print(f"stored in {stored - began:.1f} s, read and matched in {ended - stored:.1f} s")


if __name__ == "__main__":
    main()
