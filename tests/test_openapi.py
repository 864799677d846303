"""The contract as written is the contract as kept: every operation, fuzzed as several principals."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guideapi.app import GuideApp
from tests import make
from tests.client import Client

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 6
PRINCIPALS = ("nobody", "guide", "store_manager", "hq_admin", "hq_everything", "integrator")
HQ = ["hq_admin", "hq_content", "hq_catalog", "hq_commission", "hq_finance"]


def token_of(principal: str, client: Client) -> str | None:
    if principal == "nobody":
        return None
    if principal == "integrator":
        return make.api_key(scopes=["products:write", "orders:write"])
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
        except BaseException as error:
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
        case.headers = {**(case.headers or {}), **headers}
        case.validate_response(case.call(), checks=CHECKS)

    check()
