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
_validators: WeakKeyDictionary[Flask, dict[str, jsonschema_rs.Validator]] = WeakKeyDictionary()


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
    """Assert that the answer is one that the OpenAPI document gives: its status, its code, its body.

    Answers may have more fields one day, and clients must bear it; today they have those of the document.
    """
    operation = _operation(app, method, path)
    if operation is None or response.status_code == 304:
        return
    answer = _answer(app, operation, response)
    if response.mimetype in ("application/json", "application/problem+json"):
        said = response.json.get("code", "") if response.status_code >= 400 else ""
        name = f"{operation['operationId']} {response.status_code} {said}"
        _validator(app, name, answer["content"][response.mimetype]["schema"]).validate(response.json)


def _operation(app: Flask, method: str, path: str) -> dict[str, Any] | None:
    try:
        rule, _ = app.url_map.bind("").match(path.partition("?")[0], method=method, return_rule=True)
    except HTTPException:  # what has no route has no operation
        return None
    template = "/".join(_segment(part) for part in rule.rule.split("/"))
    found: dict[str, Any] = document(app)["paths"][template][method.lower()]
    return found


def _answer(app: Flask, operation: dict[str, Any], response: TestResponse) -> dict[str, Any]:
    status, whole, name = str(response.status_code), document(app), operation["operationId"]
    assert status in operation["responses"], f"{name} does not document {status}: {response.text[:500]}"
    answer: dict[str, Any] = operation["responses"][status]
    if "$ref" in answer:
        answer = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    if response.status_code >= 400:
        code, known = response.json["code"], codes_in(answer, whole)
        assert code in known, f"{name} does not document {code}, only {known} with {status}"
    return answer


def codes_in(answer: dict[str, Any], whole: dict[str, Any]) -> set[str]:
    """The codes of a documented refusal."""
    schema = answer["content"]["application/problem+json"]["schema"]
    shapes = [whole["components"]["schemas"][one["$ref"].rpartition("/")[2]] for one in schema.get("oneOf", [schema])]
    return {code for shape in shapes for code in shape["properties"]["code"]["enum"]}


def _segment(part: str) -> str:
    return "{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document, made once for an application: to put it together takes longer than most requests."""
    if app not in _documents:
        _documents[app] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return _documents[app]


def _validator(app: Flask, name: str, schema: dict[str, Any]) -> jsonschema_rs.Validator:
    known = _validators.setdefault(app, {})
    if name not in known:
        shapes = document(app)["components"]["schemas"]
        needed = {named: _closed(shapes[named]) for named in _named_in(schema, shapes, set())}
        known[name] = jsonschema_rs.validator_for({**_closed(schema), "components": {"schemas": needed}})
    return known[name]


def _named_in(schema: Any, shapes: dict[str, Any], found: set[str]) -> set[str]:
    """The names of all shapes that a schema refers to, for a validator of no more than these."""
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    if isinstance(schema, dict) and (name := str(schema.get("$ref", "")).rpartition("/")[2]) and name not in found:
        found.add(name)
        _named_in(shapes[name], shapes, found)
    for part in parts:
        _named_in(part, shapes, found)
    return found


def _closed(schema: Any) -> Any:
    """The schema without room for fields that it does not name."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(inner) for name, inner in schema.items()}
    return {"additionalProperties": False, **closed} if "properties" in schema else closed


def wrong(answer: TestResponse) -> dict[str, list[str]]:
    """The codes of what is wrong, by field."""
    return {field: [one["code"] for one in problems] for field, problems in answer.json["errors"].items()}
