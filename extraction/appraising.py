"""Every write about appraisal tools: which there are, which studies they are for.

Their questions are written by codebook.py, their forms by actions.py and adjudicating.py.
"""

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from citations.models import Study
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Refused
from screening import flow

from . import codebook as building
from .models import Codebook, Field, ToolChoice
from .tools import TOOLS

NUMBER = re.compile(r"\s*([A-Z]?\d{1,2}(?:\.\d{1,2})?)[.):]?\s+(\S.*)")


@transaction.atomic
def add_tool(review: Review, *, by: User, kind: str = "", name: str = "") -> Codebook:
    """A tool of the library (`kind`), or one's own by `name`, without questions. A draft."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if kind and kind not in TOOLS:
        raise Refused("There is no such tool.")
    name = name.strip() or (TOOLS[kind].name if kind else "")
    if not name:
        raise Refused("Give the tool a name.")
    if len(name) > 200:
        raise Refused("A name has at most 200 letters.")
    free_name(review, name)
    tool = Codebook.objects.create(
        review=review,
        purpose=Codebook.Purpose.APPRAISAL,
        name=name,
        source=TOOLS[kind].source if kind else "",
        created_by=by,
    )
    if kind:
        building.write(tool, TOOLS[kind].questions, since=0)
    after = {"tool": name, "questions": tool.fields.count()}
    audit.record(review, "added an appraisal tool", by=by, target=tool, after=after)
    return tool


def free_name(review: Review, name: str) -> None:
    """Refused when the review has a tool of that name."""
    if review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL, name__iexact=name).exists():
        raise Refused(f"This review has a tool “{name}” already.")


def _locked(tool: Codebook) -> Codebook:
    tool = Codebook.objects.select_for_update(of=("self",)).select_related("review").get(pk=tool.pk)
    if not tool.is_tool:
        raise Refused("That is no appraisal tool.")
    return tool


@transaction.atomic
def set_designs(
    tool: Codebook, field: Field | None, values: Sequence[str], *, by: User
) -> Codebook:
    """Choose `tool` for the studies whose settled answer to `field` is one of `values`; None: for
    none but those chosen by hand."""
    tool = _locked(tool)
    if field is not None:
        book = field.codebook
        if book.review_id != tool.review_id or book.is_tool or not field.options:
            raise Refused("The question that decides must be one of the codebook with a list.")
        offered = {stored.casefold(): stored for stored, _ in field.options}
        strange = [value for value in values if value.casefold() not in offered]
        if strange or not values:
            told = f"“{strange[0]}” is none of its answers" if strange else "Choose the designs"
            raise Refused(f"{told}: {', '.join(offered.values())}.")
        values = [offered[value.casefold()] for value in values]
    else:
        values = []
    before = {"question": tool.for_field_id, "answers": tool.for_values}
    after = {"question": field.pk if field else None, "answers": list(values)}
    if before != after:
        tool.for_field, tool.for_values = field, list(values)
        tool.save(update_fields=["for_field", "for_values"])
        audit.record(
            tool.review,
            "changed what a tool appraises",
            by=by,
            target=tool,
            before=before,
            after=after,
        )
    return tool


@transaction.atomic
def choose(
    tool: Codebook, study: Study, *, wanted: bool, by: User, reason: str = ""
) -> ToolChoice | None:
    """Say by hand that `tool` appraises `study`, or that it doesn't. None: it was so already.

    A study that somebody has begun to appraise keeps its tool.
    """
    study = Study.objects.select_for_update(of=("self",)).select_related("review").get(pk=study.pk)
    if tool.review_id != study.review_id or not tool.is_tool:
        raise Refused("That tool does not belong to this review.")
    if tool.withdrawn_at:
        raise Refused(f"{tool} is withdrawn.")
    if not flow.studies_in(study.review).filter(pk=study.pk).exists():
        raise Refused("This study is not among the included ones.")
    earlier = ToolChoice.objects.current().filter(tool=tool, study=study).first()
    if earlier is not None and earlier.wanted == wanted:
        return None
    if not wanted and study.extractions.standing().filter(codebook=tool).exists():
        raise Refused(f"Somebody has begun on this study with {tool}; set that form aside first.")
    if earlier is not None:
        earlier.superseded_at = timezone.now()
        earlier.save(update_fields=["superseded_at"])
    made = ToolChoice.objects.create(
        tool=tool, study=study, wanted=wanted, by=by, reason=reason.strip()
    )
    audit.record(
        study.review,
        "chose an appraisal tool" if wanted else "took an appraisal tool off a study",
        by=by,
        target=study,
        after={"tool": tool.name},
        reason=reason.strip(),
    )
    return made


@transaction.atomic
def set_score(tool: Codebook, wanted: bool, *, by: User) -> Codebook:
    """Whether the number of favourable judgements stands beside each study."""
    tool = _locked(tool)
    if tool.with_score != wanted:
        tool.with_score = wanted
        tool.save(update_fields=["with_score"])
        audit.record(
            tool.review,
            "changed whether a tool is scored",
            by=by,
            target=tool,
            before={"score": not wanted},
            after={"score": wanted},
        )
    return tool


@transaction.atomic
def set_withdrawn(tool: Codebook, withdrawn: bool, *, by: User, reason: str = "") -> Codebook:
    """Use a tool no more, or again. What was judged with it stays."""
    tool = _locked(tool)
    if bool(tool.withdrawn_at) != withdrawn:
        tool.withdrawn_at = timezone.now() if withdrawn else None
        tool.save(update_fields=["withdrawn_at"])
        did = "withdrew an appraisal tool" if withdrawn else "took up an appraisal tool again"
        audit.record(tool.review, did, by=by, target=tool, reason=reason.strip())
    return tool


@transaction.atomic
def paste_wording(tool: Codebook, text: str, *, by: User) -> int:
    """Put the wording that the user may use under the questions, as their help; how many.

    A line that begins with a question's number ("1.2 Was …") is for that question, the lines after
    it go on; a question whose name begins with that number takes it.
    """
    tool = _locked(tool)
    fields: dict[str, Field] = {}
    for field in tool.fields.filter(retired_at=None):
        number = field.label.split(" ")[0].rstrip(".):")
        fields.setdefault(number.casefold(), field)
    told: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        found = NUMBER.fullmatch(line)
        if found and found[1].casefold() in fields:
            current = told.setdefault(found[1].casefold(), [])
            current.append(found[2].strip())
        elif current is not None and line.strip():
            current.append(line.strip())
    if not told:
        raise Refused("No line begins with the number of one of the tool's questions.")
    for number, lines in told.items():
        building.change_field(fields[number], by=by, help="\n".join(lines)[:2000])
    return len(told)
