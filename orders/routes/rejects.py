"""Orders and refunds that were not taken: listed, mended, sent again, given up."""

from typing import Any
from uuid import UUID

from catalog.queries import get_source
from catalog.queries.sources import SourceNotFound
from kit import clock
from kit.errors import Invalid
from kit.web import idempotency
from kit.web.auth import auth
from kit.web.batch import OutcomeOut
from kit.web.io import NothingOut, body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from orders import present, service
from orders.queries import rejects
from orders.queries.rejects import RejectNotFound
from orders.routes.blueprint import bp
from orders.schemas import OrderRejectPageOut, OrderRejectsIn, OrderRejectWholeOut, ReplayIn
from orders.service.mending import OtherReceipt, RejectCut

ORDERS = frozenset({"hq_finance", "hq_admin"})
PUSH = "orders:write"


@bp.get("/sources/<source>/order-rejects")
@auth(roles=ORDERS, scope=PUSH)
@refuses(SourceNotFound)
@query(OrderRejectsIn)
@reply(OrderRejectPageOut)
def list_order_rejects(
    source: str, kind: str | None, code: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Orders and refunds of a source that were not taken and still are not, the newest first."""
    source_id = get_source(source).id
    return page(
        lambda after, n: [
            present.reject(row)
            for row in rejects.list_rejects(source_id=source_id, kind=kind, code=code, after=after, limit=n)
        ],
        name=f"order-rejects {source_id} {kind} {code}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["id"])],
    )


@bp.get("/order-rejects/<uuid:reject_id>")
@auth(roles=ORDERS)
@refuses(RejectNotFound)
@reply(OrderRejectWholeOut)
def get_order_reject(reject_id: UUID) -> dict[str, Any]:
    """A rejected order or refund with what was sent."""
    row, item = rejects.get_reject(reject_id)
    return {**present.reject(row), "item": item.decode(errors="replace")}


@bp.post("/order-rejects/<uuid:reject_id>/replays")
@auth(roles=ORDERS)
@refuses(Invalid, OtherReceipt, RejectCut, RejectNotFound, SourceNotFound)
@idempotency.required
@body(ReplayIn, required=False)
@reply(OutcomeOut)
def replay_order_reject(reject_id: UUID, item: dict[str, Any] | None) -> dict[str, Any]:
    """Send a rejected order or refund again, as it is or mended; once it is taken, it is no longer listed."""
    return service.replay_reject(reject_id=reject_id, item=item, now=clock.now())


@bp.delete("/order-rejects/<uuid:reject_id>")
@auth(roles=ORDERS)
@refuses(RejectNotFound)
@reply(NothingOut)
def dismiss_order_reject(reject_id: UUID) -> dict[str, Any]:
    """Give up a rejected order or refund; its source may send it again."""
    service.dismiss_reject(reject_id=reject_id)
    return {}
