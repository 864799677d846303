"""Sign-in through an identity provider, proven against one on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from guideapi.app import GuideApp
from models import Staff
from staff.oidc import OidcProvider
from tests import make
from tests.client import Client
from tests.simulators.oidc import CLIENT_ID, CLIENT_SECRET, Provider, oidc_provider

REDIRECT_URI = "https://guide.example/v1/auth/oidc/callback"


@pytest.fixture
def provider(app: GuideApp, guide: Staff, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider is on loopback
    with oidc_provider(REDIRECT_URI) as running:
        running.staff_no = guide.staff_no
        app.extensions["oidc"] = OidcProvider(
            issuer=running.url,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            staff_claim="preferred_username",
            redirect_uri=REDIRECT_URI,
        )
        yield running
        app.extensions["oidc"] = None


@dataclass
class Browser:
    """Goes where it is sent, with the cookie it was given."""

    client: Client
    cookie: str = ""

    def leave(self) -> dict[str, str]:
        """To the provider; what that sends back in the query string."""
        answer = self.client.get("/v1/auth/oidc/start")
        assert answer.status_code == 302, answer.text
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        back = httpx.get(answer.headers["Location"])
        assert back.status_code == 302, back.text
        return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}

    def come_back(self, **params: str) -> Any:
        return self.client.get("/v1/auth/oidc/callback", query_string=params, headers={"Cookie": self.cookie})


def test_who_signs_in_there_is_signed_in_here(client: Client, guide: Staff, provider: Provider) -> None:
    browser = Browser(client)
    answer = browser.come_back(**browser.leave())
    assert answer.status_code == 200, answer.text
    assert client.with_token(answer.json["access_token"]).get("/v1/me").json["staff_no"] == guide.staff_no


def test_a_code_works_once(client: Client, provider: Provider) -> None:
    browser = Browser(client)
    params = browser.leave()
    assert browser.come_back(**params).status_code == 200
    assert browser.come_back(**params).json["code"] == "oidc_refused"


def test_somebody_elses_sign_in_is_refused(client: Client, provider: Provider) -> None:
    attacker, victim = Browser(client), Browser(client)
    params = attacker.leave()
    victim.leave()
    assert victim.come_back(**params).json["code"] == "oidc_refused"
    assert Browser(client).come_back(**params).json["code"] == "oidc_refused"
    assert Browser(client, "oidc=x").come_back(**params).json["code"] == "oidc_refused"


def test_a_code_without_its_verifier_is_refused(client: Client, provider: Provider) -> None:
    attacker, victim = Browser(client), Browser(client)
    stolen = attacker.leave()["code"]
    assert victim.come_back(**{**victim.leave(), "code": stolen}).json["code"] == "oidc_refused"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": ["another application"]},
        {"nonce": "another"},
        {"exp": 1},
        {"preferred_username": None},
        {"preferred_username": ""},
    ],
)
def test_an_id_token_that_does_not_hold_is_refused(client: Client, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    browser = Browser(client)
    assert browser.come_back(**browser.leave()).json["code"] == "oidc_refused"


def test_an_id_token_of_another_key_is_refused(client: Client, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    browser = Browser(client)
    assert browser.come_back(**browser.leave()).json["code"] == "oidc_refused"


def test_strangers_and_leavers_stay_outside(client: Client, provider: Provider) -> None:
    for staff_no in ("stranger", make.guide(left_on=make.yesterday()).staff_no):
        provider.staff_no = staff_no
        browser = Browser(client)
        assert browser.come_back(**browser.leave()).json["code"] == "bad_credentials"


def test_it_is_not_a_second_factor(client: Client, provider: Provider) -> None:
    provider.staff_no = make.staff(roles=["hq_admin"]).staff_no
    browser = Browser(client)
    token = browser.come_back(**browser.leave()).json["access_token"]
    assert client.with_token(token).get("/v1/staff").json["code"] == "second_factor_required"


def test_a_provider_that_is_down_or_says_no(client: Client, provider: Provider, app: GuideApp) -> None:
    browser = Browser(client)
    params = browser.leave()
    assert browser.come_back(state=params["state"], error="access_denied").json["code"] == "oidc_refused"
    app.extensions["oidc"].issuer = "http://127.0.0.1:1"
    assert browser.come_back(**params).json["code"] == "oidc_unavailable"


def test_without_a_provider_there_is_none(client: Client) -> None:
    assert client.get("/v1/auth/oidc/start").json["code"] == "oidc_unavailable"
