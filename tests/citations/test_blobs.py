"""The store of files: by content, whole or not at all, never overwritten."""

import hashlib

import pytest

from citations import blobs
from reviews.refusal import Refused


def store(content: bytes) -> str:
    with blobs.received([content]) as draft:
        draft.keep()
    return draft.sha256


def test_the_same_bytes_are_there_once():
    first = store(b"TY  - JOUR")
    assert first == hashlib.sha256(b"TY  - JOUR").hexdigest()
    written = blobs.path_of(first).stat()
    assert store(b"TY  - JOUR") == first
    assert blobs.path_of(first).stat().st_ino == written.st_ino
    assert blobs.is_whole(first)


def test_without_keep_nothing_is_left():
    with blobs.received([b"abc"]) as draft:
        assert draft.path.read_bytes() == b"abc"
    assert not draft.path.exists()
    assert not blobs.path_of(draft.sha256).exists()


def test_an_upload_that_breaks_off_leaves_nothing():
    def breaks():
        yield b"abc"
        raise ConnectionError

    with pytest.raises(ConnectionError), blobs.received(breaks()):
        pass
    assert [path.name for path in blobs.folder().iterdir()] == [".lock"]


def test_over_the_limit_is_said(settings):
    settings.UPLOAD_LIMIT_MB = 1
    with pytest.raises(Refused, match="larger than 1 MB"), blobs.received([b"x" * (1 << 20), b"x"]):
        pass
    assert [path.name for path in blobs.folder().iterdir()] == [".lock"]


def test_a_name_is_never_a_path():
    with pytest.raises(ValueError, match="SHA-256"):
        blobs.path_of("../../etc/passwd")


def test_only_an_unused_file_is_removed():
    kept = store(b"kept")
    assert not blobs.remove_unused(kept, lambda _: True)
    assert blobs.path_of(kept).exists()
    assert blobs.remove_unused(kept, lambda _: False)
    assert not blobs.path_of(kept).exists()


def test_a_damaged_file_is_noticed():
    sha256 = store(b"whole")
    blobs.path_of(sha256).chmod(0o600)
    blobs.path_of(sha256).write_bytes(b"hole")
    assert not blobs.is_whole(sha256)
