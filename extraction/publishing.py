"""Publishing the next version of a codebook together with the lead's answer to the question which
finished forms need a second look because of it."""

from collections.abc import Collection

from django.db import transaction

from citations.models import Study
from reviews import audit
from reviews.models import User
from reviews.refusal import Refused

from . import codebook as building
from .models import Codebook, Extraction


def finished(codebook: Codebook) -> list[Extraction]:
    """Forms handed in under the versions so far, by study. 1 query."""
    forms = Extraction.objects.submitted().filter(codebook=codebook)
    return list(forms.select_related("study", "by").order_by("study__label", "pk"))


@transaction.atomic
def publish(codebook: Codebook, *, by: User, reopen: Collection[int] = ()) -> Codebook:
    """Put the drafted questions on the form and give the forms in `reopen` (ids) back to their
    extractors. Their answers stay in them; the others' forms stay handed in as they are.
    """
    wanted = Extraction.objects.filter(codebook=codebook, pk__in=list(reopen))
    if wanted.count() != len(set(reopen)):
        raise Refused("One of these forms does not belong to this codebook.")
    # Studies first, the codebook after them: the order in which handing in locks them.
    studies = Study.objects.select_for_update(of=("self",)).filter(
        pk__in=list(wanted.values_list("study", flat=True))
    )
    held = {study.pk: study for study in studies.select_related("review").order_by("pk")}
    codebook = building.publish(codebook, by=by)
    forms = wanted.select_for_update(of=("self",)).filter(
        submitted_at__isnull=False, set_aside_at=None
    )
    for form in forms.select_related("by").order_by("pk"):
        form.submitted_at = None
        form.save(update_fields=["submitted_at"])
        audit.record(
            codebook.review,
            f"asked for a second look at an {codebook.purpose}",
            by=by,
            target=held[form.study_id],
            before={"extractor": str(form.by), "version": form.version},
            reason=f"Version {codebook.version} asks more.",
        )
    return codebook
