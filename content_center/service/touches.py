"""What happens on a share token, appended as it happens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kit.db import db

# The same person opening the page again, or clicking the same thing again, is kept but not counted again.
RECORD = text("""
INSERT INTO touch (forward_id, kind, viewer, counted, excluded_reason, dwell_ms, product_id, created_at)
SELECT :forward_id, :kind, :viewer, CAST(:excluded_reason AS text) IS NULL AND NOT seen,
       coalesce(:excluded_reason, CASE WHEN seen THEN 'repeated' END), :dwell_ms, :product_id, :now
FROM (
  SELECT :kind <> 'dwell' AND EXISTS (
    SELECT FROM touch
    WHERE forward_id = :forward_id AND viewer = :viewer AND kind = :kind AND counted
      AND product_id IS NOT DISTINCT FROM CAST(:product_id AS uuid)
  ) AS seen
) earlier
""")


def record_touch(
    *,
    forward_id: UUID,
    kind: str,
    viewer: str,
    excluded_reason: str | None,
    now: datetime,
    dwell_ms: int | None = None,
    product_id: UUID | None = None,
) -> None:
    """Append one touch; it counts unless `excluded_reason` is given or this viewer did the same before."""
    db.session.execute(
        RECORD,
        {
            "forward_id": forward_id,
            "kind": kind,
            "viewer": viewer,
            "excluded_reason": excluded_reason,
            "dwell_ms": dwell_ms,
            "product_id": product_id,
            "now": now,
        },
    )
