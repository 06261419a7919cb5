"""A library of invented works: the 40 studies of sample/studies.csv and what a search would bring up
around them. Everything is fictional; DOIs use the prefix that is reserved for examples.

Pure and seeded: the same call gives the same library.
"""

import csv
import random
from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent.parent / "sample"
SEED = 2026


@dataclass(frozen=True)
class Work:
    """One invented document. `fate` is what the demo's reviewers will make of it."""

    key: str
    fate: str  # "included", "abstract-out", or one of FULLTEXT_FATES
    title: str
    authors: tuple[str, ...]  # "Family, Given"
    year: int
    journal: str
    volume: int
    issue: int
    first_page: int
    last_page: int
    doi: str
    abstract: str
    keywords: tuple[str, ...]
    study: str = ""  # study_id of sample/studies.csv
    program: str = ""
    note: str = ""  # "erratum", "conference abstract"


REASONS = [
    "Wrong population",
    "Not a program or intervention",
    "No component described",
    "Wrong publication type",
]
FULLTEXT_FATES = [*REASONS, "not-retrieved"]

JOURNALS = [
    "Journal of Fictional Child Welfare",
    "Imagined Youth Services Review",
    "Annals of Invented Social Work",
    "Quarterly of Supposed Prevention Research",
    "Conjectural Journal of Adolescent Health",
    "Unreal Review of Family Placement",
    "Notional Studies in Trauma and Care",
    "Hypothetical Journal of Community Psychology",
]
FIRST = [
    *("Amber", "Bracken", "Cinder", "Dun", "Eddle", "Fern", "Grey", "Harrow", "Iron", "Kestrel"),
    *("Lark", "Marrow", "Nether", "Oaken", "Pell", "Quern", "Rook", "Salt", "Tarn", "Umber"),
    *("Vixen", "Wether", "Yarrow", "Zephyr", "Clover", "Juniper", "Hazel", "Mallow", "Sorrel"),
]
LAST = [
    "by",
    "croft",
    "den",
    "field",
    "gate",
    "ham",
    "ley",
    "mere",
    "moor",
    "stow",
    "thorpe",
    "well",
    "wick",
]
GIVEN = [
    "Ada",
    "Bea",
    "Caro",
    "Dev",
    "Elin",
    "Farah",
    "Gus",
    "Hana",
    "Ivo",
    "Jun",
    "Kit",
    "Lena",
    "Mo",
    "Nia",
    "Oren",
    "Pia",
    "Rafi",
    "Sol",
    "Tove",
    "Uma",
    "Wes",
    "Yara",
]

# Around the question, and outside it.
TOPICS = [
    ("labour exploitation", "labour"),
    ("forced marriage", "marriage"),
    ("online grooming", "online safety"),
    ("sentencing of traffickers", "law"),
    ("newspaper portrayals of trafficking", "media"),
    ("condom use", "sexual health"),
    ("housing instability", "housing"),
    ("school absence", "education"),
    ("depressive symptoms", "mental health"),
    ("substance use", "substance use"),
    ("placement breakdown", "foster care"),
    ("running away from care", "missing from care"),
    ("screening tools for exploitation", "screening"),
    ("survivors' experience of court", "justice"),
    ("sibling separation", "family"),
    ("compassion fatigue", "workforce"),
]
PEOPLE = [
    "adult women who sell sex",
    "migrant farm workers",
    "unaccompanied minors",
    "university students",
    "parents with a psychiatric diagnosis",
    "emergency nurses",
    "police recruits",
    "care leavers aged 18 to 25",
    "secondary school pupils",
    "kinship carers",
    "children under ten in foster care",
    "hotel staff",
    "probation officers",
    "young men in custody",
    "residents of women's shelters",
    "teachers in rural schools",
]
PLACES = [
    "three northern counties",
    "a coastal province",
    "two river towns",
    "an island community",
    "six inland districts",
    "a border region",
    "one large city",
    "a mountain valley",
]
SHAPES = [
    (
        "{T} among {p}: a cross-sectional survey in {w}",
        "A questionnaire was answered by {n} people.",
    ),
    (
        "Understanding {t} in {p}: a qualitative study from {w}",
        "{n} interviews were read by two researchers.",
    ),
    ("{T} and its correlates in {p}", "Routine records of {n} people from {w} were linked."),
    (
        "What do {p} say about {t}? Findings from {w}",
        "Focus groups with {n} participants were held.",
    ),
    (
        "{T}: a policy analysis with examples from {w}",
        "{n} documents that concern {p} were compared.",
    ),
    ("The burden of {t} for {p} in {w}: a cohort study", "{n} people were followed for two years."),
    (
        "Measuring {t}: validation of a short scale with {p}",
        "The scale was tested with {n} respondents in {w}.",
    ),
    ("Commentary: why {t} matters to {p}", "The author reflects on {n} years of practice in {w}."),
]


