"""OpenAPI 3.1 from the code at `/openapi.json`, and a page to read it at `/docs`."""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

import flask_smorest
from flask import Blueprint, Flask, Response
from flask_swagger_ui import get_swaggerui_blueprint

from kit.web.errors import Api
from kit.web.openapi import complete

DESCRIPTION = """The backend of a retail chain's store guides (导购).

Errors are RFC 9457 problem details with a stable `code`. Money is integer minor units with a currency. Times are
RFC 3339 in UTC; a business day is a date in the store's time zone. Lists use opaque cursors.

An unknown query parameter or body field is refused with 422, which names it.

A body has at most 8 MiB (file uploads: 64 MiB), a page at most 200 items, a batch what its schema says. Every principal
has an allowance of requests a minute, told by `RateLimit-*`; 429 comes with `Retry-After`."""


# Swagger UI's page starts itself by a script inside; its styles paint arrows from data: addresses.
OWN_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask, blueprints: Iterable[flask_smorest.Blueprint], *, public_url: str) -> None:
    """Register the rooms' routes and their documentation."""
    app.config.update(
        API_TITLE="guideapi",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION}, "security": [{"bearer": []}]},
    )
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    _add_batch_items(app, api)
    complete(app, api.spec)
    app.register_blueprint(_page(public_url))


def _page(public_url: str) -> Blueprint:
    """The page at `/docs`, which runs nothing but what it came with and talks to this server only."""
    config = {
        "app_name": "guideapi",
        "persistAuthorization": True,
        # Otherwise made from the Host header.
        "oauth2RedirectUrl": f"{public_url}/docs/oauth2-redirect.html",
    }
    page: Blueprint = get_swaggerui_blueprint("/docs", "/openapi.json", config=config)
    page.after_request(_confine)
    return page


def _confine(response: Response) -> Response:
    scripts = []
    if response.mimetype == "text/html" and not response.direct_passthrough:
        scripts = [sha256(script.encode()).digest() for script in OWN_SCRIPT.findall(response.get_data(as_text=True))]
    hashes = "".join(f" 'sha256-{b64encode(digest).decode()}'" for digest in scripts)
    response.headers["Content-Security-Policy"] = POLICY.format(scripts=hashes)
    return response


def _add_batch_items(app: Flask, api: Api) -> None:
    for view in app.view_functions.values():
        for name, schema in getattr(view, "batch_components", {}).items():
            if name not in api.spec.components.schemas:
                api.spec.components.schema(name, schema)
