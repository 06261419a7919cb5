"""Every write about the codebook: its questions, their order, its versions.

The codebook's row is what is locked. A question that was asked is retired, never deleted, and its
kind and its used choices stay, so that answers keep their meaning.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from citations.models import Study
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Refused

from . import kinds
from .adjudicating import open_when_complete
from .models import Codebook, Field, Light, Value
from .templates import TEMPLATES, Question

JUDGING = [Field.Kind.JUDGEMENT, Field.Kind.OVERALL]
CHOOSING = [Field.Kind.SINGLE, Field.Kind.MULTIPLE, Field.Kind.SCALE, *JUDGING]
NUMBERS = [Field.Kind.INTEGER, Field.Kind.NUMBER]
DECIDING = [
    Field.Kind.YES_NO_UNCLEAR, Field.Kind.SINGLE, Field.Kind.MULTIPLE, Field.Kind.SCALE, *JUDGING
]  # fmt: skip
WORDS = [
    "section",
    "label",
    "kind",
    "help",
    "example",
    "unit",
    "choices",
    "tolerance",
    "each",
    "part_of_id",
    "lights",
    "required",
    "shown_if_id",
    "shown_values",
]
LONGEST_CHOICE = 200  # letters
MOST_CHOICES = 200


def _locked(codebook: Codebook) -> Codebook:
    return (
        Codebook.objects.select_for_update(of=("self",))
        .select_related("review")
        .get(pk=codebook.pk)
    )


@transaction.atomic
def start(review: Review, *, by: User, template: str = "") -> Codebook:
    """The codebook of `review`, empty or with the questions of a template. A draft."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if Codebook.objects.of(review):
        raise Refused("This review has a codebook already.")
    if template and template not in TEMPLATES:
        raise Refused("There is no such template.")
    codebook = Codebook.objects.create(review=review, created_by=by)
    if template:
        codebook.name = TEMPLATES[template].name
        codebook.save(update_fields=["name"])
        write(codebook, TEMPLATES[template].questions, since=0)
    after = {"template": template, "questions": codebook.fields.count()}
    audit.record(review, "started the codebook", by=by, target=codebook, after=after)
    return codebook


def write(codebook: Codebook, questions: Sequence[Question], *, since: int) -> None:
    """Put the questions of a template on the codebook, from the place `since` on."""
    made: dict[str, Field] = {}
    for order, question in enumerate(questions, start=since):
        words = {word: getattr(question, word) for word in WORDS if not word.endswith("_id")}
        decides = made.get(question.shown_if)
        if decides is None:
            words["shown_values"] = []
        made[question.label] = Field.objects.create(
            codebook=codebook,
            order=order,
            shown_if=decides,
            part_of=made.get(question.part_of),
            **words,
        )


@transaction.atomic
def add_template(codebook: Codebook, template: str, *, by: User) -> int:
    """Add the questions of a template that are not asked yet; how many they were."""
    if template not in TEMPLATES:
        raise Refused("There is no such template.")
    codebook = _locked(codebook)
    standing = codebook.fields.filter(retired_at=None)
    asked = {label.casefold() for label in standing.values_list("label", flat=True)}
    fresh = [each for each in TEMPLATES[template].questions if each.label.casefold() not in asked]
    if standing.filter(kind=Field.Kind.COMPONENT_GROUP).exists():
        fresh = [each for each in fresh if each.kind != Field.Kind.COMPONENT_GROUP]
    if not fresh:
        raise Refused("The codebook asks all of these already.")
    last = codebook.fields.order_by("-order").values_list("order", flat=True).first()
    write(codebook, fresh, since=0 if last is None else last + 1)
    after = {"template": template, "questions": len(fresh)}
    audit.record(codebook.review, "added a template", by=by, target=codebook, after=after)
    return len(fresh)


