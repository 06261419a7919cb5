"""Duplicates, screening, full texts and counts."""

from django.urls import URLPattern

app_name = "screening"

urlpatterns: list[URLPattern] = []
