"""The sheet in which headquarters keep targets: the same columns come in and go out."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from kit.dates import read_day
from kit.words import Term, Unfit, say
from staff.rules.sheets import Column, Sheet, read_own_code

METRIC_NAMES = {"net_sales": "净销售额", "orders": "订单数", "units": "件数"}
METRIC_TERMS = [Term(metric, chinese) for metric, chinese in METRIC_NAMES.items()]
_METRICS = {chinese: metric for metric, chinese in METRIC_NAMES.items()}
_MONTH = re.compile(r"(20\d\d)\s?[-/.年]\s?(\d{1,2})\s?月?")
_LARGEST = Decimal(10) ** 13


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSheetRow:
    """A target as a sheet has it: `amount` in yuan (the currency's unit) of net sales, or a count."""

    month: date
    metric: str
    region_code: str | None
    store_code: str | None
    staff_no: str | None
    amount: Decimal
    reason: str | None


def read_month(text: str) -> date:
    """A month such as 2026-11, 2026/11 or 2026年11月, or a day of it."""
    if found := _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip()):
        return date(int(found[1]), int(found[2]), 1)
    return read_day(text).replace(day=1)


def read_metric(text: str) -> str:
    """A metric by its name in either language."""
    metric = _METRICS.get(text, text)
    if metric not in METRIC_NAMES:
        raise Unfit(say("unreadable.metric", metrics=METRIC_TERMS))
    return metric


def read_amount(text: str) -> Decimal:
    """A number that is not negative, with or without marks between thousands and a sign of currency."""
    written = unicodedata.normalize("NFKC", text).replace(",", "").replace("¥", "").strip()
    try:
        amount = Decimal(written) if re.fullmatch(r"\d+(\.\d+)?", written) else None
    except InvalidOperation:
        amount = None
    if amount is None or amount > _LARGEST:
        raise Unfit(say("unreadable.amount"))
    return amount


SHEET = Sheet(
    row=TargetSheetRow,
    keys=("month", "metric", "region_code", "store_code", "staff_no"),
    columns={
        "month": Column(chinese="月份", read=read_month, required=True),
        "metric": Column(chinese="指标", read=read_metric, required=True),
        "region_code": Column(chinese="区域编码", read=read_own_code),
        "store_code": Column(chinese="门店编码", read=read_own_code),
        "staff_no": Column(chinese="工号", read=read_own_code),
        "amount": Column(chinese="目标", read=read_amount, required=True),
        "reason": Column(chinese="原因"),
    },
)
