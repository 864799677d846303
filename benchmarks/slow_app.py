"""The real application with three views of its own, to see what a server does to slow and large requests."""

import time

from flask import request

import wsgi
from benchmarks.app_server_faults import SLOW_SECONDS, UPLOAD_BYTES
from kit.web.auth import public

app = wsgi.app


@app.get("/slow")
@public
def slow() -> dict[str, str]:
    """Answers after SLOW_SECONDS."""
    time.sleep(SLOW_SECONDS)
    return {"status": "ok"}


@app.post("/upload")
@public
def upload() -> dict[str, int]:
    """Reads a body in pieces, as an import does, and says how long it was."""
    # One more than comes: at the limit itself the stream can't tell an end from an excess.
    request.max_content_length = UPLOAD_BYTES + 1
    return {"bytes": sum(len(piece) for piece in iter(lambda: request.stream.read(65_536), b""))}


@app.post("/body")
@public
def body() -> dict[str, int]:
    """Reads a whole body, as every view with JSON does."""
    return {"bytes": len(request.get_data())}
