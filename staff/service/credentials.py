"""Passwords: changed by their owner, reset by an administrator's one-time code."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from kit import clock
from kit.db import db
from kit.errors import Invalid, Unauthenticated
from kit.ids import secret_hash
from kit.principal import Principal
from kit.words import say
from models import PasswordReset, Staff
from staff import passwords, queries
from staff.queries import get_store
from staff.rules.clients import Caller
from staff.rules.passwords import password_problem
from staff.rules.sessions import MONEY_ROLES
from staff.service import guard
from staff.service.organisation import create_person
from staff.service.sessions import end_all_sessions
from staff.service.sign_in import BadCredentials, is_employed

RESET_LIFETIME = timedelta(hours=24)
# On paper, handed out in the store when people are in.
FIRST_LIFETIME = timedelta(days=7)
MOST_INVITED = 5_000
# No vowels, no look-alikes: read out over a counter, typed on a phone. 29 letters ** 16 is about 2 ** 77.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
RESET_GROUPS, GROUP_LENGTH = 4, 4


class PasswordRefused(Invalid):
    """The new password is too short, too easy to guess, or says who you are."""

    code = "password_refused"


class TooManyInvited(Invalid):
    """More people than one sheet of codes is for."""

    code = "too_many_invited"


class BadResetCode(Unauthenticated):
    """The code is not ours, was used, or has expired."""

    code = "bad_reset_code"


def change_password(*, principal: Principal, current: str, new: str, caller: Caller, now: datetime) -> None:
    """Give oneself a new password and sign out all other devices; raises BadCredentials, PasswordRefused."""
    staff = queries.lock_person(principal.id)
    attempt = guard.begin_attempt(staff.staff_no, caller)
    if not passwords.password_matches(staff.password_hash, current):
        guard.count_failure(attempt)
        raise BadCredentials(say("bad_credentials.current_password"))
    guard.end_attempt(attempt)
    set_password(staff, new)
    end_all_sessions(staff.id, now=now, but=principal.session_id)


def set_password(staff: Staff, password: str) -> None:
    """Store a password that the rules allow; raises PasswordRefused."""
    canonical = passwords.canonical(password)
    # A short one is enough for those to whom a password alone opens nothing.
    never_alone = current_app.config["MONEY_SECOND_FACTOR"] and MONEY_ROLES.issuperset(staff.roles)
    second_factor = never_alone and queries.has_second_factor(staff.id)
    problem = password_problem(canonical, second_factor=second_factor, about=[staff.staff_no, staff.name])
    if problem:
        raise PasswordRefused(problem, errors={"new_password": [problem]})
    staff.password_hash = passwords.hash_password(password)


def create_admin(*, staff_no: str, name: str, password: str) -> None:
    """Make an administrator who can sign in at once; raises CodeTaken, Invalid, PasswordRefused."""
    hired_on = clock.now().date()
    staff_id = create_person(staff_no=staff_no, name=name, roles=("hq_admin",), hired_on=hired_on)
    set_password(queries.lock_person(staff_id), password)


def create_reset_code(staff_id: UUID, *, principal: Principal, now: datetime) -> tuple[str, datetime]:
    """A code by which the person can set a password once, shown only now, and when it expires.

    Earlier codes of theirs stop working. Raises StaffNotFound.
    """
    staff = queries.lock_person(staff_id)
    expires_at = now + RESET_LIFETIME
    return _codes_for([staff.id], by=principal, expires_at=expires_at, now=now)[staff.id], expires_at


def invite(*, store_id: UUID | None, everybody: bool, principal: Principal, now: datetime) -> list[dict[str, Any]]:
    """Codes for a first sign-in, shown only now: staff_no, name, store_code, store_name, code, expires_at of each.

    They are for those employed today who have no password yet, of a store or of all; `everybody` for the others, too.
    Earlier codes of theirs stop working. Raises StoreNotFound, and TooManyInvited for more than 5,000 people.
    """
    if store_id is not None:
        get_store(store_id, principal=principal)
    people = queries.list_to_invite(store_id=store_id, everybody=everybody, now=now, limit=MOST_INVITED + 1)
    if len(people) > MOST_INVITED:
        raise TooManyInvited(say("too_many_invited", max=MOST_INVITED))
    expires_at = now + FIRST_LIFETIME
    codes = _codes_for([one["id"] for one in people], by=principal, expires_at=expires_at, now=now)
    return [{**one, "code": codes[one["id"]], "expires_at": expires_at} for one in people]


def _codes_for(staff_ids: Sequence[UUID], *, by: Principal, expires_at: datetime, now: datetime) -> dict[UUID, str]:
    earlier = update(PasswordReset).where(PasswordReset.staff_id.in_(staff_ids), PasswordReset.used_at.is_(None))
    db.session.execute(earlier.values(used_at=now))
    codes = {staff_id: _new_code() for staff_id in staff_ids}
    common = {"created_by": by.id, "created_at": now, "expires_at": expires_at}
    rows = [{"staff_id": id_, "code_hash": secret_hash(_plain(code)), **common} for id_, code in codes.items()]
    db.session.add_all(PasswordReset(**row) for row in rows)
    return codes


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(RESET_GROUPS))
    return "-".join(groups)


def reset_password(*, code: str, new: str, now: datetime) -> None:
    """Set a password by a one-time code and sign out every device; raises BadResetCode, PasswordRefused."""
    reset = queries.lock_password_reset(secret_hash(_plain(code)))
    if reset is None or reset.used_at is not None or reset.expires_at <= now:
        raise BadResetCode
    staff = queries.lock_person(reset.staff_id)
    if not is_employed(staff, now):
        raise BadResetCode
    set_password(staff, new)
    reset.used_at = now
    end_all_sessions(staff.id, now=now)


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
