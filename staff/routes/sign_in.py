"""Sign-in, and who I am."""

from typing import Any

from kit import clock
from kit.web.auth import auth, principal, public
from kit.web.io import body, reply
from kit.web.limits import per_address
from staff import queries, service, tokens
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF
from staff.schemas.sign_in import MeOut, TokenIn, TokenOut


@bp.post("/auth/token")
@public
@per_address("sign_in")
@body(TokenIn)
@reply(TokenOut)
def create_token(staff_no: str, password: str) -> dict[str, Any]:
    """Sign in with staff number and password."""
    token = service.sign_in(staff_no=staff_no, password=password, now=clock.now())
    seconds = int(tokens.ACCESS_LIFETIME.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


@bp.get("/me")
@auth(roles=ANY_STAFF)
@reply(MeOut)
def get_me() -> dict[str, Any]:
    """Who I am, what I may do, and where I work."""
    return queries.get_profile(principal().id)
