"""Every figure of days as one statement over the facts, made from their declarations."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select, union_all

from performance.queries.figures.declaring import KEYS, NOTHING, Fact, Whose, asked
from performance.queries.figures.sales import RECEIPTS, SALES
from performance.queries.figures.sharing import FORWARDS, OPENS
from performance.queries.figures.work import BINDINGS, COMMISSIONS, FOLLOW_UPS, TASKS
from performance.rules.metrics import Figure

FACTS: tuple[Fact, ...] = (SALES, RECEIPTS, FORWARDS, OPENS, TASKS, FOLLOW_UPS, BINDINGS, COMMISSIONS)
DECLARED: tuple[Figure, ...] = tuple(figure for fact in FACTS for figure in fact.figures)
BY_NAME = {figure.name: figure for figure in DECLARED}
# The columns of guide_day.
FIGURES = tuple(figure.column for figure in DECLARED)
MONEY = frozenset(figure.column for figure in DECLARED if figure.unit == "money")
# What a closed day keeps: refunds of its sales count on later days. A correction or a late receipt restates it.
SETTLED = tuple(figure.column for figure in DECLARED if figure.is_kept)


def figures(
    from_day: date, to_day: date, *, guide_id: UUID | None = None, store_ids: Collection[UUID] | None = None
) -> Select[Any]:
    """The figures of business days `from_day` to `to_day`, a row per KEYS, counted from the facts now.

    With `guide_id`, of that guide only, and quickly; without, of all or some stores, also what nobody gets credit for
    (guide_id null).
    """
    whose: Whose = "guide" if guide_id else "all" if store_ids is None else "stores"
    parameters = asked(from_day, to_day, guide_id=guide_id)
    return definition(whose).params({**parameters, "store_ids": list(store_ids or ())})


@cache
def definition(whose: Whose) -> Select[Any]:
    """The statement behind `figures`, built once; it takes what `asked` gives."""
    facts = union_all(*(_rows(fact, whose) for fact in FACTS)).subquery("facts")
    keys = [facts.c[key] for key in KEYS]
    sums = [cast(func.sum(facts.c[figure]), BigInteger).label(figure) for figure in FIGURES]
    return select(*keys, *sums).group_by(*keys)


def _rows(fact: Fact, whose: Whose) -> Select[Any]:
    counted = fact.counting(whose)
    sums = [cast(counted.sums.get(column, NOTHING), BigInteger).label(column) for column in FIGURES]
    return counted.tables.with_only_columns(*_keys(counted.keys), *sums).group_by(*counted.keys)


def _keys(keys: tuple[Any, ...]) -> list[ColumnElement[Any]]:
    return [key.label(name) for name, key in zip(KEYS, keys, strict=True)]
