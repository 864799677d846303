"""Making statements: set-wise, one for each guide and currency that has something due."""

from sqlalchemy import Uuid, and_, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert

from kit.db import db
from models import LedgerEntry, Statement, StatementEntry
from models.settlements import FIXED
from settlements.queries.due import Taking, carried_over, due, sums
from staff.queries.placements import store_of

FIELDS = ("settlement_id", "guide_id", "currency", "store_id")


def make_statements(taking: Taking) -> int:
    """Put what is due on statements, each entry once, and sum them up; how many entries that took.

    What was rejected before is in review again. The caller keeps others from posting meanwhile.
    """
    # It is for everybody at once: what was made a moment ago looks like one row to PostgreSQL, which would look through
    # the whole ledger for each of them.
    db.session.execute(text("SET LOCAL enable_nestloop = off"))
    _open(taking)
    taken = _take(taking)
    _sum_up(taking)
    return taken


def _open(taking: Taking) -> None:
    """Statements for who has none yet; where they worked at the end, or else where they earned something."""
    found = due(taking).subquery("found")
    whose = (found.c.guide_id, found.c.currency)
    latest = (*whose, found.c.business_day.desc(), found.c.id.desc())
    people = select(*whose, found.c.store_id).ext(distinct_on(*whose)).order_by(*latest).subquery("people")
    home = func.coalesce(store_of(people.c.guide_id, taking.last_day), people.c.store_id)
    rows = select(literal(taking.settlement_id, Uuid), people.c.guide_id, people.c.currency, home)
    new = pg_insert(Statement).from_select(FIELDS, rows, include_defaults=False)
    db.session.execute(new.on_conflict_do_nothing())
    again = update(Statement).where(Statement.settlement_id == taking.settlement_id, Statement.state == "rejected")
    db.session.execute(again.values(state="in_review", reason=None))


def _take(taking: Taking) -> int:
    found = due(taking).subquery("found")
    own = and_(
        Statement.settlement_id == taking.settlement_id,
        Statement.guide_id == found.c.guide_id,
        Statement.currency == found.c.currency,
    )
    rows = select(found.c.id, Statement.id).join(Statement, own)
    new = insert(StatementEntry).from_select(("entry_id", "statement_id"), rows)
    taken = db.session.execute(new.execution_options(preserve_rowcount=True))
    return int(taken.rowcount)  # type: ignore[attr-defined]


def _sum_up(taking: Taking) -> None:
    entry = (
        select(StatementEntry.statement_id, LedgerEntry.signed_fen)
        .join(LedgerEntry, LedgerEntry.id == StatementEntry.entry_id)
        .join(Statement, Statement.id == StatementEntry.statement_id)
        .where(Statement.settlement_id == taking.settlement_id, Statement.state != FIXED)
        .subquery("entry")
    )
    summed = select(entry.c.statement_id, *sums(entry)).group_by(entry.c.statement_id).subquery("summed")
    carried = carried_over(taking).subquery("carried")
    own = and_(carried.c.guide_id == Statement.guide_id, carried.c.currency == Statement.currency)
    found = (
        select(Statement.id, carried.c.id.label("previous_id"), carried.c.carried_fen, summed)
        .join(summed, summed.c.statement_id == Statement.id)
        .outerjoin(carried, own)
        .subquery("found")
    )
    opening = func.coalesce(found.c.carried_fen, 0)
    owed = opening + found.c.accrued_fen + found.c.reversed_fen
    amounts = {name: found.c[name] for name in ("accrued_fen", "reversed_fen")}
    closing = {"payable_fen": func.greatest(owed, 0), "carried_fen": func.least(owed, 0)}
    values = {"previous_id": found.c.previous_id, "opening_fen": opening, **amounts, **closing}
    statement = update(Statement).where(Statement.id == found.c.id).values(values)
    db.session.execute(statement.execution_options(synchronize_session=False))
