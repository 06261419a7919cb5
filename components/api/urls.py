"""The tree of components. Under /api/v1/."""

from django.urls import path

from . import tree

R = "reviews/<slug:slug>/components/"

urlpatterns = [
    path(R, tree.Components.as_view(), name="api_components"),
    path(R + "<int:pk>/", tree.OneComponent.as_view(), name="api_component"),
    path(R + "<int:pk>/retire/", tree.Retire.as_view(), name="api_retire_component"),
    path(R + "<int:pk>/restore/", tree.Restore.as_view(), name="api_restore_component"),
]
