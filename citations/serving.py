"""Handing a stored file out: as a download that runs nothing here, whole or a part of it."""

import re
from collections.abc import Iterator, Mapping

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from . import blobs
from .documents import kinds

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def served(
    sha256: str, content_type: str, name: str, *, headers: Mapping[str, str] | None = None
) -> HttpResponseBase:
    """The file under a policy that lets it run nothing, whatever it holds.

    `headers` of a request that may ask for a part (RFC 9110, section 14): the reader shows the
    first page of a large file before the rest has come. Several parts at once, and parts of
    another copy (If-Range), are answered with the whole.
    """
    path = blobs.path_of(sha256)
    size, tag = path.stat().st_size, f'"{sha256}"'
    part = _part(headers or {}, size, tag)
    response: HttpResponseBase
    if part is None:
        response = FileResponse(path.open("rb"), content_type=content_type or _UNKNOWN)
    elif not part:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    else:
        pieces = _pieces(sha256, part)
        response = StreamingHttpResponse(pieces, status=206, content_type=content_type or _UNKNOWN)
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        response["Content-Length"] = str(len(part))
    endings = {told: kind for kind, told in kinds.CONTENT_TYPES.items()}
    response["Content-Disposition"] = (
        f'attachment; filename="{name}.{endings.get(content_type, "bin")}"'
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = tag
    if headers is not None:
        response["Accept-Ranges"] = "bytes"
    return response


_UNKNOWN = "application/octet-stream"


def _part(headers: Mapping[str, str], size: int, tag: str) -> range | None:
    """The bytes asked for; None for the whole file; an empty range for one that lies outside."""
    found = _RANGE.fullmatch(headers.get("Range", "").strip())
    if not found or found[1] == found[2] == "" or headers.get("If-Range", tag) != tag:
        return None
    # More digits than any file has bytes: int() of thousands of them would cost time.
    first, last = (int(digits[:18]) if digits else None for digits in found.groups())
    if first is None:
        return range(size - min(size, last or 0), size)  # the last so many bytes
    if last is None:
        return range(first, size)
    return range(first, min(last + 1, size)) if first <= last else None


def _pieces(sha256: str, part: range) -> Iterator[bytes]:
    with blobs.path_of(sha256).open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left and (piece := file.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece
