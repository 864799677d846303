"""An OpenID Connect provider on loopback, made with Authlib: discovery, code flow with PKCE, signed ID tokens."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "guideapi", "shared with the provider"


class KnownClient(ClientMixin):
    """Our application, as the provider knows it."""

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """One authorization code and what it was given for."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Provider:
    """What a test sees and bends: who is signed in there, and what its ID tokens claim."""

    url: str
    staff_no: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    signing_key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}, private=True))
    codes: dict[str, Code] = field(default_factory=dict)


@contextmanager
def oidc_provider(redirect_uri: str) -> Iterator[Provider]:
    """A provider that signs everyone in as `staff_no` without asking."""
    app = Flask("oidc")
    app.secret_key = "of the provider"
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider = Provider(url=f"http://127.0.0.1:{server.server_port}")
    _add_routes(app, provider, KnownClient(redirect_uri))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _add_routes(app: Flask, provider: Provider, client: KnownClient) -> None:
    server = AuthorizationServer(app, query_client=lambda _: client, save_token=lambda *_: None)
    server.register_grant(_code_grant(provider), [_id_token(provider), CodeChallenge(required=True)])
    published_key = provider.signing_key.as_dict(private=False)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return jsonify({"issuer": provider.url, **{name: f"{provider.url}/{path}" for name, path in paths.items()}})

    @app.get("/authorize")
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=provider)
        return server.create_authorization_response(grant_user=provider, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[published_key])


def _code_grant(provider: Provider) -> type[AuthorizationCodeGrant]:
    class CodeGrant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - Authlib's own type

        def save_authorization_code(self, code: str, request: Any) -> None:
            given = request.payload.data
            provider.codes[code] = Code(
                code,
                given["redirect_uri"],
                given["scope"],
                given.get("nonce"),
                given.get("code_challenge"),
                given.get("code_challenge_method"),
            )

        def query_authorization_code(self, code: str, client: ClientMixin) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> Provider:
            return provider

    return CodeGrant


def _id_token(provider: Provider) -> OpenIDCode:
    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: ClientMixin) -> RSAKey:
            return provider.signing_key

        def get_encode_header(self, client: ClientMixin) -> dict[str, str]:
            return {"alg": "RS256", "kid": "one"}

        def get_client_algorithm(self, client: ClientMixin) -> str:
            return "RS256"

        def get_client_claims(self, client: ClientMixin) -> dict[str, Any]:
            return {"iss": provider.url, "aud": [CLIENT_ID]}

        def generate_user_info(self, user: Provider, scope: str) -> UserInfo:
            return UserInfo(**{"sub": "42", "preferred_username": user.staff_no, **user.claims})

    return IdToken(require_nonce=True)
