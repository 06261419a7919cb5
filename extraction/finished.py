"""A coding that was finished elsewhere, as a CSV file: a row a quote, with the columns study_id (or
study), code, stance, page and quote. What is done with its rows is in adjudicating.py."""

import csv
import io

from reviews.models import Review, User
from reviews.refusal import Refused

from .adjudicating import Coding, import_codings
from .models import Stance

LARGEST = 20 * 2**20  # bytes
ENOUGH = LARGEST + 1  # of a file: one more than is allowed shows that it is too much
STUDY = ["study_id", "study"]


def read(content: bytes) -> list[Coding]:
    """Its rows; Refused in a sentence. `study` is the study's name in the review."""
    if len(content) > LARGEST:
        raise Refused(f"The file is larger than {LARGEST // 2**20} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("The file is not in UTF-8; save it as CSV UTF-8.") from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        there = [name.strip().casefold() for name in rows.fieldnames or []]
        rows.fieldnames = there
        study = next((name for name in STUDY if name in there), "")
        if not study or "code" not in there:
            raise Refused("The first line must name the columns study_id and code.")
        return [
            Coding(
                (row.get(study) or "").strip(),
                (row.get("code") or "").strip(),
                (row.get("stance") or Stance.SUPPORTS).strip(),
                (row.get("page") or "").strip(),
                (row.get("quote") or "").strip(),
            )
            for row in rows
        ]
    except csv.Error as error:
        raise Refused(f"The file is no CSV: {error}.") from None


def bring_in(review: Review, content: bytes, *, by: User) -> int:
    """Take the file over as settled, whole or not at all; how many quotes were added."""
    return import_codings(review, read(content), by=by)
