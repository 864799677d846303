"""Signing in by a code that is sent to the person."""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import delete

from kit import counters
from kit.db import after_commit, db
from kit.errors import TooMany, Unauthenticated, Unavailable
from kit.ids import new_id
from models import SignInCode, Staff
from staff import queries
from staff.rules.clients import Caller
from staff.senders import CodeSender
from staff.service import guard
from staff.service.sessions import SignedIn, start_session
from staff.service.sign_in import is_employed

CODE_LIFETIME = timedelta(minutes=10)
CODE_ATTEMPTS = 5
CODE_DIGITS = 6
SENT_PER_HOUR = 10


class CodesUnavailable(Unavailable):
    """No sender of codes is set up here."""

    code = "codes_unavailable"
    title = "Sign-in codes are not set up here"


class TooManyCodes(TooMany):
    """So many codes were sent to this person that another would be a nuisance."""

    code = "too_many_codes"
    title = "Too many codes were asked for"


class BadSignInCode(Unauthenticated):
    """The code is wrong, was used, has expired, or was tried too often."""

    code = "bad_sign_in_code"
    title = "The code is wrong or no longer valid"
    keeps_changes = True


def send_code(*, staff_no: str, caller: Caller, now: datetime) -> UUID:
    """The id that goes with the code now on its way; unknown people look the same, and get nothing.

    The id stays with who asked: nobody else can try, or use up, this code. Raises CodesUnavailable, TooManyCodes.
    """
    sender: CodeSender | None = current_app.extensions["code_sender"]
    if sender is None:
        raise CodesUnavailable
    if counters.add(f"codes:{guard.place(staff_no, caller)}", window_seconds=3600) > SENT_PER_HOUR:
        raise TooManyCodes(retry_after_seconds=3600)
    challenge_id, code = new_id(), "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    staff = queries.find_staff_by_no(staff_no)
    if staff is not None and is_employed(staff, now):
        _keep(staff, challenge_id, code, now=now)
        staff_no, name = staff.staff_no, staff.name
        after_commit(lambda: sender.send(staff_no=staff_no, name=name, code=code))
    return challenge_id


def sign_in_by_code(*, challenge_id: UUID, code: str, caller: Caller, now: datetime) -> tuple[SignedIn, str]:
    """Sign in who was sent `code`, and their staff number; raises BadSignInCode after spending one of five attempts."""
    sent = queries.lock_sign_in_code(challenge_id)
    if sent is None or sent.expires_at <= now or sent.attempts_left < 1:
        raise BadSignInCode
    if not hmac.compare_digest(sent.code_hash, _hash(challenge_id, code)):
        sent.attempts_left -= 1
        raise BadSignInCode
    staff = db.session.get_one(Staff, sent.staff_id)
    sent.attempts_left = 0
    if not is_employed(staff, now):
        raise BadSignInCode
    return start_session(staff, caller=caller, now=now), staff.staff_no


def _keep(staff: Staff, challenge_id: UUID, code: str, *, now: datetime) -> None:
    db.session.execute(delete(SignInCode).where(SignInCode.staff_id == staff.id, SignInCode.expires_at <= now))
    db.session.add(
        SignInCode(
            id=challenge_id,
            staff_id=staff.id,
            code_hash=_hash(challenge_id, code),
            created_at=now,
            expires_at=now + CODE_LIFETIME,
            attempts_left=CODE_ATTEMPTS,
        )
    )


def _hash(challenge_id: UUID, code: str) -> str:
    """Keyed: six digits behind a plain hash would be found in a moment by who reads the table."""
    key = f"sign-in code:{current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, f"{challenge_id}:{code.strip()}".encode(errors="replace"), "sha256").hexdigest()
