"""Sign-in through WeCom (企业微信), not OpenID Connect: a code becomes a user id with the corporation's token.

By the platform's documents: the web sign-in page, `gettoken`, and `auth/getuserinfo`. Neither PKCE nor a nonce exists
there; the state ties a code to the browser that set out for it.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from kit.words import say
from staff.oidc import TIMEOUT_SECONDS, OidcRefused, OidcUnavailable, Started

SIGN_IN_PAGE = "https://login.work.weixin.qq.com/wwlogin/sso/login"
API = "https://qyapi.weixin.qq.com"
# A state holds letters and digits only.
STATE_BYTES = 24
# Asked anew a little before it ends.
MARGIN = timedelta(minutes=5)
TOKEN_ENDED = (40014, 42001)
CODE_REFUSED = (40029, 50001)


@dataclass(kw_only=True)
class WeComProvider:
    """The chain's corporation in WeCom, which knows its members by user ids."""

    corp_id: str
    agent_id: str
    secret: str = field(repr=False)
    redirect_uri: str
    sign_in_page: str = SIGN_IN_PAGE
    api: str = API
    _token: str = field(default="", init=False, repr=False)
    _token_until: datetime | None = field(default=None, init=False)

    def begin(self) -> tuple[str, Started]:
        """Where to send the browser, and what it must bring back."""
        started = Started(state=secrets.token_hex(STATE_BYTES), nonce="", verifier="")
        query = {
            "login_type": "CorpApp",
            "appid": self.corp_id,
            "agentid": self.agent_id,
            "redirect_uri": self.redirect_uri,
            "state": started.state,
        }
        return f"{self.sign_in_page}?{urlencode(query)}", started

    def finish(self, *, code: str, started: Started, now: datetime) -> str:  # noqa: ARG002 - as OidcProvider
        """The user id of the member who signed in to WeCom; raises OidcRefused, OidcUnavailable."""
        answer = self._user_info(code, now=now)
        if answer["errcode"] in TOKEN_ENDED:  # another process had it replaced
            self._token_until = None
            answer = self._user_info(code, now=now)
        if answer["errcode"] in CODE_REFUSED:
            raise OidcRefused(say("oidc_refused.wecom_code"))
        if answer["errcode"] != 0:
            raise OidcUnavailable(say("oidc_unavailable.wecom_error", code=str(answer["errcode"])))
        user_id = answer.get("userid")
        if not isinstance(user_id, str) or not user_id:
            raise OidcRefused(say("oidc_refused.not_a_member"))
        return user_id

    def _user_info(self, code: str, *, now: datetime) -> dict[str, Any]:
        return self._ask("auth/getuserinfo", access_token=self._access_token(now), code=code)

    def _access_token(self, now: datetime) -> str:
        """The corporation's token; WeCom wants it kept and asked for seldom."""
        if self._token_until is None or now >= self._token_until:
            answer = self._ask("gettoken", corpid=self.corp_id, corpsecret=self.secret)
            if answer["errcode"] != 0:
                raise OidcUnavailable(say("oidc_unavailable.wecom_secret", code=str(answer["errcode"])))
            self._token = answer["access_token"]
            self._token_until = now + timedelta(seconds=answer["expires_in"]) - MARGIN
        return self._token

    def _ask(self, endpoint: str, **query: str) -> dict[str, Any]:
        """What WeCom answers: always 200, with `errcode`."""
        try:
            response = httpx.get(f"{self.api}/cgi-bin/{endpoint}", params=query, timeout=TIMEOUT_SECONDS)
            answer = response.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            # The address holds the secret: it stays out of the log.
            raise OidcUnavailable from None
        if not isinstance(answer, dict) or not isinstance(answer.get("errcode"), int):
            raise OidcUnavailable(say("oidc_unavailable.wecom_answer"))
        return answer
