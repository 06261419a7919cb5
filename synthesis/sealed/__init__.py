"""Zips that are believed whole or not at all: an archive of a review, a backup of an installation.

Each member has its hash in `manifest.json`, and the comment at the end of the zip holds the hash of
all the bytes before it.
"""
