"""The review's home, taking over a set-up, archives, and the convergence matrix."""

from django.urls import path

from .views import archive, home, matrix

app_name = "synthesis"

urlpatterns = [
    # /r/<slug>/
    path("r/<slug:slug>/", home.home, name="home"),
    path("r/<slug:slug>/copy/", home.copy, name="copy"),
    path("r/<slug:slug>/archive/", archive.page, name="archive"),
    path("r/<slug:slug>/archive/<int:pk>/", archive.download, name="archive_file"),
    # A review that begins with the set-up of an archive
    path("reviews/from-archive/", archive.begin, name="from_archive"),
    # /r/<slug>/matrix/
    path("r/<slug:slug>/matrix/", matrix.page, name="matrix"),
    path("r/<slug:slug>/matrix/<int:pk>/", matrix.topic, name="topic"),
    path("r/<slug:slug>/matrix/download/<str:kind>/", matrix.download, name="matrix_download"),
]
