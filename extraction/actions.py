"""Every write about a form: begin, answer, hand in, reopen, set aside.

Locks, always in this order: the study when the number of its forms matters, then the form.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from citations.models import Report, Study
from components.models import Component
from reviews import audit, webhooks
from reviews.models import Review, User
from reviews.refusal import Clash, Refused
from screening import flow, interests

from . import appraisal, checking, kinds, repeating
from .adjudicating import locked_study, open_when_complete
from .forms import Answer
from .models import Codebook, ComponentEntry, Extraction, Field, Stance, Value
from .places import accept_box
from .repeating import Asking


@transaction.atomic
def begin(
    study: Study, *, by: User, tool: Codebook | None = None, despite_interest: str = ""
) -> Extraction:
    """Take a study: the form of `by`, theirs alone until it is handed in.

    The form is that of the extraction, or of an appraisal tool. Clash when as many people as it
    asks for have begun on it. Where one extracts and another verifies, the second form checks the
    first one, once that is handed in. Who has an interest in one of its reports says why they extract it
    all the same: small teams have nobody else, and the log tells.
    """
    study = locked_study(study)
    codebook = tool or Codebook.objects.of(study.review)
    if codebook is None or not codebook.version:
        raise Refused(f"{codebook or 'The codebook'} is not published yet.")
    forms = Extraction.objects.standing().filter(study=study, codebook=codebook)
    standing = list(forms.select_related("by"))
    for each in standing:
        if each.by_id == by.pk:
            return each
    if not flow.studies_in(study.review).filter(pk=study.pk).exists():
        raise Refused("This study is not among the included ones.")
    if tool is not None and study.pk not in appraisal.studies_of(tool):
        raise Refused(f"{tool} is not chosen for this study.")
    names = " and ".join(str(each.by) for each in standing)
    if any(each.opened_at for each in standing):
        raise Clash(
            f"{names} {'have' if len(standing) > 1 else 'has'} extracted this study already."
        )
    if len(standing) >= codebook.forms_a_study:
        have = "have" if len(standing) > 1 else "has"
        raise Clash(f"{names} {have} begun on this study; it needs nobody else.")
    verifies = standing[0] if codebook.verified and standing else None
    if verifies and verifies.submitted_at is None:
        raise Clash(f"{names} is extracting this study; it is verified once the form is handed in.")
    why = despite_interest.strip() if interests.in_study(study).filter(user=by).exists() else None
    if why == "":
        raise Refused(
            "A conflict of interest is declared for you on a report of this study. Leave it to "
            "others, or say why you do it all the same."
        )
    extraction = Extraction.objects.create(study=study, codebook=codebook, by=by, verifies=verifies)
    audit.record(
        study.review,
        f"began to verify an {codebook.purpose}" if verifies else _did("began", codebook),
        by=by,
        target=study,
        reason=f"Despite a declared interest: {why}" if why else "",
    )
    return extraction


def _did(verb: str, codebook: Codebook) -> str:
    return f"{verb} an {codebook.purpose}"


def locked_draft(extraction: Extraction, *, by: User) -> Extraction:
    """The form as it is now, held; Refused or Clash when `by` may not write in it."""
    extraction = (
        Extraction.objects.select_for_update(of=("self",))
        .select_related("study", "codebook")
        .get(pk=extraction.pk)
    )
    if extraction.by_id != by.pk:
        raise Refused("Only the person whose form it is can write in it.")
    if extraction.set_aside_at:
        raise Clash("This form was set aside.")
    if extraction.submitted_at:
        raise Clash("This form has been handed in; reopen it to change it.")
    return extraction


def asked_field(extraction: Extraction, field: Field) -> Field:
    """The question as it is now; Refused or Clash when the form does not ask it (any more)."""
    field = Field.objects.select_related("part_of").get(pk=field.pk)
    if field.codebook_id != extraction.codebook_id or field.since_version is None:
        raise Refused("That question is not on the form.")
    if field.retired_at or (field.part_of and field.part_of.retired_at):
        raise Clash(f"“{field.label}” is no longer asked.")
    return field


def _accepted(extraction: Extraction, field: Field, given: Any) -> Any:
    """`given` as it is stored; of a file its SHA-256 (or [name, SHA-256]) as [name, SHA-256]."""
    if field.kind != Field.Kind.FILE or given in (None, "", []):
        return kinds.accept(field, given)
    sha256 = given[-1] if isinstance(given, list) else given
    there = None
    if isinstance(sha256, str):  # only what was attached here: nobody gets at a file by its hash
        there = extraction.files.filter(field=field, sha256=kinds.storable(sha256)).first()
    if there is None:
        raise Refused("Send the file first: this question of the form has none like that.")
    return [there.name, there.sha256]


def _check_report(extraction: Extraction, report: Report | None) -> None:
    if report is not None and not extraction.study.links.filter(report=report).exists():
        raise Refused("That report does not tell of this study.")


@transaction.atomic
def save_value(
    extraction: Extraction,
    field: Field,
    given: Any,
    *,
    by: User,
    item: str = "",
    not_reported: bool = False,
    quote: str = "",
    page: str = "",
    box: Any = None,
    report: Report | None = None,
    seen: int | None = None,
) -> Value | None:
    """Record an answer; an earlier one is superseded, not changed. None: it was and is empty.

    `given` is a str, or a list of str for several of a list and for the items of a repeating
    group; of a file the SHA-256 of one that was attached to the form. `item` names the item that a question inside such a group is answered for. `seen` is the id of the answer that
    the person had on the screen (0: none); Clash when another window has saved a different one
    since. None for `seen` takes whatever stands.
    """
    extraction = locked_draft(extraction, by=by)
    field = asked_field(extraction, field)
    _check_report(extraction, report)
    item = repeating.check_item(extraction, field, item)
    value = _accepted(extraction, field, given)
    if not_reported and value is not None:
        raise Refused("Clear the answer, or untick “not reported”: it can't be both.")
    if not_reported and field.is_group and _standing_entries(extraction, field).exists():
        raise Refused("There are components on the form; remove them, or untick “not reported”.")
    said = {
        "value": value,
        "not_reported": not_reported,
        "quote": kinds.storable(quote).strip(),
        "page": kinds.accept_page(page),
        "box": accept_box(box, page.strip()),
        "report_id": report.pk if report else None,
    }
    standing = Value.objects.current().filter(extraction=extraction, field=field)
    earlier = next((each for each in standing if kinds.plain(each.item) == kinds.plain(item)), None)
    if earlier is None and not any(said.values()):
        return None
    if earlier is not None and said == {name: getattr(earlier, name) for name in said}:
        return earlier
    if seen is not None and seen != (earlier.pk if earlier else 0):
        there = kinds.shown(field, earlier.value, earlier.not_reported) if earlier else ""
        raise Clash(
            f"Another window saved “{there or 'nothing'}” here meanwhile. "
            "Save again to put what stands here in its place."
        )
    if earlier is not None:
        earlier.superseded_at = timezone.now()
        earlier.save(update_fields=["superseded_at"])
    return Value.objects.create(extraction=extraction, field=field, item=item, **said)


@transaction.atomic
def save_form(extraction: Extraction, answers: Iterable[Answer], *, by: User) -> None:
    """Save every answer that was changed on the screen; each stands or falls by itself.

    An answer that can't be taken keeps what was typed and gets its `error`. One that the screen
    shows as it was is left alone, whatever another window has saved meanwhile.
    """
    extraction = locked_draft(extraction, by=by)
    history = {value.pk: value for value in extraction.values.select_related("report")}
    for answer in answers:
        before = Answer.saved(answer.field, history.get(answer.seen), answer.item)
        if not answer.error and not answer.says_the_same(before):
            save_answer(extraction, answer, by=by)


def save_answer(extraction: Extraction, answer: Answer, *, by: User) -> None:
    """Save what stands on the screen, or put the reason why not into `answer.error`."""
    try:
        value = save_value(
            extraction,
            answer.field,
            answer.given,
            by=by,
            item=answer.item,
            not_reported=answer.not_reported,
            quote=answer.quote,
            page=answer.page,
            box=answer.box,
            report=answer.report,
            seen=answer.seen,
        )
    except Clash as clash:
        answer.error = str(clash)
        rows = extraction.values.filter(field=answer.field, superseded_at=None)
        standing = next((each for each in rows if kinds.plain(each.item) == answer.key), None)
        answer.seen = standing.pk if standing else 0
    except Refused as refusal:
        answer.error = str(refusal)
    else:
        answer.seen, answer.is_saved = value.pk if value else 0, True
        answer.file = value.file_name if value else ""


def _standing_entries(extraction: Extraction, field: Field) -> Any:
    return ComponentEntry.objects.current().filter(extraction=extraction, field=field)


@transaction.atomic
def add_entry(
    extraction: Extraction,
    field: Field,
    component: Component,
    *,
    by: User,
    stance: str = Stance.SUPPORTS,
    quote: str = "",
    page: str = "",
    box: Any = None,
    report: Report | None = None,
    note: str = "",
) -> ComponentEntry:
    """Record that the study has `component`. The very same entry again changes nothing."""
    extraction = locked_draft(extraction, by=by)
    field = asked_field(extraction, field)
    _check_report(extraction, report)
    if not field.is_group:
        raise Refused("That question does not ask for components.")
    if component.review_id != extraction.study.review_id:
        raise Refused("That component does not belong to this review.")
    # Who merges components holds the review's row: an entry stands before that or after it, and
    # never on a component that was merged away meanwhile.
    Review.objects.select_for_update(no_key=True).only("pk").get(pk=component.review_id)
    component = Component.objects.get(pk=component.pk)
    if component.retired_at or not component.is_codable:
        raise Refused(f"{component.code} can't be coded with.")
    said = _entry(stance=stance, quote=quote, page=page, box=box, report=report, note=note)
    words = {name: said[name] for name in said if name != "box"}
    same = _standing_entries(extraction, field).filter(component=component, **words).first()
    if same is not None:
        return same
    # Who finds a component takes "none is reported" back.
    Value.objects.current().filter(extraction=extraction, field=field, not_reported=True).update(
        superseded_at=timezone.now()
    )
    return ComponentEntry.objects.create(
        extraction=extraction, field=field, component=component, **said
    )


def _entry(
    *, stance: str, quote: str, page: str, box: Any, report: Report | None, note: str
) -> dict[str, Any]:
    if stance not in Stance.values:
        raise Refused("Choose how the study speaks of the component.")
    return {
        "stance": stance,
        "quote": kinds.storable(quote).strip(),
        "page": kinds.accept_page(page),
        "box": accept_box(box, page.strip()),
        "report": report,
        "note": kinds.storable(note).strip(),
    }


@transaction.atomic
def change_entry(
    entry: ComponentEntry,
    *,
    by: User,
    stance: str,
    quote: str = "",
    page: str = "",
    box: Any = None,
    report: Report | None = None,
    note: str = "",
) -> ComponentEntry:
    """Put another entry in the place of `entry`, which stays as it was, superseded."""
    extraction = locked_draft(entry.extraction, by=by)
    entry = ComponentEntry.objects.get(pk=entry.pk)
    if entry.superseded_at:
        raise Clash("Another window has changed or removed this component meanwhile.")
    _check_report(extraction, report)
    said = _entry(stance=stance, quote=quote, page=page, box=box, report=report, note=note)
    if said == {name: getattr(entry, name) for name in said}:
        return entry
    entry.superseded_at = timezone.now()
    entry.save(update_fields=["superseded_at"])
    return ComponentEntry.objects.create(
        extraction=extraction, field=entry.field, component=entry.component, **said
    )


@transaction.atomic
def remove_entry(entry: ComponentEntry, *, by: User) -> ComponentEntry:
    """Take an entry off the form; the row stays."""
    locked_draft(entry.extraction, by=by)
    entry = ComponentEntry.objects.get(pk=entry.pk)
    if entry.superseded_at is None:
        entry.superseded_at = timezone.now()
        entry.save(update_fields=["superseded_at"])
    return entry


def missing(extraction: Extraction) -> list[Asking]:
    """The required questions that `extraction` is asked and leaves empty; of one that verifies also
    the extractor's answers and components that were not looked at. 3 queries, 6 of such a one."""
    values = _standing(extraction)
    answered = {repeating.key_of(each) for each in values if not each.is_empty}
    entries = ComponentEntry.objects.current().filter(extraction=extraction)
    answered |= {(field, "") for field in entries.values_list("field_id", flat=True)}
    said = {repeating.key_of(each): each.value for each in values}
    unseen = {(each.field_id, "") for each in checking.components_of(extraction) if not each.state}
    wanted = set(checking.answers_of(extraction))  # whoever verifies looks at each answer
    return [
        each
        for each in _asked_in(extraction, values)
        if each.key in unseen
        or (
            (each.field.required or each.key in wanted)
            and each.key not in answered
            and repeating.holds(each, said)
        )
    ]


