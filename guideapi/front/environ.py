"""An ASGI request as WSGI has it (PEP 3333)."""

import sys
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}
UNCHANGING: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    # The stream ends where the body does: what werkzeug asks for bodies without a length.
    "wsgi.input_terminated": True,
}


def environ_of(scope: Any) -> Environ:
    """Everything but the body."""
    client, server = scope["client"] or ("", 0), scope["server"]
    environ = UNCHANGING | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.url_scheme": scope["scheme"],
    }
    for name, value in scope["headers"]:
        key = _key(name)
        if key is not None:
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}" if key in environ else text
    return environ


@lru_cache(maxsize=500)
def _key(name: bytes) -> str | None:
    # A_B would pass for A-B, which a proxy in front may have taken care to set.
    if b"_" in name:
        return None
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in UNPREFIXED else f"HTTP_{key}"
