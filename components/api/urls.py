"""The tree of components. Under /api/v1/."""

from django.urls import path

from . import exchange, recoding, reshape, tree, versions

R = "reviews/<slug:slug>/components/"

urlpatterns = [
    path(R, tree.Components.as_view(), name="api_components"),
    path(R + "<int:pk>/", tree.OneComponent.as_view(), name="api_component"),
    path(R + "<int:pk>/retire/", tree.Retire.as_view(), name="api_retire_component"),
    path(R + "<int:pk>/restore/", tree.Restore.as_view(), name="api_restore_component"),
    path(R + "<int:pk>/place/", reshape.Place.as_view(), name="api_place_component"),
    path(R + "<int:pk>/shift/", reshape.Shift.as_view(), name="api_shift_component"),
    path(R + "<int:pk>/merge/", reshape.Merge.as_view(), name="api_merge_component"),
    path(R + "<int:pk>/split/", reshape.Split.as_view(), name="api_split_component"),
    path(R + "<int:pk>/recode/", recoding.Queue.as_view(), name="api_recode"),
    path(R + "file/", exchange.Exchange.as_view(), name="api_components_file"),
    path(R + "file/loss/", exchange.Loss.as_view(), name="api_components_loss"),
    path(R + "versions/", versions.Versions.as_view(), name="api_tree_versions"),
    path(R + "versions/freeze/", versions.Freeze.as_view(), name="api_freeze_tree"),
    path(R + "versions/differences/", versions.Differences.as_view(), name="api_tree_differences"),
    path(R + "versions/<str:name>/", versions.OneVersion.as_view(), name="api_tree_version"),
    path(R + "events/", reshape.Events.as_view(), name="api_tree_events"),
    path(R + "events/<int:pk>/undo/", reshape.Undo.as_view(), name="api_undo_tree_event"),
]
