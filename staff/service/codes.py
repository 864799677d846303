"""Signing in by a code that is sent to the person."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, update

from kit import counters, jobs
from kit.db import db
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
SENT_PER_HOUR = 10  # to one person, as asked for from one place
SENT_TO_ONE_PER_HOUR = 20  # from all places together
OWED_AFTER = timedelta(seconds=10)


class CodesUnavailable(Unavailable):
    """No sender of codes is set up here."""

    code = "codes_unavailable"


class TooManyCodes(TooMany):
    """So many codes were sent to this person that another would be a nuisance."""

    code = "too_many_codes"


class BadSignInCode(Unauthenticated):
    """The code is wrong, was used, has expired, or was tried too often."""

    code = "bad_sign_in_code"
    keeps_changes = True


class Message(NamedTuple):
    """What is sent to whom."""

    staff_no: str
    name: str
    code: str
    phone: str | None
    wecom_user_id: str | None


def ask_for_code(*, staff_no: str, caller: Caller, now: datetime) -> UUID:
    """The id that goes with the code that a job will send, if there is somebody by this number.

    Nothing here looks for them, so that the answer and its time tell nothing. The id stays with who asked: nobody else
    can try, or use up, this code. Raises CodesUnavailable, TooManyCodes.
    """
    if current_app.extensions["code_sender"] is None:
        raise CodesUnavailable
    for key, most in ((guard.place(staff_no, caller), SENT_PER_HOUR), (guard.person(staff_no), SENT_TO_ONE_PER_HOUR)):
        if counters.add(f"codes:{key}", window_seconds=3600) > most:
            raise TooManyCodes(retry_after_seconds=3600)
    asked = SignInCode(
        id=new_id(), staff_no=staff_no, created_at=now, expires_at=now + CODE_LIFETIME, attempts_left=CODE_ATTEMPTS
    )
    db.session.add(asked)
    _queue(asked.id)
    return asked.id


def prepare_code(challenge_id: UUID, *, now: datetime) -> Message | None:
    """A fresh code for whoever it was asked for; None when that is nobody, or when it was sent or has expired."""
    asked = queries.lock_sign_in_code(challenge_id)
    if asked is None or asked.settled_at is not None or asked.expires_at <= now:
        return None
    staff = queries.find_staff_by_no(asked.staff_no)
    if staff is None or not is_employed(staff, now):
        asked.settled_at = now
        return None
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    asked.staff_id, asked.code_hash = staff.id, _hash(challenge_id, code)
    return Message(staff.staff_no, staff.name, code, staff.phone, staff.wecom_user_id)


def deliver_code(message: Message) -> None:
    """Hand a code to the sender; raises what the sender raises. Not inside a transaction."""
    sender: CodeSender = current_app.extensions["code_sender"]
    sender.send(**message._asdict())


def settle_code(challenge_id: UUID, *, now: datetime) -> None:
    """Note that the code was handed over."""
    db.session.execute(update(SignInCode).where(SignInCode.id == challenge_id).values(settled_at=now))


def queue_owed_codes(*, now: datetime) -> None:
    """Queue the codes that were asked for some seconds ago and not sent: a job was lost, or Redis was away."""
    for challenge_id in queries.list_owed_codes(asked_before=now - OWED_AFTER, now=now):
        _queue(challenge_id)


def forget_codes(*, expired_before: datetime) -> None:
    """Forget what was asked for and has expired."""
    db.session.execute(delete(SignInCode).where(SignInCode.expires_at < expired_before))


def _queue(challenge_id: UUID) -> None:
    key = str(challenge_id)
    jobs.enqueue("staff.jobs:send_sign_in_code", once_key=key, challenge_id=key)


def sign_in_by_code(*, challenge_id: UUID, code: str, caller: Caller, now: datetime) -> tuple[SignedIn, str]:
    """Sign in who was sent `code`, and their staff number; raises BadSignInCode after spending one of five attempts."""
    sent = queries.lock_sign_in_code(challenge_id)
    if sent is None or sent.code_hash is None or sent.expires_at <= now or sent.attempts_left < 1:
        raise BadSignInCode
    if not hmac.compare_digest(sent.code_hash, _hash(challenge_id, code)):
        sent.attempts_left -= 1
        raise BadSignInCode
    staff = db.session.get_one(Staff, sent.staff_id)
    sent.attempts_left = 0
    if not is_employed(staff, now):
        raise BadSignInCode
    return start_session(staff, caller=caller, now=now), staff.staff_no


def _hash(challenge_id: UUID, code: str) -> str:
    """Keyed: six digits behind a plain hash would be found in a moment by who reads the table."""
    key = f"sign-in code:{current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, f"{challenge_id}:{code.strip()}".encode(errors="replace"), "sha256").hexdigest()
