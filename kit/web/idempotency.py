"""Idempotency-Key: a POST that is sent again is answered again, byte for byte, and done once.

The answer is kept in the transaction of its effect, so that both are there or neither. Refusals are not kept: they
changed nothing, and the same request may be judged otherwise later. Kept bodies are sealed; a scheduled job purges
them. Every route behind `auth` has this for free, when the client sends the header; one that opens units of work of
its own has no effect to keep an answer of, unless it is `prepared` for one (kit/web/units.py).
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from flask import Response, current_app, g, make_response, request
from sqlalchemy import text

from kit import clock, locks
from kit.db import db, fetch_one, unit_of_work
from kit.errors import Conflict, DomainError, Invalid, Malformed
from kit.jobs import job
from kit.sealing import seal, unseal
from kit.web.io import View
from kit.web.units import Prepared, has_own_units
from kit.words import say

Prepare = Callable[..., Prepared]
HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
KEPT_HEADERS = ("Content-Language", "Content-Type", "ETag", "Location")
PURPOSE = "idempotency"

# Two statements: the second must see what the holder of the lock committed.
FIND = text("SELECT * FROM idempotency_key WHERE principal_id = CAST(:principal_id AS uuid) AND key = :key")
KEEP = text(
    "INSERT INTO idempotency_key (principal_id, key, target_hash, body_hash, status, headers, body, created_at) "
    "VALUES (:principal_id, :key, :target_hash, :body_hash, :status, CAST(:headers AS jsonb), :body, :now)"
)
PURGE = text("DELETE FROM idempotency_key WHERE created_at < :before")


class IdempotencyKeyRequired(Malformed):
    """Money moves or a message leaves here: a client that cannot ask twice safely may not ask."""

    code = "idempotency_key_required"


class IdempotencyKeyReused(Invalid):
    """This key already means another request."""

    code = "idempotency_key_reused"


class IdempotencyInProgress(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"


def required(view: View) -> View:
    """Refuse the POST without Idempotency-Key: for routes where money moves or a message leaves."""
    view.idempotency = "required"  # type: ignore[attr-defined]
    return view


def unkept(view: View) -> View:
    """Take no notice of Idempotency-Key: for answers that show a secret once, and files sent again at no harm."""
    view.idempotency = "unkept"  # type: ignore[attr-defined]
    return view


def judged_again(view: View) -> View:
    """Judge a request that is sent again once more instead of answering from memory.

    For views that do it once by ids of their own, and whose answer may have become one that must not be given any
    more. The key still means one request; of the answer nothing is kept.
    """
    view.idempotency = "judged again"  # type: ignore[attr-defined]
    return view


def once(view: View) -> Callable[..., Any]:
    """Answer a POST that was answered before under its Idempotency-Key from memory; `auth` wraps every view in this."""
    rule = getattr(view, "idempotency", "optional")
    prepare: Prepare | None = getattr(view, "prepare", None)
    if prepare is not None:
        return _once_prepared(view, prepare, rule=rule)
    if rule == "unkept" or has_own_units(view):
        return view

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        key = _given_key(rule)
        if key is None:
            return view(*args, **kwargs)
        body_hash = _body_hash()
        answer = _find_answer(key, body_hash)
        if rule == "judged again":
            fresh = make_response(view(*args, **kwargs))
            return _keep(key, body_hash, fresh, body=b"") if answer is None else _replayed(fresh)
        return _keep(key, body_hash, make_response(view(*args, **kwargs))) if answer is None else answer

    return answered


def _once_prepared(view: View, prepare: Prepare, *, rule: str) -> View:
    """The unit of work begins after the preparing: key and effect are one transaction, and it is a short one."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        key = _given_key(rule)
        ready = prepare(*args, **kwargs)
        try:
            with unit_of_work():
                answer = _find_answer(key, ready.body_sha256) if key else None
                if answer is None:
                    fresh = make_response(view(*args, **kwargs, **ready.values))
                    return _keep(key, ready.body_sha256, fresh) if key else fresh
        except DomainError:
            ready.discard()
            raise
        ready.discard()
        return answer

    return answered


@job(queue="bulk", units="one", every=3600)
def purge() -> None:
    """Forget keys older than IDEMPOTENCY_HOURS."""
    lifetime = timedelta(hours=current_app.config["IDEMPOTENCY_HOURS"])
    db.session.execute(PURGE, {"before": clock.now() - lifetime})


def _given_key(rule: str) -> str | None:
    key = request.headers.get(HEADER)
    if request.method != "POST" or rule == "unkept" or (key is None and rule != "required"):
        return None
    return _checked(key)


def _checked(key: str | None) -> str:
    if key is None:
        raise IdempotencyKeyRequired(say("idempotency_key_required"))
    if not KEY.fullmatch(key):
        raise Malformed(say("malformed.idempotency_key"))
    return key


def _find_answer(key: str, body_hash: str) -> Response | None:
    claim = {"principal_id": str(g.principal.id), "key": key}
    if not locks.try_hold(f"idempotency {g.principal.id} {key}"):
        raise IdempotencyInProgress(retry_after_seconds=1)
    kept = fetch_one(FIND, claim)
    if kept is None:
        return None
    if (kept["target_hash"], kept["body_hash"]) != (_target_hash(), body_hash):
        raise IdempotencyKeyReused(errors={HEADER: [say("idempotency_key_reused")]})
    body = unseal(bytes(kept["body"]), purpose=PURPOSE, place=_place(key))
    return _replayed(Response(body, status=kept["status"], headers=kept["headers"]))


def _replayed(response: Response) -> Response:
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _keep(key: str, body_hash: str, response: Response, *, body: bytes | None = None) -> Response:
    row = {
        "principal_id": g.principal.id,
        "key": key,
        "target_hash": _target_hash(),
        "body_hash": body_hash,
        "status": response.status_code,
        "headers": orjson.dumps({k: response.headers[k] for k in KEPT_HEADERS if k in response.headers}).decode(),
        "body": seal(response.get_data() if body is None else body, purpose=PURPOSE, place=_place(key)),
        "now": clock.now(),
    }
    db.session.execute(KEEP, row)
    return response


def _place(key: str) -> str:
    return f"{g.principal.id} {key}"


def _target_hash() -> str:
    return hashlib.sha256(f"{request.method} {request.full_path}".encode()).hexdigest()


def _body_hash() -> str:
    # Cached: the view, which reads the body later, gets the same bytes.
    return hashlib.sha256(request.get_data()).hexdigest()
