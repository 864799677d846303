"""A small application to stand behind the front: what it does to requests shows in what this one sees."""

import hashlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, request

from kit.web.units import report

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
HOLD_SECONDS = 600
LONG_BYTES = 64 * 1024 * 1024
PIECE = b"x" * 65_536
_fetched = 0
_closed = threading.Event()


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/hold")
def hold() -> dict[str, str]:
    """Keeps its thread for as long as a test may last."""
    time.sleep(HOLD_SECONDS)
    return {}


@app.get("/report/<name>/hold")
@report
def hold_report(name: str) -> dict[str, str]:
    """Keeps its thread, too, for as long as a test may last."""
    time.sleep(HOLD_SECONDS)
    return {}


@app.post("/body")
def take_body() -> dict[str, Any]:
    content = request.get_data()
    return {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@app.post("/upload")
def take_upload() -> Any:
    if request.headers.get("Authorization") != "yes":
        return {"code": "unauthenticated"}, 401
    request.max_content_length = MAX_UPLOAD_BYTES
    return take_body()


@app.get("/seen")
def seen() -> dict[str, Any]:
    return {name: value for name, value in request.environ.items() if isinstance(value, str)}


@app.get("/long")
def long_answer() -> Response:
    """More than sockets hold; counts how much of it was fetched."""
    return Response(_Pieces(), headers={"Content-Length": str(LONG_BYTES)})


@app.get("/fetched")
def fetched() -> dict[str, Any]:
    return {"bytes": _fetched, "closed": _closed.is_set()}


class _Pieces:
    def __init__(self) -> None:
        self.left = LONG_BYTES

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        global _fetched
        if not self.left:
            raise StopIteration
        self.left -= len(PIECE)
        _fetched += len(PIECE)
        return PIECE

    def close(self) -> None:
        _closed.set()
