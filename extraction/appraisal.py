"""Which studies an appraisal tool is for. What was judged is read by judgements.py, writes are in
appraising.py.

A tool is a Codebook whose questions are judgements, so raters fill it in, are blind, hand in and
are compared as extractors are.
"""

from collections.abc import Iterable

from .models import AdjudicatedValue, Codebook, Extraction, ToolChoice


def studies_of(tool: Codebook) -> set[int]:
    """The ids of the studies that `tool` appraises. At most 3 queries.

    Somebody's word decides; where nobody said anything, a form that was begun; and else whether
    the settled answer to the tool's question is one of its designs.
    """
    said = dict(ToolChoice.objects.current().filter(tool=tool).values_list("study", "wanted"))
    begun = Extraction.objects.standing().filter(codebook=tool).values_list("study", flat=True)
    found = set(begun) | set(_by_design(tool)) | {pk for pk, wanted in said.items() if wanted}
    return {pk for pk in found if said.get(pk, True)}


def _by_design(tool: Codebook) -> Iterable[int]:
    if tool.for_field_id is None:
        return
    held = AdjudicatedValue.objects.current().filter(field=tool.for_field_id)
    for study, value in held.values_list("study", "value"):
        given = value if isinstance(value, list) else [value]
        if any(each in tool.for_values for each in given):
            yield study
