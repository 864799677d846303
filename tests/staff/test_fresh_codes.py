"""Acts on money ask for a fresh code each time: good for one act on one thing, for five minutes."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import AuditEntry, SecondFactorGrant, Staff
from tests import make
from tests.client import Client
from tests.races import held_at
from tests.staff.test_second_factor import by_password, enrolled

ACT = "plan_version_approval"


@pytest.fixture
def checker(client: Client) -> Client:
    return by_password(client, make.staff(roles=["hq_commission"]))


@pytest.fixture
def totp(checker: Client) -> pyotp.TOTP:
    return enrolled(checker)[0]


@pytest.fixture
def version(client: Client) -> str:
    """A draft that somebody else wrote."""
    return draft(client)


def draft(client: Client) -> str:
    return draft_of(client.sign_in(make.staff(roles=["hq_commission"])))


def draft_of(maker: Client) -> str:
    plan = maker.post("/v1/commission-plans", json={"code": str(new_id()), "name": "x"}).json
    body = {"plan": make.document(), "effective_from": "2026-01-01T00:00:00Z"}
    made: str = maker.post(f"/v1/commission-plans/{plan['id']}/versions", json=body).json["id"]
    return made


def show(caller: Client, code: str, subject_id: str) -> Any:
    return caller.post("/v1/auth/second-factor/grants", json={"act": ACT, "subject_id": subject_id, "code": code})


def approve(caller: Client, version_id: str, grant: str | None = None, **headers: str) -> Any:
    given = {"Second-Factor-Grant": grant} if grant else {}
    return caller.post(f"/v1/plan-versions/{version_id}/approve", headers={**given, **headers})


def test_an_act_takes_a_code_shown_for_it_and_the_audit_log_names_it(
    checker: Client, totp: pyotp.TOTP, version: str
) -> None:
    refused = approve(checker, version)
    assert (refused.status_code, refused.json["code"], refused.json["act"]) == (403, "fresh_code_required", ACT)
    shown = show(checker, totp.at(clock.now()), version)
    assert (shown.status_code, shown.json["act"], shown.json["subject_id"]) == (201, ACT, version)
    assert approve(checker, version, shown.json["id"]).status_code == 200
    noted = select(AuditEntry.action, AuditEntry.row_id, AuditEntry.after).where(
        AuditEntry.table_name == "second_factor_grant"
    )
    named = {"act": ACT, "subject_id": version}
    assert db.session.execute(noted.order_by(AuditEntry.id)).all() == [
        ("granted", shown.json["id"], named),
        ("spent", shown.json["id"], named),
    ]


def test_a_grant_is_for_one_thing_and_one_sign_in(client: Client, checker: Client, totp: pyotp.TOTP) -> None:
    one, other = draft(client), draft(client)
    grant = show(checker, totp.at(clock.now()), one).json["id"]
    assert approve(checker, other, grant).json["code"] == "fresh_code_required"
    elsewhere = client.sign_in(db.session.get_one(Staff, checker.get("/v1/me").json["id"]))
    assert approve(elsewhere, one, grant).json["code"] == "fresh_code_required"
    assert approve(client.sign_in(make.staff(roles=["hq_commission"])), one, grant).status_code == 403
    assert approve(checker, one, "x").status_code == 400
    assert approve(checker, one, grant).status_code == 200


def test_a_grant_is_good_for_five_minutes(checker: Client, totp: pyotp.TOTP, version: str) -> None:
    grant = show(checker, totp.at(clock.now()), version).json["id"]
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        assert approve(checker, version, grant).json["code"] == "fresh_code_required"


def test_a_refused_act_spends_nothing(client: Client, checker: Client, totp: pyotp.TOTP) -> None:
    """Who wrote a version may not approve it: the grant is left for what may be done."""
    mine = draft_of(checker)
    grant = show(checker, totp.at(clock.now()), mine).json["id"]
    assert approve(checker, mine, grant).json["code"] == "same_person"
    assert db.session.scalars(select(SecondFactorGrant.used_at)).one() is None


def test_an_act_sent_again_is_answered_again(checker: Client, totp: pyotp.TOTP, version: str) -> None:
    grant = show(checker, totp.at(clock.now()), version).json["id"]
    answers = [approve(checker, version, grant, **{"Idempotency-Key": "tap"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert approve(checker, version, grant).json["code"] == "fresh_code_required"


def test_one_grant_used_twice_at_once_passes_once(
    client: Client, checker: Client, totp: pyotp.TOTP, version: str
) -> None:
    grant, codes = show(checker, totp.at(clock.now()), version).json["id"], list[str]()

    def act() -> None:
        codes.append(approve(checker, version, grant).json.get("code", "approved"))

    held_at("SELECT FROM second_factor_grant FOR UPDATE", *[act] * 3)
    assert sorted(codes) == ["approved", "fresh_code_required", "fresh_code_required"]


def test_one_code_shown_for_two_acts_at_once_counts_once(client: Client, checker: Client, totp: pyotp.TOTP) -> None:
    code, versions, statuses = totp.at(clock.now()), [draft(client), draft(client)], list[int]()

    def ask(version: str) -> None:
        statuses.append(show(checker, code, version).status_code)

    held_at("SELECT FROM totp FOR UPDATE", *[lambda v=v: ask(v) for v in versions])
    assert sorted(statuses) == [201, 401]


def test_codes_that_do_not_count(client: Client, app: GuideApp, version: str) -> None:
    checker = by_password(client, make.staff(roles=["hq_commission"]))
    assert show(checker, "123456", version).json["code"] == "second_factor_not_enrolled"
    totp, recovery = enrolled(checker)
    used = totp.at(clock.now())
    assert checker.post("/v1/auth/second-factor", json={"code": used}).status_code == 200
    for code in (used, recovery[0], "000000x", totp.at(clock.now() - timedelta(seconds=90))):
        assert show(checker, code, version).json["code"] in ("bad_second_factor", "too_many_attempts", "invalid")
    answer = checker.post("/v1/auth/second-factor/grants", json={"act": "anything", "subject_id": version, "code": "1"})
    assert answer.status_code == 422


def test_where_it_is_optional_who_has_no_app_is_let_through(client: Client, app: GuideApp, version: str) -> None:
    app.config["MONEY_SECOND_FACTOR"] = False
    try:
        checker = by_password(client, make.staff(roles=["hq_commission"]))
        assert approve(checker, version).status_code == 200
        with_app = by_password(client, make.staff(roles=["hq_commission"]))
        enrolled(with_app)
        assert approve(with_app, draft(client)).json["code"] == "fresh_code_required"
    finally:
        app.config["MONEY_SECOND_FACTOR"] = True


@pytest.mark.parametrize("change", [{"expires_at": timedelta(minutes=6)}, {"used_at": timedelta(hours=1)}])
def test_the_database_keeps_grants_short(checker: Client, version: str, change: dict[str, timedelta]) -> None:
    session_id = checker.get("/v1/me/devices").json["items"][0]["id"]
    grant = make.grant(session_id, act=ACT, subject_id=version)["Second-Factor-Grant"]
    later = {name: clock.now() + wait for name, wait in change.items()}
    changed = update(SecondFactorGrant).where(SecondFactorGrant.id == grant).values(later)
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.execute(changed)
