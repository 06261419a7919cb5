"""The tree of program components."""

from django.urls import URLPattern

app_name = "components"

urlpatterns: list[URLPattern] = []
