"""What was earned, added up: by business day and in all, and how much of it may still be taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, bindparam, cast, func, select, true

from commissions.queries.entries import ON_DAYS, Selection, Shape
from kit.db import fetch_all
from kit.money import as_money
from kit.principal import Reach
from models import LedgerEntry, Staff
from staff.scope import guide_in_sight

Row = dict[str, Any]


def summarise(selection: Selection, *, today: date, return_window_days: int) -> Row:
    """Accrued, reversed and net by business day and in all, each currency for itself; and of `today` and its month.

    What was earned on days of the return window is pending, the rest matured. Only the ledger is read.
    """
    pending_from = today - timedelta(days=return_window_days)
    rows = _read(selection, today=today)
    days = [row for row in rows if selection.first <= row["day"] <= selection.last]
    return {
        "from": selection.first,
        "to": selection.last,
        "pending_from": pending_from,
        "totals": [_total(currency, own, pending_from=pending_from) for currency, own in _by_currency(days)],
        "current": [_current(currency, own, today=today) for currency, own in _by_currency(rows)],
        "days": [{"day": row["day"], **_amounts(row["currency"], [row])} for row in days],
    }


def _read(selection: Selection, *, today: date) -> list[Row]:
    """The sums of the days that are asked for and of this month: in one read, unless other days lie between them."""
    month = replace(selection, first=today.replace(day=1), last=today)
    reads = [selection, month]
    if selection.first <= month.last and month.first <= selection.last:
        first, last = min(selection.first, month.first), max(selection.last, month.last)
        reads = [replace(selection, first=first, last=last)]
    found = (
        fetch_all(_summary(selection.shape), read.parameters()) for read in sorted(reads, key=lambda one: one.first)
    )
    return [row for rows in found for row in rows]


def _guides(shape: Shape) -> Select[Any] | None:
    """Whose entries; None: everybody's."""
    if shape == Shape(Reach.ALL, of_guide=False, of_store=False):
        return None
    guides = select(Staff.id).where(guide_in_sight(Staff.id, Staff.store_id, shape.reach))
    if shape.of_guide:
        guides = guides.where(Staff.id == bindparam("guide_id", type_=Uuid))
    if shape.of_store:
        guides = guides.where(Staff.store_id == bindparam("store_id", type_=Uuid))
    return guides


@cache
def _summary(shape: Shape) -> Select[Any]:
    columns = (
        LedgerEntry.business_day.label("day"), LedgerEntry.currency, LedgerEntry.signed_fen,
        LedgerEntry.order_line_id.is_not(None).label("of_line"),
    )  # fmt: skip
    entries, guides = select(*columns).where(ON_DAYS), _guides(shape)
    if guides is not None:
        # From guide to guide, by any plan: one that is kept knows no days, and would read those of everybody.
        each = guides.subquery("each")
        of_each = entries.where(LedgerEntry.guide_id == each.c.id).offset(0).lateral("of_each")
        entries = select(of_each).select_from(each.join(of_each, true()))
    found = entries.subquery("found")
    keys, fen = (found.c.day, found.c.currency), found.c.signed_fen

    def summed(amount: ColumnElement[int], where: ColumnElement[bool]) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(amount).filter(where), 0), BigInteger)

    sums = (
        summed(fen, fen > 0).label("accrued"),
        summed(-fen, fen < 0).label("reversed"),
        summed(fen, found.c.of_line).label("of_lines"),
    )
    return select(*keys, *sums).group_by(*keys).order_by(*keys)


def _by_currency(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    currencies = sorted({row["currency"] for row in rows})
    return [(currency, [row for row in rows if row["currency"] == currency]) for currency in currencies]


def _amounts(currency: str, rows: Sequence[Row]) -> Row:
    accrued, reversed_ = (sum(row[name] for row in rows) for name in ("accrued", "reversed"))
    amounts = {"accrued": accrued, "reversed": reversed_, "net": accrued - reversed_}
    return {name: as_money(fen, currency) for name, fen in amounts.items()}


def _net(rows: Sequence[Row]) -> int:
    return sum(row["accrued"] - row["reversed"] for row in rows)


def _total(currency: str, rows: Sequence[Row], *, pending_from: date) -> Row:
    pending = [row for row in rows if row["day"] >= pending_from]
    told = {
        "pending": _net(pending),
        "matured": _net(rows) - _net(pending),
        # What belongs to no line does not come back with goods.
        "at_risk": max(0, sum(row["of_lines"] for row in pending)),
    }
    return {**_amounts(currency, rows), **{name: as_money(fen, currency) for name, fen in told.items()}}


def _current(currency: str, rows: Sequence[Row], *, today: date) -> Row:
    month = [row for row in rows if today.replace(day=1) <= row["day"] <= today]
    told = {"today": _net([row for row in month if row["day"] == today]), "month": _net(month)}
    return {name: as_money(fen, currency) for name, fen in told.items()}
