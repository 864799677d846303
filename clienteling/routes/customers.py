"""The list of customers over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from clienteling import queries
from clienteling.routes.blueprint import READ, SERVE, bp
from clienteling.schemas.customers import CustomerListOut, CustomersIn
from customers.queries import CustomerFilter, find_all
from customers.queries.search import TooManyCustomers
from customers.service import check_channels
from kit import clock
from kit.errors import Forbidden
from kit.principal import Principal
from kit.web import limits
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.listed import listed
from kit.web.paging import page
from kit.web.refusals import refuses

Answer = dict[str, Any]
SEARCH = "search"
NEWEST = "newest"
TOPICS = ("customers", "contacts", "follow_ups", "orders", "people")


def each_minute(_caller: Principal, now: datetime) -> datetime:
    """Quiet hours begin and end, and budgets are free again, by the minute."""
    return now.replace(second=0, microsecond=0)


@bp.get("/customers")
@auth(roles=SERVE, scope=READ)
@refuses(TooManyCustomers)
@listed(*TOPICS, turn=each_minute)
@query(CustomersIn)
@reply(CustomerListOut)
def list_customers(limit: int, cursor: str | None, q: str | None, sort: str, **narrowed: Any) -> Answer:
    """The customers I see, masked, with what came last, what comes next, and whether they may be written to now.

    Guides and managers find their own by what they remember of them (`q`), auditors and machines do not.
    """
    wanted = CustomerFilter(**narrowed)
    if q is not None:
        _expect_searcher()
    if q is None and sort == NEWEST:
        found = page(
            lambda after, n: queries.list_newest(wanted, principal=principal(), after=after, limit=n),
            name="customers",
            cursor=cursor,
            limit=limit,
            key=lambda row: [str(row["id"])],
            count=lambda: len(find_all(principal(), wanted)),
        )
    else:
        found = _sorted_page(wanted, q=q, sort=sort, cursor=cursor, limit=limit)
    _tell_channels(found["items"])
    return found


def _sorted_page(wanted: CustomerFilter, *, q: str | None, sort: str, cursor: str | None, limit: int) -> Answer:
    everybody = queries.find_sorted(wanted, q=q, sort=sort, principal=principal())
    places = {id_: place for place, id_ in everybody}

    def fetch(after: list[Any] | None, n: int) -> list[Answer]:
        seen = (bool(after[0]), int(after[1]), -UUID(after[2]).int) if after else None
        ids = [id_ for place, id_ in everybody if seen is None or place > seen]
        return queries.list_of(ids[:n])

    def key(row: Answer) -> list[Any]:
        return [*places[row["id"]][:2], str(row["id"])]

    name = f"customers by {sort}"
    return page(fetch, name=name, cursor=cursor, limit=limit, key=key, count=lambda: len(everybody))


def _expect_searcher() -> None:
    """Who may search could find out by and by what is masked: those whose customers they are, and so many a minute."""
    if principal().kind != "staff" or not principal().has_any(SERVE):
        raise Forbidden
    limits.spend_by_principal(principal(), SEARCH)


def _tell_channels(rows: list[Answer]) -> None:
    states = check_channels([row["id"] for row in rows], principal=principal(), now=clock.now()) if rows else {}
    for row in rows:
        row["channels"] = [
            {
                "channel": state.channel,
                "consent": state.consented,
                "may_write": state.verdict.allowed,
                "reasons": list(state.verdict.reasons),
                "next_allowed_at": state.verdict.next_allowed_at,
            }
            for state in states.get(row["id"], ())
        ]
        row["may_write"] = any(state["may_write"] for state in row["channels"])
