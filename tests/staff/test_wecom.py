"""Sign-in through WeCom, proven against what its documents say, on loopback."""

from collections.abc import Iterator

import pytest

from guideapi.app import GuideApp, create_app
from guideapi.config import Config, ConfigError
from models import Staff
from staff.wecom import WeComProvider
from tests import make
from tests.client import Client
from tests.simulators.wecom import AGENT_ID, CORP_ID, SECRET, WeCom, wecom
from tests.staff.test_oidc import REDIRECT_URI, Browser


@pytest.fixture
def platform(app: GuideApp, guide: Staff) -> Iterator[WeCom]:
    with wecom() as running:
        running.user_id = guide.staff_no
        app.extensions["oidc"] = WeComProvider(
            corp_id=CORP_ID,
            agent_id=AGENT_ID,
            secret=SECRET,
            redirect_uri=REDIRECT_URI,
            sign_in_page=f"{running.url}/wwlogin/sso/login",
            api=running.url,
        )
        yield running
        app.extensions["oidc"] = None


def test_a_member_is_signed_in_and_the_corporations_token_is_kept(
    client: Client, guide: Staff, platform: WeCom
) -> None:
    for _ in range(2):
        browser = Browser(client)
        answer = browser.come_back(**browser.leave())
        assert answer.status_code == 200, answer.text
    assert client.with_token(answer.json["access_token"]).get("/v1/me").json["staff_no"] == guide.staff_no
    assert platform.tokens_given == 1


def test_a_token_that_was_replaced_is_asked_for_again(client: Client, platform: WeCom) -> None:
    browser = Browser(client)
    assert browser.come_back(**browser.leave()).status_code == 200
    platform.tokens.clear()
    assert browser.come_back(**browser.leave()).status_code == 200
    assert platform.tokens_given == 2


def test_a_code_works_once_and_in_its_own_browser(client: Client, platform: WeCom) -> None:
    browser, victim = Browser(client), Browser(client)
    params = browser.leave()
    victim.leave()
    assert victim.come_back(**params).json["code"] == "oidc_refused"
    assert browser.come_back(**params).status_code == 200
    assert browser.come_back(**params).json["code"] == "oidc_refused"


def test_who_is_no_member_or_no_longer_ours_stays_outside(client: Client, platform: WeCom) -> None:
    for user_id, code in (
        (None, "oidc_refused"),
        ("stranger", "bad_credentials"),
        (make.guide(left_on=make.yesterday()).staff_no, "bad_credentials"),
    ):
        platform.user_id = user_id
        browser = Browser(client)
        assert browser.come_back(**browser.leave()).json["code"] == code


def test_a_wrong_secret_or_a_platform_that_is_down_is_told_without_the_secret(
    client: Client, platform: WeCom, app: GuideApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    provider, browser = app.extensions["oidc"], Browser(client)
    for attribute, value in (("secret", "wrong secret"), ("api", "http://127.0.0.1:1")):
        setattr(provider, attribute, value)
        answer = browser.come_back(**browser.leave())
        assert (answer.status_code, answer.json["code"]) == (503, "oidc_unavailable")
    # The simulator in this process writes its own log.
    assert "wrong" not in str([record.getMessage() for record in caplog.records if record.name != "werkzeug"])


def test_settings_choose_it(config: Config) -> None:
    env = {
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "SECRET_KEY": config.secret_key,
        "PUBLIC_URL": "https://guide.example",
        "WECOM_CORP_ID": CORP_ID,
        "WECOM_AGENT_ID": AGENT_ID,
        "WECOM_SECRET": SECRET,
    }
    answer = create_app(Config.from_env(env)).test_client().get("/v1/auth/oidc/start")
    assert answer.headers["Location"].startswith(
        "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp"
    )
    assert SECRET not in answer.headers["Location"]
    with pytest.raises(ConfigError, match="one"):
        Config.from_env({**env, "OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"})
