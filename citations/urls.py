"""Searches, imports and records."""

from django.urls import URLPattern

app_name = "citations"

urlpatterns: list[URLPattern] = []
