"""Codebook, forms, adjudication and the table."""

import hashlib

from citations.models import FullText, Record, Report, Study
from components.models import Component
from extraction import actions, appraising, attaching, codebook
from extraction.models import ComponentEntry, Field
from reviews.models import Membership, User
from screening import flow
from screening.models import Decision

from . import LEAD, MEMBERS, Row

EXTRACTORS = "bo cy ed"
FILE = hashlib.sha256(b"A figure").hexdigest()
SETTLERS = "ada al"
STUDY = {"pk": "begun_study"}
FREE = {"pk": "free_study"}
GROUP = STUDY | {"field": "group"}
QUESTION = {"pk": "question"}
UP = {"to": "up"}
TOOL = {"pk": "tool"}

ROWS = {
    # The studies and their forms: only Bo has one.
    "extraction:studies": Row(MEMBERS),
    "extraction:study": Row(MEMBERS, objects=STUDY),
    "extraction:begin": Row(EXTRACTORS, 302, "post", objects=FREE),
    "extraction:form": [
        Row(EXTRACTORS, objects=STUDY, but={"cy": 302, "ed": 302}),
        Row(EXTRACTORS, 302, "post", objects=STUDY),
    ],
    "extraction:answer": Row("bo", 302, "post", objects=GROUP, but={"cy": 404, "ed": 404}),
    "extraction:item": Row("bo", 302, "post", objects=GROUP, but={"cy": 404, "ed": 404}),
    # Bo's form verifies nobody's: said so, and back.
    "extraction:confirm": Row("bo", 302, "post", objects=GROUP, but={"cy": 404, "ed": 404}),
    "extraction:confirm-component": Row(
        "bo", 302, "post", objects=GROUP | {"component": "coded"}, but={"cy": 404, "ed": 404}
    ),
    "extraction:find": Row(EXTRACTORS, objects=STUDY, args={"field": "1"}),
    "extraction:add-entry": Row("bo", 302, "post", objects=GROUP, but={"cy": 404, "ed": 404}),
    "extraction:entry": Row(
        "bo",
        302,
        "post",
        {"remove": "yes"},
        objects=STUDY | {"entry": "entry"},
        but={"cy": 404, "ed": 404},
    ),
    # Bo's file: others may have it once every form is in.
    "extraction:attached": Row("ada bo", forbidden=404, objects=STUDY, args={"sha256": FILE}),
    "extraction:reopen": Row("bo", 302, "post", objects=STUDY, but={"cy": 404, "ed": 404}),
    "extraction:set-aside": Row(
        "ada bo",
        302,
        "post",
        {"reason": "No time"},
        objects=STUDY | {"form": "form"},
        but={"cy": 404, "ed": 404},
    ),
    # Adjudication: the study waits for its second extractor, so it leads back.
    "extraction:adjudicate": Row(SETTLERS, 302, objects=STUDY),
    "extraction:settle-value": Row(SETTLERS, 302, "post", objects=GROUP),
    "extraction:settle-component": Row(
        SETTLERS, 302, "post", objects=GROUP | {"component": "coded"}
    ),
    # The codebook
    "extraction:codebook": Row(MEMBERS),
    "extraction:copy-codebook": Row(LEAD, 404, "post"),
    "extraction:preview": Row(MEMBERS),
    "extraction:start-codebook": Row(LEAD, 302, "post"),
    "extraction:publish": [Row(LEAD), Row(LEAD, 302, "post")],
    "extraction:add-template": Row(LEAD, 302, "post", {"template": "participants"}),
    "extraction:extractors": Row(LEAD, 302, "post", {"extractors": "1"}),
    "extraction:shift-section": Row(LEAD, 302, "post", UP | {"section": "Study"}),
    "extraction:add-field": [Row(LEAD), Row(LEAD, 422, "post")],
    "extraction:field": [Row(LEAD, objects=QUESTION), Row(LEAD, 422, "post", objects=QUESTION)],
    "extraction:shift-field": Row(LEAD, 302, "post", UP, objects=QUESTION),
    "extraction:retire-field": Row(LEAD, 302, "post", objects=QUESTION),
    "extraction:restore-field": Row(LEAD, 302, "post", objects=QUESTION),
    # Appraisal
    "extraction:appraisal": Row(MEMBERS),
    "extraction:choose-tool": Row(LEAD, 302, "post", objects=FREE, sent={"tool": "tool"}),
    "extraction:tools": Row(MEMBERS),
    "extraction:add-tool": Row(LEAD, 422, "post"),
    "extraction:tool": Row(MEMBERS, objects=TOOL),
    "extraction:designs": Row(LEAD, 302, "post", objects=TOOL),
    "extraction:wording": Row(LEAD, 422, "post", objects=TOOL),
    "extraction:score": Row(LEAD, 302, "post", objects=TOOL),
    "extraction:withdraw": Row(LEAD, 302, "post", {"again": "yes"}, objects=TOOL),
    "extraction:judgements": Row(MEMBERS, objects=TOOL),
    "extraction:judgements-file": Row(MEMBERS, objects=TOOL, args={"name": "judgements.csv"}),
    # What comes out
    "extraction:table": Row(MEMBERS),
    "extraction:agreement": Row(MEMBERS),
    "extraction:evidence": Row(MEMBERS, objects={"pk": "coded"}),
    "extraction:import-coding": Row(LEAD, 302, "post"),
    "extraction:row": Row(MEMBERS, 302),  # without a study it leads back to the table
    "extraction:file": Row(MEMBERS, args={"name": "tidier.csv"}),
    "extraction:components-csv": Row(MEMBERS),
    "extraction:evidence-csv": Row(MEMBERS),
    "extraction:fields-csv": Row(MEMBERS),
}


