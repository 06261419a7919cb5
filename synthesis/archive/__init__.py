"""A whole review as one file that any program can read, and back. The format: docs/archive.md."""
