"""Requests of an application in this process, without a server or a client around it."""

from io import BytesIO
from typing import Any


def call(
    app: Any, method: str, path: str, *, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        **(headers or {}),
    }
    statuses: list[str] = []
    answer = app.wsgi_app(environ, lambda status, *_: statuses.append(status))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not statuses[0].startswith("2"):
        raise RuntimeError(f"{method} {path}: {statuses[0]} {content[:300]!r}")
    return content
