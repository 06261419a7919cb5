"""Interviews. Under /api/v1/."""

from django.urls import path

from . import reading

R = "reviews/<slug:slug>/"

urlpatterns = [
    path(R + "transcripts/", reading.Transcripts.as_view(), name="api_transcripts"),
    path(R + "transcripts/<int:pk>/", reading.OneTranscript.as_view(), name="api_transcript"),
    path(R + "codings/", reading.Codings.as_view(), name="api_codings"),
    path(R + "codings/<int:pk>/", reading.OneCoding.as_view(), name="api_coding"),
    path(R + "themes/<int:pk>/", reading.OneTheme.as_view(), name="api_theme"),
    path(R + "themes/", reading.Themes.as_view(), name="api_themes"),
]
