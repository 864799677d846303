"""An HTTP client that holds every answer against the OpenAPI document."""

import re
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from kit.ids import new_id
from models import Staff
from tests.make import PASSWORD, verify

_documents: WeakKeyDictionary[Flask, dict[str, Any]] = WeakKeyDictionary()
WITH_OFFSET = re.compile(r'"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?[+-]\d\d:?\d\d"')
_validators: dict[str, jsonschema_rs.Validator] = {}


class Client:
    """Calls the API as one principal; fails the test when an answer is not the documented one."""

    def __init__(self, app: Flask, token: str | None = None, session_id: str | None = None) -> None:
        self.app = app
        self.token = token
        self.session_id = session_id

    def with_token(self, token: str, session_id: str | None = None) -> "Client":
        return Client(self.app, token, session_id)

    def sign_in(self, staff: Staff) -> "Client":
        answer = self.post("/v1/auth/token", json={"staff_no": staff.staff_no, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        verify(answer.json["session_id"])
        return self.with_token(answer.json["access_token"], answer.json["session_id"])

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.open("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.open("POST", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.open("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.open("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.open("DELETE", path, **options)

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if options.pop("keyed", True) and method == "POST" and wants_a_key(self.app, path):
            headers.setdefault("Idempotency-Key", str(new_id()))
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        response = self.app.test_client(use_cookies=False).open(path, method=method, headers=headers, **options)
        if path.startswith("/v1/"):
            check_documented(self.app, method, path, response)
            # Times are in UTC, written with Z; what others wrote is within a text of its own.
            assert not response.is_json or not WITH_OFFSET.search(response.text), response.text
        return response


def wants_a_key(app: Flask, path: str) -> bool:
    """Whether a POST there is refused without Idempotency-Key: clients send a fresh one unless told otherwise."""
    try:
        endpoint, _ = app.url_map.bind("").match(path.partition("?")[0], "POST")
    except HTTPException:
        return False
    return getattr(app.view_functions[endpoint], "idempotency", "") == "required"


def new(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request that makes something, with an id of its own unless it has one."""
    return {"id": str(new_id()), **body}


def check_documented(app: Flask, method: str, path: str, response: TestResponse) -> None:
    """Assert that the answer's body matches the schema that the OpenAPI document gives for it."""
    if response.status_code in (204, 304) or response.mimetype not in ("application/json", "application/problem+json"):
        return
    name = _schema_location(app, method, path, response.status_code)
    if name is not None:
        _validator(app, name, response.mimetype).validate(response.json)


def _schema_location(app: Flask, method: str, path: str, status: int) -> str | None:
    try:
        rule, _ = app.url_map.bind("").match(path.partition("?")[0], method=method, return_rule=True)
    except Exception:  # routing errors are not documented per operation
        return None
    template = "/".join(_segment(part) for part in rule.rule.split("/"))
    responses = document(app)["paths"][template][method.lower()]["responses"]
    key = str(status) if str(status) in responses else "default"
    return f"{template} {method.lower()} {key}"


def _segment(part: str) -> str:
    return "{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document, made once for an application: to put it together takes longer than most requests."""
    if app not in _documents:
        _documents[app] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return _documents[app]


def _validator(app: Flask, name: str, mimetype: str) -> jsonschema_rs.Validator:
    key = f"{name} {mimetype}"
    if key not in _validators:
        template, method, status = name.split(" ")
        whole = document(app)
        answer = whole["paths"][template][method]["responses"][status]
        if "$ref" in answer:
            answer = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        assert mimetype in answer.get("content", {}), f"{name} does not document {mimetype}"
        schema = answer["content"][mimetype]["schema"]
        _validators[key] = jsonschema_rs.validator_for({**schema, "components": whole["components"]})
    return _validators[key]


def wrong(answer: TestResponse) -> dict[str, list[str]]:
    """The codes of what is wrong, by field."""
    return {field: [one["code"] for one in problems] for field, problems in answer.json["errors"].items()}
