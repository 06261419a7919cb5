"""Reviews and jobs. Under /api/v1/."""

from django.urls import path

from . import jobs, reviews

urlpatterns = [
    path("reviews/", reviews.Reviews.as_view(), name="api_reviews"),
    path("reviews/<slug:slug>/", reviews.OneReview.as_view(), name="api_review"),
    path("reviews/<slug:slug>/jobs/<int:pk>/", jobs.OneJob.as_view(), name="api_job"),
    path(
        "reviews/<slug:slug>/jobs/<int:pk>/cancel/", jobs.CancelJob.as_view(), name="api_cancel_job"
    ),
]
