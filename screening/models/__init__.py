"""The rows of screening, a file for each subject. Import them from here."""

from .decisions import Decision, Reason
from .desk import KeyChoice, Label, Labelling, Lease, MarkedWords
from .lead import Relook
from .reporting import Snapshot

__all__ = [
    "Decision",
    "KeyChoice",
    "Label",
    "Labelling",
    "Lease",
    "MarkedWords",
    "Reason",
    "Relook",
    "Snapshot",
]
