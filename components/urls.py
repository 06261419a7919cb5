"""The tree of program components."""

from django.urls import path

from .views import exchange, history, reshape, tree

app_name = "components"

urlpatterns = [
    # /r/<slug>/components/
    path("r/<slug:slug>/components/", tree.tree, name="tree"),
    path("r/<slug:slug>/components/add/", tree.add, name="add"),
    path("r/<slug:slug>/components/import/", exchange.bring_in, name="import"),
    path("r/<slug:slug>/components/components.json", exchange.export, {"format": "json"}, "json"),
    path("r/<slug:slug>/components/components.csv", exchange.export, {"format": "csv"}, "csv"),
    path("r/<slug:slug>/components/components.qdc", exchange.export, {"format": "qdc"}, "qdc"),
    path("r/<slug:slug>/components/components.docx", exchange.export, {"format": "docx"}, "docx"),
    path("r/<slug:slug>/components/<int:pk>/", tree.edit, name="edit"),
    path("r/<slug:slug>/components/history/", history.history, name="history"),
    path("r/<slug:slug>/components/history/<int:pk>/undo/", history.undo, name="undo"),
    path("r/<slug:slug>/components/versions/", history.list_versions, name="versions"),
    path("r/<slug:slug>/components/versions/freeze/", history.freeze, name="freeze"),
    path("r/<slug:slug>/components/versions/draft/", history.begin, name="draft"),
    path("r/<slug:slug>/components/<int:pk>/place/", tree.place, name="place"),
    path("r/<slug:slug>/components/<int:pk>/merge/", reshape.merge, name="merge"),
    path("r/<slug:slug>/components/<int:pk>/split/", reshape.split, name="split"),
    path("r/<slug:slug>/components/<int:pk>/recode/", reshape.recode, name="recode"),
    path("r/<slug:slug>/components/<int:pk>/shift/", tree.shift, name="shift"),
    path("r/<slug:slug>/components/<int:pk>/retire/", tree.retire, name="retire"),
    path("r/<slug:slug>/components/<int:pk>/restore/", tree.restore, name="restore"),
]
