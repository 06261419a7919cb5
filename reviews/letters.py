"""The mail we send ourselves. What concerns accounts is allauth's."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from .models import Invitation

log = logging.getLogger(__name__)


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Send `link` to the invited address; False when the mail server did not take it.

    Call it after the invitation is committed: it stands, with its link, whatever the mail does.
    """
    context = {
        "brand": settings.BRAND,
        "invitation": invitation,
        "review": invitation.review,
        "roles": [label.lower() for label in invitation.role_labels],
        "link": link,
    }
    subject = render_to_string("reviews/mail/invitation_subject.txt", context)
    text = render_to_string("reviews/mail/invitation.txt", context)
    try:
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    except (SMTPException, OSError):
        log.exception("invitation %s could not be sent by mail", invitation.pk)
        return False
    return True
