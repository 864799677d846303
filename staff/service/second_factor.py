"""The second factor: an authenticator app, or a recovery code where that is lost."""

from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, insert, update

from kit import audit, sealing
from kit.db import db
from kit.errors import Conflict, Forbidden, Unauthenticated
from kit.ids import new_token, secret_hash
from kit.principal import Principal
from kit.resealing import reseal_page
from models import DeviceSession, RecoveryCode, Totp
from staff import queries
from staff.rules.clients import Caller
from staff.rules.second_factor import matching_step
from staff.service import guard
from staff.service.sessions import end_all_sessions

ISSUER = "guideapi"
PURPOSE = "totp"
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


class BadSecondFactor(Unauthenticated):
    """The code is wrong, too old, or was used before."""

    code = "bad_second_factor"
    title = "The code is wrong or was used before"


class SecondFactorKept(Forbidden):
    """Only who shows the present authenticator app may replace it."""

    code = "second_factor_kept"
    title = "Show your present second factor before replacing it"


class NotEnrolled(Conflict):
    """There is no authenticator app to confirm or to ask."""

    code = "second_factor_not_enrolled"
    title = "No authenticator app is enrolled"


def enrol_totp(*, principal: Principal, now: datetime) -> tuple[str, str]:
    """The secret of a new authenticator app and its otpauth URI; of use once confirmed. Raises SecondFactorKept."""
    person = queries.lock_person(principal.id)
    present = queries.lock_totp(person.id)
    if present is not None and present.confirmed_at is not None and not principal.verified:
        raise SecondFactorKept
    secret = pyotp.random_base32()
    set_totp(person.id, secret=secret, now=now)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=person.staff_no, issuer_name=ISSUER)


def set_totp(staff_id: UUID, *, secret: str, now: datetime, confirmed: bool = False) -> None:
    """Give someone an authenticator app with a base32 `secret`, in place of any earlier one."""
    db.session.execute(delete(Totp).where(Totp.staff_id == staff_id))
    sealed = sealing.seal(secret.encode(), purpose=PURPOSE, place=str(staff_id))
    db.session.add(
        Totp(staff_id=staff_id, sealed_secret=sealed, created_at=now, confirmed_at=now if confirmed else None)
    )
    db.session.flush()


def confirm_totp(*, principal: Principal, code: str, caller: Caller, now: datetime) -> list[str]:
    """Ten recovery codes, shown only now, once the app has shown that it works; this sign-in is then verified.

    Raises NotEnrolled, BadSecondFactor, TooManyAttempts.
    """
    totp = queries.lock_totp(principal.id)
    if totp is None or totp.confirmed_at is not None:
        raise NotEnrolled
    _use_totp(totp, code, caller=caller, now=now)
    totp.confirmed_at = now
    audit.note(table_name="totp", row_id=str(principal.id), action="confirmed")
    _verify_session(principal, now=now)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == principal.id))
    codes = [new_token(length_bytes=RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    db.session.execute(
        insert(RecoveryCode), [{"staff_id": principal.id, "code_hash": secret_hash(code)} for code in codes]
    )
    return codes


def show_second_factor(*, principal: Principal, code: str, caller: Caller, now: datetime) -> None:
    """Verify this sign-in by a code of the app, or by a recovery code, each once.

    Raises NotEnrolled, BadSecondFactor, TooManyAttempts.
    """
    totp = queries.lock_totp(principal.id)
    if totp is None or totp.confirmed_at is None:
        raise NotEnrolled
    if not _use_recovery_code(principal.id, code, now=now):
        _use_totp(totp, code, caller=caller, now=now)
    _verify_session(principal, now=now)


def remove_totp(staff_id: UUID, *, now: datetime) -> None:
    """Take someone's lost authenticator app from them and sign them out everywhere; raises StaffNotFound."""
    person = queries.lock_person(staff_id)
    db.session.execute(delete(Totp).where(Totp.staff_id == person.id))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == person.id))
    audit.note(table_name="totp", row_id=str(person.id), action="removed")
    end_all_sessions(person.id, now=now)


def _use_totp(totp: Totp, code: str, *, caller: Caller, now: datetime) -> None:
    attempt = guard.begin_attempt(f"totp:{totp.staff_id}", caller)
    secret = sealing.unseal(totp.sealed_secret, purpose=PURPOSE, place=str(totp.staff_id)).decode()
    step = matching_step(secret, code, at=now, after_step=totp.last_step)
    if step is None:
        guard.count_failure(attempt)
        raise BadSecondFactor
    guard.end_attempt(attempt)
    totp.last_step = step


def _use_recovery_code(staff_id: UUID, code: str, *, now: datetime) -> bool:
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == secret_hash(code.strip()),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.staff_id)
    )
    return used.first() is not None


def _verify_session(principal: Principal, *, now: datetime) -> None:
    db.session.execute(
        update(DeviceSession).where(DeviceSession.id == principal.session_id).values(second_factor_at=now)
    )


def reseal_secrets(*, after: UUID | None = None) -> UUID | None:
    """Seal a page of authenticator secrets with the newest key and answer where to go on, None at the end."""
    return reseal_page(Totp.sealed_secret, key=Totp.staff_id, purpose=PURPOSE, after=after)
