"""Codebooks to start from, in our own words."""

from dataclasses import dataclass, field

from .models import Field

Kind = Field.Kind


@dataclass(frozen=True)
class Question:
    section: str
    label: str
    kind: str = Kind.TEXT
    help: str = ""
    choices: list[str] = field(default_factory=list)
    required: bool = False


@dataclass(frozen=True)
class Template:
    name: str
    says: str
    questions: list[Question]


STUDY, PROGRAM, PARTS, FOUND = "Study", "Program", "Components", "Findings"

# The questions under "Program" follow the twelve items of TIDieR (Hoffmann et al., BMJ 2014;348:g1687).
PROGRAM_DESCRIPTION = Template(
    name="Program description",
    says="What the program is, whom it serves, how it is done (after TIDieR) and its components.",
    questions=[
        Question(STUDY, "Country", help="Where the study took place.", required=True),
        Question(
            STUDY,
            "Design",
            Kind.SINGLE,
            choices=[
                "Qualitative",
                "Quantitative randomised",
                "Quantitative non-randomised",
                "Quantitative descriptive",
                "Mixed methods",
            ],
            required=True,
        ),
        Question(STUDY, "Setting", help="The kind of agency or place, in the report's words."),
        Question(STUDY, "Participants", Kind.NUMBER, help="How many people took part."),
        Question(STUDY, "Age range", help="In years, like 13-17."),
        Question(
            STUDY,
            "Comparison",
            Kind.SINGLE,
            choices=["None", "Usual care", "Before and after", "Another program"],
        ),
        Question(PROGRAM, "Program name", help="TIDieR 1.", required=True),
        Question(PROGRAM, "Why it should work", help="TIDieR 2: the theory or the goal behind it."),
        Question(PROGRAM, "Materials", help="TIDieR 3: handbooks, training packs, tools."),
        Question(
            PROGRAM, "Procedures", help="TIDieR 4: what is done with or for the young person."
        ),
        Question(PROGRAM, "Who provides it", help="TIDieR 5: profession and training."),
        Question(
            PROGRAM,
            "How it is delivered",
            Kind.SINGLE,
            help="TIDieR 6.",
            choices=["Face to face", "At a distance", "Mixed"],
        ),
        Question(
            PROGRAM,
            "Alone or in a group",
            Kind.SINGLE,
            help="TIDieR 6.",
            choices=["Individual", "Group", "Both"],
        ),
        Question(PROGRAM, "Where it is delivered", help="TIDieR 7."),
        Question(
            PROGRAM, "When and how much", help="TIDieR 8: how often, how long, for how many months."
        ),
        Question(
            PROGRAM,
            "Fitted to the person",
            Kind.YES_NO_UNCLEAR,
            help="TIDieR 9: is it planned to differ from person to person?",
        ),
        Question(
            PROGRAM, "Changed on the way", help="TIDieR 10: what was altered during the study."
        ),
        Question(
            PROGRAM,
            "Fidelity was assessed",
            Kind.YES_NO_UNCLEAR,
            help="TIDieR 11 and 12: did anybody check that it was delivered as planned?",
        ),
        Question(
            PARTS,
            "Program components",
            Kind.COMPONENT_GROUP,
            help="Each component of the tree that the reports describe, with the words that show it.",
            required=True,
        ),
        Question(
            FOUND,
            "Outcomes",
            Kind.MULTIPLE,
            choices=[
                "Safety",
                "Placement",
                "Mental health",
                "Physical health",
                "School or work",
                "Relationships",
                "Contact with the police or courts",
                "Views of the young people",
            ],
        ),
        Question(FOUND, "Main finding", help="In one sentence, as the authors put it."),
    ],
)

TEMPLATES = {"program-description": PROGRAM_DESCRIPTION}
