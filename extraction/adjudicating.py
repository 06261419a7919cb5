"""Every write about what holds for a study: taken over where extractors agree, settled by a person
where they don't, or imported from a coding that was finished elsewhere.

The study's row is what is locked. Rows are appended; a settled value that is settled anew keeps
the old row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from citations.models import Study
from components.models import Component
from reviews import audit, webhooks
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from . import kinds
from .comparing import Comparison, ComponentLine, FieldLine, compare
from .models import (
    AdjudicatedComponent,
    AdjudicatedEntry,
    AdjudicatedValue,
    Codebook,
    ComponentEntry,
    Extraction,
    Field,
    Side,
    Stance,
)
from .repeating import named


def locked_study(study: Study) -> Study:
    return Study.objects.select_for_update(of=("self",)).select_related("review").get(pk=study.pk)


def open_when_complete(study: Study, codebook: Codebook) -> None:
    """Lift the blind of `study` once it has all its forms, and take over what agrees.

    Call it under the study's lock after each act that may have completed it. A draft in somebody's
    hands keeps the study closed even when fewer forms would do: its author must stay blind.
    """
    standing = list(Extraction.objects.standing().filter(study=study, codebook=codebook))
    if not standing or any(each.submitted_at is None for each in standing):
        return
    if len(standing) < codebook.forms_a_study and not any(each.opened_at for each in standing):
        return
    now = timezone.now()
    is_first = not any(each.opened_at for each in standing)
    for each in standing:
        if each.opened_at is None:
            each.opened_at = now
            each.save(update_fields=["opened_at"])
    _take_over(compare(study, codebook))
    if is_first and codebook.purpose == Codebook.Purpose.EXTRACTION:
        webhooks.tell(study.review, webhooks.EXTRACTED, study=study.pk)


def _take_over(comparison: Comparison) -> None:
    """Settle every open line on which the forms say the same, and what is left out with an item
    of a repeating group that does not hold."""
    for each in comparison.lines:
        is_back = each.settled is not None and each.settled.side == Side.LEFT_OUT
        if is_back and each.group and each.group.settled_items and not each.is_left_out:
            _supersede(each.settled)  # its item holds again: what was said of it counts again
            each.settled = None
    for line in comparison.open_lines:
        if isinstance(line, FieldLine) and line.is_left_out:
            _settle_line(comparison.study, line, side=Side.LEFT_OUT, value=None, not_reported=False)
        elif line.same:
            side = Side.ONLY if line.is_single else Side.AGREED
            if isinstance(line, FieldLine):
                taken = line.first or line.second
                _settle_line(
                    comparison.study,
                    line,
                    side=side,
                    value=taken.value if taken else None,
                    not_reported=taken.not_reported if taken else False,
                )
            else:
                _settle_component_line(
                    comparison.study, line, side=side, quotes=_both(line.first, line.second)
                )


def _settle_line(
    study: Study,
    line: FieldLine,
    *,
    side: str,
    value: Any,
    not_reported: bool,
    by: User | None = None,
    reason: str = "",
    same_as: dict[str, str] | None = None,
) -> AdjudicatedValue:
    _supersede(line.settled)
    line.settled = AdjudicatedValue.objects.create(
        study=study,
        field=line.field,
        item=line.item,
        same_as=same_as or {},
        value=value,
        not_reported=not_reported,
        side=side,
        reason=reason,
        by=by,
        first_value=line.first,
        second_value=line.second,
    )
    return line.settled


@dataclass(frozen=True)
class Quote:
    """What an entry says, wherever it is from."""

    stance: str
    quote: str = ""
    page: str = ""
    report_id: int | None = None
    note: str = ""
    box: tuple[float, ...] = ()


def _of(entries: Iterable[ComponentEntry | AdjudicatedEntry]) -> list[Quote]:
    return [
        Quote(each.stance, each.quote, each.page, each.report_id, each.note, tuple(each.box))
        for each in entries
    ]


def _both(first: Sequence[ComponentEntry], second: Sequence[ComponentEntry]) -> list[Quote]:
    """The quotes of both, one that both chose once."""
    kept: dict[tuple[str, str, str, int | None], Quote] = {}
    for quote in [*_of(first), *_of(second)]:
        kept.setdefault(
            (quote.stance, kinds.plain(quote.quote), quote.page, quote.report_id), quote
        )
    return list(kept.values())


def _settle_component_line(
    study: Study,
    line: ComponentLine,
    *,
    side: str,
    quotes: Sequence[Quote],
    by: User | None = None,
    reason: str = "",
) -> AdjudicatedComponent:
    _supersede(line.settled)
    settled = AdjudicatedComponent.objects.create(
        study=study, field=line.field, component=line.component, side=side, reason=reason, by=by
    )
    settled.basis.set([*line.first, *line.second])
    _write(settled, quotes)
    return settled


def _write(settled: AdjudicatedComponent, quotes: Sequence[Quote]) -> None:
    AdjudicatedEntry.objects.bulk_create(
        AdjudicatedEntry(
            settled=settled,
            stance=quote.stance,
            quote=quote.quote,
            page=quote.page,
            box=list(quote.box),
            report_id=quote.report_id,
            note=quote.note,
        )
        for quote in quotes
    )


def _supersede(earlier: AdjudicatedValue | AdjudicatedComponent | None) -> None:
    if earlier is not None:
        earlier.superseded_at = timezone.now()
        earlier.save(update_fields=["superseded_at"])


# --- A person settles ------------------------------------------------------------------------


def may_settle(comparison: Comparison, by: User) -> bool:
    """Whether `by`, who adjudicates, may settle this study: by the codebook's setting not when
    one of its forms is theirs."""
    if not comparison.codebook.third_person:
        return True
    return all(each.by_id != by.pk for each in comparison.extractions)


def _ready(comparison: Comparison, by: User) -> None:
    if not may_settle(comparison, by):
        raise Refused("You extracted this study; a third person settles it.")
    if not comparison.is_opened:
        raise Refused("This study waits for its extractors; there is nothing to settle yet.")
    if comparison.reopened:
        names = " and ".join(str(each.by) for each in comparison.reopened)
        raise Clash(f"{names} has reopened the form; settle it once it is handed in again.")


def _not_overtaken(line: FieldLine | ComponentLine, seen: int | None) -> None:
    """Clash when somebody settled `line` after the person had last seen it (as row `seen`)."""
    if line.settled is not None and line.settled.pk != seen:
        who = line.settled.by or "The comparison"
        raise Clash(f"{who} has settled this already; look at it before you change it.")


def _reason_for(side: str, reason: str) -> str:
    reason = kinds.storable(reason).strip()
    if side == Side.OTHER and not reason:
        raise Refused("Give a reason for an answer that neither extractor gave.")
    return reason


@transaction.atomic
def settle_value(
    study: Study,
    field: Field,
    side: str,
    *,
    by: User,
    item: str = "",
    basis: Sequence[int | None] | None = None,
    seen: int | None = None,
    given: Any = None,
    not_reported: bool = False,
    reason: str = "",
    same_as: dict[str, str] | None = None,
) -> AdjudicatedValue:
    """Say which answer holds: first, second, both (of several of a list, or of the items of a
    repeating group) or other. `item` names the item that a question of such a group is asked for.

    `basis` are the ids of the two values and `seen` that of the settled one which the person had
    before them; Clash when either has changed since. For "other", `given` is the answer (or
    `not_reported`) and a reason is needed. `same_as` says of a repeating group which items of the
    two are the same under different names: {B's name: A's name}. Once it is settled which items hold,
    what was said of the others is left out with them.
    """
    study = locked_study(study)
    comparison = compare(study, Codebook.objects.get(pk=field.codebook_id))
    _ready(comparison, by)
    line = comparison.line(field, item)
    if line is None:
        raise Refused("That question is not on the form.")
    if line.waits:
        raise Refused(f"Settle first whether “{item}” holds.")
    if basis is not None and tuple(basis) != line.basis:
        raise Clash("An extractor has changed the answer since you opened this page.")
    reason = _reason_for(side, reason)
    pairs = _pairs(line, same_as or {})
    value, not_reported = _chosen(line, side, given, not_reported, pairs)
    settled = line.settled
    if (
        settled is not None
        and not line.is_stale
        and (settled.side, settled.value, settled.not_reported, settled.reason, settled.same_as)
        == (side, value, not_reported, reason, pairs)
    ):
        return settled  # the same word again changes nothing
    _not_overtaken(line, seen)
    before = settled.same_as if settled else {}
    made = _settle_line(
        study,
        line,
        side=side,
        value=value,
        not_reported=not_reported,
        by=by,
        reason=reason,
        same_as=pairs,
    )
    if field.is_repeating:
        if before != pairs:  # other items stand beside each other: what was settled is settled anew
            parts = AdjudicatedValue.objects.current().filter(study=study, field__part_of=field)
            parts.update(superseded_at=timezone.now())
        _take_over(compare(study, comparison.codebook))
    audit.record(
        study.review,
        "settled a value",
        by=by,
        target=study,
        before=_said(settled),
        after=_said(made) | {"question": line.title},
        reason=reason,
    )
    return made


def _said(settled: AdjudicatedValue | None) -> dict[str, Any]:
    if settled is None:
        return {}
    return {"value": settled.value, "not_reported": settled.not_reported, "side": settled.side}


def _pairs(line: FieldLine, same_as: dict[str, str]) -> dict[str, str]:
    """{B's name, plain: A's name} of items that only one of them has each."""
    if not same_as:
        return {}
    if not line.field.is_repeating:
        raise Refused("Only the items of a repeating group can be the same under two names.")
    first, second = [(each.value if each else None) or [] for each in (line.first, line.second)]
    pairs: dict[str, str] = {}
    for other, one in same_as.items():
        name, its = named(first, one), named(second, other)
        if name is None or its is None or named(first, other) or named(second, one):
            raise Refused(f"“{other}” and “{one}” are not items that one of them has each.")
        if name in pairs.values():
            raise Refused(f"“{name}” is the same as one item only.")
        pairs[kinds.plain(its)] = name
    return pairs


def _chosen(
    line: FieldLine, side: str, given: Any, not_reported: bool, pairs: dict[str, str]
) -> tuple[Any, bool]:
    """(value, not reported) of the side that was chosen."""
    if side in (Side.FIRST, Side.SECOND):
        taken = line.first if side == Side.FIRST else line.second
        return (taken.value, taken.not_reported) if taken else (None, False)
    if side == Side.BOTH and line.field.is_repeating:
        names: dict[str, str] = {}
        for taken in (line.first, line.second):
            for name in (taken.value if taken else None) or []:
                shown = pairs.get(kinds.plain(name), name)
                names.setdefault(kinds.plain(shown), shown)
        return list(names.values()) or None, False
    if side == Side.BOTH:
        if line.field.kind != Field.Kind.MULTIPLE:
            raise Refused("Both can hold where several of a list may be chosen, and nowhere else.")
        either = {
            choice for taken in (line.first, line.second) if taken for choice in taken.value or []
        }
        return [choice for choice in line.field.choices if choice in either] or None, False
    if side == Side.OTHER:
        value = kinds.accept(line.field, given)
        if not_reported and value is not None:
            raise Refused("It is either a value or “not reported”.")
        return value, not_reported
    raise Refused("Choose A, B, both or other.")


@transaction.atomic
def settle_component(
    study: Study,
    field: Field,
    component: Component,
    side: str,
    *,
    by: User,
    basis: Iterable[int] | None = None,
    seen: int | None = None,
    stance: str = "",
    quote: str = "",
    page: str = "",
    reason: str = "",
) -> AdjudicatedComponent:
    """Say whether a component counts for the study: as A has it, as B has it, with the quotes of
    both, or otherwise: with `stance` and `quote`, or (without a stance) not at all.

    An extractor who has no entry says that the component is not there.
    """
    study = locked_study(study)
    comparison = compare(study, Codebook.objects.get(pk=field.codebook_id))
    _ready(comparison, by)
    line = next(
        (
            line
            for line in comparison.component_lines
            if line.field.pk == field.pk and line.component.pk == component.pk
        ),
        None,
    )
    if line is None:
        raise Refused("Nobody has found that component in this study.")
    if basis is not None and set(basis) != line.basis:
        raise Clash("An extractor has changed the entries since you opened this page.")
    reason = _reason_for(side, reason)
    if side == Side.FIRST:
        quotes = _of(line.first)
    elif side == Side.SECOND:
        quotes = _of(line.second)
    elif side == Side.BOTH:
        quotes = _both(line.first, line.second)
    elif side == Side.OTHER:
        if stance and stance not in Stance.values:
            raise Refused("Choose how the study speaks of the component.")
        told = Quote(stance, kinds.storable(quote).strip(), kinds.accept_page(page))
        quotes = [told] if stance else []
    else:
        raise Refused("Choose A, B, both or other.")
    if line.settled is not None and not line.is_stale and _same(line.settled, side, quotes, reason):
        return line.settled
    _not_overtaken(line, seen)
    before = {"side": line.settled.side} if line.settled else {}
    made = _settle_component_line(study, line, side=side, quotes=quotes, by=by, reason=reason)
    after = {"component": component.code, "side": side, "stances": [q.stance for q in quotes]}
    audit.record(
        study.review,
        "settled a component",
        by=by,
        target=study,
        before=before,
        after=after,
        reason=reason,
    )
    return made


def _same(settled: AdjudicatedComponent, side: str, quotes: Sequence[Quote], reason: str) -> bool:
    there = _of(settled.entries.all())
    return (settled.side, settled.reason, there) == (side, reason, list(quotes))


# --- Finished codings ------------------------------------------------------------------------


@dataclass(frozen=True)
class Coding:
    """One row of a finished coding. `study` is the study's label in the review."""

    study: str
    code: str
    stance: str
    page: str = ""
    quote: str = ""


