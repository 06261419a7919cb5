"""The review's home and the convergence matrix."""

from django.urls import URLPattern

app_name = "synthesis"

urlpatterns: list[URLPattern] = []
