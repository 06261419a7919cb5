"""The rows of screening, a file for each subject. Import them from here."""

from .bulk import BulkAct, BulkPart
from .consensus import Proposal, Remark
from .decisions import CriterionAnswer, Decision, Reason
from .desk import KeyChoice, Label, Labelling, Lease, MarkedWords
from .interests import Interest
from .lead import Relook
from .pilots import Pilot, PilotReport, PilotSeat
from .reading import Highlight, HighlightPlace
from .relevance import RankedOrder, StopCheck, Stopping, WordBag
from .reporting import ChecklistNote, Snapshot
from .sharing import Share, Sharing

__all__ = [
    "BulkAct",
    "BulkPart",
    "ChecklistNote",
    "CriterionAnswer",
    "Decision",
    "Highlight",
    "HighlightPlace",
    "Interest",
    "KeyChoice",
    "Label",
    "Labelling",
    "Lease",
    "MarkedWords",
    "Pilot",
    "PilotReport",
    "PilotSeat",
    "Proposal",
    "RankedOrder",
    "Reason",
    "Relook",
    "Remark",
    "Share",
    "Sharing",
    "Snapshot",
    "StopCheck",
    "Stopping",
    "WordBag",
]
