"""Sign-in through the chain's own identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636) and nonce.

Whatever speaks OpenID Connect fits here. WeCom does not, and has a file of its own (wecom.py).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kit.errors import Unauthenticated, Unavailable
from kit.ids import new_token
from kit.words import say

SCOPE = "openid profile"
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
TIMEOUT_SECONDS = 5
LEEWAY_SECONDS = 60
STATE_BYTES = 24
VERIFIER_BYTES = 48


class OidcUnavailable(Unavailable):
    """No identity provider is set up here, or it does not answer."""

    code = "oidc_unavailable"


class OidcRefused(Unauthenticated):
    """The identity provider's answer does not belong to a sign-in begun here, or does not hold."""

    code = "oidc_refused"


@dataclass(frozen=True, slots=True)
class Started:
    """What a browser keeps between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str


@dataclass(kw_only=True)
class OidcProvider:
    """One identity provider; `staff_claim` of its ID tokens is our staff number."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    staff_claim: str
    redirect_uri: str

    def begin(self) -> tuple[str, Started]:
        """Where to send the browser, and what it must bring back; raises OidcUnavailable."""
        started = Started(
            new_token(length_bytes=STATE_BYTES),
            new_token(length_bytes=STATE_BYTES),
            new_token(length_bytes=VERIFIER_BYTES),
        )
        url = prepare_grant_uri(
            self._metadata()["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope=SCOPE,
            state=started.state,
            nonce=started.nonce,
            code_challenge=create_s256_code_challenge(started.verifier),
            code_challenge_method="S256",
        )
        return url, started

    def finish(self, *, code: str, started: Started, now: datetime) -> str:
        """The staff number of who signed in at the provider; raises OidcRefused, OidcUnavailable."""
        metadata = self._metadata()
        answer = self._exchange(metadata["token_endpoint"], code, started)
        keys = KeySet.import_key_set({"keys": self._ask("GET", metadata["jwks_uri"])["keys"]})
        claims = self._claims(answer, keys, nonce=started.nonce, now=now)
        staff_no = claims.get(self.staff_claim)
        if not isinstance(staff_no, str) or not staff_no:
            raise OidcRefused(say("oidc_refused.no_claim", claim=self.staff_claim))
        return staff_no

    def _exchange(self, url: str, code: str, started: Started) -> dict[str, Any]:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": started.verifier,
        }
        return self._ask("POST", url, data=body, auth=(self.client_id, self.client_secret))

    def _claims(self, answer: dict[str, Any], keys: KeySet, *, nonce: str, now: datetime) -> CodeIDToken:
        try:
            token = jwt.decode(answer["id_token"], keys, algorithms=ALGORITHMS)
            expected = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id},
            }
            params = {"nonce": nonce, "client_id": self.client_id, "access_token": answer.get("access_token")}
            claims = CodeIDToken(token.claims, token.header, options=expected, params=params)
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise OidcRefused(say("oidc_refused.token")) from error
        return claims

    def _metadata(self) -> dict[str, Any]:
        metadata = self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
        if metadata.get("issuer") != self.issuer:
            raise OidcUnavailable(say("oidc_unavailable.other_issuer"))
        return metadata

    def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        try:
            response = httpx.request(method, url, timeout=TIMEOUT_SECONDS, **options)
            if response.status_code in (400, 401, 403):
                raise OidcRefused(say("oidc_refused.code"))
            answer: dict[str, Any] = response.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            # Addresses, which the provider names, may hold what is not for the log.
            raise OidcUnavailable from None
        return answer
