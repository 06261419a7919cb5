"""The review's home, taking over a set-up, and the convergence matrix."""

from django.urls import path

from .views import home, matrix

app_name = "synthesis"

urlpatterns = [
    # /r/<slug>/
    path("r/<slug:slug>/", home.home, name="home"),
    path("r/<slug:slug>/copy/", home.copy, name="copy"),
    # /r/<slug>/matrix/
    path("r/<slug:slug>/matrix/", matrix.page, name="matrix"),
    path("r/<slug:slug>/matrix/<int:pk>/", matrix.topic, name="topic"),
    path("r/<slug:slug>/matrix/download/<str:kind>/", matrix.download, name="matrix_download"),
]
