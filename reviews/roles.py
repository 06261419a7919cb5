"""The roles a member can hold, and what each is for. What they may do stands in access.py."""

from django.db.models import TextChoices


class Role(TextChoices):
    LEAD = "lead", "Lead"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    SCREENER = "screener", "Screener"
    EXTRACTOR = "extractor", "Extractor"
    ANALYST = "analyst", "Analyst"
    VIEWER = "viewer", "Viewer"


# What a role is for, in the words of the form that gives it.
ROLE_SAYS = {
    Role.LEAD: "sets the review up, invites people and sees every decision, but casts none",
    Role.ADJUDICATOR: "settles conflicts between reviewers and answers questions about duplicates",
    Role.SCREENER: "decides on reports, blind to the other reviewers",
    Role.EXTRACTOR: "extracts data from included studies, blind to the other extractor",
    Role.ANALYST: "reads and codes interviews, and judges convergence",
    Role.VIEWER: "looks at everything that is open to all, and changes nothing",
}
