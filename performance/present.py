"""Figures as answers, and rows of a board: whole, by name only, or by figure only."""

from typing import Any
from uuid import UUID

from kit.money import WHOLE_BP, as_money, money_or_none
from performance import queries
from performance.queries.aims import Aim
from performance.queries.catalogue import Metric
from performance.queries.subjects import Subject
from performance.rules.formula import Factor
from performance.rules.metrics import Figure, Reading
from performance.rules.ratios import DERIVED, Divided, derive, divide, rounded
from targets.present import month_text, pair

Row = dict[str, Any]


def person(row: Row) -> Row | None:
    """Whose row it is; nobody's where a line has no guide."""
    return {"id": row["guide_id"], "staff_no": row["staff_no"], "name": row["name"]} if row["guide_id"] else None


def standing(row: Row, currency: str | None) -> Row:
    """Rank and figure: an amount in `currency`, or a count where there is none."""
    amount = as_money(row["value"], currency) if currency else None
    return {"rank": row["rank"], "amount": amount, "count": None if currency else row["value"]}


def leader(row: Row, currency: str | None, *, me: UUID, with_value: bool) -> Row:
    """Somebody within sight; my own figure is always shown."""
    is_me = row["guide_id"] == me
    value = {} if with_value or is_me else {"amount": None}
    return {**standing(row, currency), **value, "guide": person(row), "is_me": is_me}


def name_only(row: Row) -> Row:
    """Somebody who leads, beyond sight: no number, no figure."""
    guide = {"id": None, "staff_no": None, "name": row["name"]}
    return {"rank": row["rank"], "amount": None, "count": None, "guide": guide, "is_me": False}


def neighbour(row: Row, currency: str | None, *, with_value: bool) -> Row:
    """Somebody next to me, beyond sight: what it takes to pass them, not who they are."""
    value = {} if with_value else {"amount": None, "count": None}
    return {**standing(row, currency), **value, "guide": None, "is_me": False}


def figures(row: Row, currency: str) -> Row:
    """Figures of days as answers: money in `currency`, counts as they are."""
    return {figure.name: _shown(figure, row[figure.column], currency) for figure in queries.DECLARED}


def day(row: Row, currency: str) -> Row:
    """A day's figures as an answer."""
    return {"day": row["day"], "live": row["live"], **figures(row, currency)}


def metric(found: Metric) -> Row:
    """What is said of a figure, in both languages."""
    words = {name: getattr(found, name) for name in ("label", "means", "day", "place")}
    return {**found._asdict(), **{name: said._asdict() if said else None for name, said in words.items()}}


def subject(found: Subject) -> Row:
    """Whose figures they are."""
    return {"kind": found.kind, "id": found.id, "code": found.code, "name": found.name}


def sums(total: Row, readings: Row, currency: str) -> Row:
    """A period's figures, readings and ratios as answers; `total` by column, `readings` by name."""
    known = {**_by_name(total), **readings}
    derived = derive(known)
    shown = {one.name: _shown(one, derived.get(one.name, 0), currency) for one in (*DERIVED, *queries.READINGS)}
    return {"total": figures(total, currency), "readings": shown, "ratios": ratios({**_none(), **known}, currency)}


def day_ratios(total: Row, currency: str) -> Row:
    """What can be divided of the figures of days alone."""
    return ratios(_by_name(total), currency)


def ratios(known: Row, currency: str) -> Row:
    """Every ratio of which both sums are known."""
    return {found.ratio.name: _ratio(found, currency) for found in divide(known)}


def aim(found: Aim) -> Row:
    """A target, how far it is ahead of its time, and where it ends at this pace."""
    gone, whole = found.time_progress
    ahead = None
    if found.attainment and whole:
        ahead = rounded(found.attainment.numerator * WHOLE_BP, found.attainment.denominator)
        ahead = None if ahead is None else ahead - (rounded(gone * WHOLE_BP, whole) or 0)
    return {
        **found._asdict(),
        "month": month_text(found.month),
        "attainment": pair(found.attainment),
        "time_progress": pair(found.time_progress),
        "ahead_bp": ahead,
        "run_rate": rounded(found.achieved * whole, gone),
    }


def change(now: int, before: int, currency: str) -> Row:
    """Net sales of two periods, and how far they are apart."""
    said = {"net_sales": now, "net_sales_before": before, "change": now - before}
    return {name: as_money(fen, currency) for name, fen in said.items()}


def factor(one: Factor, part: int, *, now: Row, before: Row, currency: str) -> Row:
    """A factor of the revenue formula in both periods, and what it adds to the change."""
    return {
        "factor": one.name,
        "label": one.label._asdict(),
        "now": _factor_value(one, now, currency),
        "before": _factor_value(one, before, currency),
        "part": as_money(part, currency),
    }


def _factor_value(one: Factor, sums: Row, currency: str) -> Row:
    above, below = sums[one.numerator], sums[one.denominator] if one.denominator else None
    value = rounded(above * (WHOLE_BP if one.unit == "basis_points" else 1), below or 1)
    return {
        "numerator": above,
        "denominator": below,
        "count": value if one.unit == "count" else None,
        "amount": money_or_none(value, currency) if one.unit == "money" else None,
        "value_bp": value if one.unit == "basis_points" else None,
    }


def _by_name(row: Row) -> Row:
    return {figure.name: row[figure.column] for figure in queries.DECLARED}


def _none() -> Row:
    return {reading.name: 0 for reading in queries.READINGS}


def _shown(one: Figure | Reading, value: int, currency: str) -> Any:
    return as_money(value, currency) if one.unit == "money" else value


def _ratio(found: Divided, currency: str) -> Row:
    is_money = found.ratio.unit == "money"
    amount = money_or_none(found.value, currency) if is_money else None
    value_bp = None if is_money else found.value
    return {
        "numerator": found.numerator,
        "denominator": found.denominator,
        "amount": amount,
        "value_bp": value_bp,
    }
