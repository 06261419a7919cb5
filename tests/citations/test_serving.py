"""Handing files out: whole or a part, always as a download that runs nothing."""

import hashlib

import pytest
from django.core.files.base import ContentFile

from citations import blobs
from citations.serving import served

BODY = bytes(range(256)) * 4


@pytest.fixture
def sha256(settings):
    with blobs.received(ContentFile(BODY).chunks()) as draft:
        draft.keep()
        return draft.sha256


def ask(sha256, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = served(sha256, "application/pdf", "report-1", headers=named)
    streamed = getattr(answer, "streaming_content", None)
    return answer, b"".join(streamed) if streamed is not None else answer.content


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1000-99999999999999999999", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
        ("bytes=0-0", 0, 0),
    ],
)
def test_a_part_is_those_bytes(sha256, asked, first, last):
    answer, body = ask(sha256, Range=asked)
    assert (answer.status_code, body) == (206, BODY[first : last + 1])
    assert answer["Content-Range"] == f"bytes {first}-{last}/1024"
    assert answer["Content-Length"] == str(len(body))
    assert answer["Content-Disposition"] == 'attachment; filename="report-1.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_outside_the_file_is_none(sha256, asked):
    answer, body = ask(sha256, Range=asked)
    assert (answer.status_code, body) == (416, b"")
    assert answer["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize(
    "asked",
    ["", "bytes=9-3", "bytes=0-1,5-6", "bytes=-", "lines=1-2", "bytes=one-two", "bytes=٣-٤"],
)
def test_what_is_no_single_part_is_answered_with_the_whole(sha256, asked):
    answer, body = ask(sha256, Range=asked)
    assert (answer.status_code, body) == (200, BODY)
    assert answer["Accept-Ranges"] == "bytes"


def test_a_part_of_another_copy_is_answered_with_the_whole(sha256):
    other = hashlib.sha256(b"another").hexdigest()
    assert ask(sha256, Range="bytes=0-9", If_Range=f'"{other}"')[0].status_code == 200
    assert ask(sha256, Range="bytes=0-9", If_Range=f'"{sha256}"')[0].status_code == 206
