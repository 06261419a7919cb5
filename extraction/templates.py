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
    example: str = ""
    unit: str = ""
    # Asked only where the question with that label (of the same template) was answered so.
    shown_if: str = ""
    shown_values: list[str] = field(default_factory=list)
    lights: list[str] = field(default_factory=list)  # of a judgement, as its choices
    tolerance: int = 0  # percent, of a number
    each: str = ""  # of a repeating group
    # Asked for each item of the repeating group with that label (of the same template).
    part_of: str = ""


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

TIDIER = Template(
    name="TIDieR",
    says="The twelve items that describe an intervention so that others can repeat it.",
    questions=[
        Question("TIDieR", "1 Brief name", help="The name or a phrase that describes the program."),
        Question("TIDieR", "2 Why", help="The theory, the goal or the reason for what is done."),
        Question(
            "TIDieR", "3 What: materials", help="Handbooks, training packs; where to get them."
        ),
        Question(
            "TIDieR", "4 What: procedures", help="Each activity and process, enabling ones too."
        ),
        Question("TIDieR", "5 Who provided", help="Profession, background and training given."),
        Question("TIDieR", "6 How", help="Face to face or at a distance, alone or in a group."),
        Question("TIDieR", "7 Where", help="The kind of place, and what it needs to have."),
        Question("TIDieR", "8 When and how much", help="How often, how long, over what time."),
        Question(
            "TIDieR", "9 Tailoring", help="What was fitted to the person: what, why, when, how."
        ),
        Question("TIDieR", "10 Modifications", help="What was changed during the study, and why."),
        Question(
            "TIDieR", "11 How well: planned", help="How fidelity was to be kept and assessed."
        ),
        Question("TIDieR", "12 How well: actual", help="How far it was delivered as planned."),
    ],
)

STUDY_CHARACTERISTICS = Template(
    name="Study characteristics",
    says="Where, when and how the study was done, its arms, its funding.",
    questions=[
        Question(STUDY, "Country", help="Where the study took place.", example="Canada"),
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
        ),
        Question(STUDY, "Recruitment began", Kind.DATE, example="2016-09"),
        Question(STUDY, "Recruitment ended", Kind.DATE, example="2018"),
        Question(STUDY, "Follow-up", Kind.NUMBER, unit="months", help="The longest one."),
        Question(
            STUDY,
            "Arms",
            Kind.TABLE,
            help="A row for each arm or group that was compared.",
            choices=["Arm", "What they received", "n allocated", "n analysed"],
        ),
        Question(STUDY, "Funded by others", Kind.YES_NO_UNCLEAR),
        Question(STUDY, "Funder", shown_if="Funded by others", shown_values=["yes"]),
        Question(STUDY, "Conflict of interest stated", Kind.YES_NO_UNCLEAR),
    ],
)

PARTICIPANTS = Template(
    name="Participants",
    says="Who took part: number, age, gender, how they were found.",
    questions=[
        Question("Participants", "Number of participants", Kind.INTEGER, unit="people"),
        Question("Participants", "Mean age", Kind.NUMBER, unit="years"),
        Question("Participants", "Youngest", Kind.NUMBER, unit="years"),
        Question("Participants", "Oldest", Kind.NUMBER, unit="years"),
        Question("Participants", "Girls or women", Kind.NUMBER, unit="%"),
        Question("Participants", "Eligibility", Kind.QUOTE, help="Who could take part."),
        Question("Participants", "How they were recruited"),
        Question(
            "Participants",
            "Equity characteristics",
            Kind.MULTIPLE,
            help="Those that the report describes (PROGRESS-Plus, O'Neill et al. 2014).",
            choices=[
                "Place of residence",
                "Race, ethnicity, culture or language",
                "Occupation",
                "Gender or sex",
                "Religion",
                "Education",
                "Socioeconomic status",
                "Social capital",
                "Age",
                "Disability",
                "Sexual orientation",
            ],
        ),
    ],
)

OUTCOMES = Template(
    name="Outcomes",
    says="What was measured, when, how, and what came out: a row for each outcome and time point.",
    questions=[
        Question(
            FOUND,
            "Outcomes measured",
            Kind.TABLE,
            choices=["Outcome", "Measure", "Who reported it", "Time points"],
        ),
        Question(
            FOUND,
            "Results for numbers",
            Kind.TABLE,
            help="A row for each outcome, time point and arm.",
            choices=["Outcome", "Time point", "Arm", "Mean", "SD", "n"],
        ),
        Question(
            FOUND,
            "Results for events",
            Kind.TABLE,
            help="A row for each outcome, time point and arm.",
            choices=["Outcome", "Time point", "Arm", "Events", "n"],
        ),
        Question(
            FOUND,
            "Direction of the main result",
            Kind.SCALE,
            choices=["Clear harm", "Some harm", "No difference", "Some benefit", "Clear benefit"],
        ),
        Question(FOUND, "What the authors conclude", Kind.QUOTE),
    ],
)

TEMPLATES = {
    "program-description": PROGRAM_DESCRIPTION,
    "tidier": TIDIER,
    "study-characteristics": STUDY_CHARACTERISTICS,
    "participants": PARTICIPANTS,
    "outcomes": OUTCOMES,
}
