"""The rows behind a figure of a day: the same facts, by the same sums, one by one."""

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Integer, Select, Uuid, bindparam, cast, func, literal, select, tuple_

from kit.db import fetch_all
from performance.queries.figures import BY_NAME, FACTS, KEYS, asked
from performance.queries.subjects import Scope

Row = dict[str, Any]
# Stands for the guide that what nobody gets credit for does not have.
NOBODY = UUID(int=0)


def list_facts(scope: Scope, *, metric: str, day: date, after: tuple[UUID, UUID] | None, limit: int) -> list[Row]:
    """What a figure of a day is made of, by id: `kind`, `id`, `at`, whose, and the `value` it adds."""
    facts = _facts(metric, by_guide=scope.guide_id is not None).subquery("opened")
    wanted = select(facts).where(scope.is_at(facts.c.store_id), facts.c.value != 0)
    # A receipt of two guides stands twice.
    key = (facts.c.id, func.coalesce(facts.c.guide_id, NOBODY))
    if after:
        wanted = wanted.where(tuple_(*key) > tuple_(*(literal(part) for part in after)))
    values = {**asked(day, day, guide_id=scope.guide_id), "store_ids": list(scope.store_ids or ()), "limit": limit}
    return list(fetch_all(wanted.order_by(*key).limit(bindparam("limit", type_=Integer)), values))


@cache
def _facts(metric: str, *, by_guide: bool) -> Select[Any]:
    figure = BY_NAME[metric]
    [fact] = [fact for fact in FACTS if figure in fact.figures]
    counted = fact.counting("guide" if by_guide else "stores")
    keys = [key.label(name) for name, key in zip(KEYS, counted.keys, strict=True)]
    told = (
        cast(counted.item, Uuid).label("id"),
        func.min(cast(counted.at, DateTime(timezone=True))).label("at"),
        cast(counted.sums[figure.column], BigInteger).label("value"),
    )
    one = counted.tables.with_only_columns(*keys, *told).group_by(*counted.keys, counted.item)
    return select(bindparam("kind", fact.kind, unique=True).label("kind"), one.subquery("one"))
