"""Reviews, their people, protocol, log and jobs. Under /api/v1/."""

from django.urls import path

from . import jobs, log, people, protocol, reviews

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
    path(R + "jobs/", jobs.Jobs.as_view(), name="api_jobs"),
    path(R + "jobs/<int:pk>/", jobs.OneJob.as_view(), name="api_job"),
    path(R + "jobs/<int:pk>/cancel/", jobs.CancelJob.as_view(), name="api_cancel_job"),
]
