"""The items of PRISMA 2020 and of PRISMA 2020 for Abstracts. Pure.

Source: Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement. BMJ 2021;372:n71 (CC BY
4.0), table 1 and box 2. Numbers, order and topics are theirs; what each asks is put shortly.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    number: str
    topic: str
    asks: str


SECTIONS: list[tuple[str, list[Item]]] = [
    ("Title", [Item("1", "Title", "Identify the report as a systematic review.")]),
    ("Abstract", [Item("2", "Abstract", "See the checklist for abstracts.")]),
    (
        "Introduction",
        [
            Item("3", "Rationale", "The rationale in the context of existing knowledge."),
            Item("4", "Objectives", "The objectives or questions that the review addresses."),
        ],
    ),
    (
        "Methods",
        [
            Item("5", "Eligibility criteria", "Inclusion and exclusion criteria, and the grouping of studies for syntheses."),
            Item("6", "Information sources", "Every source searched or consulted, with the date of the last search."),
            Item("7", "Search strategy", "The full search strategies of all sources, with filters and limits."),
            Item("8", "Selection process", "How it was decided whether a study met the criteria: how many reviewers, whether independently, automation tools."),
            Item("9", "Data collection process", "How data were collected: how many reviewers, whether independently, confirmation by study authors, tools."),
            Item("10a", "Data items", "All outcomes for which data were sought, and whether all compatible results were sought."),
            Item("10b", "Data items", "All other variables for which data were sought, and assumptions about missing information."),
            Item("11", "Study risk of bias assessment", "How risk of bias was assessed: tools, reviewers, whether independently."),
            Item("12", "Effect measures", "The effect measures of each outcome."),
            Item("13a", "Synthesis methods", "How it was decided which studies were eligible for each synthesis."),
            Item("13b", "Synthesis methods", "How data were prepared, such as missing statistics or conversions."),
            Item("13c", "Synthesis methods", "How results were tabulated or displayed."),
            Item("13d", "Synthesis methods", "How results were synthesised and why so."),
            Item("13e", "Synthesis methods", "How causes of heterogeneity were explored."),
            Item("13f", "Synthesis methods", "Sensitivity analyses."),
            Item("14", "Reporting bias assessment", "How bias due to missing results was assessed."),
            Item("15", "Certainty assessment", "How certainty in the body of evidence was assessed."),
        ],
    ),
    (
        "Results",
        [
            Item("16a", "Study selection", "Results of search and selection, from records identified to studies included, ideally with a flow diagram."),
            Item("16b", "Study selection", "Studies that might appear to meet the criteria and were excluded, with the reason."),
            Item("17", "Study characteristics", "Cite each included study and present its characteristics."),
            Item("18", "Risk of bias in studies", "Assessments of risk of bias of each included study."),
            Item("19", "Results of individual studies", "For each study and outcome: summary statistics, effect estimate and its precision."),
            Item("20a", "Results of syntheses", "Characteristics and risk of bias among the studies of each synthesis."),
            Item("20b", "Results of syntheses", "Results of all syntheses."),
            Item("20c", "Results of syntheses", "Results of investigations of heterogeneity."),
            Item("20d", "Results of syntheses", "Results of sensitivity analyses."),
            Item("21", "Reporting biases", "Assessments of bias due to missing results."),
            Item("22", "Certainty of evidence", "Certainty in the evidence for each outcome."),
        ],
    ),
    (
        "Discussion",
        [
            Item("23a", "Discussion", "A general interpretation in the context of other evidence."),
            Item("23b", "Discussion", "Limitations of the evidence."),
            Item("23c", "Discussion", "Limitations of the review processes."),
            Item("23d", "Discussion", "Implications for practice, policy and research."),
        ],
    ),
    (
        "Other information",
        [
            Item("24a", "Registration and protocol", "Registration, with name and number, or that it was not registered."),
            Item("24b", "Registration and protocol", "Where the protocol can be accessed, or that there was none."),
            Item("24c", "Registration and protocol", "Amendments to the registration or protocol."),
            Item("25", "Support", "Sources of support and the role of funders."),
            Item("26", "Competing interests", "Competing interests of the authors."),
            Item("27", "Availability of data, code and other materials", "What is publicly available, and where."),
        ],
    ),
]  # fmt: skip

ABSTRACT = [
    Item("A1", "Title", "Identify the report as a systematic review."),
    Item("A2", "Objectives", "The main objectives or questions."),
    Item("A3", "Eligibility criteria", "Inclusion and exclusion criteria."),
    Item("A4", "Information sources", "Sources and the dates of the last searches."),
    Item("A5", "Risk of bias", "How risk of bias was assessed."),
    Item("A6", "Synthesis of results", "How results were presented and synthesised."),
    Item("A7", "Included studies", "Number of studies and participants, and their characteristics."),
    Item("A8", "Synthesis of results", "Results of the main outcomes, with numbers of studies and participants."),
    Item("A9", "Limitations of evidence", "A brief summary of the limitations of the evidence."),
    Item("A10", "Interpretation", "A general interpretation and important implications."),
    Item("A11", "Funding", "The primary source of funding."),
    Item("A12", "Registration", "Register name and number."),
]  # fmt: skip
CITED = (
    "Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement: an updated guideline for "
    "reporting systematic reviews. BMJ 2021;372:n71."
)
