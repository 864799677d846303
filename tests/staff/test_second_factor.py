"""Roles that touch money are of use only with a second factor; a code counts once."""

import re
import subprocess
import sys
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import func, select, text

from guideapi.app import GuideApp
from guideapi.config import Config
from kit import clock
from kit.db import db
from models import AuditEntry, RecoveryCode, Staff, Totp, TotpEnrolment
from staff.rules.second_factor import matching_step
from tests import make
from tests.client import Client
from tests.conftest import process_environment
from tests.races import held_at, started, wait_until_blocked


def by_password(client: Client, staff: Staff) -> Client:
    """Signed in without a second factor."""
    body = {"staff_no": staff.staff_no, "password": make.PASSWORD}
    return client.with_token(client.post("/v1/auth/token", json=body).json["access_token"])


def enrolled(client: Client) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(client.post("/v1/me/totp").json["secret"])
    # Of the step before, so that the present one is still to be used.
    answer = client.post("/v1/me/totp/confirm", json={"code": totp.at(clock.now() - timedelta(seconds=30))})
    assert answer.status_code == 200, answer.text
    return totp, answer.json["recovery_codes"]


@pytest.fixture
def admin(app: GuideApp) -> Staff:
    return make.staff(roles=["hq_admin"])


def test_without_it_roles_that_touch_money_are_of_no_use(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    answer = signed_in.get("/v1/staff")
    assert (answer.status_code, answer.json["code"]) == (403, "second_factor_required")
    assert signed_in.get("/v1/me").json["second_factor"] == "enrol"
    enrolled(signed_in)
    assert signed_in.get("/v1/staff").status_code == 200
    assert signed_in.get("/v1/me").json["second_factor"] == "done"
    again = by_password(client, admin)
    assert again.get("/v1/staff").json["code"] == "second_factor_required"
    assert again.get("/v1/me").json["second_factor"] == "needed"


def test_other_roles_of_the_same_person_stay_of_use(client: Client, app: GuideApp) -> None:
    both = by_password(client, make.staff(roles=["guide", "hq_finance"]))
    assert len(both.get("/v1/stores").json["items"]) == 1
    assert by_password(client, make.guide()).get("/v1/me").json["second_factor"] == "not_needed"


def test_a_code_counts_once_and_so_does_a_recovery_code(client: Client, admin: Staff) -> None:
    totp, recovery = enrolled(by_password(client, admin))
    code = totp.at(clock.now())
    first, second, third = (by_password(client, admin) for _ in range(3))
    assert first.post("/v1/auth/second-factor", json={"code": code}).status_code == 200
    assert first.get("/v1/staff").status_code == 200
    answer = second.post("/v1/auth/second-factor", json={"code": code})
    assert (answer.status_code, answer.json["code"]) == (401, "bad_second_factor")
    assert second.get("/v1/staff").status_code == 403
    assert second.post("/v1/auth/second-factor", json={"code": recovery[0]}).status_code == 200
    assert third.post("/v1/auth/second-factor", json={"code": recovery[0]}).status_code == 401


def test_one_code_shown_twice_at_once_counts_once(client: Client, admin: Staff) -> None:
    totp, _ = enrolled(by_password(client, admin))
    code, answers = totp.at(clock.now()), list[int]()
    signed_in = [by_password(client, admin) for _ in range(3)]

    def show(one: Client) -> None:
        answers.append(one.post("/v1/auth/second-factor", json={"code": code}).status_code)

    held_at("SELECT FROM totp FOR UPDATE", *[lambda one=one: show(one) for one in signed_in])
    assert sorted(answers) == [200, 401, 401]


def test_an_old_or_wrong_code_does_not_count(client: Client, admin: Staff) -> None:
    totp, _ = enrolled(by_password(client, admin))
    signed_in = by_password(client, admin)
    old = totp.at(clock.now() - timedelta(seconds=90))
    for code in (old, "000000x", "٣٤٥٦٧٨", "a" * 64):
        assert signed_in.post("/v1/auth/second-factor", json={"code": code}).status_code == 401


def test_guessing_codes_is_stopped(client: Client, admin: Staff) -> None:
    enrolled(by_password(client, admin))
    signed_in = by_password(client, admin)
    codes = [signed_in.post("/v1/auth/second-factor", json={"code": "x"}).json["code"] for _ in range(11)]
    assert codes == ["bad_second_factor"] * 10 + ["too_many_attempts"]


def test_only_who_shows_a_fresh_code_of_the_present_app_may_replace_it(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    old, recovery = enrolled(signed_in)
    for caller in (signed_in, by_password(client, admin)):
        answer = caller.post("/v1/me/totp")
        assert (answer.status_code, answer.json["code"]) == (403, "second_factor_kept")
        assert caller.post("/v1/me/totp", json={"code": "000000x"}).json["code"] == "bad_second_factor"
    code = old.at(clock.now())
    assert signed_in.post("/v1/me/totp", json={"code": code}).status_code == 201
    assert signed_in.post("/v1/me/totp", json={"code": code}).json["code"] == "bad_second_factor"
    assert signed_in.post("/v1/me/totp", json={"code": recovery[1]}).status_code == 201


def test_the_old_app_holds_until_the_new_one_is_confirmed(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    old, recovery = enrolled(signed_in)
    new = pyotp.TOTP(signed_in.post("/v1/me/totp", json={"code": recovery[0]}).json["secret"])
    later = by_password(client, admin)
    assert later.post("/v1/auth/second-factor", json={"code": old.at(clock.now())}).status_code == 200
    assert later.post("/v1/auth/second-factor", json={"code": new.at(clock.now())}).status_code == 401
    assert later.post("/v1/me/totp/confirm", json={"code": new.at(clock.now())}).status_code == 200
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        again = by_password(client, admin)
        for code in (old.at(clock.now()), recovery[1]):
            assert again.post("/v1/auth/second-factor", json={"code": code}).status_code == 401
        assert again.post("/v1/auth/second-factor", json={"code": new.at(clock.now())}).status_code == 200


def test_an_app_that_is_never_confirmed_is_forgotten(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    totp = pyotp.TOTP(signed_in.post("/v1/me/totp").json["secret"])
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1), tick=False):
        later = by_password(client, admin)
        answer = later.post("/v1/me/totp/confirm", json={"code": totp.at(clock.now())})
        assert answer.json["code"] == "second_factor_not_enrolled"


def test_who_begins_while_another_app_is_confirmed_is_asked_for_its_code(
    client: Client, admin: Staff, app: GuideApp
) -> None:
    """A password alone began to enrol; the owner confirms their own app first."""
    owner, thief = by_password(client, admin), by_password(client, admin)
    totp = pyotp.TOTP(owner.post("/v1/me/totp").json["secret"])
    answers = list[str]()

    def begin() -> None:
        answers.append(thief.post("/v1/me/totp").json.get("code", "begun"))

    with db.engine.begin() as connection:
        connection.execute(text("SELECT FROM staff WHERE id = :id FOR UPDATE"), {"id": admin.id})
        confirming = started(lambda: owner.post("/v1/me/totp/confirm", json={"code": totp.at(clock.now())}))
        wait_until_blocked(1)
        beginning = started(begin)
        wait_until_blocked(2)
    confirming.join()
    beginning.join()
    assert answers == ["second_factor_kept"]
    assert db.session.scalar(select(func.count()).select_from(TotpEnrolment)) == 0


def test_an_administrator_takes_a_lost_app_away(client: Client, admin: Staff) -> None:
    finance = make.staff(roles=["hq_finance"])
    theirs = by_password(client, finance)
    enrolled(theirs)
    assert client.sign_in(admin).delete(f"/v1/staff/{finance.id}/totp").status_code == 200
    assert theirs.get("/v1/me").status_code == 401
    assert by_password(client, finance).get("/v1/me").json["second_factor"] == "enrol"
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    noted = select(AuditEntry.action, AuditEntry.principal_id).where(AuditEntry.table_name == "totp")
    assert db.session.execute(noted.order_by(AuditEntry.id)).all() == [
        ("confirmed", finance.id),
        ("removed", admin.id),
    ]


def test_nobody_takes_their_own_app_away(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    enrolled(signed_in)
    assert signed_in.delete(f"/v1/staff/{admin.id}/totp").json["code"] == "second_factor_kept"
    assert signed_in.get("/v1/me").json["second_factor"] == "done"


def test_nothing_to_confirm_or_ask(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    for path in ("/v1/me/totp/confirm", "/v1/auth/second-factor"):
        assert signed_in.post(path, json={"code": "123456"}).json["code"] == "second_factor_not_enrolled"


def test_the_secret_is_sealed(client: Client, admin: Staff) -> None:
    totp, recovery = enrolled(by_password(client, admin))
    assert totp.secret.encode() not in db.session.scalars(select(Totp.sealed_secret)).one()
    assert not set(recovery) & set(db.session.scalars(select(RecoveryCode.code_hash)))


def test_a_short_password_is_enough_beside_it(client: Client, admin: Staff) -> None:
    signed_in = by_password(client, admin)
    body = {"current_password": make.PASSWORD, "new_password": "kx8!zpqW"}
    assert signed_in.post("/v1/me/password", json=body).json["code"] == "password_refused"
    enrolled(signed_in)
    assert signed_in.post("/v1/me/password", json=body).status_code == 200


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(seconds, UTC)
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert matching_step(secret, code, at=at, after_step=0) == seconds // 30
    assert matching_step(secret, code, at=at, after_step=seconds // 30) is None


def create_admin(config: Config, password: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guideapi", "create-admin", "--staff-no", "BOSS", "--name", "李总"]
    return subprocess.run(
        command,
        input=f"{password}\n{password}\n",
        env=process_environment(config),
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # no terminal to ask on
    )


def test_the_first_administrator_comes_from_the_command_line(client: Client, config: Config) -> None:
    weak = create_admin(config, "admin")
    assert (weak.returncode, db.session.scalar(select(func.count()).select_from(Staff))) == (2, 0)
    made = create_admin(config, make.PASSWORD)
    assert made.returncode == 0, made.stderr
    assert make.PASSWORD not in made.stdout + made.stderr
    boss = db.session.scalars(select(Staff)).one()
    assert by_password(client, boss).get("/v1/me").json["roles"] == ["hq_admin"]
    assert create_admin(config, make.PASSWORD).returncode == 2


def test_when_optional_a_password_is_enough(config: Config, whole_app: GuideApp, admin: Staff) -> None:
    whole_app.config["MONEY_SECOND_FACTOR"] = False
    try:
        assert by_password(Client(whole_app), admin).get("/v1/staff").status_code == 200
    finally:
        whole_app.config["MONEY_SECOND_FACTOR"] = True


def test_codes_look_like_codes(client: Client, admin: Staff) -> None:
    _, recovery = enrolled(by_password(client, admin))
    assert len(set(recovery)) == 10
    assert all(re.fullmatch(r"[\w-]{14}", code) for code in recovery)
