"""Reviews, their people, protocol, log and jobs. Under /api/v1/."""

from django.urls import path

from . import jobs, log, people, protocol, reviews, webhooks

R = "reviews/<slug:slug>/"

urlpatterns = [
    path("reviews/", reviews.Reviews.as_view(), name="api_reviews"),
    path(R, reviews.OneReview.as_view(), name="api_review"),
    path(R + "criteria/", protocol.Criteria.as_view(), name="api_criteria"),
    path(R + "blind/open/", protocol.OpenBlind.as_view(), name="api_open_blind"),
    path(R + "blind/close/", protocol.CloseBlind.as_view(), name="api_close_blind"),
    path(R + "protocol/lock/", protocol.LockProtocol.as_view(), name="api_lock_protocol"),
    path(R + "members/", people.Members.as_view(), name="api_members"),
    path(R + "members/<int:pk>/", people.OneMember.as_view(), name="api_member"),
    path(R + "invitations/", people.Invitations.as_view(), name="api_invitations"),
    path(R + "invitations/<int:pk>/rescind/", people.Rescind.as_view(), name="api_rescind"),
    path(R + "audit/", log.Events.as_view(), name="api_audit"),
    path(R + "webhooks/", webhooks.Webhooks.as_view(), name="api_webhooks"),
    path(R + "webhooks/<int:pk>/", webhooks.OneWebhook.as_view(), name="api_webhook"),
    path(R + "webhooks/<int:pk>/test/", webhooks.TestWebhook.as_view(), name="api_test_webhook"),
    path(R + "messages/<int:pk>/send/", webhooks.SendAgain.as_view(), name="api_send_again"),
    path(R + "jobs/", jobs.Jobs.as_view(), name="api_jobs"),
    path(R + "jobs/<int:pk>/", jobs.OneJob.as_view(), name="api_job"),
    path(R + "jobs/<int:pk>/cancel/", jobs.CancelJob.as_view(), name="api_cancel_job"),
]
