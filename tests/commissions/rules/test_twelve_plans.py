"""The twelve plans of the templates pay what their worked examples say, to the fen."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from commissions.queries.templates import list_templates
from commissions.rules.language.checks import find_problems
from commissions.rules.language.model import Coefficients, Measure, Refunds, Share
from commissions.rules.language.prose import describe
from commissions.rules.pay.bases import Moment, To
from commissions.rules.pay.deductions import Law, Taken, take_back
from commissions.rules.pay.evaluate import owed
from commissions.rules.pay.examples import try_examples
from commissions.rules.pay.measures import World, measured
from kit.words import spell
from tests.commissions.rules.plans import (
    BY_TABLE,
    by_line,
    example,
    facts,
    later,
    line,
    pay,
    plan,
    table,
    template,
)

EXPECTED: dict[tuple[str, int], dict[str, int]] = {
    ("discount_bands", 0): {"G1": 6_947},
    ("store_attainment", 0): {"G1": 78_538, "G2": 70_000, "G3": 36_462},
    ("store_attainment", 1): {"G1": 58_114, "G2": 61_600, "G3": 32_086},
    ("personal_tiers", 0): {"G1": 100_367},
    ("double_assessment", 0): {"G1": 124_743},
    ("store_pool", 0): {"G1": 56_000, "G2": 53_333, "G3": 26_667, "G4": 32_000, "M1": 42_000},
    ("omnichannel", 0): {"G1": 520, "S1": 78, "S2": 52, "S3": 130},
    ("omnichannel", 1): {"G1": 7, "S1": 1, "S2": 1, "S3": 2},
    ("two_guides", 0): {"G1": 600, "G2": 400},
    ("two_guides", 1): {"G1": 600, "G2": 400},
    ("units_per_receipt", 0): {"G1": 14_505},
    ("units_per_receipt", 1): {},
    ("units_per_receipt", 2): {},
    ("new_customers", 0): {"G1": 11_500},
    ("new_customers", 1): {"G1": 30_000},
    ("new_customers", 2): {},
    ("items_and_margin", 0): {"G1": 10_000},
    ("items_and_margin", 1): {"G1": 960},
    ("items_and_margin", 2): {"G1": 900},
    ("weekly_contest", 0): {"G1": 30_000, "G2": 15_000, "G3": 15_000},
    ("weekly_contest", 1): {"G1": 20_000, "G2": 20_000, "G3": 20_000},
    ("weekly_contest", 2): {"G2": 30_000},
    ("newcomer_guarantee", 0): {"G1": 137_450 + 62_550},
    ("newcomer_guarantee", 1): {"G1": 41_230},
}
AFTER_APPROVAL = {
    ("personal_tiers", 0): {"G1": -29_999},
    ("two_guides", 1): {"G1": -200, "G2": -133},
    ("new_customers", 0): {"G1": -1_000},
    ("new_customers", 1): {},
    ("items_and_margin", 0): {"G1": -2_000},
}


@pytest.mark.parametrize(("code", "number"), EXPECTED)
def test_plans_pay_their_figures(code: str, number: int) -> None:
    assert pay(template(code), example(code, number)) == EXPECTED[code, number]
    assert later(template(code), example(code, number)) == AFTER_APPROVAL.get((code, number), {})


def test_templates_are_sound_and_their_examples_pass() -> None:
    assert len(list_templates()) == 12
    for one in list_templates():
        assert [*find_problems(one.plan)] == []
        assert all(tried.passed for tried in try_examples(one.plan)), one.code
        assert {(code, n) for code, n in EXPECTED if code == one.code} == {
            (one.code, n) for n in range(len(one.plan.examples))
        }
        assert all(spell(said, language) for said in describe(one.plan) for language in ("zh", "en"))


def test_an_example_that_says_otherwise_fails() -> None:
    wrong = msgspec.to_builtins(template("discount_bands"))
    wrong["examples"][0]["expected"][0]["amount"] = 6_948
    [tried] = try_examples(msgspec.convert(wrong, type(template("discount_bands"))))
    assert [(one.amount, one.expected.amount) for one in tried.differences] == [(6_947, 6_948)]


def test_what_is_not_paid_still_counts() -> None:
    world = World(template("discount_bands"), example("discount_bands", 0))
    assert measured(world, Measure(metric="net"), To("a_staff", "G1")) == 124_214


def test_tiers_by_line() -> None:
    assert by_line(template("personal_tiers"), example("personal_tiers", 0)) == [19_999, 5, 59_999, 20_364]


def test_tiers_recomputed_after_a_refund() -> None:
    recomputing = replace(template("personal_tiers"), refunds=Refunds(reverse="recompute"))
    assert later(recomputing, example("personal_tiers", 0)) == {"G1": -36_788}


def test_coefficients_by_product_and_minimum() -> None:
    double = template("double_assessment")
    [rule] = double.line_rules
    assert rule.coefficients
    for combine, fen in (("product", 104_436), ("minimum", 116_040)):
        coefficients = replace(rule.coefficients, combine=combine)
        assert isinstance(coefficients, Coefficients)
        by = replace(double, rules=(replace(rule, coefficients=coefficients),))
        assert pay(by, example("double_assessment", 0)) == {"G1": fen}


def test_one_pot_or_separate_rates() -> None:
    shares = (("sharing", 6_667), ("fulfilling_store", 1_667), ("home_store", 1_000), ("ordering_store", 666))
    pot = {"kind": "line", "name": "pot", "pays": {"kind": "percentage", "rate_bp": 300}}
    by = plan({**pot, "credits": [{"role": role, "share_bp": bp} for role, bp in shares]})
    assert pay(by, example("omnichannel", 1)) == {"G1": 7, "S1": 1, "S3": 2}
    assert all(isinstance(share, Share) for share in by.line_rules[0].credits)


def test_an_unknown_cost_is_asked_for() -> None:
    [question] = owed(template("items_and_margin"), example("items_and_margin", 2)).questions
    assert (question.about, question.rule, question.line) == ("cost_unknown", "高毛利商品", 0)
    assert owed(template("items_and_margin"), example("items_and_margin", 1)).questions == []


def test_taking_back_within_the_law() -> None:
    law = Law(limit_bp=2_000, floor_fen=269_000)
    without = take_back(earned_fen=41_230, owed_back_fen=120_000, wage_fen=None, law=law)
    assert without == Taken(payout_fen=0, from_wage_fen=0, carried_fen=-78_770)
    within = take_back(earned_fen=41_230, owed_back_fen=120_000, wage_fen=350_000, law=law)
    assert within == Taken(payout_fen=0, from_wage_fen=37_016, carried_fen=-41_754)
    little = take_back(earned_fen=41_230, owed_back_fen=10_000, wage_fen=350_000, law=law)
    assert little == Taken(payout_fen=31_230, from_wage_fen=0, carried_fen=0)


STEP = table({0: 100, 1_000_000: 200})


def test_a_step_at_its_threshold_and_a_partial_refund() -> None:
    by = plan(BY_TABLE, tables=[STEP])
    half = {"net": 100, "when": "after_approval"}
    given = facts(line(999_900), line(200, refunds=[half]), line(500_000))
    assert by_line(by, given) == [19_998, 4, 10_000]
    assert later(by, given) == {"G1": -2}
    assert pay(by, facts(line(999_999))) == {"G1": 10_000}
    assert pay(by, facts(line(1_000_000))) == {"G1": 20_000}


def test_two_receipts_in_one_second_keep_their_order() -> None:
    by = plan(BY_TABLE, tables=[table({0: 100, 1_000: 1_000}, method="marginal")])
    at = "2026-11-05T08:00:00Z"
    assert by_line(by, facts(line(1_000, at=at), line(1_000, at=at))) == [10, 100]
    assert by_line(by, facts(line(1_000, at="2026-11-05T08:00:01Z"), line(1_000, at=at))) == [100, 10]


@pytest.mark.parametrize(("net", "rate"), [(9_999_500, 220), (9_999_999, 220), (10_000_000, 250)])
def test_attainment_has_no_gap_below_the_whole(net: int, rate: int) -> None:
    given = facts(line(net), targets=[{"subject": "S1", "amount": 10_000_000}])
    assert pay(template("store_attainment"), given) == {"G1": (net * rate + 5_000) // 10_000}


def test_an_odd_fen_goes_to_the_smaller_staff_number() -> None:
    people: list[dict[str, Any]] = [{"staff_no": name} for name in ("G3", "G1", "G2")]
    readings = [{"subject": one["staff_no"], "metric": "net", "numerator": 5} for one in people]
    by = plan({"kind": "contest", "name": "c", "measure": {"metric": "net"}, "prizes": [100, 100, 0]})
    assert pay(by, facts(people=people, readings=readings)) == {"G1": 67, "G2": 67, "G3": 66}


def test_a_leaver_is_guaranteed_the_days_that_they_were_there() -> None:
    person = {"staff_no": "G1", "days_placed": 10}
    assert pay(template("newcomer_guarantee"), facts(people=[person])) == {"G1": 66_667}


def test_a_sale_that_arrives_after_approval_changes_nothing_of_before() -> None:
    """It is an entry of its own in the first open period; in the sums of a period it adds nothing."""
    by = template("store_attainment")
    given = facts(line(7_000_000), line(900, earlier=True), targets=[{"subject": "S1", "amount": 7_000_000}])
    assert pay(by, given) == pay(by, facts(line(7_000_000), targets=[{"subject": "S1", "amount": 7_000_000}]))
    assert pay(by, given, Moment.NOW) == {"G1": 175_000}


def test_of_two_guarantees_the_larger_is_paid_once() -> None:
    guarantees = [{"kind": "guarantee", "name": f"g{fen}", "amount": fen, "months": 3} for fen in (500, 900, 700)]
    assert pay(plan(*guarantees), facts(people=[{"staff_no": "G1"}])) == {"G1": 900}


def test_managers_get_a_part_of_what_their_guides_earn() -> None:
    people = [{"staff_no": "M1", "role": "store_manager"}, {"staff_no": "G1"}, {"staff_no": "G2", "store": "S2"}]
    rule = {"kind": "override", "name": "m", "role": "store_manager", "rate_bp": 1_000}
    flat = {"kind": "line", "name": "all", "pays": {"kind": "percentage", "rate_bp": 1_000}}
    given = facts(line(10_000), line(10_000, "G2", store="S2"), people=people)
    assert pay(plan(flat, rule), given) == {"G1": 1_000, "G2": 1_000, "M1": 100}
    assert pay(plan(flat, {**rule, "of": "net"}), given)["M1"] == 1_000


def test_caps_of_a_rule_and_of_the_plan() -> None:
    capped = {"kind": "line", "name": "all", "pays": {"kind": "percentage", "rate_bp": 1_000}, "most": 100}
    assert by_line(plan(capped), facts(line(600), line(600), line(1_800))) == [20, 20, 60]
    del capped["most"]
    assert pay(plan(capped, most=250), facts(line(3_000), line(1_000, "G2"))) == {"G1": 250, "G2": 100}


def test_what_the_basis_leaves_out_neither_pays_nor_counts() -> None:
    by = plan(excludes=["stored_value_top_up", "points", "staff_purchases"])
    given = facts(
        line(10_000), line(10_000, kind="stored_value_top_up"), line(10_000, staff_purchase=True),
        line(10_000, paid_by_points=4_000),
    )  # fmt: skip
    assert by_line(by, given) == [300, 0, 0, 180]
    assert measured(World(by, given), Measure(metric="net"), To("a_staff", "G1")) == 16_000


def test_refunds_and_attainment_three_ways() -> None:
    refunds = [{"net": 100, "when": "in_period"}, {"net": 200, "when": "while_open"}]
    given = facts(line(1_000, refunds=refunds), line(500, earlier=True, refunds=[{"net": 50, "when": "in_period"}]))
    figures = {
        way: measured(World(plan(refunds={"attainment": way}), given), Measure(metric="net"), To("a_staff", "G1"))
        for way in ("none", "in_refund_period", "in_sale_period_while_open")
    }
    assert figures == {"none": 1_000, "in_refund_period": 850, "in_sale_period_while_open": 700}


def test_between_two_points_of_a_line() -> None:
    by = plan(BY_TABLE, tables=[table({0: 100, 1_000: 200}, method="linear")])
    assert pay(by, facts(line(500))) == {"G1": 8}  # 500 at 1.5 % are 7.5
    assert pay(by, facts(line(5_000))) == {"G1": 100}


def test_an_amount_by_table_belongs_to_no_line() -> None:
    by = plan(BY_TABLE, tables=[table({1_000: 5_000}, gives="amount", **{"else": 0})])
    assert pay(by, facts(line(600), line(400))) == {"G1": 5_000}
    assert pay(by, facts(line(600))) == {}
    assert [one.line for one in owed(by, facts(line(1_000))).payments] == [None]


def test_an_amount_per_receipt_is_paid_once() -> None:
    by = plan({"kind": "line", "name": "r", "pays": {"kind": "fixed", "amount": 50, "per": "order"}})
    back = [{"net": 1, "units": 1}]
    assert by_line(by, facts(line(1, receipt="a"), line(2, receipt="a"), line(3))) == [50, 0, 50]
    assert by_line(by, facts(line(1, receipt="a", refunds=back), line(2, receipt="a"))) == [0, 50]


MATCHED: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"price_from": 500}, {"units": 2}, {"units": 3}),
    ({"quantity_from": 3}, {"units": 3}, {"units": 2}),
    ({"discount_from_bp": 5_000}, {"tag_price": 2_000}, {"tag_price": 2_001}),
    ({"last_day": "2026-11-11"}, {"day": "2026-11-11"}, {"day": "2026-11-12"}),
    ({"first_day": "2026-11-01"}, {"day": "2026-11-01"}, {"day": "2026-10-31"}),
    ({"categories": ["护肤"]}, {"category": "护肤>精华"}, {"category": "护肤品"}),
    ({"brands": ["a", "b"]}, {"brand": "b"}, {"brand": "c"}),
    ({"customers": ["key_account"]}, {"customer": ["bound", "key_account"]}, {"customer": ["bound"]}),
    ({"campaigns": ["11.11"]}, {"campaigns": ["11.11"]}, {"campaigns": []}),
    ({"channels": ["web"]}, {"channel": "web"}, {"channel": "pos"}),
    ({"store_tags": ["旗舰"]}, {"store": "S9"}, {"store": "S8"}),
    ({"roles": ["store_manager"]}, {"credits": [{"to": "M1"}]}, {"credits": [{"to": "G1"}]}),
]


@pytest.mark.parametrize(("match", "inside", "outside"), MATCHED)
def test_each_condition_at_its_bound(match: dict[str, Any], inside: dict[str, Any], outside: dict[str, Any]) -> None:
    by = plan({"kind": "line", "name": "m", "match": match, "pays": {"kind": "fixed", "amount": 7, "per": "order"}})
    people = [{"staff_no": "M1", "role": "store_manager"}, {"staff_no": "G1"}]
    stores = [{"code": "S9", "tags": ["旗舰"]}]
    category = {field: value.replace(">", " > ") for field, value in inside.items() if field == "category"}
    given = facts({**line(1_000), **inside, **category}, {**line(1_000), **outside}, people=people, stores=stores)
    assert by_line(by, given) == [7, 0]
