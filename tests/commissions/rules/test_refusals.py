"""What a plan may not say, each with the field and the words that name the rule."""

from typing import Any

import pytest

from commissions.rules.language.checks import check_plan
from commissions.rules.language.model import json_schema
from commissions.rules.language.reading import CommissionPlanInvalid, read_plan
from kit.web.validate import by_field
from kit.words import CHINESE, ENGLISH, spell
from tests.commissions.rules.plans import BY_TABLE, FLAT, line, plan, table


def refused(raw: dict[str, Any]) -> dict[str, str]:
    """Which fields are refused, with the codes."""
    with pytest.raises(CommissionPlanInvalid) as refusal:
        check_plan(read_plan(raw))
    found = by_field(refusal.value.errors)
    for problems in found.values():
        assert all(spell(one["message"], language) for one in problems for language in (ENGLISH, CHINESE))
    return {path: problems[0]["code"] for path, problems in found.items()}


def rule(**fields: Any) -> dict[str, Any]:
    return {**FLAT, **fields}


def with_table(**fields: Any) -> dict[str, Any]:
    return {"rules": [BY_TABLE], "tables": [table(**{"points": {0: 100, 10: 200}, **fields})]}


def coefficients(*of: dict[str, Any], combine: str = "product") -> dict[str, Any]:
    return rule(coefficients={"combine": combine, "of": list(of)})


