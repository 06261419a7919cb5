"""The review's home and the convergence matrix."""

from django.urls import path

from .views import matrix

app_name = "synthesis"

urlpatterns = [
    # /r/<slug>/matrix/
    path("r/<slug:slug>/matrix/", matrix.page, name="matrix"),
    path("r/<slug:slug>/matrix/<int:pk>/", matrix.topic, name="topic"),
    path("r/<slug:slug>/matrix/download/<str:kind>/", matrix.download, name="matrix_download"),
]
