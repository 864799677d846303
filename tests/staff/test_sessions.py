"""Tokens that rotate, and sign-ins that end when they should."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from models import DeviceSession, Staff
from staff import refresh_tokens
from staff.tokens import BadToken
from tests import make
from tests.client import Client
from tests.races import held_at


def sign_in(client: Client, staff: Staff) -> dict[str, Any]:
    body = {"staff_no": staff.staff_no, "password": make.PASSWORD}
    answer = client.post("/v1/auth/token", json=body, headers={"User-Agent": "guide-app/1 (Pixel)"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def refresh(client: Client, token: str) -> Any:
    return client.post("/v1/auth/refresh", json={"refresh_token": token})


def later(**delta: float) -> Any:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=False)


def works(client: Client, access_token: str) -> bool:
    return client.with_token(access_token).get("/v1/me").status_code == 200


def test_refresh_carries_a_sign_in_on(client: Client, guide: Staff) -> None:
    first = sign_in(client, guide)
    with later(days=10):
        assert not works(client, first["access_token"])
        second = refresh(client, first["refresh_token"]).json
        assert works(client, second["access_token"])
        assert second["session_id"] == first["session_id"]
        assert second["refresh_token"] != first["refresh_token"]
    with later(days=20):
        assert refresh(client, second["refresh_token"]).status_code == 200


def test_an_old_token_shown_again_ends_the_sign_in(client: Client, guide: Staff) -> None:
    first = sign_in(client, guide)
    second = refresh(client, first["refresh_token"]).json
    third = refresh(client, second["refresh_token"]).json
    assert works(client, third["access_token"])
    stolen = refresh(client, first["refresh_token"])
    assert (stolen.status_code, stolen.json["code"]) == (401, "refresh_token_reused")
    assert not works(client, third["access_token"])
    assert refresh(client, third["refresh_token"]).json["code"] == "bad_token"


def test_a_lost_answer_can_be_asked_for_again_for_a_while(client: Client, guide: Staff) -> None:
    first = sign_in(client, guide)
    lost = refresh(client, first["refresh_token"]).json
    again = refresh(client, first["refresh_token"]).json
    assert again["refresh_token"] == lost["refresh_token"]
    with later(seconds=31):
        assert refresh(client, first["refresh_token"]).json["code"] == "refresh_token_reused"
        assert not works(client, again["access_token"])


def test_two_refreshes_at_once_lead_to_one_successor(client: Client, guide: Staff) -> None:
    token = sign_in(client, guide)["refresh_token"]
    answers: list[Any] = []
    held_at("SELECT FROM device_session FOR UPDATE", *[lambda: answers.append(refresh(client, token))] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    assert db.session.scalars(select(DeviceSession.refresh_generation)).one() == 1
    assert all(works(client, answer.json["access_token"]) for answer in answers)


def test_a_theft_shows_whichever_of_the_two_comes_first(client: Client, guide: Staff) -> None:
    stolen = sign_in(client, guide)["refresh_token"]
    thief = refresh(client, stolen).json
    owner = refresh(client, stolen).json  # within the grace: the same token, not a second chain
    assert refresh(client, thief["refresh_token"]).status_code == 200
    with later(seconds=31):
        assert refresh(client, owner["refresh_token"]).json["code"] == "refresh_token_reused"


def test_a_made_up_token_ends_nobodys_sign_in(client: Client, guide: Staff) -> None:
    mine = sign_in(client, guide)
    refresh(client, mine["refresh_token"])
    head, generation, secret = mine["refresh_token"].split(".")
    for token in (f"{head}.0.{secret[::-1]}", f"{head}.1.{secret}", f"{head}.99.{secret}", f"{head}.-1.{secret}", "x"):
        assert refresh(client, token).json["code"] == "bad_token"
    assert works(client, mine["access_token"])
    assert generation == "0"


@given(st.text(max_size=150))
def test_any_text_is_a_token_or_not(text: str) -> None:
    with pytest.raises(BadToken):
        refresh_tokens.read(text)


def test_only_a_hash_is_kept(client: Client, guide: Staff) -> None:
    token = sign_in(client, guide)["refresh_token"]
    row = db.session.scalars(select(DeviceSession)).one()
    assert row.refresh_hash not in token
    assert token.rpartition(".")[2] not in str(vars(row))


def test_sign_out_ends_this_sign_in_only(client: Client, guide: Staff) -> None:
    phone, tablet = sign_in(client, guide), sign_in(client, guide)
    assert client.with_token(phone["access_token"]).post("/v1/auth/sign-out").status_code == 200
    assert not works(client, phone["access_token"])
    assert refresh(client, phone["refresh_token"]).json["code"] == "bad_token"
    assert works(client, tablet["access_token"])


def test_sign_out_everywhere_ends_all_of_mine_and_none_of_yours(client: Client, guide: Staff, manager: Staff) -> None:
    phone, tablet, other = sign_in(client, guide), sign_in(client, guide), sign_in(client, manager)
    client.with_token(phone["access_token"]).post("/v1/auth/sign-out-everywhere")
    assert [works(client, s["access_token"]) for s in (phone, tablet, other)] == [False, False, True]


def test_my_devices_are_listed_and_can_be_removed(client: Client, guide: Staff, manager: Staff) -> None:
    phone, tablet, other = sign_in(client, guide), sign_in(client, guide), sign_in(client, manager)
    me = client.with_token(phone["access_token"])
    items = me.get("/v1/me/devices").json["items"]
    assert {item["id"]: item["is_this"] for item in items} == {phone["session_id"]: True, tablet["session_id"]: False}
    assert items[0]["device_name"] == "guide-app/1 (Pixel)"
    assert me.delete(f"/v1/me/devices/{other['session_id']}").json["code"] == "device_not_found"
    assert me.delete(f"/v1/me/devices/{tablet['session_id']}").status_code == 200
    assert [works(client, s["access_token"]) for s in (phone, tablet, other)] == [True, False, True]
    assert me.delete(f"/v1/me/devices/{tablet['session_id']}").status_code == 404


def test_those_who_touch_money_sign_in_every_day(client: Client, app: GuideApp) -> None:
    finance = make.staff(roles=["hq_finance"])
    unused = sign_in(client, finance)
    with later(minutes=61):
        assert refresh(client, unused["refresh_token"]).json["code"] == "bad_token"
    token, used = sign_in(client, finance)["refresh_token"], 0
    start = clock.now()
    for hour in range(48):
        with time_machine.travel(start + timedelta(minutes=30 * hour), tick=False):
            answer = refresh(client, token)
            if answer.status_code != 200:
                break
            token, used = answer.json["refresh_token"], hour
    assert used == 47


def test_who_left_cannot_refresh(client: Client, guide: Staff) -> None:
    token = sign_in(client, guide)["refresh_token"]
    guide.left_on = make.yesterday()
    make.save(guide)
    assert refresh(client, token).json["code"] == "bad_token"


def test_ended_sign_ins_are_forgotten_after_a_month(client: Client, guide: Staff) -> None:
    from kit.db import unit_of_work
    from staff import jobs

    sign_in(client, guide)
    for days, left in ((43, 1), (45, 0)):
        with later(days=days), unit_of_work():
            jobs.purge_sessions()
        assert len(db.session.scalars(select(DeviceSession.id)).all()) == left
