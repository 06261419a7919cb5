"""Searches and uploads through the API."""
