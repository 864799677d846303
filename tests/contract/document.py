"""The OpenAPI document, walked."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask

from tests.client import document


class Operation(NamedTuple):
    """One operation of the document; `name` is its operationId."""

    name: str
    method: str
    path: str
    content: dict[str, Any]


def operations(app: Flask) -> Iterator[Operation]:
    """Every operation, by path."""
    for path, methods in sorted(document(app)["paths"].items()):
        for method, content in methods.items():
            if method != "parameters":
                yield Operation(content["operationId"], method.upper(), path, content)
