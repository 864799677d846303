"""OpenAPI 3.1 from the code at `/openapi.json`."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import flask_smorest
from flask import Flask

from guideapi.front import refusals
from guideapi.groups import group
from kit.web.errors import Api
from kit.web.examples import Glossary
from kit.web.openapi import Settings, complete
from kit.web.problems import code_of, entitled
from kit.web.unions import document_union, forget_null_default
from kit.words import ENGLISH, spell
from samples.demo.examples import BODIES, FIELDS
from staff.tokens import BadToken

DESCRIPTION = """The backend of a retail chain's store guides (导购).

Errors are RFC 9457 problem details with a stable `code`. Money is integer minor units with a currency. Times are
RFC 3339 in UTC; a business day is a date in the store's time zone. Lists use opaque cursors. What is said to people is
in English or, by `Accept-Language`, in Simplified Chinese; `Content-Language` says which.

An unknown query parameter or body field is refused with 422, which names it.

A body has at most 8 MiB (file uploads: 64 MiB), a page at most 200 items, a batch what its schema says. Every principal
has an allowance of requests a minute, told by `RateLimit-*`; 429 comes with `Retry-After`."""

GLOSSARY = Glossary(fields=FIELDS, bodies=BODIES)
*_BODIES, _REPORTS = FRONT = tuple(
    entitled(one.code, one.status, spell(one.said, ENGLISH).removesuffix("."))
    for one in (refusals.BODY_TOO_SLOW, refusals.TOO_MANY_LONG_BODIES, refusals.NO_ROOM, refusals.TOO_MANY_REPORTS)
)


def init_app(app: Flask, blueprints: Iterable[flask_smorest.Blueprint]) -> None:
    """Register the rooms' routes and their documentation."""
    app.config.update(
        API_TITLE="guideapi",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION},
            "servers": _servers(app.config["PUBLIC_URL"]),
            "security": [{"bearer": []}],
        },
    )
    api = Api(app)
    for function in (document_union, forget_null_default):
        api.ma_plugin.converter.add_attribute_function(function)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    _add_batch_items(app, api)
    settings = Settings(
        body_bytes=app.config["MAX_CONTENT_LENGTH"],
        signed_in=[code_of(BadToken)],
        bodies=_BODIES,
        reports=_REPORTS,
        glossary=GLOSSARY,
    )
    complete(app, api.spec, settings)
    group(api.spec)


def _servers(public_url: str) -> list[dict[str, str]]:
    """Where it is called: beside this document first, which holds in any network."""
    beside = {"url": urlsplit(public_url).path or "/", "description": "The server that this document is read from."}
    return [beside, {"url": public_url, "description": "Its address for everybody."}]


def _add_batch_items(app: Flask, api: Api) -> None:
    for view in app.view_functions.values():
        for name, schema in getattr(view, "batch_components", {}).items():
            if name not in api.spec.components.schemas:
                api.spec.components.schema(name, schema)
