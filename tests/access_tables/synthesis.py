"""The review's home and the second arm's end."""

from . import MEMBERS, Row

ROWS = {
    "synthesis:home": Row(MEMBERS),
    "synthesis:copy": [Row(MEMBERS), Row(MEMBERS, 422, method="post")],
}
