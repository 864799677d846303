"""Receipts whose seller nobody knows: the manager says who it was."""

from typing import Any
from uuid import UUID

from catalog.queries.sources import SourceNotFound
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.batch import OutcomeOut
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from orders import present, service
from orders.queries.rejects import RejectNotFound
from orders.queries.sellers import list_unknown_sellers
from orders.routes.blueprint import bp
from orders.schemas import OrderRejectPageOut
from orders.schemas.sellers import SellerIn, UnknownSellersIn
from orders.service.claims import InOwnFavour
from orders.service.mending import RejectCut
from staff.queries.people import StaffNotFound

NAMERS = frozenset({"store_manager", "regional_manager", "hq_finance", "hq_admin"})


@bp.get("/unknown-sellers")
@auth(roles=NAMERS)
@query(UnknownSellersIn)
@reply(OrderRejectPageOut)
def list_receipts_of_unknown(store_id: UUID | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """Orders and refunds of the stores I see that were not taken because they name somebody unknown, newest first."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        found = list_unknown_sellers(store_id=store_id, principal=principal(), after=after, limit=count)
        return [present.reject(row) for row in found]

    return page(fetch, name=f"unknown-sellers {store_id}", cursor=cursor, limit=limit, key=lambda row: [str(row["id"])])


@bp.post("/unknown-sellers/<uuid:reject_id>/seller")
@auth(roles=NAMERS)
@refuses(InOwnFavour, RejectCut, RejectNotFound, SourceNotFound, StaffNotFound)
@idempotency.required
@body(SellerIn)
@reply(OutcomeOut)
def set_seller(reject_id: UUID, staff_no: str) -> dict[str, Any]:
    """Say who sold it, never oneself, and send it again; once it is taken, it is no longer listed."""
    return service.name_seller(reject_id=reject_id, staff_no=staff_no, principal=principal(), now=clock.now())
