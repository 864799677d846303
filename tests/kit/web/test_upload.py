"""Files that come in, up to the last byte that is allowed."""

from contextlib import closing
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from kit.errors import Malformed, TooLarge
from kit.web.upload import IN_MEMORY_BYTES, received_file

MAX_BYTES = IN_MEMORY_BYTES + 1


def received(data: bytes, *, as_form: bool, field: str = "file") -> bytes:
    """What a route reads of `data`, sent as an application server hands it on: it ends by itself."""
    body = EnvironBuilder(method="POST", data={field: (BytesIO(data), "x")} if as_form else data)
    if not as_form:
        body.content_type = "application/octet-stream"
    environ = {**body.get_environ(), "wsgi.input_terminated": True}
    request = Flask("uploads").test_request_context(environ_overrides=environ)
    with closing(environ["wsgi.input"]), request, received_file(max_bytes=MAX_BYTES) as file:
        return file.read()


@pytest.mark.parametrize("as_form", [False, True])
@pytest.mark.parametrize("size", [0, 1, MAX_BYTES - 1, MAX_BYTES])
def test_file_of_at_most_the_limit_is_read_whole(size: int, as_form: bool) -> None:
    data = b"x" * size
    assert received(data, as_form=as_form) == data


@pytest.mark.parametrize("as_form", [False, True])
def test_one_byte_more_is_refused(as_form: bool) -> None:
    with pytest.raises(TooLarge) as refusal:
        received(b"x" * (MAX_BYTES + 1), as_form=as_form)
    assert refusal.value.details == {"max_bytes": MAX_BYTES}


def test_form_without_a_file_is_refused() -> None:
    with pytest.raises(Malformed):
        received(b"x", as_form=True, field="picture")
