"""Why is mine not here."""

from typing import Any

from commissions import present
from commissions.queries.missing import find_receipts, find_rejects
from commissions.routes.acknowledgements import PAID
from commissions.routes.blueprint import bp
from commissions.schemas.missing import WhyNotIn, WhyNotOut
from kit.web.auth import auth, principal
from kit.web.io import query, reply


@bp.get("/commissions/why-not")
@auth(roles=PAID)
@query(WhyNotIn)
@reply(WhyNotOut)
def find_missing_receipt(receipt: str) -> dict[str, Any]:
    """Why the receipt of this number pays me or not: not arrived or taken, others' credit, no rule, not posted yet."""
    caller = principal()
    found = find_receipts(receipt, principal=caller)
    return present.why_not(receipt, found, find_rejects(receipt, principal=caller))
