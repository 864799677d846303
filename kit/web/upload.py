"""Files that come in: as the body itself, or as the form field `file`; kept on disk beyond a megabyte."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from flask import request

from kit.errors import Malformed, TooLarge
from kit.words import say

IN_MEMORY_BYTES = 1024 * 1024
FORM_FIELD = "file"
# What a form may add to its file. It also keeps werkzeug from refusing a body that ends right at its limit, as it
# does once a server hands the body on without its length.
AROUND_FILE_BYTES = 64 * 1024
# Sheets of rows to take in, as every room that imports them documents its body.
MAX_SHEET_BYTES = 64 * 1024 * 1024
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": [FORM_FIELD], "properties": {FORM_FIELD: _BINARY["schema"]}}}
SHEET_BODY = {
    "required": True,
    "description": "CSV or XLSX, to 64 MiB; its first row names the columns. Text is UTF-8, UTF-16 or GB18030, or what "
    "the charset of its media type names.",
    "content": {"application/octet-stream": _BINARY, "text/csv": _BINARY, "multipart/form-data": _FORM},
}


@contextmanager
def received_file(*, max_bytes: int, beside_bytes: int = 0) -> Iterator[BinaryIO]:
    """The request's file from its beginning; larger ones are refused with 413, a form without one with 400.

    `beside_bytes` is room for the form's other files (`other_file`).
    """
    request.max_content_length = max_bytes + beside_bytes + AROUND_FILE_BYTES
    if request.mimetype == "multipart/form-data":
        with closing(request):  # and with it the files on disk
            if FORM_FIELD not in request.files:
                raise Malformed(say("malformed.form_without_file", field=FORM_FIELD))
            yield _no_larger(cast(BinaryIO, request.files[FORM_FIELD].stream), max_bytes)
        return
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        shutil.copyfileobj(request.stream, file)
        yield _no_larger(cast(BinaryIO, file), max_bytes)


def received_type() -> str:
    """The media type that the client declares for its file."""
    return request.files[FORM_FIELD].mimetype if request.files else request.mimetype


def received_encoding() -> str | None:
    """The encoding that the client declares for its text; None for UTF-8, which many declare without a thought."""
    parameters = request.files[FORM_FIELD].mimetype_params if request.files else request.mimetype_params
    declared = parameters.get("charset", "").lower()
    return None if declared in ("", "utf-8", "utf8", "us-ascii") else declared


def other_file(field: str, *, max_bytes: int) -> tuple[bytes, str] | None:
    """A further file of the form with its declared media type, or None; larger ones are refused with 413."""
    if field not in request.files:
        return None
    part = request.files[field]
    return _no_larger(cast(BinaryIO, part.stream), max_bytes).read(), part.mimetype


def _no_larger(file: BinaryIO, max_bytes: int) -> BinaryIO:
    file.seek(0, os.SEEK_END)
    if file.tell() > max_bytes:
        raise TooLarge(say("too_large", max=max_bytes), max_bytes=max_bytes)
    file.seek(0)
    return file