def seed(review, lead):
    """Two included studies, one of them begun by an extractor: Bo in Ada's review."""
    codebook.publish(codebook.start(review, by=lead, template="program-description"), by=lead)
    by = User.objects.filter(memberships__review=review, username="bo").first()
    if by is None:
        by = User.objects.create_user("bo-of-two", "bo@two.example", "x")
        Membership.objects.create(review=review, user=by, roles=["extractor"])
    begun, free = (_included(review, f"{name} of {review.slug}") for name in ("Begun", "Free"))
    form = actions.begin(begun, by=by)
    group = Field.objects.get(codebook__review=review, kind="component_group")
    coded = Component.objects.create(review=review, code="CODED", name="Coded")
    entry = actions.add_entry(form, group, coded, by=by, quote="Words.")
    asks = Field.objects.create(
        codebook=group.codebook, label="Figure", kind="file", since_version=1, order=900
    )
    attached = attaching.attach(form, asks, [b"A figure"], "figure.png", by=by)
    tool = appraising.add_tool(review, by=lead, kind="rob-2")
    assert ComponentEntry.objects.filter(pk=entry.pk).exists()
    return {
        "begun_study": begun,
        "free_study": free,
        "form": form,
        "attached": attached,
        "tool": tool,
        "group": group,
        "question": group.codebook.fields.first(),
        "coded": coded,
        "entry": entry,
    }


def _included(review, title):
    """A study whose report two people have included on full text."""
    people = [
        User.objects.get_or_create(username=f"{name}-{review.slug}", email=f"{name}@{review.slug}")[
            0
        ]
        for name in ("third", "fourth")
    ]
    report = Report.objects.create(review=review, title=title)
    Record.objects.create(review=review, search=review.searches.first(), report=report, title=title)
    FullText.objects.create(
        report=report, name="a.pdf", sha256="1" * 64, size=3, content_type="application/pdf"
    )
    for stage in ("abstract", "fulltext"):
        for user in people:
            Decision.objects.create(report=report, stage=stage, verdict="include", by=user)
    flow.settle(review, [report.pk])
    study = Study.objects.create(review=review, label=title)
    study.links.create(report=report)
    return study
