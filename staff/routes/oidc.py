"""Sign-in through the chain's own identity provider: OpenID Connect, or WeCom."""

from typing import Any

from flask import Response, current_app, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from kit import clock
from kit.web.asked import lenient
from kit.web.auth import public
from kit.web.io import NothingOut, query, reply
from kit.web.limits import per_address
from kit.web.refusals import refuses
from kit.web.units import writes
from kit.words import say
from staff import queries, service
from staff.oidc import OidcProvider, OidcRefused, OidcUnavailable, Started
from staff.routes.blueprint import bp
from staff.routes.sign_in import caller, render
from staff.schemas import sign_in as schemas
from staff.service.sign_in import BadCredentials
from staff.wecom import WeComProvider

COOKIE = "oidc"
COOKIE_PATH = "/v1/auth/oidc"
COOKIE_SECONDS = 600


@bp.get("/auth/oidc/start")
@public
@refuses(OidcUnavailable)
@per_address("sign_in")
@reply(NothingOut, 302, description="To the identity provider.")
def start_oidc() -> Response:
    """Go to the chain's identity provider; it sends the browser back to the callback."""
    url, started = _provider().begin()
    response = redirect(url)
    assert isinstance(response, Response)
    response.set_cookie(
        COOKIE,
        _serializer().dumps([started.state, started.nonce, started.verifier]),
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        secure=current_app.config["PUBLIC_URL"].startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.get("/auth/oidc/callback")
@public
@refuses(BadCredentials, OidcRefused, OidcUnavailable)
@lenient
@per_address("sign_in")
@writes
@query(schemas.OidcCallbackIn)
@reply(schemas.TokenOut)
def finish_oidc(state: str, code: str | None, **_: Any) -> dict[str, Any]:
    """Come back from the identity provider, and be signed in."""
    started = _started(state)
    if code is None:
        raise OidcRefused(say("oidc_refused.not_signed_in"))
    now = clock.now()
    provider = _provider()
    known_as = provider.finish(code=code, started=started, now=now)
    find = queries.find_staff_in_wecom if isinstance(provider, WeComProvider) else queries.find_staff_by_no
    signed_in, staff_no = service.sign_in_known(find(known_as), caller=caller(), now=now)
    return {**render(signed_in), "device_token": service.new_device_token(staff_no)}


def _started(state: str) -> Started:
    """What this browser set out with; a state that is not its own is somebody else's sign-in."""
    try:
        kept = Started(*_serializer().loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_SECONDS))
    except (BadSignature, TypeError):
        raise OidcRefused(say("oidc_refused.other_browser")) from None
    if kept.state != state:
        raise OidcRefused(say("oidc_refused.other_browser"))
    return kept


def _provider() -> OidcProvider | WeComProvider:
    provider: OidcProvider | WeComProvider | None = current_app.extensions["oidc"]
    if provider is None:
        raise OidcUnavailable
    return provider


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="oidc")
