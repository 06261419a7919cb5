"""The review's home and the second arm's end."""

from reviews.models import Job
from synthesis.archive import keeping

from . import LEAD, MEMBERS, Row, everybody


def seed(review, lead):
    """An archive that was written, and its file."""
    job = Job.objects.create(review=review, kind="archive", state="done", by=lead)
    keeping.folder().mkdir(parents=True, exist_ok=True)
    keeping.path_of(job).write_bytes(b"an archive")
    restoring = Job.objects.create(
        kind="restore-archive", state="done", by=lead, payload={"file": "x", "name": "x.zip"}
    )
    return {"archive": job, "restoring": restoring}


ROWS = {
    "synthesis:archive": [Row(LEAD), Row(LEAD, 302, method="post")],
    "synthesis:archive_file": Row(LEAD, objects={"pk": "archive"}),
    "synthesis:from_archive": [everybody(), everybody(422, method="post")],
    # For administrators of the site: test_restore_pages.py opens it to them and to everybody.
    "synthesis:restore": [Row("", stranger=403), Row("", stranger=403, method="post")],
    # Only who sent it finds it; to everybody else it is not there.
    "synthesis:restoring": Row(LEAD, forbidden=404, objects={"pk": "restoring"}),
    "synthesis:stop_restoring": Row(
        LEAD, 302, method="post", forbidden=404, objects={"pk": "restoring"}
    ),
    "synthesis:matrix": Row(MEMBERS),
    "synthesis:topic": [
        Row(MEMBERS, objects={"pk": "component"}),
        Row("ada ann", 404, method="post", objects={"pk": "component"}),
    ],
    "synthesis:matrix_download": Row(MEMBERS, args={"kind": "csv"}),
    "synthesis:home": Row(MEMBERS),
    "synthesis:copy": [Row(MEMBERS), Row(MEMBERS, 422, method="post")],
}
