"""Who gets in, and as whom."""

from datetime import timedelta

import pytest
import time_machine

from kit import clock
from models import Staff
from tests import make
from tests.client import Client, wrong


def test_guide_signs_in_and_sees_who_they_are(client: Client, guide: Staff) -> None:
    me = client.sign_in(guide).get("/v1/me")
    assert me.status_code == 200
    assert me.json["staff_no"] == guide.staff_no
    assert me.json["roles"] == ["guide"]
    assert me.json["store_id"] == str(guide.store_id)


def test_wrong_password_and_unknown_staff_look_alike(client: Client, guide: Staff) -> None:
    wrong = client.post("/v1/auth/token", json={"staff_no": guide.staff_no, "password": "wrong"})
    unknown = client.post("/v1/auth/token", json={"staff_no": "nobody", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json["code"] == unknown.json["code"] == "bad_credentials"
    assert wrong.json["detail"] == unknown.json["detail"]


def test_staff_without_a_password_cannot_sign_in(client: Client, app: object) -> None:
    someone = make.guide(staff_no="NOPW")
    make.save(
        someone_without_password := Staff(
            staff_no="NOPW2", name="x", roles=["guide"], store_id=someone.store_id, hired_on=someone.hired_on
        )
    )
    answer = client.post("/v1/auth/token", json={"staff_no": someone_without_password.staff_no, "password": ""})
    assert answer.status_code == 422
    answer = client.post("/v1/auth/token", json={"staff_no": someone_without_password.staff_no, "password": "x"})
    assert answer.json["code"] == "bad_credentials"


def test_who_left_cannot_sign_in_and_their_token_stops_working(client: Client, guide: Staff) -> None:
    signed_in = client.sign_in(guide)
    guide.left_on = make.yesterday()
    make.save(guide)
    assert signed_in.get("/v1/me").json["code"] == "bad_token"
    answer = client.post("/v1/auth/token", json={"staff_no": guide.staff_no, "password": make.PASSWORD})
    assert answer.json["code"] == "bad_credentials"


def test_token_expires(client: Client, guide: Staff) -> None:
    signed_in = client.sign_in(guide)
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert signed_in.get("/v1/me").json["code"] == "bad_token"


def test_forged_missing_and_malformed_tokens_are_refused(client: Client, guide: Staff) -> None:
    good = client.sign_in(guide).token or ""
    head, payload, signature = good.split(".")
    for token in (f"{head}.{payload}.{signature[::-1]}", "x", "gk_unknown", f"{head}..{signature}"):
        answer = client.with_token(token).get("/v1/me")
        assert (answer.status_code, answer.json["code"]) == (401, "bad_token")
    assert client.get("/v1/me").json["code"] == "unauthenticated"
    assert client.get("/v1/me").headers["WWW-Authenticate"] == "Bearer"


def test_integrator_is_not_staff(integrator: Client) -> None:
    assert integrator.get("/v1/me").json["code"] == "forbidden"


def test_bad_input_is_told_by_field(client: Client) -> None:
    answer = client.post("/v1/auth/token", json={"staff_no": "a\x00b", "password": "x", "more": 1})
    assert answer.status_code == 422
    assert wrong(answer) == {"_schema": ["nul_character"]}
    answer = client.post("/v1/auth/token", json={"staff_no": "a"})
    assert wrong(answer) == {"password": ["required"]}
    assert client.post("/v1/auth/token", data="{", content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "typed",
    ["SH01-03", "sh01-03", "Sh01-03", "SH01-03 ", " SH01-03", "ＳＨ01-03", "SH01－03", "ｓｈ01-03\u3000", "SH01-03\t"],
)
def test_a_staff_number_may_be_typed_in_any_case_and_width(client: Client, typed: str) -> None:
    make.guide(staff_no="SH01-03")
    answer = client.post("/v1/auth/token", json={"staff_no": typed, "password": make.PASSWORD})
    assert answer.status_code == 200
    # What is shown stays as it was written.
    assert client.with_token(answer.json["access_token"]).get("/v1/me").json["staff_no"] == "SH01-03"
