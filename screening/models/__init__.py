"""The rows of screening, a file for each subject. Import them from here."""

from .decisions import Decision, Reason
from .desk import KeyChoice, Label, Labelling, Lease, MarkedWords
from .lead import Relook
from .pilots import Pilot, PilotReport
from .reading import Highlight, HighlightPlace

__all__ = [
    "Decision",
    "Highlight",
    "HighlightPlace",
    "KeyChoice",
    "Label",
    "Labelling",
    "Lease",
    "MarkedWords",
    "Pilot",
    "PilotReport",
    "Reason",
    "Relook",
]
