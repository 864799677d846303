"""Which codes an operation may answer with: what the document says is what the code raises.

That no answer has another code is asserted by the tests' client for each answer of every test, and by the fuzz.
"""

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from guideapi.app import GuideApp
from kit.errors import DomainError
from kit.web.etag import PreconditionRequired
from kit.web.paging import BadCursor
from kit.web.problems import code_of
from kit.web.refusals import refusals_of
from orders.queries.claims import ClaimNotFound
from orders.queries.policies import PolicyNotFound
from orders.service.mending import OtherReceipt
from staff.queries.people import StaffNotFound
from staff.service.grants import FreshCodeRequired
from tasks.service.plans import NoGuides
from tests.client import check_documented, codes_in, document
from tests.contract.document import Operation, operations
from tests.contract.raises import refusals_raised
from tests.test_house import calls, sources

# Batches answer these for an item, and never as a whole.
PER_ITEM = {
    "clienteling_create_follow_ups",
    "content_center_create_forwards",
    "customers_transfer_customers",
    "tasks_settle_outbox",
}
# What reading the code finds, and cannot happen: the first page has no cursor, and what was just made is there.
IMPOSSIBLE: dict[str, set[type[DomainError]]] = {
    "clienteling_get_customer_overview": {BadCursor},
    "orders_create_claim": {ClaimNotFound},
    "orders_create_policy": {PolicyNotFound},
    # What is sent again is the same order or refund.
    "orders_set_seller": {OtherReceipt},
    # Only a guide's aims look for the guide.
    "performance_get_region_performance": {StaffNotFound},
    "performance_get_store_performance": {StaffNotFound},
    # Nobody is looked for where nothing is given out.
    "tasks_end_task_plan": {NoGuides},
    "tasks_pause_task_plan": {NoGuides},
}
# What happens behind `app.extensions`, where reading the code does not get.
OUT_OF_SIGHT: dict[str, set[type[DomainError]]] = {
    name: {FreshCodeRequired}
    for name in (
        "commissions_approve_version",
        "settlements_approve_pay_period",
        "commissions_close_period",
        "orders_approve_policy",
        "settlements_close_settlement",
        "settlements_decide_on_statements",
    )
}


def declared(operation: Operation, whole: dict[str, Any]) -> set[str]:
    """The codes that the document names."""
    found: set[str] = set()
    for status, answer in operation.content["responses"].items():
        if status >= "4":
            named = answer.get("$ref", "").rpartition("/")[2]
            found |= codes_in(whole["components"]["responses"][named] if named else answer, whole)
    return found


def test_what_the_code_raises_is_declared(app: GuideApp) -> None:
    views = {endpoint.replace(".", "_"): view for endpoint, view in app.view_functions.items()}
    missing = {}
    for operation in operations(app):
        raised = refusals_raised(views[operation.name]) - IMPOSSIBLE.get(operation.name, set())
        codes = {kind.code for kind in raised} - declared(operation, document(app))
        if codes and operation.name not in PER_ITEM:
            missing[operation.name] = codes
    assert missing == {}


def test_what_is_declared_is_raised(app: GuideApp) -> None:
    from_decorators = {"malformed", PreconditionRequired.code, "batch_too_large", "stale"}
    stale = {}
    for endpoint, view in app.view_functions.items():
        name = endpoint.replace(".", "_")
        raised = refusals_raised(view) | OUT_OF_SIGHT.get(name, set())
        if codes := {kind.code for kind in refusals_of(view) - raised} - from_decorators:
            stale[name] = codes
    assert stale == {}


def test_each_code_has_a_shape_with_the_facts_it_carries(app: GuideApp) -> None:
    shapes = document(app)["components"]["schemas"]
    facts = {
        "ContentNotForwardableProblem": "reasons",
        "NobodyToContactProblem": "skipped",
        "BindingProtectedProblem": "until",
        "StaleProblem": "version_held",
        "InvalidProblem": "errors",
        "SyncResetProblem": "reason",
    }
    for name, fact in facts.items():
        assert fact in shapes[name]["properties"], name
        assert fact not in shapes["NotFoundProblem"]["properties"]
        assert len(shapes[name]["properties"]["code"]["enum"]) == 1


@pytest.mark.parametrize(("status", "code"), [(409, "store_not_found"), (404, "customer_not_found"), (503, "odd")])
def test_the_client_sees_what_is_not_declared(app: GuideApp, status: int, code: str) -> None:
    answer = TestResponse([json.dumps({"code": code}).encode()], str(status), Headers(), Request({}))
    answer.mimetype = "application/problem+json"
    with pytest.raises(AssertionError, match="does not document"):
        check_documented(app, "GET", "/v1/stores/01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17", answer)


def test_the_facts_that_refusals_are_raised_with_are_declared() -> None:
    kinds = {kind.__name__: kind for kind in below(DomainError)}
    undeclared = {
        f"{path}: {name}({keyword.arg})"
        for path, tree in sources()
        for name, call in calls(tree)
        if (kind := kinds.get(name.rpartition(".")[2]))
        for keyword in call.keywords
        if keyword.arg and keyword.arg != "errors" and keyword.arg not in facts_of(kind)
    }
    assert undeclared == set()


def test_refusals_are_raised_with_the_facts_that_they_promise() -> None:
    promised = {kind.__name__: names for kind in below(DomainError) if (names := promised_by(kind))}
    lacking = {
        f"{path}: {name}({fact})"
        for path, tree in sources()
        for name, given in raised(tree)
        for fact in promised.get(name, set()) - given
        if None not in given
    }
    assert lacking == set()


def raised(tree: ast.AST) -> Iterator[tuple[str, set[str | None]]]:
    """Each refusal that is raised or made, and the facts it is given; None for some that are not named."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], {keyword.arg for keyword in node.keywords}
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name | ast.Attribute):
            yield ast.unparse(node.exc).rpartition(".")[2], set()


def promised_by(kind: type[DomainError]) -> set[str]:
    facts = code_of(kind).facts
    return {name for name, field in facts().fields.items() if field.required} if facts else set()


def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def facts_of(kind: type[DomainError]) -> set[str]:
    facts = code_of(kind).facts
    return set(facts().fields) if facts else set()
