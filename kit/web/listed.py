"""Lists that a phone asks for again and again: the tag of a list is made of what it could show, before it is read.

Triggers note the transaction that last changed what the lists of a topic show (`list_change`, docs/adr/0014). Who asks,
what they ask, and those transactions are the tag; while it stays the same, the list is not read, and 304 is answered.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, current_app, make_response, request
from sqlalchemy import text

from kit import clock
from kit.db import fetch_one
from kit.principal import Principal, Reach
from kit.web.auth import principal
from kit.web.etag import CACHE_CONTROL
from kit.web.io import View
from kit.web.language import add_vary, asked_language

# Raise it when a list shows the same facts in another shape: what phones have is then asked for anew.
SHAPE = 1
ANYBODY = -1
# Where a database was set back, the numbers of transactions come again; it is another one then, or was started since.
CHANGES = text("""
SELECT (SELECT oid FROM pg_database WHERE datname = current_database()) AS database,
       extract(epoch FROM pg_postmaster_start_time()) AS started,
       string_agg(transaction_id::text, ' ' ORDER BY topic, bucket, transaction_id) AS transactions
FROM list_change WHERE topic = ANY(:topics) AND (CAST(:buckets AS smallint[]) IS NULL OR bucket = ANY(:buckets))
""")

Turn = Callable[[Principal, datetime], object]


def listed(*topics: str, turn: Turn | None = None) -> Callable[[View], View]:
    """Give a list a tag of the `topics` whose tables it reads; a request that knows the tag is answered 304.

    `turn` is for lists that change by the time alone: when they last did so, for this principal, by this instant.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            # Before the list is read: a tag may be older than its list, never newer.
            tag = _tag(topics, turn)
            known = request.if_none_match
            if known.star_tag or known.contains_weak(tag):
                response = Response(status=304)
            else:
                response = make_response(view(*args, **kwargs))
            response.headers["ETag"] = f'W/"{tag}"'
            response.headers["Cache-Control"] = CACHE_CONTROL
            add_vary(response, "Authorization, Accept-Language")
            return response

        answered.etagged = True  # type: ignore[attr-defined]
        answered.topics = topics  # type: ignore[attr-defined]
        return answered

    return decorator


def quarter_hour(_caller: Principal, now: datetime) -> datetime:
    """For lists of business days: in every time zone, days begin at a quarter of an hour."""
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


def _tag(topics: tuple[str, ...], turn: Turn | None) -> str:
    caller = principal()
    found = fetch_one(CHANGES, {"topics": list(topics), "buckets": _buckets(caller)})
    facts = (
        SHAPE,
        current_app.config["BOARD_NAMES"],
        request.full_path,
        asked_language(),
        *(caller.id, sorted(caller.roles), sorted(caller.scopes), caller.region_id, caller.store_ids),
        turn(caller, clock.now()) if turn else None,
        found,
    )
    return blake2b(orjson.dumps(facts, default=str), digest_size=12).hexdigest()


def _buckets(caller: Principal) -> list[int] | None:
    """Whose changes count: for a guide their own and their stores', for all others everybody's."""
    if caller.reach is not Reach.SELF:
        return None
    return [ANYBODY, *(id_.bytes[-1] for id_ in (caller.id, *caller.store_ids))]