@transaction.atomic
def import_codings(review: Review, codings: Iterable[Coding], *, by: User) -> int:
    """Take over a coding that was finished elsewhere, as settled. Returns the quotes added.

    All or nothing: Refused with every row that can't be read. The same rows again add none; a
    component that people have settled here is not touched, but refused.
    """
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    field = _component_field(review)
    studies: dict[str, Study] = {}
    namesakes: set[str] = set()
    for study in Study.objects.filter(review=review):
        if studies.setdefault(study.label, study) != study:
            namesakes.add(study.label)
    components = {each.code: each for each in review.components.all()}
    wanted: dict[tuple[int, int], list[Quote]] = {}
    faults: list[str] = []
    for number, row in enumerate(codings, start=1):
        found, component = studies.get(row.study), components.get(row.code)
        if found is None:
            faults.append(f"row {number}: there is no study “{row.study}”")
        elif row.study in namesakes:
            faults.append(f"row {number}: several studies are called “{row.study}”")
        elif component is None or not component.is_codable:
            faults.append(f"row {number}: “{row.code}” is no component that can be coded")
        elif row.stance not in Stance.values:
            faults.append(f"row {number}: “{row.stance}” is no stance")
        else:
            quote = kinds.storable(row.quote).strip()
            told = Quote(row.stance, quote, kinds.accept_page(row.page))
            quotes = wanted.setdefault((found.pk, component.pk), [])
            if told not in quotes:
                quotes.append(told)
    standing = {
        (each.study_id, each.component_id): each
        for each in AdjudicatedComponent.objects.current()
        .filter(field=field, study__in=list(studies.values()))
        .prefetch_related("entries")
    }
    by_id = {each.pk: each for each in components.values()}
    labels = {study.pk: study.label for study in studies.values()}
    added = 0
    for (study_id, component_id), quotes in wanted.items():
        earlier = standing.get((study_id, component_id))
        if earlier is None:
            added += len(quotes)
        elif not _same(earlier, Side.IMPORTED, quotes, ""):
            faults.append(
                f"{by_id[component_id].code} of “{labels[study_id]}” is settled already, otherwise"
            )
    if faults:
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise Refused(f"Nothing was imported: {'; '.join(faults[:5])}{more}.")
    for (study_id, component_id), quotes in wanted.items():
        if (study_id, component_id) not in standing:
            settled = AdjudicatedComponent.objects.create(
                study_id=study_id,
                field=field,
                component_id=component_id,
                side=Side.IMPORTED,
                by=by,
            )
            _write(settled, quotes)
    if added:
        audit.record(
            review, "imported a finished coding", by=by, target=field, after={"quotes": added}
        )
    return added


def _component_field(review: Review) -> Field:
    """The first question of the codebook that asks for components."""
    codebook = Codebook.objects.of(review)
    field = (
        codebook.fields.on_the_form().filter(kind=Field.Kind.COMPONENT_GROUP).first()
        if codebook
        else None
    )
    if field is None:
        raise Refused("The codebook has no published question about program components.")
    return field
