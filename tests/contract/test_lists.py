"""What holds for every list and query: pages, totals, and one name for one thing over all rooms."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from guideapi.app import GuideApp
from kit import clock
from kit.web import paging
from models import Staff
from tests import make
from tests.client import Client, document
from tests.contract.document import Operation, operations

HQ = ["hq_admin", "hq_content", "hq_catalog", "hq_commission", "hq_finance", "guide", "store_manager"]
# What lists cannot be asked without.
ASKED = {
    "/v1/leaderboards": {"metric": "net_sales", "scope": "company"},
    "/v1/commissions/entries": {},
}


def answer_of(app: GuideApp, operation: Operation) -> dict[str, Any]:
    """The schema of what a GET answers."""
    contents = operation.content["responses"].get("200", {}).get("content", {})
    return resolved(app, contents.get("application/json", {}).get("schema", {}))


def resolved(app: GuideApp, schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document(app)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def lists(app: GuideApp) -> Iterator[Operation]:
    """The operations that answer page by page."""
    for operation in operations(app):
        if "next_cursor" in answer_of(app, operation).get("properties", {}):
            yield operation


def queries(app: GuideApp) -> Iterator[tuple[str, dict[str, Any]]]:
    for operation in operations(app):
        for parameter in operation.content.get("parameters", []):
            if parameter["in"] == "query":
                yield operation.name, parameter


def test_every_list_takes_a_page_and_counts_when_asked(app: GuideApp) -> None:
    found = list(lists(app))
    assert len(found) > 30
    for operation in found:
        takes = {parameter["name"] for parameter in operation.content["parameters"]}
        assert {"limit", "cursor", "count"} <= takes, operation.name
        answer = answer_of(app, operation)
        assert "total" in answer["properties"], operation.name
        assert "total" not in answer["required"], operation.name


def test_days_are_asked_for_in_one_way(app: GuideApp) -> None:
    """A period of days is `from` and `to`, both included; one of times `since` (included) and `until` (excluded)."""
    for name, parameter in queries(app):
        kind = parameter["schema"].get("format")
        if kind == "date":
            assert re.fullmatch(r"from|to|day|due|\w+_on", parameter["name"]), (name, parameter["name"])
        if kind == "date-time":
            assert parameter["name"] in ("since", "until"), (name, parameter["name"])
    asked = {name: [] for name, _ in queries(app)}  # type: dict[str, list[str]]
    for name, parameter in queries(app):
        asked[name].append(parameter["name"])
    for name, parameters in asked.items():
        assert ("from" in parameters) == ("to" in parameters), name
        assert ("since" in parameters) == ("until" in parameters), name


def test_stores_are_asked_for_and_told_in_one_way(app: GuideApp) -> None:
    for name, parameter in queries(app):
        if parameter["name"].startswith("store"):
            assert parameter["name"] == "store_id", name
            assert parameter["schema"]["format"] == "uuid", name
    for name, schema in document(app)["components"]["schemas"].items():
        # Orders come from tills, which know stores by their codes.
        for field in schema.get("properties", {}) if name.endswith("Out") else ():
            if re.match(r"store|guide", field):
                known = r"(store|guide)(_(id|ids|code|name|no|tags|staff_no))?|guides|stores"
                assert re.fullmatch(known, field), (name, field)
                assert field not in ("store",), (name, field)


def test_no_list_of_guides_holds_nobody(app: GuideApp) -> None:
    for operation in lists(app):
        item = resolved(app, answer_of(app, operation)["properties"]["items"]["items"])
        guide = item.get("properties", {}).get("guide")
        if guide is not None:
            assert "null" not in str(guide), operation.name


@pytest.fixture
def somebody(client: Client, guide: Staff) -> Client:
    """May ask for every list, and finds something in many."""
    make.content(products=[make.product().id])
    make.forward(guide=guide)
    make.follow_up(guide=guide)
    make.customer(guide=guide)
    make.task_plan(by=make.staff(roles=["store_manager"], store_id=guide.store_id))
    return client.sign_in(make.staff(roles=HQ, store_id=guide.store_id))


def test_the_total_of_every_list_is_what_its_pages_hold(app: GuideApp, somebody: Client) -> None:
    today = clock.now().date().isoformat()
    for operation in lists(app):
        if "{" in operation.path:
            continue
        takes = {parameter["name"] for parameter in operation.content["parameters"]}
        asked: dict[str, str] = {"from": today, "to": today} if "from" in takes else {}
        asked |= ASKED.get(operation.path, {})
        whole = somebody.get(operation.path, query_string={**asked, "limit": 50})
        assert whole.status_code == 200, (operation.name, whole.text)
        assert "total" not in whole.json, operation.name
        counted = somebody.get(operation.path, query_string={**asked, "limit": 1, "count": "true"})
        assert counted.json["total"] == len(whole.json["items"]), operation.name


def test_a_list_that_is_counted_by_reading_it_is_counted_so_far(
    as_guide: Client, guide: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_COUNTED", 2)
    for _ in range(3):
        make.forward(guide=guide)
    assert as_guide.get("/v1/forwards?count=true&limit=1").json["total"] == 2
    page = as_guide.get("/v1/forwards?limit=1").json
    following = as_guide.get("/v1/forwards", query_string={"cursor": page["next_cursor"], "limit": 1, "count": "1"})
    assert following.json["total"] == 2
