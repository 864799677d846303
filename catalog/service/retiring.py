"""Sources that say nothing any more, until they come back: what they alone list is off the shelf meanwhile."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from catalog.rules.states import RUN_MOVES
from catalog.service.judging import lock_source
from kit.db import db
from kit.errors import Conflict
from kit.moves import state_after, states_before
from models import Source

# What still waits, or is under way, would come after the source has fallen silent.
CANCEL_RUNS = text("""
WITH cancelled AS (
  UPDATE sync_run SET state = :cancelled, updated_at = :now, finished_at = :now
  WHERE source_id = :source_id AND state = ANY(:live) RETURNING id
)
DELETE FROM sync_item i USING cancelled c WHERE i.run_id = c.id
""")
# The digest stays: the source's last word is what comes back.
TAKE_DOWN = text("""
WITH gone AS (
  SELECT id FROM product
  WHERE source_id = :source_id AND NOT shadowed AND shelf_status IN ('on_shelf', 'presale')
  ORDER BY id FOR NO KEY UPDATE
)
UPDATE product p
SET retired_status = shelf_status, retired_reason = shelf_reason, shelf_status = 'off_shelf',
    shelf_reason = 'source_retired', shelf_changed_at = :now, updated_at = :now
FROM gone WHERE p.id = gone.id
""")
BRING_BACK = text("""
WITH back AS (
  SELECT id FROM product WHERE source_id = :source_id AND retired_status IS NOT NULL
  ORDER BY id FOR NO KEY UPDATE
)
UPDATE product p
SET shelf_status = retired_status, shelf_reason = retired_reason, retired_status = NULL, retired_reason = NULL,
    shelf_changed_at = :now, updated_at = :now
FROM back WHERE p.id = back.id
""")


class SourceRetired(Conflict):
    """A retired source takes nothing any more."""

    code = "source_retired"


def check_not_retired(source: Source) -> None:
    """Raise SourceRetired if it is."""
    if source.retired_at is not None:
        raise SourceRetired


def fall_silent(source_id: UUID, *, now: datetime) -> None:
    """End the source's imports; those of its SKUs that others list are then theirs to say (`listings.hand_over`)."""
    lock_source(source_id)
    states = {"live": list(states_before(RUN_MOVES, "cancel")), "cancelled": state_after(RUN_MOVES, "cancel")}
    db.session.execute(CANCEL_RUNS, {"source_id": source_id, "now": now, **states})


def take_down(source_id: UUID, *, now: datetime) -> None:
    """Take what only the retired source says off the shelf."""
    db.session.execute(TAKE_DOWN, {"source_id": source_id, "now": now})


def bring_back(source_id: UUID, *, now: datetime) -> None:
    """Put back what went off the shelf with the source, as it said it last."""
    lock_source(source_id)
    db.session.execute(BRING_BACK, {"source_id": source_id, "now": now})
