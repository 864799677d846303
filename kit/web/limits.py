"""Rate limits: so many requests a minute per principal, and per address where nobody is signed in.

The allowances are settings by kind (`staff`, `integrator`, `address`, `sign_in`); a kind without one is not limited.
Every limited answer tells what is left: RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset (seconds).
"""

from collections.abc import Callable

from flask import Flask, Response, current_app, g, request

from kit import clock, rates
from kit.errors import TooMany
from kit.principal import Principal
from kit.web.io import View
from kit.words import say


def init_app(app: Flask) -> None:
    """Tell on every limited answer of `app` what is left."""
    app.after_request(_tell)


def per_address(kind: str | None) -> Callable[[View], View]:
    """Limit a public view by the allowance of `kind` (by default `address`); None: not at all, for probes."""

    def decorator(view: View) -> View:
        view.limited_as = kind  # type: ignore[attr-defined]
        return view

    return decorator


def spend_by_principal(principal: Principal, kind: str | None = None) -> None:
    """Count a request of the signed-in `principal`, all of them or those of a `kind`; raises TooMany."""
    _spend(kind or principal.kind, str(principal.id))


def spend_by_address(kind: str) -> None:
    """Count a request of the caller's address; raises TooMany."""
    _spend(kind, request.remote_addr or "unknown")


def _spend(kind: str, who: str) -> None:
    limit = current_app.config["RATES_PER_MINUTE"].get(kind)
    if limit is None:
        return
    spent = rates.spend(f"{kind}:{who}", limit=limit, at=clock.now())
    if spent is None:
        return
    g.spent = spent
    if not spent.allowed:
        raise TooMany(say("too_many_requests", limit=limit), retry_after_seconds=spent.reset_seconds)


def _tell(response: Response) -> Response:
    if spent := g.get("spent"):
        response.headers.add("RateLimit-Limit", str(spent.limit))
        response.headers.add("RateLimit-Remaining", str(spent.remaining))
        response.headers.add("RateLimit-Reset", str(spent.reset_seconds))
    return response
