"""What the demo's invented search log says about its invented sources (PRISMA-S)."""

from typing import Any

NONE = "No limits were set."
MEDBASE = """1. (sex* adj3 (exploit* or traffick* or grooming)).ti,ab.
2. (youth* or adolescen* or child* or "young people").ti,ab.
3. (program* or service* or intervention* or model*).ti,ab.
4. exp Residential Care/ or "foster care".ti,ab.
5. 1 and 2 and (3 or 4)
6. limit 5 to yr="2000-Current\""""

# {source: fields of its search}. One source leaves gaps, as real logs do.
LOG: dict[str, dict[str, Any]] = {
    "MedBase": {
        "strategy": MEDBASE,
        "coverage": "1950 to 3 March 2025",
        "limits": "Published from 2000 on.",
        "limits_why": "The first programs of this kind were described after 2000.",
        "filters": "None.",
        "prior_work": "Lines 1 and 2 are adapted from the invented review of Amberby and Lindqvor (2017).",
        "updates": "A monthly e-mail alert runs until the review is handed in.",
        "peer_review": "A second librarian of the invented university reviewed it by PRESS 2015.",
    },
    "PsychIndex": {
        "coverage": "1887 to present",
        "databases": "PsychIndex and PsychIndex Theses, searched at once on the platform.",
        "limits": NONE,
        "filters": "None.",
        "prior_work": "Adapted from the string for MedBase.",
        "updates": "Run again on 3 March 2025; first run on 12 September 2024.",
    },
    "SocialCare Abstracts": {
        "limits": "English, French and German.",
        "limits_why": "The languages that the team reads.",
        "filters": "None.",
    },
    "YouthLit": {"address": "https://youthlit.example.org", "limits": NONE, "filters": "None."},
    "Child Welfare Exchange": {"address": "https://exchange.example.org/programs"},
}
# Hits that a source reported and of which nothing is known, so that the page has one to explain.
ASTRAY = {"SocialCare Abstracts": 2}

# {item of PRISMA-S: what the lead says about it for the whole review}.
NOTES = {
    5: "The reference lists of all included reports were read; nothing new was found.",
    6: "The first authors of 7 reports were written to; 4 answered.",
    14: "The string for MedBase was reviewed by PRESS before it was translated for the others.",
}