WEIGHED = {**table({0: 9_000}, metric="attainment", gives="coefficient"), "name": "c"}
POOL = {"kind": "pool", "name": "p", "rate_bp": 100, "shares": [{"role": "guide", "share_bp": 9_999}]}
CONTEST = {"kind": "contest", "name": "PK", "measure": {"metric": "attainment"}, "prizes": [100, -50]}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "tiers not ascending": (with_table(points={0: 1, 20: 2, 10: 3}), {"plan.tables.0.points": "tiers_not_ascending"}),
    "tiers level": (
        {"rules": [BY_TABLE], "tables": [{**table({0: 1}), "points": [{"from": 0, "value": 1}] * 2}]},
        {"plan.tables.0.points": "tiers_not_ascending"},
    ),
    "a gap below": (with_table(points={10: 200}), {"plan.tables.0.else": "tiers_gap"}),
    "shares of a pot": (
        {"rules": [rule(credits=[{"role": "serving", "share_bp": 6_000}, {"role": "bound", "share_bp": 3_999}])]},
        {"plan.rules.0.credits": "shares_not_whole"},
    ),
    "shares of a pool": ({"rules": [POOL]}, {"plan.rules.0.shares": "shares_not_whole"}),
    "weights of coefficients": (
        {"rules": [coefficients({"table": "c", "weight_bp": 6_000}, combine="weighted")], "tables": [WEIGHED]},
        {"plan.rules.0.coefficients.of": "shares_not_whole"},
    ),
    "credits of an example": (
        {
            "rules": [FLAT],
            "examples": [
                {
                    "name": "e",
                    "expected": [{"to": "G1", "amount": 1}],
                    "facts": {"lines": [{"net": 1, "credits": [{"to": "G1", "share_bp": 5_000}]}]},
                }
            ],
        },
        {"plan.examples.0.facts.lines.0.credits": "shares_not_whole"},
    ),
    "the last pays": ({"rules": [CONTEST]}, {"plan.rules.0.prizes": "prize_negative"}),
    "a coefficient without its table": (
        {"rules": [coefficients({"table": "c"})]},
        {"plan.rules.0.coefficients.of.0.table": "coefficient_without_table"},
    ),
    "a coefficient by a table of rates": (
        {"rules": [coefficients({"table": "t"})], "tables": [table({0: 1})]},
        {"plan.rules.0.coefficients.of.0.table": "table_gives_other"},
    ),
    "coefficients of roles": (
        {
            "rules": [
                {
                    **coefficients({"table": "c"}),
                    "pays": {"kind": "by_role", "rates": [{"role": "serving", "rate_bp": 1}]},
                }
            ],
            "tables": [WEIGHED],
        },
        {"plan.rules.0.coefficients": "coefficients_of_roles"},
    ),
    "pay without its table": ({"rules": [BY_TABLE]}, {"plan.rules.0.pays.table": "table_unknown"}),
    "pay by a coefficient": (
        {"rules": [{**BY_TABLE, "pays": {"kind": "table", "table": "c"}}], "tables": [WEIGHED]},
        {"plan.rules.0.pays.table": "table_gives_other"},
    ),
    "marginal by the store's net": (
        with_table(method="marginal", of="store"),
        {"plan.tables.0.method": "marginal_needs_own_net"},
    ),
    "a rate above the whole": (with_table(points={0: 10_001}), {"plan.tables.0.points": "rate_above_whole"}),
    "covered": ({"rules": [FLAT, rule(name="late", match={"brands": ["x"]})]}, {"plan.rules.1.match": "rule_covered"}),
    "covered by a category above": (
        {"rules": [rule(match={"categories": ["护肤"]}), rule(name="late", match={"categories": ["护肤>精华"]})]},
        {"plan.rules.1.match": "rule_covered"},
    ),
    "covered by a lower band": (
        {"rules": [rule(match={"discount_from_bp": 5_000}), rule(name="late", match={"discount_from_bp": 6_500})]},
        {"plan.rules.1.match": "rule_covered"},
    ),
    "both ways of stored value": (
        {"rules": [FLAT], "excludes": ["freight"]},
        {"plan.excludes": "stored_value_paid_twice"},
    ),
    "a name twice": ({"rules": [rule(match={"brands": ["x"]}), FLAT]}, {"plan.rules.1.name": "plan_name_taken"}),
    "a role twice": (
        {"rules": [rule(credits=[{"role": "serving", "share_bp": 5_000}] * 2)]},
        {"plan.rules.0.credits": "role_twice"},
    ),
    "a pot and rates": (
        {
            "rules": [
                rule(
                    pays={"kind": "by_role", "rates": [{"role": "serving", "rate_bp": 1}]},
                    credits=[{"role": "serving", "share_bp": 10_000}],
                )
            ]
        },
        {"plan.rules.0.credits": "roles_paid_twice"},
    ),
    "a part for who is not paid": (
        {
            "rules": [FLAT, {"kind": "override", "name": "m", "role": "store_manager", "rate_bp": 1}],
            "audience": {"roles": ["guide"]},
        },
        {"plan.rules.1.role": "role_not_paid"},
    ),
    "a contest of regions": (
        {"rules": [{**CONTEST, "prizes": [1], "measure": {"metric": "net", "of": "region"}}]},
        {"plan.rules.0.measure.of": "not_a_choice"},
    ),
    "a reading without a name": (
        {"rules": [rule(gates=[{"measure": {"metric": "reading"}, "from": 1}])]},
        {"plan.rules.0.gates.0.measure.reading": "reading_named"},
    ),
    "a campaign without a name": (
        {"rules": [FLAT], "period": {"unit": "campaign"}},
        {"plan.period.campaign": "campaign_named"},
    ),
    "an eighth weekday": (
        {"rules": [FLAT], "period": {"unit": "week", "from_day": 8}},
        {"plan.period.from_day": "out_of_range"},
    ),
    "days reversed": (
        {"rules": [rule(match={"first_day": "2026-11-11", "last_day": "2026-11-01"})]},
        {"plan.rules.0.match.last_day": "dates_reversed"},
    ),
    "no category": (
        {"rules": [rule(match={"categories": [" > "]})]},
        {"plan.rules.0.match.categories": "category_unusable"},
    ),
    "an example of no rule": (
        {
            "rules": [FLAT],
            "examples": [
                {
                    "name": "e",
                    "facts": {"lines": [line(1)]},
                    "expected": [{"to": "G1", "amount": 0, "rule": "none"}],
                }
            ],
        },
        {"plan.examples.0.expected.0.rule": "rule_unknown"},
    ),
    "every shape that is wrong, at once": (
        {
            "rules": [
                rule(pays={"kind": "percentage", "rate_bp": 10_001}),
                {"kind": "what"},
                rule(name="x", matches={}),
            ],
            "tables": [{**table({0: 1}), "method": "maybe"}],
            "currency": "yuan",
        },
        {
            "plan.rules.0.pays.rate_bp": "wrong_in_plan",
            "plan.rules.1.kind": "wrong_in_plan",
            "plan.rules.2": "wrong_in_plan",
            "plan.tables.0.method": "wrong_in_plan",
            "plan.currency": "wrong_in_plan",
        },
    ),
    "no rules": ({"rules": []}, {"plan.rules": "required"}),
    "nothing": ({}, {"plan.rules": "required"}),
    "too many rules": ({"rules": [FLAT] * 201}, {"plan.rules": "too_long"}),
    "rules that are no list": ({"rules": 3}, {"plan.rules": "wrong_in_plan"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_at_saving(case: str) -> None:
    raw, fields = REFUSED[case]
    assert refused(raw) == fields


def test_a_refusal_names_the_rule_in_both_languages() -> None:
    with pytest.raises(CommissionPlanInvalid) as refusal:
        read_plan({"rules": [rule(name="新品", pays={"kind": "percentage", "rate_bp": 10_001})]})
    [[problem]] = by_field(refusal.value.errors).values()
    assert spell(problem["message"], ENGLISH) == "“新品”: At most 10000."
    assert spell(problem["message"], CHINESE).startswith("“新品”有误：")


def test_what_a_rule_beside_another_may_say() -> None:
    """An `also` covers nothing and is never covered; a narrower rule before a wider one is how exceptions are said."""
    narrow = rule(name="narrow", match={"brands": ["a"], "price_from": 100})
    check_plan(plan(narrow, rule(name="also", also=True), FLAT, rule(name="more", also=True)))
    check_plan(
        plan(rule(name="a", match={"categories": ["护肤 > 精华"]}), rule(name="b", match={"categories": ["护肤"]}))
    )
    check_plan(plan(rule(name="a", match={"categories": ["护肤"]}), rule(name="b", match={"categories": ["护肤品"]})))


def test_names_and_paths_are_as_pushes_have_them() -> None:
    [read] = plan(rule(match={"categories": ["护肤>精华", "护肤 ＞ 精华"], "tags": ["ＶＩＰ ", "VIP"]})).line_rules
    assert (read.match.categories, read.match.tags) == (("护肤 > 精华",), ("VIP",))


def test_the_schema_describes_every_kind_of_rule() -> None:
    definitions = json_schema()["$defs"]
    assert isinstance(definitions, dict)
    assert {
        "LineRule",
        "NewCustomerRule",
        "PoolRule",
        "ContestRule",
        "GuaranteeRule",
        "OverrideRule",
    } <= definitions.keys()
