"""Claims of guides to sales that count for others."""

from functools import partial
from typing import Any
from uuid import UUID

from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from orders.queries import claims as queries
from orders.queries.claims import ClaimNotFound
from orders.queries.reading import OrderNotFound
from orders.routes.blueprint import bp
from orders.schemas.claims import ClaimDecisionIn, ClaimIn, ClaimOut, ClaimPageOut, ClaimsIn
from orders.service import claims as service
from orders.service.claims import (
    AlreadyCredited,
    ClaimDecided,
    ClaimOpen,
    ClaimWindowOver,
    InOwnFavour,
    NotClaimable,
)
from staff.rules import ANY_STAFF, SELLERS

DECIDERS = frozenset({"store_manager", "regional_manager", "hq_commission"})

Answer = dict[str, Any]


@bp.get("/claims")
@auth(roles=ANY_STAFF)
@query(ClaimsIn)
@reply(ClaimPageOut)
def list_claims(state: str | None, store_id: UUID | None, limit: int, cursor: str | None) -> Answer:
    """Claims to sales, the newest first: my own, or those of the stores I see."""
    fetch = partial(queries.list_claims, principal=principal(), state=state, store_id=store_id)
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name=f"claims {state} {store_id}",
        cursor=cursor,
        limit=limit,
        key=lambda claim: [claim["created_at"].isoformat(), str(claim["id"])],
    )


@bp.post("/order-lines/<uuid:line_id>/claims")
@auth(roles=SELLERS)
@refuses(AlreadyCredited, ClaimOpen, ClaimWindowOver, NotClaimable, OrderNotFound)
@idempotency.required
@body(ClaimIn)
@reply(ClaimOut, 201)
def create_claim(line_id: UUID, evidence: str, share_bp: int) -> Answer:
    """Say that a sale in a store I serve was mine, or a share of it; one claim to a line is open at a time."""
    made = service.claim_line(
        line_id=line_id, share_bp=share_bp, evidence=evidence, principal=principal(), now=clock.now()
    )
    return queries.get_claim(made, principal=principal())


@bp.post("/claims/<uuid:claim_id>/decision")
@auth(roles=DECIDERS)
@refuses(ClaimDecided, ClaimNotFound, InOwnFavour)
@idempotency.required
@body(ClaimDecisionIn)
@reply(ClaimOut)
def decide_claim(claim_id: UUID, accept: bool, explanation: str) -> Answer:
    """Accept or reject a claim, with a reason; never one's own, nor to a sale that counts for oneself."""
    service.decide_claim(
        claim_id=claim_id, accept=accept, explanation=explanation, principal=principal(), now=clock.now()
    )
    return queries.get_claim(claim_id, principal=principal())
