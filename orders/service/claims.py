"""Guides claim a sale that counts for others; somebody without a part in it decides, and the line is decided anew."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kit.clock import business_day
from kit.db import db
from kit.errors import Conflict, Forbidden
from kit.principal import Principal
from models import CreditClaim
from orders.queries.claims import find_order_of, get_claimed_line, list_sellers, lock_claim
from orders.service.deciding import decide_again

# So long after a sale's business day it may be claimed.
CLAIM_WINDOW = timedelta(days=14)


class ClaimOpen(Conflict):
    """Somebody's claim to this line is open already; it is decided first."""

    code = "claim_open"


class ClaimWindowOver(Conflict):
    """The sale is too long ago to be claimed: 14 days after its business day."""

    code = "claim_window_over"


class NotClaimable(Conflict):
    """Only a line that was sold can be claimed, not one that takes something back."""

    code = "not_claimable"


class AlreadyCredited(Conflict):
    """The sale counts for the claimant already, with as large a share."""

    code = "already_credited"


class ClaimDecided(Conflict):
    """The claim was decided, and that stays."""

    code = "claim_decided"


class InOwnFavour(Forbidden):
    """Nobody decides on a claim who made it, or for whom the sale counts, or names themselves as who sold something."""

    code = "in_own_favour"


def claim_line(*, line_id: UUID, share_bp: int, evidence: str, principal: Principal, now: datetime) -> UUID:
    """Claim a share of a sale in a store that the claimant serves; the claim's id.

    Raises OrderNotFound, NotClaimable, ClaimWindowOver, AlreadyCredited, ClaimOpen.
    """
    line = get_claimed_line(line_id, principal=principal)
    if not line.is_sale:
        raise NotClaimable
    if business_day(now, line.time_zone) - line.business_day > CLAIM_WINDOW:
        raise ClaimWindowOver
    if list_sellers(line_id).get(principal.id, 0) >= share_bp:
        raise AlreadyCredited
    row = insert(CreditClaim).values(
        line_id=line_id,
        store_id=line.store_id,
        guide_id=principal.id,
        share_bp=share_bp,
        evidence=evidence,
        created_at=now,
    )
    made: UUID | None = db.session.scalar(row.on_conflict_do_nothing().returning(CreditClaim.id))
    if made is None:
        raise ClaimOpen
    return made


def decide_claim(*, claim_id: UUID, accept: bool, explanation: str, principal: Principal, now: datetime) -> None:
    """Accept or reject a claim for good; an accepted one decides the line anew, and what takes it back follows.

    Raises ClaimNotFound, ClaimDecided, InOwnFavour.
    """
    claim = lock_claim(claim_id, principal=principal)
    if claim.accepted is not None:
        raise ClaimDecided
    if principal.id == claim.guide_id or principal.id in list_sellers(claim.line_id):
        raise InOwnFavour
    claim.accepted, claim.explanation = accept, explanation
    claim.decided_by, claim.decided_at = principal.id, now
    db.session.flush()
    if accept:
        decide_again([find_order_of(claim.line_id)], cause="claim", now=now)