def library() -> list[Work]:
    """All works in a fixed order: included ones, those decided on full text, the rest."""
    rng = random.Random(SEED)  # noqa: S311 - a fixed order of invented things, not a secret
    works = _studies(rng)
    works += _second_reports(rng, works)
    works += _near_misses(rng)
    works += _far_misses(rng)
    return works


def _people(rng: random.Random, first: str = "", n: int | None = None) -> tuple[str, ...]:
    count = n or rng.choice([1, 2, 2, 3, 3, 4, 5])
    names = [first] if first else []
    while len(names) < count:
        family = rng.choice(FIRST) + rng.choice(LAST)
        if family not in names:
            names.append(family)
    return tuple(f"{family}, {rng.choice(GIVEN)}" for family in names)


def _where(rng: random.Random, number: int) -> dict[str, object]:
    first = rng.randint(1, 780)
    return {
        "journal": rng.choice(JOURNALS),
        "volume": rng.randint(3, 48),
        "issue": rng.randint(1, 6),
        "first_page": first,
        "last_page": first + rng.randint(5, 19),
        "doi": f"10.5555/concord.{number:04d}",
    }


def _studies(rng: random.Random) -> list[Work]:
    works = []
    with (SAMPLE / "studies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=1):
        names = row["citation"].split(" (")[0]
        family = names.split(" & ")[0].split(" et al.")[0]
        count = 3 if "et al." in names else 2 if "&" in names else 1
        authors = _people(rng, family, count)
        if "&" in names:
            authors = (authors[0], f"{names.split(' & ')[1]}, {rng.choice(GIVEN)}")
        method = row["mmat_category"].lower()
        abstract = (
            f"BACKGROUND: {row['program']} was set up for young people in care who are, or may be, "
            f"sexually exploited. It rests on {row['t2_why']}. AIM: To describe what the program "
            f"does and what came of it. METHODS: {row['mmat_category']} study in {row['country']} "
            f"with {row['n']} participants aged {row['age_range']}, {row['setting']}. The program "
            f"offered {row['t4_procedures']} ({row['t6_how']}), given by {row['t5_who']}, "
            f"{row['t8_when_how_much']}. RESULTS: The main finding was {row['main_finding']}. "
            "CONCLUSIONS: The components are described so that others can try them. "
            "This abstract is fictional."
        )
        works.append(
            Work(
                key=row["study_id"],
                fate="included",
                title=f"{row['program']}: {_subtitle(row, number)}",
                authors=authors,
                year=int(row["year"]),
                abstract=abstract,
                keywords=("child sexual exploitation", "child welfare", row["setting"], method),
                study=row["study_id"],
                program=row["program"],
                **_where(rng, number),  # type: ignore[arg-type]
            )
        )
    return works


def _subtitle(row: dict[str, str], number: int) -> str:
    ways = [
        "{m} study of help for sexually exploited young people ({s}, {c})",
        "{f} among young people exploited through sex trafficking in {c}",
        "what young people who have been exploited are offered ({s}, {c})",
        "components and outcomes of support through {s} in {c}",
    ]
    return ways[(number + number // 8) % len(ways)].format(
        m=row["mmat_category"].lower(),
        s=row["setting"],
        c=row["country"],
        f=row["main_finding"],
    )


def _second_reports(rng: random.Random, studies: list[Work]) -> list[Work]:
    """Two included studies have a second report; others have an erratum or a meeting abstract."""
    works = []
    for number, (key, how) in enumerate(
        [
            ("F13", "follow-up"),
            ("F32", "follow-up"),
            ("F18", "erratum"),
            ("F23", "conference abstract"),
            ("F35", "conference abstract"),
        ]
    ):
        first = next(work for work in studies if work.key == key)
        where = _where(rng, 60 + number)
        if how == "follow-up":
            title = (
                f"Two years on: follow-up of {first.program} with {first.keywords[2]} participants"
            )
            fate, abstract = (
                "included",
                first.abstract.replace("AIM: To describe", "AIM: To revisit"),
            )
        elif how == "erratum":
            title, fate, abstract = f"Erratum: {first.title}", "Wrong publication type", ""
            where["journal"] = first.journal
        else:
            title, fate = first.title, "Wrong publication type"
            abstract = first.abstract.split(" RESULTS:")[0] + " Results will be presented."
            where["journal"] = "Abstracts of the Imaginary Congress on Youth in Care"
        works.append(
            Work(
                key=f"{key}-{how}",
                fate=fate,
                title=title,
                authors=first.authors,
                year=first.year + (2 if how == "follow-up" else 0 if how == "erratum" else -1),
                abstract=abstract,
                keywords=first.keywords,
                study=key if how == "follow-up" else "",
                program=first.program,
                note=how,
                **where,  # type: ignore[arg-type]
            )
        )
    return works


NEAR = [
    ("An evaluation of {x} for adults leaving exploitation", "Wrong population"),
    ("{x} with families of missing teenagers: a process evaluation", "Wrong population"),
    (
        "How agencies count sexually exploited youth: lessons from {x}",
        "Not a program or intervention",
    ),
    ("Prevalence of exploitation among youth known to {x}", "Not a program or intervention"),
    (
        "Outcomes of young people referred to {x}: an administrative data study",
        "No component described",
    ),
    ("Five questions for {x}: an editorial on exploited youth in care", "Wrong publication type"),
    ("Exploited young people and {x}: an unpublished evaluation report", "not-retrieved"),
]
SERVICES = [
    *("Beacon House", "the Riverside Team", "Second Harbour", "Open Gate", "Tidewater Court"),
    *("the Hollow Oak unit", "Quiet Rooms", "the Northgate panel", "Safe Mile", "Morning Watch"),
]


def _near_misses(rng: random.Random) -> list[Work]:
    """Works that pass title and abstract and end at full text."""
    works = []
    for number in range(46):
        shape, fate = NEAR[number % len(NEAR)]
        service = SERVICES[(number // len(NEAR) + 3 * (number % len(NEAR))) % len(SERVICES)]
        title = shape.format(x=service)
        works.append(
            Work(
                key=f"N{number:02d}",
                fate=fate,
                title=title[0].upper() + title[1:],
                authors=_people(rng),
                year=rng.randint(2006, 2025),
                abstract=(
                    f"BACKGROUND: Young people in child welfare may be sexually exploited. {service[0].upper()}{service[1:]} "
                    f"works with {rng.randint(12, 240)} of them each year. METHODS: Records and conversations "
                    f"from {rng.choice(PLACES)} were studied. RESULTS: Staff and young people described help, "
                    "waiting and trust. CONCLUSIONS: More detail is needed than an abstract can give. "
                    "This abstract is fictional."
                ),
                keywords=("child sexual exploitation", "youth", "services"),
                **_where(rng, 100 + number),  # type: ignore[arg-type]
            )
        )
    return works


def _far_misses(rng: random.Random) -> list[Work]:
    """Works that two reviewers exclude on title and abstract."""
    pairs = [(topic, people) for topic in TOPICS for people in PEOPLE]
    rng.shuffle(pairs)
    works = []
    for number, ((topic, keyword), people) in enumerate(pairs[:210]):
        shape, method = SHAPES[number % len(SHAPES)]
        words = {
            "t": topic,
            "T": topic[0].upper() + topic[1:],
            "p": people,
            "w": rng.choice(PLACES),
            "n": str(rng.randint(8, 900)),
        }
        works.append(
            Work(
                key=f"X{number:03d}",
                fate="abstract-out",
                title=shape.format(**words),
                authors=_people(rng),
                year=rng.randint(1998, 2025),
                abstract=(
                    f"BACKGROUND: Little is known about {topic} and {people}. METHODS: {method.format(**words)} "
                    f"RESULTS: {words['T']} was reported by {rng.randint(4, 71)} % and went along with "
                    f"{rng.choice(TOPICS)[0]}. CONCLUSIONS: Practice in {words['w']} may learn from this. "
                    "This abstract is fictional."
                ),
                keywords=(keyword, people.split(" ")[-1]),
                **_where(rng, 200 + number),  # type: ignore[arg-type]
            )
        )
    return works
