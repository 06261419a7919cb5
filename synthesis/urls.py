"""The review's home, taking over a set-up, archives, and the convergence matrix."""

from django.urls import path

from .views import archive, home, matrix, restore

app_name = "synthesis"

urlpatterns = [
    # /r/<slug>/
    path("r/<slug:slug>/", home.home, name="home"),
    path("r/<slug:slug>/copy/", home.copy, name="copy"),
    path("r/<slug:slug>/archive/", archive.page, name="archive"),
    path("r/<slug:slug>/archive/<int:pk>/", archive.download, name="archive_file"),
    # A review that begins with the set-up of an archive
    path("reviews/from-archive/", archive.begin, name="from_archive"),
    # A review restored whole
    path("reviews/restore/", restore.begin, name="restore"),
    path("reviews/restore/<int:pk>/", restore.progress, name="restoring"),
    path("reviews/restore/<int:pk>/stop/", restore.stop, name="stop_restoring"),
    # /r/<slug>/matrix/
    path("r/<slug:slug>/matrix/", matrix.page, name="matrix"),
    path("r/<slug:slug>/matrix/<int:pk>/", matrix.topic, name="topic"),
    path("r/<slug:slug>/matrix/download/<str:kind>/", matrix.download, name="matrix_download"),
]
