"""Telling PostgreSQL how large the tables of a review have become.

Its planner chooses by statistics that it collects in the background, a minute after a large change,
or never where somebody has turned that off. Until then it takes a table of 100,000 rows for an empty
one and compares each row with each, so the first page after a large import could take minutes.
"""

from django.db import connection

from .models import DuplicatePair, Merge, Record, Report, Search, Upload

# The columns that pages filter and join by. The large ones would make it slow and help nobody.
_COLUMNS = {
    Search: ["id", "review_id", "kind", "version"],
    Upload: ["id", "review_id", "search_id", "imported_at"],
    Record: ["id", "review_id", "search_id", "upload_id", "report_id", "number"],
    Report: ["id", "review_id", "place", "merged_into_id"],
    Merge: ["id", "review_id", "keep_id", "absorb_id", "undone_at"],
    DuplicatePair: ["id", "review_id", "first_id", "second_id", "zone", "answer", "merge_id"],
}
MANY = 1_000  # rows that came; fewer do not change how a query is best done


def take_stock(came: int) -> None:
    """Renew the planner's statistics after `came` new records. Call it outside a transaction."""
    if connection.vendor != "postgresql" or came < MANY:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model, columns in _COLUMNS.items():
            names = ", ".join(map(quote, columns))
            cursor.execute(f"ANALYZE {quote(model._meta.db_table)} ({names})")
