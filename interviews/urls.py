"""Transcripts, coding and themes."""

from django.urls import path

from . import views

app_name = "interviews"

urlpatterns = [
    # /r/<slug>/interviews/
    path("r/<slug:slug>/interviews/", views.transcripts, name="transcripts"),
    path("r/<slug:slug>/interviews/add/", views.add, name="add"),
    path("r/<slug:slug>/interviews/<int:pk>/", views.transcript, name="transcript"),
    path("r/<slug:slug>/interviews/<int:pk>/code/", views.code, name="code"),
    path("r/<slug:slug>/codings/<int:pk>/remove/", views.remove_coding, name="remove_coding"),
    # /r/<slug>/themes/
    path("r/<slug:slug>/themes/", views.themes, name="themes"),
    path("r/<slug:slug>/themes/new/", views.theme, name="new_theme"),
    path("r/<slug:slug>/themes/<int:pk>/", views.theme, name="theme"),
]
