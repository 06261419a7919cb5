"""A Word document as bytes that depend on what it says alone: the same words, the same bytes."""

import io
import zipfile
from typing import Any

LONG_AGO = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # otherwise each part of the file carries the moment of the download


def saved(document: Any) -> bytes:
    """`document` (of python-docx) as the bytes of a .docx file."""
    out, fixed = io.BytesIO(), io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as parts, zipfile.ZipFile(fixed, "w") as bundle:
        for name in parts.namelist():
            bundle.writestr(zipfile.ZipInfo(name, LONG_AGO), parts.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