def _clean(codebook: Codebook, words: dict[str, Any], *, of: int | None = None) -> dict[str, Any]:
    """`words` of a field as they are stored; Refused when they make no question."""
    clean = words | {
        "section": words["section"].strip() or "General",
        "label": words["label"].strip(),
        "help": words.get("help", "").strip(),
        "choices": [choice.strip() for choice in words.get("choices", []) if choice.strip()],
    }
    if not clean["label"]:
        raise Refused("A question needs words.")
    if clean["kind"] not in Field.Kind.values:
        raise Refused("There is no such kind of question.")
    same = codebook.fields.filter(retired_at=None, label__iexact=clean["label"]).exclude(pk=of or 0)
    if same.exists():
        raise Refused(f"The codebook asks “{clean['label']}” already.")
    if clean["kind"] in CHOOSING:
        _check_choices(clean["choices"])
    elif clean["kind"] == Field.Kind.TABLE:
        _check_columns(clean["choices"])
    elif clean["kind"] == Field.Kind.REPEATING:
        clean["choices"] = kinds.accept(Field(kind="repeating"), clean["choices"]) or []
    else:
        clean["choices"] = []
    clean["lights"] = _lights(clean)
    clean["example"] = clean.get("example", "").strip()
    clean["unit"] = clean.get("unit", "").strip() if clean["kind"] in NUMBERS else ""
    clean["tolerance"] = _tolerance(clean)
    clean |= _repeated(codebook, clean, of=of)
    return clean | _condition(codebook, clean, of=of)


def _tolerance(words: dict[str, Any]) -> float:
    """Percent within which two numbers agree; 0 for what is no number."""
    if words["kind"] not in NUMBERS:
        return 0
    tolerance = float(words.get("tolerance") or 0)
    if not 0 <= tolerance < 100:
        raise Refused("Write the tolerance as a percentage below 100, like 5.")
    return tolerance


def _repeated(codebook: Codebook, words: dict[str, Any], *, of: int | None) -> dict[str, Any]:
    """What a repeating group is repeated for, or the group that a question is asked in."""
    pk, is_group = words.get("part_of_id"), words["kind"] == Field.Kind.REPEATING
    each = words.get("each") or Field.Each.OTHER if is_group else ""
    if is_group and each not in Field.Each.values:
        raise Refused("Choose what the group is repeated for.")
    if pk is None:
        return {"each": each, "part_of_id": None}
    group = codebook.fields.filter(pk=pk, retired_at=None, kind=Field.Kind.REPEATING).first()
    if group is None or pk == of:
        raise Refused("Choose one of the codebook's repeating groups.")
    if is_group or words["kind"] == Field.Kind.COMPONENT_GROUP:
        raise Refused("A repeating group and program components are asked once a study.")
    return {"each": each, "part_of_id": pk, "section": group.section}


def _lights(words: dict[str, Any]) -> list[str]:
    """A Light for each choice of a judgement; nothing for other kinds."""
    if words["kind"] not in JUDGING:
        return []
    lights = [light.strip() for light in words.get("lights") or []]
    if len(lights) != len(words["choices"]) or not set(lights) <= set(Light.values):
        told = ", ".join(Light.values)
        raise Refused(
            f"Write each judgement with its light behind a bar: Low risk | good ({told})."
        )
    return lights


def _condition(codebook: Codebook, words: dict[str, Any], *, of: int | None) -> dict[str, Any]:
    """The question that decides whether this one is asked, and the answers that let it."""
    pk, values = words.get("shown_if_id"), list(words.get("shown_values") or [])
    if pk is None:
        if values:
            raise Refused("Say which question the answer belongs to, or leave the answers empty.")
        return {"shown_if_id": None, "shown_values": []}
    fields = {field.pk: field for field in codebook.fields.filter(retired_at=None)}
    decides = fields.get(pk)
    if decides is None or decides.kind not in DECIDING:
        raise Refused("The question that decides must have a list of answers.")
    if decides.part_of_id not in (None, words.get("part_of_id")):
        raise Refused("A question of a repeating group decides only about others of that group.")
    offered = {stored.casefold(): stored for stored, _ in decides.options}
    strange = [value for value in values if value.casefold() not in offered]
    if strange or not values:
        told = f"“{strange[0]}” is none of its answers" if strange else "Write which answers ask it"
        raise Refused(f"{told}: {', '.join(offered.values())}.")
    above: Field | None = decides
    while above is not None:
        if above.pk == of:
            raise Refused("Two questions can't decide about each other.")
        above = fields.get(above.shown_if_id or 0)
    return {"shown_if_id": pk, "shown_values": [offered[value.casefold()] for value in values]}


def _check_columns(columns: Sequence[str]) -> None:
    if not 1 <= len(columns) <= 12:
        raise Refused("Write the columns of the table, one a line, twelve at most.")
    if len({column.casefold() for column in columns}) != len(columns):
        raise Refused("Two columns are the same.")


def _columns_stay(field: Field, columns: Sequence[str]) -> None:
    """Cells are kept by their place, so columns that were filled in keep theirs."""
    filled = field.values.exclude(value__isnull=True).exists()
    if filled and list(columns[: len(field.choices)]) != list(field.choices):
        raise Refused("The table has been filled in: its columns stay, new ones come after them.")


def _check_choices(choices: Sequence[str]) -> None:
    if len(choices) < 2:
        raise Refused("Write at least two choices, one a line.")
    if len(choices) > MOST_CHOICES:
        raise Refused(f"A list has at most {MOST_CHOICES} choices.")
    if len({choice.casefold() for choice in choices}) != len(choices):
        raise Refused("Two choices are the same.")
    if any(len(choice) > LONGEST_CHOICE for choice in choices):
        raise Refused(f"A choice has at most {LONGEST_CHOICE} letters.")


@transaction.atomic
def add_field(codebook: Codebook, *, by: User, **words: Any) -> Field:
    """A new question, the last of the codebook; on the form once the codebook is published."""
    codebook = _locked(codebook)
    clean = _clean(codebook, words)
    last = codebook.fields.order_by("-order").values_list("order", flat=True).first()
    field = Field.objects.create(codebook=codebook, order=0 if last is None else last + 1, **clean)
    audit.record(codebook.review, "added a question", by=by, target=field, after=clean)
    return field


@transaction.atomic
def change_field(field: Field, *, by: User, **words: Any) -> Field:
    """Other words for a question. Once published, its kind and its used choices stay."""
    codebook = _locked(field.codebook)
    field = Field.objects.get(pk=field.pk)
    before = {word: getattr(field, word) for word in WORDS}
    clean = _clean(codebook, before | words, of=field.pk)
    if field.since_version is not None:
        if clean["kind"] != field.kind:
            raise Refused(
                "People have been asked this; retire it and add a question of the other kind."
            )
        if clean["part_of_id"] != field.part_of_id:
            raise Refused("People have been asked this; retire it and add it to the other group.")
        if field.kind == Field.Kind.TABLE:
            _columns_stay(field, clean["choices"])
        lost = set(field.choices) - set(clean["choices"])
        used = sorted(lost & _used_choices(field))
        if used:
            raise Refused(
                f"“{used[0]}” has been chosen in a form, so it stays in the list of choices."
            )
    if clean != before:
        for word, value in clean.items():
            setattr(field, word, value)
        field.save(update_fields=list(clean))
        changed = [word for word in clean if clean[word] != before[word]]
        audit.record(
            codebook.review,
            "changed a question",
            by=by,
            target=field,
            before={word: before[word] for word in changed},
            after={word: clean[word] for word in changed},
        )
    return field


def _used_choices(field: Field) -> set[str]:
    """Every choice that a form, or a settled value, holds or ever held."""
    used: set[str] = set()
    if field.kind in (Field.Kind.TABLE, Field.Kind.REPEATING):
        return used
    for rows in (Value.objects.filter(field=field), field.adjudicated_values.all()):
        for value in rows.exclude(value__isnull=True).values_list("value", flat=True):
            used.update(value if isinstance(value, list) else [str(value)])
    return used


