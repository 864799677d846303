"""The page at `/docs`, where the API is read and tried, and the way there from `/`."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import orjson
from flask import Blueprint, Flask, Response, redirect
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.wrappers import Response as AnyResponse

from kit.web.asked import lenient
from kit.web.auth import public
from samples.demo.people import logins

# Swagger UI's page starts itself by a script inside; its styles paint arrows from data: addresses.
OWN_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SIGN_IN = (Path(__file__).parent / "demo_logins.js").read_bytes()

bp = Blueprint("front_door", __name__)


@bp.get("/")
@public
@lenient
def to_docs() -> AnyResponse:
    """Who opens the bare address wants to see what is here."""
    return redirect("/docs/")


def init_app(app: Flask, *, public_url: str, demo_logins: bool) -> None:
    """Serve the page, which runs nothing but what it came with and talks to this server only.

    With `demo_logins` it signs in as one of the demo chain's people, whose passwords everybody knows.
    """
    config = {
        "app_name": "guideapi",
        "persistAuthorization": True,
        "docExpansion": "none",
        # Otherwise made from the Host header.
        "oauth2RedirectUrl": f"{public_url}/docs/oauth2-redirect.html",
    }
    page: Blueprint = get_swaggerui_blueprint("/docs", "/openapi.json", config=config)
    if demo_logins:
        page.add_url_rule("/demo-logins.js", view_func=_sign_in_script)
        page.after_request(_offer_logins)
    page.after_request(_confine)
    app.register_blueprint(page)
    app.register_blueprint(bp)


def _sign_in_script() -> Response:
    script = b"const DEMO_LOGINS = " + orjson.dumps(logins()) + b";\n" + SIGN_IN
    return Response(script, mimetype="text/javascript")


def _offer_logins(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.direct_passthrough:
        script = '<script src="/docs/demo-logins.js"></script></body>'
        response.set_data(response.get_data(as_text=True).replace("</body>", script))
    return response


def _confine(response: Response) -> Response:
    scripts = []
    if response.mimetype == "text/html" and not response.direct_passthrough:
        scripts = [sha256(script.encode()).digest() for script in OWN_SCRIPT.findall(response.get_data(as_text=True))]
    hashes = "".join(f" 'sha256-{b64encode(digest).decode()}'" for digest in scripts)
    response.headers["Content-Security-Policy"] = POLICY.format(scripts=hashes)
    return response
