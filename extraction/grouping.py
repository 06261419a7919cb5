"""How many forms studies have: screening says it before their reports move."""

from collections.abc import Collection

from django.db.models import Count

from screening.grouping import counts_forms

from .models import Extraction


@counts_forms
def forms_of(studies: Collection[int]) -> dict[int, dict[str, int]]:
    """The standing forms of each study by purpose: {study: {"extraction": 2}}. One query."""
    found: dict[int, dict[str, int]] = {}
    rows = Extraction.objects.standing().filter(study__in=studies).order_by()
    counted = rows.values_list("study", "codebook__purpose").annotate(many=Count("pk"))
    for study, purpose, many in sorted(counted, reverse=True):  # extraction before appraisal
        found.setdefault(study, {})[purpose] = many
    return found
