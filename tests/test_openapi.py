"""The contract as written is the contract as kept: every operation, fuzzed as several principals."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guideapi.app import GuideApp
from staff.rules import API_SCOPES
from tests import make
from tests.client import Client, document


def no_accident(_context: Any, response: Any, _case: Any) -> None:
    """No 5xx, but for what tells that somebody else's server is not set up here."""
    elsewhere = response.status_code == 503 and response.json()["code"] != "unavailable"
    assert response.status_code < 500 or elsewhere, response.text


CHECKS = [no_accident, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 2
PRINCIPALS = ("nobody", "guide", "hq_everything", "integrator")
HQ = ["hq_admin", "hq_content", "hq_catalog", "hq_commission", "hq_finance"]


def answers(app: GuideApp) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation with its name."""
    for path, methods in document(app)["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The bodies that go in and, on success, out, by media type."""
    successes = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for holder in (operation.get("requestBody", {}), *successes):
        yield from holder.get("content", {}).items()


def test_every_operation_says_what_it_does_takes_and_refuses(app: GuideApp) -> None:
    for name, operation in answers(app):
        assert operation["summary"].endswith("."), name
        refused = operation["responses"].keys()
        assert {"500", "503"} <= refused, name
        assert "default" not in refused, name
        assert operation["x-limits"], name
        if operation["security"]:
            assert {"401", "403", "429"} <= refused, name
        if not name.startswith("GET "):
            assert {"408", "413"} <= refused, name
        if "{" in name:
            assert "404" in refused, name


def test_every_operation_has_examples_that_its_own_schemas_admit(app: GuideApp) -> None:
    whole = document(app)
    for name, operation in answers(app):
        for media_type, content in contents(operation):
            assert "example" in content or "examples" in content, f"{name} has no example"
            if media_type == "application/json":
                schema = {**content["schema"], "components": whole["components"]}
                jsonschema_rs.validator_for(schema).validate(content["example"])


def test_what_changes_things_documents_how_it_is_sent_again(app: GuideApp) -> None:
    for name, operation in answers(app):
        headers = {p["name"]: p for p in operation.get("parameters", []) if p.get("in") == "header"}
        if "412" in operation["responses"]:
            assert headers["If-Match"]["required"], name
        if "304" in operation["responses"]:
            assert "If-None-Match" in headers, name
        if name.endswith("/replays"):
            assert headers["Idempotency-Key"]["required"], name


def token_of(principal: str, client: Client) -> str | None:
    if principal == "nobody":
        return None
    if principal == "integrator":
        return make.api_key(scopes=sorted(API_SCOPES))
    roles = HQ if principal == "hq_everything" else [principal]
    return client.sign_in(make.staff(roles=roles)).token


def operations(app: GuideApp) -> Iterator[Any]:
    for found in schemathesis.openapi.from_wsgi("/openapi.json", app).get_all_operations():
        yield found.ok()


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_no_input_breaks_anything_and_every_answer_is_documented(app: GuideApp, client: Client, principal: str) -> None:
    token = token_of(principal, client)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    broken: list[str] = []
    for operation in operations(app):
        try:
            fuzz(operation, headers)
        except (Exception, BaseExceptionGroup) as error:
            broken.append(f"{operation.label}: {error}")
    assert not broken, "\n\n".join(broken)


def fuzz(operation: Any, headers: dict[str, str]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        # The client that calls in this process does not unpack what comes in gzip.
        case.headers = {**(case.headers or {}), **headers, "Accept-Encoding": "identity"}
        case.validate_response(case.call(), checks=CHECKS)

    check()
