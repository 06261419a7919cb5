"""Agreement between extractors on what they first handed in, before they could see each other."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from reviews.models import Review, User

from . import agreement
from .kinds import normal, plain
from .models import AdjudicatedValue, Codebook, ComponentEntry, Extraction, Field, Value

CATEGORIES = [
    Field.Kind.SINGLE,
    Field.Kind.YES_NO_UNCLEAR,
    Field.Kind.SCALE,
    Field.Kind.JUDGEMENT,
    Field.Kind.OVERALL,
]
NUMBERS = [Field.Kind.INTEGER, Field.Kind.NUMBER]


@dataclass(frozen=True)
class Line:
    """A field with its figures; one of the two is None."""

    field: Field
    answers: agreement.Agreed | None = None
    sets: agreement.AgreedSets | None = None

    @property
    def has_categories(self) -> bool:
        return self.field.kind in CATEGORIES


def board(
    review: Review,
    pair: tuple[int, int] | None = None,
    codebook: Codebook | None = None,
    *,
    version: int | None = None,
    tolerance: Decimal = Decimal(0),
) -> list[Line]:
    """The figures of every field over the studies that two people have extracted, or over those
    that `pair` (ids of two people) has. 6 queries. With `version` only what both handed in under
    that version; numbers are the same within `tolerance` percent of the larger one, or within that
    of the question where it is wider.

    "Not reported" is an answer of its own and so is an empty one; both chose a set of no options.
    """
    codebook = codebook or Codebook.objects.filter(review=review, purpose="extraction").first()
    if codebook is None:
        return []
    pairs = [
        each
        for who, found in _pairs(codebook, version).items()
        if pair in (None, who)
        for each in found
    ]
    forms = {pk for pair in pairs for pk in pair}
    # As they stood at the moment in which the blind was lifted.
    then = Q(at__lte=F("extraction__opened_at")) & (
        Q(superseded_at=None) | Q(superseded_at__gt=F("extraction__opened_at"))
    )
    values: dict[tuple[int, int, str], Value] = {
        (value.extraction_id, value.field_id, plain(value.item)): value
        for value in Value.objects.filter(then, extraction__in=forms)
    }
    found: dict[tuple[int, int], set[Hashable]] = defaultdict(set)
    entries = ComponentEntry.objects.filter(then, extraction__in=forms)
    for form, field, component in entries.values_list("extraction", "field", "component"):
        found[form, field].add(component)
    codable = list(review.components.filter(is_codable=True, retired_at=None).values_list("pk"))
    components: list[Hashable] = [pk for (pk,) in codable]

    fields = list(codebook.fields.on_the_form())
    paired = _paired(codebook) if any(field.is_repeating for field in fields) else {}

    def answer(form: int, field: Field, item: str = "") -> Hashable:
        value = values.get((form, field.pk, item))
        if value is None:
            return (False, None)
        return (value.not_reported, normal(field.kind, value.value))

    def chosen(form: int, field: Field, item: str = "") -> set[Hashable]:
        value = values.get((form, field.pk, item))
        return set(value.value) if value and value.value else set()

    def items(form: int, group: int) -> dict[str, str]:
        """{the name under which an item is compared: its name in the form}, both plain."""
        value = values.get((form, group, ""))
        same = paired.get((form, group), {})
        names = [plain(name) for name in (value.value if value else None) or []]
        return {plain(same.get(name, name)): name for name in names}

    def beside(field: Field) -> list[tuple[tuple[int, str], tuple[int, str]]]:
        """The two forms of each study; of a question in a group, for each item that both have."""
        if field.part_of_id is None:
            return [((a, ""), (b, "")) for a, b in pairs]
        found = []
        for a, b in pairs:
            one, other = items(a, field.part_of_id), items(b, field.part_of_id)
            found += [((a, one[name]), (b, other[name])) for name in one if name in other]
        return found

    lines: list[Line] = []
    for field in fields:
        if field.is_group:
            sets = [(found[a, field.pk], found[b, field.pk]) for a, b in pairs]
            lines.append(Line(field, sets=agreement.of_sets(sets, components)))
        elif field.is_repeating:
            names = [(set[Hashable](items(a, field.pk)), set(items(b, field.pk))) for a, b in pairs]
            lines.append(Line(field, sets=agreement.of_sets(names, [])))
        elif field.kind == Field.Kind.MULTIPLE:
            sets = [
                (chosen(a[0], field, a[1]), chosen(b[0], field, b[1])) for a, b in beside(field)
            ]
            lines.append(Line(field, sets=agreement.of_sets(sets, field.choices)))
        else:
            answers = [
                (answer(a[0], field, a[1]), answer(b[0], field, b[1])) for a, b in beside(field)
            ]
            within = max(tolerance, Decimal(str(field.tolerance)))
            if within and field.kind in NUMBERS:
                answers = [_tolerated(*each, within) for each in answers]
            figures = agreement.of_answers(answers, has_categories=field.kind in CATEGORIES)
            if field.kind == Field.Kind.SCALE:
                scale = [(False, normal(field.kind, choice)) for choice in field.choices]
                weighted = agreement.weighted_kappa(answers, scale)
                figures = replace(figures, weighted=weighted)
            lines.append(Line(field, figures))
    return lines


def _paired(codebook: Codebook) -> dict[tuple[int, int], dict[str, str]]:
    """{(form, repeating group): which items an adjudicator found to be the same under two names}."""
    found = AdjudicatedValue.objects.current().filter(field__codebook=codebook)
    found = found.filter(field__kind=Field.Kind.REPEATING).exclude(same_as={})
    said = {(each.study_id, each.field_id): each.same_as for each in found}
    forms = Extraction.objects.standing().filter(
        codebook=codebook, study__in={study for study, _ in said}
    )
    return {
        (form, group): same
        for form, study in forms.values_list("pk", "study")
        for (of, group), same in said.items()
        if of == study
    }


def _tolerated(first: Any, second: Any, tolerance: Decimal) -> tuple[Hashable, Hashable]:
    """Two answers to a number, the second as the first where they are close enough."""
    (_, one), (_, other) = first, second
    if one is None or other is None or not agreement.within(one, other, tolerance):
        return first, second
    return first, first


def versions(codebook: Codebook) -> list[int]:
    """The versions under which forms that are open were handed in. 1 query."""
    forms = Extraction.objects.standing().filter(codebook=codebook, opened_at__isnull=False)
    found = forms.exclude(version=None).order_by("version").values_list("version", flat=True)
    return list(found.distinct())


def people(
    review: Review, codebook: Codebook | None = None
) -> list[tuple[tuple[int, int], str, int]]:
    """(ids, names, how many studies) of every two people who extracted studies together. 2 queries."""
    codebook = codebook or Codebook.objects.of(review)
    found = _pairs(codebook) if codebook else {}
    users = User.objects.in_bulk({pk for pair in found for pk in pair})
    named = [(pair, f"{users[pair[0]]} and {users[pair[1]]}", len(found[pair])) for pair in found]
    return sorted(named, key=lambda each: each[1])


def _pairs(
    codebook: Codebook, version: int | None = None
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """{two people: the two forms of each of their studies whose blind has been lifted}, in both
    the one with the lower id of the person in front, so that A is always the same."""
    forms: dict[int, list[tuple[int, int]]] = defaultdict(list)
    opened = Extraction.objects.standing().filter(
        codebook=codebook, opened_at__isnull=False, verifies=None
    )
    if version is not None:
        opened = opened.filter(version=version)
    for study, by, pk in opened.order_by("by", "pk").values_list("study", "by", "pk"):
        forms[study].append((by, pk))
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for pair in forms.values():
        if len(pair) == 2:  # one that was verified has a single blind form
            (one, first), (other, second) = pair
            found[one, other].append((first, second))
    return found
