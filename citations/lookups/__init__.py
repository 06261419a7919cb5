"""Asking registers on the network about a DOI: open copies and metadata. No Django here."""

from .fetching import Answer, NotFetched, fetch
from .sources import SOURCES, Copy, Said, ask

__all__ = ["SOURCES", "Answer", "Copy", "NotFetched", "Said", "ask", "fetch"]
