"""Files as answers: kept by their bytes as every file is (citations/blobs.py), named on the form.

An answer is [name, SHA-256], so it can be compared, settled and told of like any other; which file
it may name is what was attached to the same question of the same form.
"""

import re
from collections.abc import Iterable

from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from citations import blobs
from citations.serving import served
from reviews.models import User
from reviews.refusal import Refused

from . import kinds
from .actions import asked_field, locked_draft
from .models import AttachedFile, Extraction, Field

MOST_FILES = 200  # on one form, those of earlier answers included
LONGEST_NAME = 200  # letters
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def attach(
    extraction: Extraction, field: Field, chunks: Iterable[bytes], name: str, *, by: User
) -> AttachedFile:
    """Keep a file for a question of the form of `by`; `actions.save_value` makes it the answer.

    Refused when it is empty, larger than UPLOAD_LIMIT_MB, or one too many. The same bytes again
    for the same question are there once, under the name that they got first.
    """
    with blobs.received(chunks) as draft:
        if not draft.size:
            raise Refused("This file is empty.")
        with transaction.atomic():
            extraction = locked_draft(extraction, by=by)
            field = asked_field(extraction, field)
            if field.kind != Field.Kind.FILE:
                raise Refused("That question does not ask for a file.")
            there = extraction.files.filter(field=field, sha256=draft.sha256).first()
            if there is None:
                if extraction.files.count() >= MOST_FILES:
                    raise Refused(f"A form holds at most {MOST_FILES} files.")
                there = AttachedFile.objects.create(
                    extraction=extraction,
                    field=field,
                    name=_plain_name(name),
                    sha256=draft.sha256,
                    size=draft.size,
                )
            draft.keep()
    return there


def _plain_name(name: str) -> str:
    """The last part of a path, without what can't be shown; its end is kept, where the kind stands."""
    last = re.split(r"[/\\]", kinds.UNSTORABLE.sub("", name))[-1]
    return CONTROL.sub("", last).strip()[-LONGEST_NAME:] or "file"


def handed_out(file: AttachedFile) -> HttpResponseBase:
    """The file as a download under its own name: any kind may be kept, so none is ever shown."""
    response = served(file.sha256, "", "file")
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    return response
