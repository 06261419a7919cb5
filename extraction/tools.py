"""Appraisal tools to start from: their domains, the places of their questions and their scales.

The names of items are our own short words for what an item is about. The published wording of most
tools may not be passed on in software; who may use it pastes it under the questions
(appraising.paste_wording). Sources: MMAT 2018 (Hong et al.), RoB 2 (Sterne et al., BMJ 2019;366:l4898),
ROBINS-I (Sterne et al., BMJ 2016;355:i4919), QUADAS-2 (Whiting et al., Ann Intern Med 2011;155:529),
JBI critical appraisal checklists, CASP qualitative checklist 2018, Newcastle-Ottawa Scale (Wells et al.).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .models import Field, Light
from .templates import Question

Kind = Field.Kind
Scale = Sequence[tuple[str, str]]

RISK: Scale = [("Low risk", Light.GOOD), ("Some concerns", Light.SOME), ("High risk", Light.BAD)]
ROBINS: Scale = [
    ("Low risk", Light.GOOD),
    ("Moderate risk", Light.SOME),
    ("Serious risk", Light.BAD),
    ("Critical risk", Light.WORST),
    ("No information", Light.UNCLEAR),
]
QUADAS_RISK: Scale = [
    ("Low risk", Light.GOOD),
    ("High risk", Light.BAD),
    ("Unclear risk", Light.UNCLEAR),
]
CONCERN: Scale = [
    ("Low concern", Light.GOOD),
    ("High concern", Light.BAD),
    ("Unclear concern", Light.UNCLEAR),
]
MET: Scale = [("Yes", Light.GOOD), ("No", Light.BAD), ("Can't tell", Light.UNCLEAR)]
MET_OR_NOT_ASKED: Scale = [
    ("Yes", Light.GOOD),
    ("No", Light.BAD),
    ("Unclear", Light.UNCLEAR),
    ("Not applicable", Light.NONE),
]
STAR: Scale = [("Star", Light.GOOD), ("No star", Light.BAD)]
TWO_STARS: Scale = [("Two stars", Light.GOOD), ("One star", Light.SOME), ("No star", Light.BAD)]
VERDICT: Scale = [
    ("Include", Light.GOOD),
    ("Seek further information", Light.UNCLEAR),
    ("Exclude", Light.BAD),
]
SIGNALS = ["Yes", "Probably yes", "Probably no", "No", "No information", "Not applicable"]

PASTE = (
    "The published wording is not part of this product; paste it if you may use it: "
    "the number, then the question, one a line."
)


@dataclass(frozen=True)
class Tool:
    name: str
    says: str
    source: str
    questions: list[Question]


def _judgement(
    section: str,
    label: str,
    scale: Scale,
    *,
    kind: str = Kind.JUDGEMENT,
    help: str = "",
    only: str = "",
    among: str = "",
) -> Question:
    """`only`: asked where the question `among` was answered so."""
    return Question(
        section,
        label,
        kind,
        help=help,
        choices=[word for word, _ in scale],
        lights=[str(light) for _, light in scale],
        required=not only,
        shown_if=among if only else "",
        shown_values=[only] if only else [],
    )


STRANDS = "Strands of the study"
MMAT_STRANDS = {
    "1 Qualitative": [
        "1.1 Qualitative approach fits the question",
        "1.2 Data collection is adequate",
        "1.3 Findings follow from the data",
        "1.4 Interpretation is supported by the data",
        "1.5 Sources, collection, analysis and interpretation cohere",
    ],
    "2 Randomised": [
        "2.1 Randomisation was done properly",
        "2.2 Groups were comparable at the start",
        "2.3 Outcome data are complete",
        "2.4 Outcome assessors were blinded",
        "2.5 Participants kept to the intervention assigned",
    ],
    "3 Non-randomised": [
        "3.1 Participants represent the target population",
        "3.2 Measurements fit outcome and intervention",
        "3.3 Outcome data are complete (non-randomised)",
        "3.4 Confounders are dealt with",
        "3.5 Intervention happened as intended",
    ],
    "4 Descriptive": [
        "4.1 Sampling fits the question",
        "4.2 Sample represents the target population",
        "4.3 Measurements fit",
        "4.4 Risk of non-response bias is low",
        "4.5 Statistical analysis fits the question",
    ],
    "5 Mixed methods": [
        "5.1 A reason for mixing methods is given",
        "5.2 The components are integrated",
        "5.3 The integrated results are interpreted",
        "5.4 Divergence between the strands is addressed",
        "5.5 Each strand meets the criteria of its own methods",
    ],
}

MMAT = Tool(
    name="MMAT 2018",
    says="Qualitative, randomised, non-randomised, descriptive and mixed studies with one tool: two "
    "screening questions and five criteria for each strand. No total, as its authors advise.",
    source="Structure after Hong QN et al., Mixed Methods Appraisal Tool (MMAT), version 2018. Items "
    "in our own words; the manual's wording decides.",
    questions=[
        _judgement(
            "Screening",
            "S1 The research questions are clear",
            MET,
            help="If the answer is no or can't tell, appraising further may make no sense.",
        ),
        _judgement(
            "Screening",
            "S2 The data can answer the questions",
            MET,
            help="If the answer is no or can't tell, appraising further may make no sense.",
        ),
        Question(
            "Screening",
            STRANDS,
            Kind.MULTIPLE,
            help="One of them. For a mixed study: 1, the quantitative one that fits (2, 3 or 4) and 5.",
            choices=list(MMAT_STRANDS),
            required=True,
        ),
        *(
            _judgement(strand, item, MET, only=strand, among=STRANDS)
            for strand, items in MMAT_STRANDS.items()
            for item in items
        ),
    ],
)


def _domains(
    domains: Sequence[tuple[str, int]], scale: Scale, signals: Sequence[str] = SIGNALS
) -> list[Question]:
    """For each (domain, number of its signalling questions): their places, then the judgement."""
    found: list[Question] = []
    for number, (domain, questions) in enumerate(domains, start=1):
        section = f"Domain {number}: {domain}"
        found += [
            Question(
                section,
                f"{number}.{each} Signalling question",
                Kind.SINGLE,
                choices=list(signals),
            )
            for each in range(1, questions + 1)
        ]
        found.append(_judgement(section, f"D{number} {domain}", scale))
    return found


ROB_2 = Tool(
    name="RoB 2",
    says="Randomised trials: five domains with their signalling questions, judged low, some concerns "
    "or high.",
    source=f"Structure after Sterne JAC et al., BMJ 2019;366:l4898 (effect of assignment). {PASTE}",
    questions=[
        *_domains(
            [
                ("Randomisation process", 3),
                ("Deviations from intended interventions", 7),
                ("Missing outcome data", 4),
                ("Measurement of the outcome", 5),
                ("Selection of the reported result", 3),
            ],
            RISK,
        ),
        _judgement("Overall", "Overall risk of bias", RISK, kind=Kind.OVERALL),
    ],
)

ROBINS_I = Tool(
    name="ROBINS-I",
    says="Non-randomised studies of interventions: seven domains, judged from low to critical.",
    source=f"Structure after Sterne JAC et al., BMJ 2016;355:i4919. {PASTE}",
    questions=[
        *_domains(
            [
                ("Confounding", 8),
                ("Selection of participants", 5),
                ("Classification of interventions", 3),
                ("Deviations from intended interventions", 6),
                ("Missing data", 5),
                ("Measurement of outcomes", 4),
                ("Selection of the reported result", 3),
            ],
            ROBINS,
        ),
        _judgement("Overall", "Overall risk of bias", ROBINS, kind=Kind.OVERALL),
    ],
)

_QUADAS_DOMAINS = [
    ("Patient selection", 3, True),
    ("Index test", 2, True),
    ("Reference standard", 2, True),
    ("Flow and timing", 4, False),
]


def _quadas() -> list[Question]:
    found: list[Question] = []
    for number, (domain, questions, applies) in enumerate(_QUADAS_DOMAINS, start=1):
        section = f"Domain {number}: {domain}"
        found += [
            Question(section, f"{number}.{each} Signalling question", Kind.YES_NO_UNCLEAR)
            for each in range(1, questions + 1)
        ]
        found.append(_judgement(section, f"D{number} {domain}", QUADAS_RISK))
        if applies:
            found.append(_judgement(section, f"A{number} Applicability: {domain}", CONCERN))
    return found


QUADAS_2 = Tool(
    name="QUADAS-2",
    says="Studies of diagnostic accuracy: risk of bias in four domains, applicability in three.",
    source=f"Structure after Whiting PF et al., Ann Intern Med 2011;155:529. {PASTE}",
    questions=_quadas(),
)


def _checklist(name: str, says: str, source: str, items: Sequence[str], scale: Scale) -> Tool:
    questions = [
        _judgement("Checklist", f"{number} {item}", scale) for number, item in enumerate(items, 1)
    ]
    return Tool(name, says, f"{source} {PASTE}", questions)


def _jbi(name: str, says: str, items: Sequence[str]) -> Tool:
    made = _checklist(
        name,
        says,
        "Structure after JBI's critical appraisal checklist. Items named in our own words.",
        items,
        MET_OR_NOT_ASKED,
    )
    made.questions.append(_judgement("Overall", "Overall appraisal", VERDICT, kind=Kind.OVERALL))
    return made


JBI_QUALITATIVE = _jbi(
    "JBI qualitative",
    "Qualitative research: ten questions and an overall appraisal.",
    [
        "Philosophical stance and methodology",
        "Methodology and research question",
        "Methodology and data collection",
        "Methodology, representation and analysis",
        "Methodology and interpretation",
        "Where the researcher stands, culturally or theoretically",
        "Influence of the researcher on the research, and back",
        "Voices of participants",
        "Ethics",
        "Conclusions and analysis",
    ],
)
JBI_TRIALS = _jbi(
    "JBI randomised trials",
    "Randomised controlled trials: thirteen questions and an overall appraisal.",
    [
        "Random assignment",
        "Concealment of allocation",
        "Groups alike at the start",
        "Participants blinded",
        "Those who treat blinded",
        "Groups treated alike otherwise",
        "Assessors blinded",
        "Outcomes measured alike in the groups",
        "Outcomes measured reliably",
        "Follow-up complete, or losses described",
        "Analysed as randomised",
        "Statistical analysis",
        "Trial design fits the topic",
    ],
)
JBI_QUASI = _jbi(
    "JBI quasi-experiments",
    "Quasi-experimental studies: nine questions and an overall appraisal.",
    [
        "Cause and effect told apart",
        "A control group",
        "Participants of the comparisons alike",
        "Care alike but for the intervention",
        "Several measurements before and after",
        "Outcomes measured alike in the comparisons",
        "Outcomes measured reliably",
        "Follow-up complete, or differences described",
        "Statistical analysis",
    ],
)
CASP = _checklist(
    "CASP qualitative",
    "Qualitative research: ten questions in three parts.",
    "Structure after the CASP qualitative checklist 2018. Items named in our own words.",
    [
        "Aims",
        "Whether qualitative methods fit",
        "Design and aims",
        "Recruitment and aims",
        "Data collection",
        "Researcher and participants",
        "Ethics",
        "Rigour of the analysis",
        "Statement of findings",
        "Value of the research",
    ],
    MET,
)


def _nos(last: str, selection: Sequence[str], rest: Sequence[str]) -> list[Question]:
    found = [_judgement("Selection", f"S{n} {each}", STAR) for n, each in enumerate(selection, 1)]
    found.append(_judgement("Comparability", "C1 Comparability", TWO_STARS))
    letter = last[0]
    return found + [_judgement(last, f"{letter}{n} {each}", STAR) for n, each in enumerate(rest, 1)]


_NOS_SOURCE = f"Structure after Wells GA et al., Newcastle-Ottawa Scale. {PASTE}"
NOS_COHORT = Tool(
    name="NOS cohort",
    says="Cohort studies: stars for selection, comparability and outcome.",
    source=_NOS_SOURCE,
    questions=_nos(
        "Outcome",
        ["Exposed cohort", "Unexposed cohort", "Ascertainment", "Outcome absent at the start"],
        ["Assessment", "Length of follow-up", "Completeness of follow-up"],
    ),
)
NOS_CASE_CONTROL = Tool(
    name="NOS case-control",
    says="Case-control studies: stars for selection, comparability and exposure.",
    source=_NOS_SOURCE,
    questions=_nos(
        "Exposure",
        ["Case definition", "Cases represent", "Selection of controls", "Definition of controls"],
        ["Ascertainment", "Same method for both", "Non-response"],
    ),
)

TOOLS: dict[str, Tool] = {
    "mmat-2018": MMAT,
    "rob-2": ROB_2,
    "robins-i": ROBINS_I,
    "jbi-qualitative": JBI_QUALITATIVE,
    "jbi-trials": JBI_TRIALS,
    "jbi-quasi": JBI_QUASI,
    "casp-qualitative": CASP,
    "nos-cohort": NOS_COHORT,
    "nos-case-control": NOS_CASE_CONTROL,
    "quadas-2": QUADAS_2,
}
