"""The review's home and the second arm's end."""

from . import MEMBERS, Row

ROWS = {
    "synthesis:matrix": Row(MEMBERS),
    "synthesis:topic": [
        Row(MEMBERS, objects={"pk": "component"}),
        Row("ada ann", 404, method="post", objects={"pk": "component"}),
    ],
    "synthesis:matrix_download": Row(MEMBERS, args={"kind": "csv"}),
    "synthesis:home": Row(MEMBERS),
    "synthesis:copy": [Row(MEMBERS), Row(MEMBERS, 422, method="post")],
}