def _standing(extraction: Extraction) -> list[Value]:
    return list(Value.objects.current().filter(extraction=extraction).select_related("field"))


def _asked_in(extraction: Extraction, values: Iterable[Value]) -> list[Asking]:
    fields = list(extraction.codebook.fields.on_the_form())
    return repeating.asked_of(fields, repeating.items_of(values))


def _drop_unasked(extraction: Extraction) -> None:
    """Answers to questions whose condition does not hold (any more), or of an item that is off the
    list, don't count; they are kept as what was said before."""
    while True:  # one that goes may have decided about another
        values = _standing(extraction)
        said = {repeating.key_of(each): each.value for each in values}
        asked = _asked_in(extraction, values)
        held = {each.key for each in asked if repeating.holds(each, said)}
        on_the_form = {each.field.pk for each in asked}
        gone = [
            each.pk
            for each in values
            if repeating.key_of(each) not in held and (each.item or each.field_id in on_the_form)
        ]
        if not gone:
            return
        standing = Value.objects.current().filter(pk__in=gone)
        standing.update(superseded_at=timezone.now())


@transaction.atomic
def submit(extraction: Extraction, *, by: User) -> Extraction:
    """Hand the form in. With the last one that the study needs, the blind is lifted and what
    agrees is taken over."""
    study = locked_study(extraction.study)
    codebook = Codebook.objects.select_for_update(of=("self",)).get(pk=extraction.codebook_id)
    extraction = locked_draft(extraction, by=by)
    if empty := missing(extraction):
        names = ", ".join(str(each) for each in empty[:6])
        more = f" and {len(empty) - 6} more" if len(empty) > 6 else ""
        if extraction.verifies_id:
            raise Refused(f"Not looked at yet: {names}{more}. Confirm it, or put it right.")
        raise Refused(f"Still empty: {names}{more}. Answer, or tick “not reported”.")
    _drop_unasked(extraction)
    now = timezone.now()
    extraction.submitted_at = now
    extraction.first_submitted_at = extraction.first_submitted_at or now
    extraction.version = codebook.version
    extraction.save(update_fields=["submitted_at", "first_submitted_at", "version"])
    open_when_complete(study, codebook)
    audit.record(
        study.review,
        _did("handed in", codebook),
        by=by,
        target=study,
        after={"codebook version": codebook.version},
    )
    extraction.refresh_from_db()
    return extraction


