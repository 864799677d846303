"""What happens on a share token, appended as it happens."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from content_center.queries import FOUND
from kit import locks
from kit.db import db

# Who refuses cookies is known by address and browser for this long, so that reloading is not a crowd.
SAME_DEVICE = timedelta(minutes=10)
MONTHS_AHEAD = 3
# Opens that a sign may follow; a prefetched page may be shown later.
WAITING = ("no_human_sign", "prefetch")

# Two requests of one viewer at once: the second one sees what the first one wrote.
# The same person opening the page again, or clicking the same thing again, is kept but not counted again.
RECORD = text(f"""
INSERT INTO touch (
  forward_id, guide_id, kind, viewer, device, counted, excluded_reason, sign, dwell_ms, product_id, created_at
)
SELECT f.id, f.guide_id, :kind, :viewer, :device, r.reason IS NULL, r.reason, :sign, :dwell_ms, :product_id, :now
FROM {FOUND} CROSS JOIN LATERAL (
  SELECT coalesce(CAST(:excluded_reason AS text), CASE
    WHEN :kind <> 'dwell' AND EXISTS (
      SELECT FROM touch
      WHERE forward_id = f.id AND viewer = :viewer AND kind = :kind AND counted
        AND product_id IS NOT DISTINCT FROM CAST(:product_id AS uuid)
    ) THEN 'repeated'
  END) AS reason
) r
WHERE k.id = :forward_id
""")  # noqa: S608 - built from constants
# An open that waited for a sign, and has had none yet, is followed by one that counts.
PROVE = text(f"""
INSERT INTO touch (forward_id, guide_id, kind, viewer, device, counted, excluded_reason, sign, created_at)
SELECT f.id, f.guide_id, 'open', :viewer, :device, NOT r.reloaded, CASE WHEN r.reloaded THEN 'same_device' END, :sign,
       :now
FROM {FOUND} CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE viewer = :viewer AND excluded_reason = ANY(:waiting)) > 0 AS waits,
         count(*) FILTER (WHERE viewer = :viewer AND (counted OR excluded_reason = 'same_device')) > 0 AS judged,
         count(*) FILTER (WHERE device = :device AND viewer <> :viewer AND counted AND created_at > :same_device_since)
           > 0 AS reloaded
  FROM touch WHERE forward_id = f.id AND kind = 'open'
) r
WHERE k.id = :forward_id AND r.waits AND NOT r.judged
""")  # noqa: S608 - built from constants
ADD_MONTHS = text("""
SELECT add_month(whole, CAST(date_trunc('month', CAST(:now AS timestamptz)) + make_interval(months => step) AS date))
FROM generate_series(0, :ahead) step, unnest(ARRAY['forward', 'forward_text', 'touch']) whole
""")


def record_touch(
    *,
    forward_id: UUID,
    kind: str,
    viewer: str,
    excluded_reason: str | None,
    sign: str | None,
    now: datetime,
    device: str | None = None,
    dwell_ms: int | None = None,
    product_id: UUID | None = None,
) -> None:
    """Append one touch; it counts unless `excluded_reason` is given or this viewer did the same before.

    `sign` is what shows that a person did it; without one nothing counts. `device` is given for viewers who brought
    no cookie.
    """
    if sign is not None:
        locks.hold(f"viewer {viewer}")
    db.session.execute(
        RECORD,
        {
            "forward_id": forward_id,
            "kind": kind,
            "viewer": viewer,
            "device": device,
            "excluded_reason": excluded_reason,
            "sign": sign,
            "dwell_ms": dwell_ms,
            "product_id": product_id,
            "now": now,
        },
    )


def record_sign(*, forward_id: UUID, viewer: str, device: str | None, sign: str, now: datetime) -> None:
    """Let the viewer's open of this link count, once, if there was one that waited for a sign of a person.

    `device` is given for viewers who brought no cookie: a second one within SAME_DEVICE is the first one again.
    """
    locks.hold(f"viewer {viewer}")
    asked = {"forward_id": forward_id, "viewer": viewer, "device": device, "sign": sign, "now": now}
    db.session.execute(PROVE, {**asked, "waiting": list(WAITING), "same_device_since": now - SAME_DEVICE})


def add_months(*, now: datetime) -> None:
    """Partitions for the forwards and touches of this month and the next ones; those that exist stay as they are."""
    db.session.execute(ADD_MONTHS, {"now": now, "ahead": MONTHS_AHEAD})
