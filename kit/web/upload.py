"""Files that come in: as the body itself, or as the form field `file`; kept on disk beyond a megabyte."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from flask import request

from kit.errors import Malformed

IN_MEMORY_BYTES = 1024 * 1024
FORM_FIELD = "file"


@contextmanager
def received_file(*, max_bytes: int) -> Iterator[BinaryIO]:
    """The request's file from its beginning; larger ones are refused with 413, a form without one with 400."""
    request.max_content_length = max_bytes
    if request.mimetype == "multipart/form-data":
        if FORM_FIELD not in request.files:
            raise Malformed(f"The form has no field `{FORM_FIELD}` with a file.")
        yield cast(BinaryIO, request.files[FORM_FIELD].stream)
        return
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        shutil.copyfileobj(request.stream, file)
        file.seek(0)
        yield cast(BinaryIO, file)
