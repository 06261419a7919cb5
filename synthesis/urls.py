"""The review's home and the convergence matrix."""

from django.urls import path

from . import views

app_name = "synthesis"

urlpatterns = [
    # /r/<slug>/
    path("r/<slug:slug>/", views.home, name="home"),
    path("r/<slug:slug>/copy/", views.copy, name="copy"),
]
