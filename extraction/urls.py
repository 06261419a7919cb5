"""Codebook, extraction and adjudication."""

from django.urls import URLPattern

app_name = "extraction"

urlpatterns: list[URLPattern] = []
