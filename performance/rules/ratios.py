"""What is made of figures by dividing sums, never by averaging what was divided."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kit.money import WHOLE_BP
from performance.rules.metrics import Ratio, Reading, Words

# Of the figures of days, by adding and taking away.
DERIVED = (
    Reading(
        "gross_sales",
        "money",
        Words("销售总额", "Gross sales"),
        Words("结算销售额加当日退款，即当日实付", "settled sales and refunds: what was paid"),
    ),
    Reading(
        "cohort_refunds",
        "money",
        Words("本期销售的退款", "Refunds of these sales"),
        Words(
            "本期销售至今退掉的金额：销售总额减净销售额",
            "of what was sold then, given back since: gross less net sales",
        ),
    ),
)
RATIOS = (
    Ratio("receipt_value", Words("客单价", "Value of a receipt"), "settled_sales", "orders_bp", "money", WHOLE_BP),
    Ratio("unit_value", Words("件单价", "Value of a piece"), "settled_sales", "units_bp", "money", WHOLE_BP),
    Ratio("units_per_receipt", Words("连带率", "Pieces in a receipt"), "units_bp", "orders_bp", "basis_points"),
    Ratio(
        "member_share",
        Words("会员销售占比", "Members' share of sales"),
        "member_sales",
        "settled_sales",
        "basis_points",
    ),
    Ratio("discount_rate", Words("折扣率", "Paid of the tag price"), "tagged_paid", "tag_amount", "basis_points"),
    Ratio("return_rate", Words("退货率（当日）", "Return rate of the day"), "refunds", "gross_sales", "basis_points"),
    Ratio(
        "cohort_return_rate",
        Words("退货率（按销售）", "Return rate of the sales"),
        "cohort_refunds",
        "gross_sales",
        "basis_points",
    ),
    Ratio("conversion_rate", Words("转化率", "Conversion"), "footfall_receipts", "footfall", "basis_points"),
    Ratio("delivery_rate", Words("转发送达率", "Forwards confirmed of made"), "delivered", "forwards", "basis_points"),
    Ratio("task_rate", Words("任务完成率", "Tasks done of due"), "tasks_done", "tasks_due", "basis_points"),
    Ratio("sales_per_hour", Words("人效（每工时）", "Sales per hour"), "settled_sales", "minutes", "money", 60),
    Ratio("sales_per_head", Words("人效（每人）", "Sales per head"), "settled_sales", "people", "money"),
    Ratio("sales_per_m2", Words("坪效", "Sales per square metre"), "settled_sales", "area_m2", "money"),
    Ratio(
        "new_customer_share",
        Words("新客占比", "Share of new customers"),
        "first_purchases",
        "customers",
        "basis_points",
    ),
    Ratio(
        "lifetime_value",
        Words("新客累计价值（LTV）", "Value of a new customer so far"),
        "lifetime_sales",
        "first_purchases",
        "money",
    ),
)


class Divided(NamedTuple):
    """A ratio of a period: both sums, and what they come to in minor units or basis points; None at 0."""

    ratio: Ratio
    numerator: int
    denominator: int
    value: int | None


def derive(sums: Mapping[str, int]) -> dict[str, int]:
    """The figures with those that are made of them by adding."""
    gross = sums["settled_sales"] + sums["refunds"]
    return {**sums, "gross_sales": gross, "cohort_refunds": gross - sums["net_sales"]}


def divide(sums: Mapping[str, int]) -> Iterator[Divided]:
    """Every ratio of which both sums are known."""
    known = derive(sums)
    for ratio in RATIOS:
        if ratio.numerator in known and ratio.denominator in known:
            above, below = known[ratio.numerator], known[ratio.denominator]
            yield Divided(ratio, above, below, rounded(above * _scale(ratio), below))


def rounded(above: int, below: int) -> int | None:
    """The quotient, half away from zero; None at a denominator of 0."""
    if below == 0:
        return None
    sign = -1 if (above < 0) != (below < 0) else 1
    return sign * ((2 * abs(above) + abs(below)) // (2 * abs(below)))


def _scale(ratio: Ratio) -> int:
    return ratio.scale * (WHOLE_BP if ratio.unit == "basis_points" else 1)
