"""Extraction through the API."""