def sections(fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    """`fields` by section; a section stands where its first question does."""
    found: dict[str, list[Field]] = {}
    for field in sorted(fields, key=lambda field: (field.order, field.pk)):
        found.setdefault(field.section, []).append(field)
    return list(found.items())


@transaction.atomic
def shift_field(field: Field, places: int, *, by: User) -> Field:
    """Move a question up (-1) or down (+1) within its section."""
    codebook = _locked(field.codebook)
    grouped = sections(list(codebook.fields.filter(retired_at=None)))
    for _, fields in grouped:
        if field in fields:
            here = fields.index(field)
            if not 0 <= here + places < len(fields):
                return field
            fields.insert(here + places, fields.pop(here))
    _renumber(grouped)
    audit.record(codebook.review, "moved a question", by=by, target=field, after={"by": places})
    return field


@transaction.atomic
def shift_section(codebook: Codebook, section: str, places: int, *, by: User) -> None:
    """Move a whole section up (-1) or down (+1)."""
    codebook = _locked(codebook)
    grouped = sections(list(codebook.fields.filter(retired_at=None)))
    names = [name for name, _ in grouped]
    if section not in names:
        raise Refused("There is no such section (any more).")
    here = names.index(section)
    if not 0 <= here + places < len(grouped):
        return
    grouped.insert(here + places, grouped.pop(here))
    _renumber(grouped)
    after = {"section": section, "by": places}
    audit.record(codebook.review, "moved a section", by=by, target=codebook, after=after)


def _renumber(grouped: list[tuple[str, list[Field]]]) -> None:
    ordered = [field for _, fields in grouped for field in fields]
    for order, field in enumerate(ordered):
        field.order = order
    Field.objects.bulk_update(ordered, ["order"])


@transaction.atomic
def retire_field(field: Field, *, by: User, reason: str = "") -> Field:
    """Ask it no more. Answers stay; one that nobody was asked yet may come back as well."""
    codebook = _locked(field.codebook)
    field = Field.objects.get(pk=field.pk)
    if field.retired_at is None:
        field.retired_at = timezone.now()
        field.save(update_fields=["retired_at"])
        audit.record(
            codebook.review, "retired a question", by=by, target=field, reason=reason.strip()
        )
    return field


@transaction.atomic
def restore_field(field: Field, *, by: User) -> Field:
    codebook = _locked(field.codebook)
    field = Field.objects.get(pk=field.pk)
    if field.retired_at is not None:
        same = codebook.fields.filter(retired_at=None, label__iexact=field.label)
        if same.exists():
            raise Refused(f"The codebook asks “{field.label}” already.")
        field.retired_at = None
        field.save(update_fields=["retired_at"])
        audit.record(codebook.review, "restored a question", by=by, target=field)
    return field


@transaction.atomic
def publish(codebook: Codebook, *, by: User) -> Codebook:
    """Put the drafted questions on the form, as the next version."""
    codebook = _locked(codebook)
    drafted = codebook.fields.filter(since_version=None, retired_at=None)
    if not drafted.exists():
        raise Refused(
            "There is nothing new to publish." if codebook.version else "Add a question first."
        )
    codebook.version += 1
    codebook.published_at = timezone.now()
    codebook.save(update_fields=["version", "published_at"])
    labels = list(drafted.values_list("label", flat=True))
    drafted.update(since_version=codebook.version)
    audit.record(
        codebook.review,
        "published the codebook",
        by=by,
        target=codebook,
        after={"version": codebook.version, "questions": labels},
    )
    return codebook


@transaction.atomic
def set_third_person(codebook: Codebook, wanted: bool, *, by: User) -> Codebook:
    """Whether a third person settles what two extractors differ in. What is settled stays."""
    codebook = _locked(codebook)
    if codebook.third_person != wanted:
        codebook.third_person = wanted
        codebook.save(update_fields=["third_person"])
        audit.record(
            codebook.review,
            "changed who settles extractions",
            by=by,
            target=codebook,
            before={"third person only": not wanted},
            after={"third person only": wanted},
        )
    return codebook


@transaction.atomic
def set_extractors(
    codebook: Codebook, number: int, *, by: User, verified: bool = False
) -> Codebook:
    """How many people extract each study; `verified`: of one, a second person looks at each answer.
    Studies that have enough forms now are opened."""
    if number not in (1, 2):
        raise Refused("One or two people extract each study.")
    if verified and number == 2:
        raise Refused("What one person extracts is verified; two extract blind.")
    # Studies first, the codebook after them: the order in which handing in locks them.
    begun = Study.objects.filter(
        review=codebook.review_id,
        extractions__codebook=codebook,
        extractions__set_aside_at=None,
        extractions__opened_at=None,
    )
    waiting = list(Study.objects.select_for_update().filter(pk__in=begun).order_by("pk"))
    codebook = _locked(codebook)
    if (codebook.extractors, codebook.verified) != (number, verified):
        before = _how_many(codebook)
        codebook.extractors, codebook.verified = number, verified
        codebook.save(update_fields=["extractors", "verified"])
        for study in waiting:
            open_when_complete(study, codebook)
        audit.record(
            codebook.review,
            "changed the number of extractors",
            by=by,
            target=codebook,
            before=before,
            after=_how_many(codebook),
        )
    return codebook


def _how_many(codebook: Codebook) -> int | str:
    return "1, verified" if codebook.verified else codebook.extractors
