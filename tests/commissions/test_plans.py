"""Plans over HTTP: written by one, approved by another, tried, explained and acknowledged."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from kit.db import db
from models import PlanVersion, Staff
from tests import make
from tests.client import Client
from tests.commissions.rules.plans import BY_TABLE, FLAT, line, table

NOWHERE = "00000000-0000-0000-0000-000000000000"
SINCE = "2026-01-01T00:00:00Z"


@pytest.fixture
def maker(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_commission"]))


@pytest.fixture
def checker(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_finance"]))


@pytest.fixture
def plan_id(maker: Client) -> str:
    made: str = maker.post("/v1/commission-plans", json={"code": "base", "name": "基础提成"}).json["id"]
    return made


def post(maker: Client, plan_id: str, document: dict[str, Any], since: str = SINCE) -> TestResponse:
    body = {"plan": document, "effective_from": since}
    return maker.post(f"/v1/commission-plans/{plan_id}/versions", json=body)


def draft(maker: Client, plan_id: str, document: dict[str, Any] | None = None, since: str = SINCE) -> dict[str, Any]:
    answer = post(maker, plan_id, document or make.document({"brand": "兰梦", "rate_bp": 300}, {"rate_bp": 100}), since)
    assert answer.status_code == 201, answer.text
    version: dict[str, Any] = answer.json
    return version


def example(name: str, fen: int, **fields: Any) -> dict[str, Any]:
    lines = [line(10_000, **fields)]
    return {"name": name, "facts": {"lines": lines}, "expected": [{"to": "G1", "amount": fen}]}


def approve(caller: Client, version_id: str) -> TestResponse:
    assert caller.session_id
    fresh = make.grant(caller.session_id, act="plan_version_approval", subject_id=version_id)
    return caller.post(f"/v1/plan-versions/{version_id}/approve", headers=fresh)


def test_a_plan_is_written_by_one_and_approved_by_another(
    maker: Client, checker: Client, as_guide: Client, plan_id: str
) -> None:
    version = draft(maker, plan_id)
    assert (version["number"], version["approved_at"]) == (1, None)
    path = f"/v1/plan-versions/{version['id']}/approve"
    assert approve(maker, version["id"]).json["code"] == "same_person"
    assert as_guide.post(path).status_code == 403
    assert checker.post(path).json["code"] == "fresh_code_required"
    approved = approve(checker, version["id"])
    assert (approved.status_code, approved.json["approved_at"] is not None) == (200, True)
    assert approve(checker, version["id"]).json["code"] == "already_approved"
    [listed] = maker.get("/v1/commission-plans").json["items"]
    assert listed == maker.get(f"/v1/commission-plans/{plan_id}").json
    assert listed["versions"] == [approved.json]
    detail = maker.get(f"/v1/commission-plans/{plan_id}/versions/1").json
    assert detail["plan"]["rules"][0]["match"]["brands"] == ["兰梦"]
    assert db.session.get_one(PlanVersion, version["id"]).rules[0]["brand"] == "兰梦"


def test_refusals_around_versions(maker: Client, checker: Client, as_guide: Client, plan_id: str) -> None:
    body = {"code": "base", "name": "基础提成"}
    assert maker.post("/v1/commission-plans", json=body).json["code"] == "commission_plan_exists"
    assert as_guide.post("/v1/commission-plans", json=body).status_code == 403
    assert checker.post("/v1/commission-plans", json=body).status_code == 403
    assert post(maker, NOWHERE, make.document()).json["code"] == "commission_plan_not_found"
    assert maker.get(f"/v1/commission-plans/{plan_id}/versions/9").json["code"] == "plan_version_not_found"
    assert maker.get(f"/v1/commission-plans/{plan_id}/versions/99999999999").json["code"] == "plan_version_not_found"
    assert approve(checker, NOWHERE).json["code"] == "plan_version_not_found"
    later, earlier = draft(maker, plan_id, since="2026-06-01T00:00:00Z"), draft(maker, plan_id)
    assert approve(checker, later["id"]).status_code == 200
    assert approve(checker, earlier["id"]).json["code"] == "version_out_of_order"


def test_a_plan_that_contradicts_itself_is_not_saved(maker: Client, plan_id: str) -> None:
    gap = {"rules": [{**BY_TABLE, "name": "阶梯"}], "tables": [{**table({100: 5}), "name": "档位"}]}
    refused = post(maker, plan_id, {**gap, "rules": [{**gap["rules"][0], "pays": {"kind": "table", "table": "无"}}]})
    assert (refused.status_code, refused.json["code"]) == (422, "commission_plan_invalid")
    codes = {path: [one["code"] for one in found] for path, found in refused.json["errors"].items()}
    assert codes == {"plan.tables.0.else": ["tiers_gap"], "plan.rules.0.pays.table": ["table_unknown"]}
    chinese = maker.post(
        f"/v1/commission-plans/{plan_id}/versions",
        json={"plan": {"rules": [{**FLAT, "name": "新品", "pays": {"kind": "percentage"}}]}, "effective_from": SINCE},
        headers={"Accept-Language": "zh-CN"},
    )
    [[problem]] = chinese.json["errors"].values()
    assert problem["message"].startswith("“新品”有误：")
    assert maker.get(f"/v1/commission-plans/{plan_id}").json["versions"] == []


def test_told_at_saving_what_fits_nothing_and_which_examples_fail(maker: Client, checker: Client, plan_id: str) -> None:
    make.product(brand="兰梦", category=["护肤", "精华"])
    document = make.document(
        {"category": "护肤>精华", "rate_bp": 300},
        {"brand": "兰梦", "category": "彩妆", "rate_bp": 200},
        {"rate_bp": 100},
        examples=[example("对", 300, category="护肤>精华"), example("错", 101)],
    )
    version = draft(maker, plan_id, document)
    assert version["plan"]["rules"][0]["match"]["categories"] == ["护肤 > 精华"]
    assert version["idle_rules"] == ["rule 2"]
    assert [(one["name"], one["passed"]) for one in version["examples"]] == [("对", True), ("错", False)]
    [difference] = version["examples"][1]["differences"]
    assert (difference["to"], difference["expected"], difference["amount"]) == ("G1", 101, 100)
    refused = approve(checker, version["id"])
    assert (refused.status_code, refused.json["code"]) == (409, "plan_examples_fail")
    assert "错" in refused.json["detail"]


def test_what_is_not_posted_yet_is_saved_and_not_approved(maker: Client, checker: Client, plan_id: str) -> None:
    """Every template can be approved; what can be said and not be paid yet is told, and refused."""
    for template in maker.get("/v1/commission-plan-templates").json["items"]:
        version = draft(maker, plan_id, template["plan"])
        assert all(one["passed"] for one in version["examples"]), template["code"]
        assert version["prose"] == template["prose"]
        assert version["not_posted_yet"] == []
    version = draft(maker, plan_id, {"rules": [FLAT], "counts_on": "completed"})
    refused = approve(checker, version["id"])
    assert (refused.status_code, refused.json["code"]) == (409, "plan_not_posted_yet")
    assert all(said in refused.json["detail"] for said in version["not_posted_yet"])


def gated(metric: str) -> dict[str, Any]:
    measure = {"metric": metric, **({"reading": "x"} if metric == "reading" else {})}
    return {**FLAT, "gates": [{"measure": measure, "from": 1}]}


GUARANTEE = {"kind": "guarantee", "name": "all", "amount": 1, "months": 1, "recoverable": True}
CONTEST = {"kind": "contest", "name": "all", "measure": {"metric": "new_members"}, "prizes": [1]}
CAMPAIGN = {"unit": "campaign", "campaign": "11.11"}
UNPOSTED: dict[str, dict[str, Any]] = {
    "`match.campaigns` of rule “all”": {"rules": [{**FLAT, "match": {"campaigns": ["11.11"]}}]},
    "`gates` of rule “all”": {"rules": [gated("task_completion")]},
    "`measure` of rule “all”": {"rules": [CONTEST]},
    "`measure` of rule “t”": {"rules": [BY_TABLE], "tables": [table({0: 1}, metric="settled_net")]},
    "`recoverable` of rule “all”": {"rules": [GUARANTEE]},
    "`counts_on` of the plan": {"rules": [FLAT], "counts_on": "completed"},
    "`excludes` of the plan": {"rules": [FLAT], "excludes": ["stored_value_consumption"]},
    "`period.unit` of the plan": {"rules": [FLAT], "period": CAMPAIGN},
    "`refunds.attainment` of the plan": {"rules": [FLAT], "refunds": {"attainment": "in_refund_period"}},
}


def test_each_thing_that_is_not_posted_yet_is_named(maker: Client, plan_id: str) -> None:
    for said, document in UNPOSTED.items():
        assert draft(maker, plan_id, document)["not_posted_yet"] == [said]


def test_the_schema_is_served_and_admits_the_templates(maker: Client) -> None:
    schema = maker.get("/v1/commission-plan-schema").json["schema"]
    assert schema["$ref"] == "#/$defs/Plan"
    rules = schema["$defs"]["Plan"]["properties"]["rules"]["items"]["anyOf"]
    assert len(rules) == 6
    assert len(maker.get("/v1/commission-plan-templates").json["items"]) == 12


def test_why_a_line_is_paid_as_it_is(maker: Client, plan_id: str) -> None:
    document = make.document({"brand": "兰梦", "rate_bp": 333}, {"rate_bp": 100})
    document["rules"].append(
        {**FLAT, "name": "on top", "also": True, "gates": [{"measure": {"metric": "receipts"}, "from": 3}]}
    )
    draft(maker, plan_id, document)
    path = f"/v1/commission-plans/{plan_id}/versions/1/explain"
    explained = maker.post(path, json={"facts": {"lines": [line(1_550, brand="其他")]}}).json
    [tried] = explained["lines"]
    verdicts = [(one["rule"], one["verdict"], one["paid_at_once"]) for one in tried["rules"]]
    assert verdicts == [("rule 1", "does_not_fit", True), ("rule 2", "decides", True), ("on top", "on_top", False)]
    assert tried["rules"][0]["misses"] == [{"field": "brands", "wanted": ["兰梦"], "found": ["其他"]}]
    assert explained["payments"] == [
        {"to": "G1", "rule": "rule 2", "line": 0, "amount": 16, "exact": {"numerator": 31, "denominator": 2}}
    ]
    late = maker.post(path, json={"facts": {"lines": [line(1_000, brand="兰梦"), line(1, kind="freight")]}}).json
    assert [one["verdict"] for one in late["lines"][0]["rules"]] == ["decides", "too_late", "on_top"]
    assert late["lines"][1]["excluded"] == "freight"
    assert {one["verdict"] for one in late["lines"][1]["rules"]} == {"excluded"}
    refused = maker.post(path, json={"facts": {"lines": [{"net": -1, "credits": []}]}})
    assert (refused.status_code, refused.json["code"]) == (422, "commission_plan_invalid")
    assert list(refused.json["errors"]) == ["facts.lines.0.net"]
    nowhere = maker.post(f"/v1/commission-plans/{plan_id}/versions/7/explain", json={"facts": {}})
    assert nowhere.json["code"] == "plan_version_not_found"


def test_an_open_question_is_told_and_not_paid_as_nothing(maker: Client, plan_id: str) -> None:
    margin = {**FLAT, "name": "毛利", "pays": {"kind": "percentage", "rate_bp": 800, "of": "margin"}}
    draft(maker, plan_id, {"rules": [margin]})
    path = f"/v1/commission-plans/{plan_id}/versions/1/explain"
    asked = maker.post(path, json={"facts": {"lines": [line(30_000), line(30_000, cost=18_000)]}}).json
    assert asked["questions"] == [{"rule": "毛利", "about": "cost_unknown", "line": 0, "to": None}]
    assert [(one["line"], one["amount"]) for one in asked["payments"]] == [(1, 960)]


def test_guides_acknowledge_what_pays_them(
    maker: Client, checker: Client, as_guide: Client, guide: Staff, plan_id: str
) -> None:
    colleague = make.staff(roles=["guide"], store_id=guide.store_id)
    version = draft(maker, plan_id)
    path = f"/v1/commission-plans/{plan_id}/versions/1/acknowledgements"
    assert as_guide.get("/v1/commissions/plans").json["items"] == []
    assert as_guide.post(path).json["code"] == "plan_version_not_found"  # a draft pays nobody
    assert approve(checker, version["id"]).status_code == 200
    [mine] = as_guide.get("/v1/commissions/plans").json["items"]
    assert (mine["code"], mine["number"], mine["acknowledged_at"]) == ("base", 1, None)
    assert mine["prose"] == version["prose"]
    first = as_guide.post(path)
    assert first.status_code == 200
    assert as_guide.post(path).json == first.json  # the first time counts
    [mine] = as_guide.get("/v1/commissions/plans").json["items"]
    assert mine["acknowledged_at"] == first.json["acknowledged_at"]
    paid = {one["staff_no"]: one["acknowledged_at"] for one in maker.get(path).json["items"]}
    assert paid == {guide.staff_no: first.json["acknowledged_at"], colleague.staff_no: None}
    missing = maker.get(f"{path}?missing=true").json["items"]
    assert [one["staff_no"] for one in missing] == [colleague.staff_no]


def test_a_version_that_is_followed_pays_nobody_any_more(
    maker: Client, checker: Client, as_guide: Client, plan_id: str
) -> None:
    for since in ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2199-01-01T00:00:00Z"):
        assert approve(checker, draft(maker, plan_id, since=since)["id"]).status_code == 200
    assert [one["number"] for one in as_guide.get("/v1/commissions/plans").json["items"]] == [2, 3]
    first = f"/v1/commission-plans/{plan_id}/versions/1/acknowledgements"
    assert as_guide.post(first).json["code"] == "plan_version_not_found"
