"""Full texts as files: what kind they are, what they say, and whose they are. No Django here."""

from .reading import Document, NotReadable, Reader, read

__all__ = ["Document", "NotReadable", "Reader", "read"]
