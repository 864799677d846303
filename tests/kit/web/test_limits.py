"""So many requests a minute, told on every answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import clock, jobs, rates
from kit.db import close_connections, db
from models import Staff
from tests import make
from tests.client import Client

MINUTE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def limited(config: Config, **changes: object) -> Iterator[GuideApp]:
    app = create_app(replace(config, **changes))
    with app.app_context():
        yield app
        db.session.remove()
        jobs.connection().flushdb()
        close_connections()


@pytest.fixture
def limited_app(app: GuideApp, config: Config) -> Iterator[GuideApp]:
    """The application with small allowances."""
    yield from limited(config, rates_per_minute={"staff": 3, "sign_in": 2}, trusted_proxies=1)


@pytest.fixture
def app_without_redis(app: GuideApp, config: Config) -> Iterator[GuideApp]:
    """The application with allowances and nothing to count them with."""
    dead = create_app(replace(config, rates_per_minute={"staff": 1}, redis_url="redis://127.0.0.1:1/0"))
    with dead.app_context():
        yield dead
        db.session.remove()
        close_connections()


def test_an_answer_tells_what_is_left_and_the_next_too_many_is_refused(limited_app: GuideApp, guide: Staff) -> None:
    with time_machine.travel(MINUTE + timedelta(seconds=20), tick=False):
        client = Client(limited_app).sign_in(guide)
        answers = [client.get("/v1/me") for _ in range(4)]
    assert [a.headers["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert {(a.headers["RateLimit-Limit"], a.headers["RateLimit-Reset"]) for a in answers} == {("3", "40")}
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert (refused.json["code"], refused.headers["Retry-After"]) == ("too_many_requests", "40")


def test_the_window_slides(limited_app: GuideApp, guide: Staff) -> None:
    with time_machine.travel(MINUTE, tick=False) as traveller:
        client = Client(limited_app).sign_in(guide)
        for _ in range(3):
            client.get("/v1/me")
        # A quarter into the next minute, three quarters of the three are not a minute old.
        traveller.move_to(MINUTE + timedelta(seconds=75))
        assert [client.get("/v1/me").status_code for _ in range(2)] == [200, 429]
        traveller.move_to(MINUTE + timedelta(seconds=181))
        assert client.get("/v1/me").headers["RateLimit-Remaining"] == "2"


def test_what_processes_count_at_once_adds_up_to_the_allowance(app: GuideApp, config: Config) -> None:
    processes = [create_app(config) for _ in range(2)]

    def spend(number: int) -> rates.Spent:
        with processes[number % 3 == 0].app_context():
            spent = rates.spend("staff:g", limit=1000, at=MINUTE)
        assert spent is not None
        return spent

    with app.app_context():
        told = [spend(number) for number in range(1020)]
        asked = int(jobs.connection().get(f"rate:staff:g:{int(MINUTE.timestamp()) // 60}") or 0)
        jobs.connection().flushdb()
    assert [spent.allowed for spent in told].count(True) in range(990, 1001)
    assert not told[-1].allowed
    assert asked >= 1020
    # A process knows of the others' uses when it counts its next ones.
    assert all(abs(spent.remaining - max(0, 999 - number)) <= 20 for number, spent in enumerate(told))


def test_who_asks_too_often_is_alone_in_being_refused(limited_app: GuideApp, guide: Staff) -> None:
    with time_machine.travel(MINUTE, tick=False):
        client = Client(limited_app).sign_in(guide)
        assert [client.get("/v1/me").status_code for _ in range(4)][-1] == 429
        colleague = make.guide()
        assert Client(limited_app).sign_in(colleague).get("/v1/me").status_code == 200


def test_sign_in_is_limited_by_the_address_that_the_trusted_proxy_saw(limited_app: GuideApp, guide: Staff) -> None:
    def sign_in(address: str) -> int:
        headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
        wrong = {"staff_no": guide.staff_no, "password": "wrong"}
        return Client(limited_app).post("/v1/auth/token", json=wrong, headers=headers).status_code

    with time_machine.travel(MINUTE, tick=False):
        assert [sign_in("198.51.100.7") for _ in range(3)] == [401, 401, 429]
        assert sign_in("198.51.100.8") == 401


def test_without_redis_nobody_is_refused_and_it_is_left_alone_for_a_while(
    app_without_redis: GuideApp, guide: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client = Client(app_without_redis).sign_in(guide)
        answers = [client.get("/v1/me") for _ in range(3)]
        assert [a.status_code for a in answers] == [200, 200, 200]
        assert "RateLimit-Limit" not in answers[0].headers
        assert caplog.text.count("rate limits are off") == 1
        traveller.shift(timedelta(seconds=6))
        client.get("/v1/me")
        assert caplog.text.count("rate limits are off") == 2


def test_probes_are_not_limited(app: GuideApp, config: Config) -> None:
    for other in limited(config, rates_per_minute={"address": 1}):
        answers = [Client(other).get("/healthz") for _ in range(3)]
        assert [a.status_code for a in answers] == [200, 200, 200]