@transaction.atomic
def reopen(extraction: Extraction, *, by: User, reason: str = "") -> Extraction:
    """Take one's form back to change it. Once others could see it, that needs a reason: what was
    settled from it becomes stale where it changes."""
    study = locked_study(extraction.study)
    extraction = (
        Extraction.objects.select_for_update(of=("self",))
        .select_related("codebook")
        .get(pk=extraction.pk)
    )
    if extraction.by_id != by.pk:
        raise Refused("Only the person whose form it is can reopen it.")
    if extraction.set_aside_at:
        raise Clash("This form was set aside.")
    if extraction.submitted_at is None:
        return extraction
    if extraction.opened_at and not reason.strip():
        raise Refused("Say why the form is reopened; what was settled from it may change.")
    extraction.submitted_at = None
    extraction.save(update_fields=["submitted_at"])
    audit.record(
        study.review,
        _did("reopened", extraction.codebook),
        by=by,
        target=study,
        reason=reason.strip(),
    )
    if extraction.opened_at:
        webhooks.tell(study.review, webhooks.FORM_AGAIN, study=study.pk)
    return extraction


@transaction.atomic
def set_aside(extraction: Extraction, *, by: User, reason: str) -> Extraction:
    """Give a study up (or, for a lead, take it from somebody who is gone), so that another can
    take it. The answers stay. Not once the study is open: then they have been weighed."""
    study = locked_study(extraction.study)
    codebook = Codebook.objects.select_for_update(of=("self",)).get(pk=extraction.codebook_id)
    extraction = (
        Extraction.objects.select_for_update(of=("self",))
        .select_related("by")
        .get(pk=extraction.pk)
    )
    if not reason.strip():
        raise Refused("Say why the form is set aside.")
    if extraction.set_aside_at is None and extraction.checks.standing().exists():
        raise Clash("Somebody verifies this form; set theirs aside first.")
    if extraction.opened_at:
        raise Clash("Every form of this study has been handed in; this one counts.")
    if extraction.set_aside_at is None:
        extraction.set_aside_at = timezone.now()
        extraction.save(update_fields=["set_aside_at"])
        open_when_complete(study, codebook)
        audit.record(
            study.review,
            "set an appraisal aside" if codebook.is_tool else "set an extraction aside",
            by=by,
            target=study,
            before={"extractor": str(extraction.by)},
            reason=reason.strip(),
        )
    return extraction
