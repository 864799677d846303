"""OpenAPI 3.1 from the code at `/openapi.json`."""

from collections.abc import Iterable

import flask_smorest
from flask import Flask

from guideapi.groups import group
from kit.web.errors import Api
from kit.web.openapi import complete
from kit.web.unions import document_union

DESCRIPTION = """The backend of a retail chain's store guides (导购).

Errors are RFC 9457 problem details with a stable `code`. Money is integer minor units with a currency. Times are
RFC 3339 in UTC; a business day is a date in the store's time zone. Lists use opaque cursors. What is said to people is
in English or, by `Accept-Language`, in Simplified Chinese; `Content-Language` says which.

An unknown query parameter or body field is refused with 422, which names it.

A body has at most 8 MiB (file uploads: 64 MiB), a page at most 200 items, a batch what its schema says. Every principal
has an allowance of requests a minute, told by `RateLimit-*`; 429 comes with `Retry-After`."""


def init_app(app: Flask, blueprints: Iterable[flask_smorest.Blueprint]) -> None:
    """Register the rooms' routes and their documentation."""
    app.config.update(
        API_TITLE="guideapi",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION}, "security": [{"bearer": []}]},
    )
    api = Api(app)
    api.ma_plugin.converter.add_attribute_function(document_union)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    _add_batch_items(app, api)
    complete(app, api.spec)
    group(api.spec)


def _add_batch_items(app: Flask, api: Api) -> None:
    for view in app.view_functions.values():
        for name, schema in getattr(view, "batch_components", {}).items():
            if name not in api.spec.components.schemas:
                api.spec.components.schema(name, schema)
