"""Statements: what a guide is paid for a period, and why."""

from typing import Any
from uuid import UUID

from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from kit.web.text import MAX_INTEGER
from settlements import present, schemas
from settlements.queries.lines import StatementLineNotFound, explain_line, list_lines, sum_causes
from settlements.queries.settlements import list_steps
from settlements.queries.statements import Filter, StatementNotFound, get_statement
from settlements.routes.blueprint import bp
from settlements.routes.settlements import SEE_SETTLEMENTS, statement_page

SEE_STATEMENTS = {*SEE_SETTLEMENTS, "guide", "store_manager", "regional_manager"}

Answer = dict[str, Any]


@bp.get("/statements")
@auth(roles=SEE_STATEMENTS)
@query(schemas.StatementsIn)
@reply(schemas.StatementPageOut)
def list_my_statements(cursor: str | None, limit: int, **wanted: Any) -> Answer:
    """Statements within my sight (a guide's: mine), the latest period first."""
    return statement_page(Filter(**wanted), cursor=cursor, limit=limit)


@bp.get("/statements/<uuid:statement_id>")
@auth(roles=SEE_STATEMENTS)
@refuses(StatementNotFound)
@reply(schemas.StatementDetailOut)
def get_one_statement(statement_id: UUID) -> Answer:
    """A statement by what caused its entries, with what was done to it."""
    row = get_statement(statement_id, principal=principal())
    steps = list_steps(settlement_id=row.settlement_id, statement_id=row.id)
    return present.statement_detail(row, sum_causes(row.id), steps)


@bp.get("/statements/<uuid:statement_id>/lines")
@auth(roles=SEE_STATEMENTS)
@refuses(StatementNotFound)
@query(PageIn)
@reply(schemas.StatementLinePageOut)
def list_statement_lines(statement_id: UUID, cursor: str | None, limit: int) -> Answer:
    """The ledger entries that a statement settles, by day."""
    get_statement(statement_id, principal=principal())
    return page(
        lambda after, n: [present.line(row) for row in list_lines(statement_id, after=after, limit=n)],
        name="statement-lines",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["day"].isoformat(), row["id"]],
    )


@bp.get("/statements/<uuid:statement_id>/lines/<int:entry_id>/why")
@auth(roles=SEE_STATEMENTS)
@refuses(StatementLineNotFound)
@reply(schemas.StatementWhyOut)
def explain_statement_line(statement_id: UUID, entry_id: int) -> Answer:
    """What a line rests on: plan version, rule, order line, decision with the losing candidates, and rounding."""
    if entry_id > MAX_INTEGER:
        raise StatementLineNotFound
    return present.why(explain_line(statement_id, entry_id, principal=principal()))
