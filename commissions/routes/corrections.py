"""What corrections of placements say anew of days that are paid already."""

from datetime import date
from typing import Any

from commissions.queries.corrections import list_corrections
from commissions.routes.blueprint import bp
from commissions.schemas import corrections as schemas
from kit.web.auth import auth
from kit.web.io import query, reply
from kit.web.paging import page


@bp.get("/placement-corrections")
@auth(roles={"hq_commission", "hq_finance", "hq_admin"})
@query(schemas.CorrectionsIn)
@reply(schemas.CorrectionPageOut)
def list_placement_corrections(limit: int, cursor: str | None, first: date | None, last: date | None) -> dict[str, Any]:
    """Days of approved periods on which somebody is now placed otherwise than when it was approved, the latest first.

    By itself it changes no pay.
    """
    return page(
        lambda after, n: list_corrections(first=first, last=last, after=after, limit=n),
        name="placement-corrections",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["id"], str(row["period_id"])],
    )
