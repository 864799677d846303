"""Which passwords will do, how they change, and how a forgotten one is replaced."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import select

from kit import clock
from kit.db import db
from kit.ids import secret_hash
from models import PasswordReset, Staff
from staff.rules.passwords import password_problem
from tests import make
from tests.client import Client
from tests.races import held_at

NEW = "梅花 walks over 17 bridges"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def sign_in(client: Client, staff: Staff, password: str) -> Any:
    return client.post("/v1/auth/token", json={"staff_no": staff.staff_no, "password": password})


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "fourteen chars",
        "aaaaaaaaaaaaaaaaaaaaaa",
        "123456789012345678",
        "qwertyuiopasdfghjkl",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd",
        "iloveyouiloveyou",
        "my number is g0042 ok",
        "王芳的密码是一个很长的句子啊啊啊啊",
        "x" * 129,
    ],
)
def test_passwords_that_will_not_do(password: str) -> None:
    assert password_problem(password, second_factor=False, about=["G0042", "王芳"])


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "kq;x vmw pf,t zb", "外滩的晚风吹过三十七座老桥和灯塔", NEW]
)
def test_passwords_that_will_do_need_no_digits_or_capitals(password: str) -> None:
    assert password_problem(password, second_factor=False, about=["G0042", "王芳"]) is None


def test_eight_characters_do_beside_a_second_factor() -> None:
    assert password_problem("kx8!zpqW", second_factor=True, about=[]) is None
    assert password_problem("password", second_factor=True, about=[])


def test_change_needs_the_current_one_and_signs_out_the_others(client: Client, guide: Staff) -> None:
    here, there = client.sign_in(guide), client.sign_in(guide)
    wrong = here.post("/v1/me/password", json={"current_password": "x", "new_password": NEW})
    assert wrong.json["code"] == "bad_credentials"
    weak = here.post("/v1/me/password", json={"current_password": make.PASSWORD, "new_password": "1" * 20})
    assert (weak.status_code, weak.json["code"], list(weak.json["errors"])) == (
        422,
        "password_refused",
        ["new_password"],
    )
    body = {"current_password": make.PASSWORD, "new_password": NEW}
    assert here.post("/v1/me/password", json=body).status_code == 200
    assert here.get("/v1/me").status_code == 200
    assert there.get("/v1/me").status_code == 401
    assert sign_in(client, guide, make.PASSWORD).status_code == 401
    assert sign_in(client, guide, NEW).status_code == 200


def test_the_same_characters_written_otherwise_are_the_same_password(client: Client, guide: Staff) -> None:
    here = client.sign_in(guide)
    here.post(
        "/v1/me/password", json={"current_password": make.PASSWORD, "new_password": "ｆｕｌｌ width café letters"}
    )
    assert sign_in(client, guide, "full width cafe\u0301 letters").status_code == 200


def test_changed_parameters_rehash_at_the_next_sign_in(client: Client, guide: Staff) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(make.PASSWORD)
    guide.password_hash = old
    make.save(guide)
    assert sign_in(client, guide, make.PASSWORD).status_code == 200
    db.session.expire_all()
    kept = db.session.scalars(select(Staff.password_hash).where(Staff.id == guide.id)).one()
    assert kept
    assert kept != old
    assert "t=2" in kept
    assert sign_in(client, guide, make.PASSWORD).status_code == 200


def test_an_administrator_hands_out_a_code_that_works_once(client: Client, as_admin: Client, guide: Staff) -> None:
    signed_in = client.sign_in(guide)
    answer = as_admin.post(f"/v1/staff/{guide.id}/password-reset")
    assert answer.status_code == 201
    assert db.session.scalars(select(PasswordReset.code_hash)).one() == secret_hash(
        answer.json["code"].replace("-", "")
    )
    code = answer.json["code"].lower().replace("-", " ")
    weak = client.post("/v1/auth/password", json={"code": code, "new_password": "1" * 20})
    assert weak.json["code"] == "password_refused"
    assert client.post("/v1/auth/password", json={"code": code, "new_password": NEW}).status_code == 200
    assert signed_in.get("/v1/me").status_code == 401
    assert sign_in(client, guide, NEW).status_code == 200
    assert client.post("/v1/auth/password", json={"code": code, "new_password": NEW}).json["code"] == "bad_reset_code"


def test_a_code_used_twice_at_once_works_once(client: Client, as_admin: Client, guide: Staff) -> None:
    code = as_admin.post(f"/v1/staff/{guide.id}/password-reset").json["code"]
    answers: list[int] = []

    def use(password: str) -> None:
        body = {"code": code, "new_password": password}
        answers.append(client.post("/v1/auth/password", json=body).status_code)

    held_at("SELECT FROM password_reset FOR UPDATE", lambda: use(NEW), lambda: use(f"{NEW}!"))
    assert sorted(answers) == [200, 401]


def test_codes_expire_and_a_newer_one_replaces_them(client: Client, as_admin: Client, guide: Staff) -> None:
    first = as_admin.post(f"/v1/staff/{guide.id}/password-reset").json["code"]
    second = as_admin.post(f"/v1/staff/{guide.id}/password-reset").json["code"]
    assert client.post("/v1/auth/password", json={"code": first, "new_password": NEW}).status_code == 401
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        assert client.post("/v1/auth/password", json={"code": second, "new_password": NEW}).status_code == 401
    assert client.sign_in(guide).post(f"/v1/staff/{guide.id}/password-reset").status_code == 403
