"""The tree of program components."""

from django.urls import path

from . import views

app_name = "components"

urlpatterns = [
    # /r/<slug>/components/
    path("r/<slug:slug>/components/", views.tree, name="tree"),
    path("r/<slug:slug>/components/add/", views.add, name="add"),
    path("r/<slug:slug>/components/import/", views.bring_in, name="import"),
    path("r/<slug:slug>/components/components.json", views.export, {"format": "json"}, "json"),
    path("r/<slug:slug>/components/components.csv", views.export, {"format": "csv"}, "csv"),
    path("r/<slug:slug>/components/<int:pk>/", views.edit, name="edit"),
    path("r/<slug:slug>/components/<int:pk>/shift/", views.shift, name="shift"),
    path("r/<slug:slug>/components/<int:pk>/retire/", views.retire, name="retire"),
    path("r/<slug:slug>/components/<int:pk>/restore/", views.restore, name="restore"),
]
