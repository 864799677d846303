"""Advisory locks: who does the same work waits for the other's transaction to end.

A lock has a name: what it is of, a blank, and of which one. PostgreSQL knows it by a hash; two names of one
hash would only wait for each other. Triggers that take part say the same hash of the same name (models/guards).
"""

from sqlalchemy import text

from kit.db import db

HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))")
TRY = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


def hold(*names: str) -> None:
    """Hold these until the unit of work ends, always in one order; waits for whoever holds or shares one of them."""
    if names:
        db.session.execute(HOLD, {"names": sorted(names)})


def share(name: str) -> None:
    """Hold this with others who share it until the unit of work ends; waits for whoever holds it alone."""
    db.session.execute(SHARE, {"name": name})


def try_hold(name: str) -> bool:
    """Hold this until the unit of work ends unless somebody else does; says whether it is held."""
    return bool(db.session.scalar(TRY, {"name": name}))
