"""Every view declares who may call it; a house test walks the routes and refuses one that does not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from flask import current_app, g, request

from kit import audit
from kit.db import unit_of_work
from kit.errors import Forbidden, Unauthenticated
from kit.principal import Principal
from kit.web import idempotency, limits
from kit.web.asked import refuse_unasked
from kit.web.io import View
from kit.web.units import READS, has_own_units

# Reads everything, writes nothing.
READ_ALL_ROLE = "auditor"


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may call a view: staff of some roles, integrators of some scopes, or anyone."""

    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    public: bool = False
    before_second_factor: bool = False

    def admits(self, principal: Principal, *, reading: bool) -> bool:
        """Whether the principal's kind, roles and scopes suffice; what they may see is the queries' affair."""
        if principal.kind == "integrator":
            return not self.scopes.isdisjoint(principal.scopes)
        if reading and self.roles and READ_ALL_ROLE in principal.roles:
            return True
        return principal.has_any(self.roles) or (self.before_second_factor and self.awaits_second_factor(principal))

    def awaits_second_factor(self, principal: Principal) -> bool:
        """Whether a second factor is all that is missing."""
        return not self.roles.isdisjoint(principal.withheld)


class SecondFactorRequired(Forbidden):
    """The role suffices once a second factor was shown in this sign-in."""

    code = "second_factor_required"


def auth(
    *,
    roles: frozenset[str] | set[str] = frozenset(),
    scope: str | tuple[str, ...] = (),
    before_second_factor: bool = False,
) -> Callable[[View], View]:
    """Admit staff who hold one of `roles`, and integrators whose key has a `scope`; others get 401 or 403.

    Roles that need a second factor count only once it was shown; `before_second_factor` is for showing it.
    """
    scopes = frozenset((scope,) if isinstance(scope, str) else scope)
    declare = _declare(Access(roles=frozenset(roles), scopes=scopes, before_second_factor=before_second_factor))
    return lambda view: declare(idempotency.once(view))


def public(view: View) -> View:
    """Admit anyone: for sign-in, health and the pages that customers open."""
    return _declare(Access(public=True))(view)


def principal() -> Principal:
    """The caller of the current request."""
    caller: Principal = g.principal
    return caller


def _declare(access: Access) -> Callable[[View], View]:
    def decorator(view: View) -> View:
        limited_as = getattr(view, "limited_as", "address")
        admit = partial(_admit_alone if has_own_units(view) else _admit, access)

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not access.public:
                g.principal = admit()
            elif limited_as:
                limits.spend_by_address(limited_as)
            refuse_unasked(view)
            return view(*args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined]
        _document(guarded, access)
        return guarded

    return decorator


def _admit_alone(access: Access) -> Principal:
    with unit_of_work(reading=True):
        return _admit(access)


def _admit(access: Access) -> Principal:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    caller: Principal = current_app.extensions["authenticate"](token.strip())
    limits.spend_by_principal(caller)
    if not access.admits(caller, reading=request.method in READS):
        raise SecondFactorRequired if access.awaits_second_factor(caller) else Forbidden
    if request.method not in READS:
        audit.act_as(
            kind=caller.kind, principal_id=caller.id, address=request.remote_addr, request_id=g.get("request_id")
        )
    return caller


def _document(view: Any, access: Access) -> None:
    """What flask-smorest's `doc` decorator does, without another wrapper around every call."""
    manual = view.__dict__.setdefault("_apidoc", {}).setdefault("manual_doc", {})
    if access.public:
        manual["security"] = []
        return
    manual["security"] = [{"bearer": []}]
    callers = [*sorted(access.roles), *(f"integrators with `{scope}`" for scope in sorted(access.scopes))]
    manual["x-access"] = callers
