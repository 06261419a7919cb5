"""Reviews, people and protocol."""

from django.urls import path

from .views import account, log, overview, people, setup, webhooks, work

app_name = "reviews"

urlpatterns = [
    # /
    path("", overview.reviews, name="list"),
    # /reviews/
    path("reviews/new/", overview.new, name="new"),
    path("reviews/others/", overview.others, name="others"),
    # /accounts/me/
    path("accounts/me/", account.me, name="me"),
    path("accounts/me/tokens/", account.tokens, name="tokens"),
    path("accounts/me/token/", account.make_token, name="make_token"),
    path("accounts/me/tokens/<int:pk>/revoke/", account.revoke_token, name="revoke_token"),
    path("accounts/me/token/revoke/", account.revoke_early_token, name="revoke_early_token"),
    # /invitations/
    path("invitations/<str:token>/", people.invitation, name="invitation"),
    path("invitations/<str:token>/accept/", people.accept, name="accept"),
    # /r/<slug>/setup/
    path("r/<slug:slug>/setup/", setup.setup, name="setup"),
    path("r/<slug:slug>/setup/question/", setup.question, name="set_question"),
    path("r/<slug:slug>/setup/criteria/", setup.criteria, name="set_criteria"),
    path("r/<slug:slug>/setup/open-blind/", setup.open_blind, name="open_blind"),
    path("r/<slug:slug>/setup/close-blind/", setup.close_blind, name="close_blind"),
    # /r/<slug>/team/ and /r/<slug>/members/
    path("r/<slug:slug>/team/", people.team, name="team"),
    path("r/<slug:slug>/members/", people.members, name="members"),
    path("r/<slug:slug>/members/invite/", people.invite, name="invite"),
    path("r/<slug:slug>/members/invitations/<int:pk>/rescind/", people.rescind, name="rescind"),
    path("r/<slug:slug>/members/<int:pk>/roles/", people.roles, name="roles"),
    path("r/<slug:slug>/members/<int:pk>/remove/", people.remove, name="remove"),
    # /r/<slug>/webhooks/
    path("r/<slug:slug>/webhooks/", webhooks.page, name="webhooks"),
    path("r/<slug:slug>/webhooks/<int:pk>/", webhooks.one, name="webhook"),
    path("r/<slug:slug>/webhooks/<int:pk>/test/", webhooks.test, name="test_webhook"),
    path("r/<slug:slug>/webhooks/<int:pk>/end/", webhooks.end, name="end_webhook"),
    path("r/<slug:slug>/webhooks/messages/<int:pk>/send/", webhooks.send_again, name="send_again"),
    # /r/<slug>/audit/ and /r/<slug>/jobs/
    path("r/<slug:slug>/audit/", log.audit_log, name="audit"),
    path("r/<slug:slug>/jobs/<int:pk>/", work.job, name="job"),
    path("r/<slug:slug>/jobs/<int:pk>/cancel/", work.cancel, name="cancel_job"),
]
