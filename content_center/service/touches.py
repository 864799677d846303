"""What happens on a share token, appended as it happens."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from kit.db import db

# Who refuses cookies is known by address and browser for this long, so that reloading is not a crowd.
SAME_DEVICE = timedelta(minutes=10)
MONTHS_AHEAD = 3

# The same person opening the page again, or clicking the same thing again, is kept but not counted again.
RECORD = text("""
INSERT INTO touch (
  forward_id, guide_id, kind, viewer, device, counted, excluded_reason, dwell_ms, product_id, created_at
)
SELECT f.id, f.guide_id, :kind, :viewer, :device, r.reason IS NULL, r.reason, :dwell_ms, :product_id, :now
FROM forward f CROSS JOIN LATERAL (
  SELECT coalesce(CAST(:excluded_reason AS text), CASE
    WHEN :kind <> 'dwell' AND EXISTS (
      SELECT FROM touch
      WHERE forward_id = f.id AND viewer = :viewer AND kind = :kind AND counted
        AND product_id IS NOT DISTINCT FROM CAST(:product_id AS uuid)
    ) THEN 'repeated'
    WHEN :kind = 'open' AND EXISTS (
      SELECT FROM touch
      WHERE forward_id = f.id AND device = :device AND viewer <> :viewer AND kind = 'open' AND counted
        AND created_at > :same_device_since
    ) THEN 'same_device'
  END) AS reason
) r
WHERE f.id = :forward_id
""")
ADD_MONTHS = text("""
SELECT add_touch_month(CAST(date_trunc('month', CAST(:now AS timestamptz)) + make_interval(months => step) AS date))
FROM generate_series(0, :ahead) step
""")


def record_touch(
    *,
    forward_id: UUID,
    kind: str,
    viewer: str,
    excluded_reason: str | None,
    now: datetime,
    device: str | None = None,
    dwell_ms: int | None = None,
    product_id: UUID | None = None,
) -> None:
    """Append one touch; it counts unless `excluded_reason` is given or this viewer did the same before.

    `device` is given for viewers who brought no cookie: a second one within SAME_DEVICE is the first one again.
    """
    db.session.execute(
        RECORD,
        {
            "forward_id": forward_id,
            "kind": kind,
            "viewer": viewer,
            "device": device,
            "excluded_reason": excluded_reason,
            "dwell_ms": dwell_ms,
            "product_id": product_id,
            "now": now,
            "same_device_since": now - SAME_DEVICE,
        },
    )


def add_touch_months(*, now: datetime) -> None:
    """Partitions for the touches of this month and the next ones; those that exist stay as they are."""
    db.session.execute(ADD_MONTHS, {"now": now, "ahead": MONTHS_AHEAD})
