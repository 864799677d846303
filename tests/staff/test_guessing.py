"""Guessing is slowed down, and nobody can shut somebody else out."""

from typing import Any

import pytest

from kit import counters, rates
from models import Staff
from staff.rules.clients import Caller
from staff.rules.sessions import network_of
from staff.service import guard
from tests import make
from tests.client import Client
from tests.races import together

OWNER, ATTACKER = "203.0.113.7", "198.51.100.66"


def attempt(
    client: Client, staff_no: str, *, address: str, password: str = "wrong", device_token: str | None = None
) -> Any:
    body = {"staff_no": staff_no, "password": password, "device_token": device_token}
    return client.post("/v1/auth/token", json=body, environ_base={"REMOTE_ADDR": address})


def test_guessing_from_one_place_is_stopped(client: Client, guide: Staff) -> None:
    codes = [attempt(client, guide.staff_no, address=ATTACKER).json["code"] for _ in range(12)]
    assert codes == ["bad_credentials"] * 10 + ["too_many_attempts"] * 2
    right = attempt(client, guide.staff_no, address=ATTACKER, password=make.PASSWORD)
    assert right.status_code == 429
    assert right.headers["Retry-After"] == "900"


def test_however_a_number_is_typed_it_is_one_count(client: Client) -> None:
    make.guide(staff_no="SH01-03")
    typed = ["SH01-03", "sh01-03", "SH01-03 ", "ＳＨ01-03", "\u3000SH01-03"] * 3
    codes = [attempt(client, staff_no, address=ATTACKER).json["code"] for staff_no in typed]
    assert codes == ["bad_credentials"] * 10 + ["too_many_attempts"] * 5


def test_a_known_device_is_known_however_the_number_is_typed(client: Client) -> None:
    make.guide(staff_no="SH01-03")
    known = attempt(client, "sh01-03 ", address=OWNER, password=make.PASSWORD).json["device_token"]
    for _ in range(11):
        attempt(client, "SH01-03", address=OWNER)
    answer = attempt(client, "SH01-03", address=OWNER, password=make.PASSWORD, device_token=known)
    assert answer.status_code == 200


def test_who_guesses_elsewhere_cannot_shut_the_owner_out(client: Client, guide: Staff) -> None:
    for number in range(200):
        attempt(client, guide.staff_no, address=f"198.51.100.{number}")
    assert attempt(client, guide.staff_no, address=OWNER, password=make.PASSWORD).status_code == 200


def test_a_known_device_gets_in_though_its_place_is_shut(client: Client, guide: Staff) -> None:
    known = attempt(client, guide.staff_no, address=OWNER, password=make.PASSWORD).json["device_token"]
    for _ in range(11):
        attempt(client, guide.staff_no, address=OWNER)
    assert attempt(client, guide.staff_no, address=OWNER, password=make.PASSWORD).status_code == 429
    answer = attempt(client, guide.staff_no, address=OWNER, password=make.PASSWORD, device_token=known)
    assert answer.status_code == 200


def test_a_device_token_helps_with_its_own_account_only(client: Client, guide: Staff, manager: Staff) -> None:
    known = attempt(client, manager.staff_no, address=ATTACKER, password=make.PASSWORD).json["device_token"]
    codes = [
        attempt(client, guide.staff_no, address=ATTACKER, device_token=token).json["code"]
        for token in [known, f"{known}x", "x"] * 4
    ]
    assert codes[-2:] == ["too_many_attempts"] * 2


def test_unknown_accounts_are_counted_like_known_ones(client: Client, guide: Staff) -> None:
    for _ in range(10):
        attempt(client, "nobody", address=ATTACKER)
    assert attempt(client, "nobody", address=ATTACKER).json["code"] == "too_many_attempts"


def test_one_password_tried_on_many_accounts_is_stopped(client: Client, app: object) -> None:
    for number in range(199):
        guard.count_failure(guard.begin_attempt(f"N{number}", Caller(address=ATTACKER, device_name="")))
    codes = [attempt(client, f"M{number}", address=ATTACKER).json["code"] for number in range(2)]
    assert codes == ["bad_credentials", "too_many_attempts"]


def test_an_account_guessed_at_from_many_places_gives_each_fewer_tries(client: Client, guide: Staff) -> None:
    for number in range(50):
        attempt(client, guide.staff_no, address=f"198.51.100.{number}")
    codes = [attempt(client, guide.staff_no, address="192.0.2.1").json["code"] for _ in range(4)]
    assert codes == ["bad_credentials"] * 3 + ["too_many_attempts"]


def test_success_forgives_the_failures_before_it(client: Client, guide: Staff) -> None:
    for _ in range(3):
        for _ in range(9):
            attempt(client, guide.staff_no, address=OWNER)
        assert attempt(client, guide.staff_no, address=OWNER, password=make.PASSWORD).status_code == 200


def test_a_hundred_guesses_at_once_are_a_hundred(client: Client, guide: Staff) -> None:
    codes: list[str] = []
    together(*[lambda: codes.append(attempt(client, guide.staff_no, address=ATTACKER).json["code"])] * 30)
    assert sorted(codes) == ["bad_credentials"] * 10 + ["too_many_attempts"] * 20


def test_people_get_in_while_redis_is_down(client: Client, guide: Staff, app: Any) -> None:
    working = app.extensions["counters"]
    app.extensions["counters"] = rates.connect("redis://127.0.0.1:1")
    try:
        assert attempt(client, guide.staff_no, address=OWNER, password=make.PASSWORD).status_code == 200
        assert attempt(client, guide.staff_no, address=OWNER).status_code == 401
    finally:
        app.extensions["counters"] = working


def test_counts_end_with_their_window(app: Any) -> None:
    assert [counters.add("x", window_seconds=60) for _ in range(3)] == [1, 2, 3]
    assert counters.read("x") == 3
    assert 0 < app.extensions["counters"].redis.ttl("count:x") <= 60
    counters.forget("x")
    assert counters.read("x") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_subscriber_is_one_place(address: str, network: str) -> None:
    assert network_of(address) == network
