"""The second factor: an authenticator app, or a recovery code where that is lost."""

from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from kit import audit, sealing
from kit.db import db
from kit.errors import Conflict, Forbidden, Unauthenticated
from kit.ids import new_token, secret_hash
from kit.principal import Principal
from kit.resealing import reseal_page
from kit.words import say
from models import DeviceSession, RecoveryCode, Totp, TotpEnrolment
from staff import queries
from staff.rules.clients import Caller
from staff.rules.second_factor import matching_step
from staff.service import guard
from staff.service.sessions import end_all_sessions

ISSUER = "guideapi"
PURPOSE = "totp"
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
# Long enough to scan a picture and type six digits.
ENROLMENT_LIFETIME = timedelta(minutes=15)
RESEALED: dict[str, type[Totp] | type[TotpEnrolment]] = {"apps": Totp, "enrolments": TotpEnrolment}


class BadSecondFactor(Unauthenticated):
    """The code is wrong, too old, or was used before."""

    code = "bad_second_factor"


class SecondFactorKept(Forbidden):
    """Only who shows a fresh code of the present authenticator app may replace it."""

    code = "second_factor_kept"


class NotEnrolled(Conflict):
    """There is no authenticator app to confirm or to ask."""

    code = "second_factor_not_enrolled"


def enrol_totp(*, principal: Principal, code: str | None, caller: Caller, now: datetime) -> tuple[str, str]:
    """The secret of a new authenticator app and its otpauth URI; a present app stays in force until it is confirmed.

    `code` is a fresh one of the present app, or a recovery code. Raises SecondFactorKept without it, BadSecondFactor,
    TooManyAttempts.
    """
    person = queries.lock_person(principal.id)
    present = queries.lock_totp(person.id)
    if present is not None:
        if code is None:
            raise SecondFactorKept
        _use_code(present, code, caller=caller, now=now)
        audit.note(table_name="totp", row_id=str(person.id), action="replacement_begun")
    secret = pyotp.random_base32()
    _keep_enrolment(person.id, secret=secret, now=now)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=person.staff_no, issuer_name=ISSUER)


def _keep_enrolment(staff_id: UUID, *, secret: str, now: datetime) -> None:
    sealed = sealing.seal(secret.encode(), purpose=PURPOSE, place=str(staff_id))
    values = {"sealed_secret": sealed, "expires_at": now + ENROLMENT_LIFETIME}
    row = upsert(TotpEnrolment).values(staff_id=staff_id, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_=values))


def confirm_totp(*, principal: Principal, code: str, caller: Caller, now: datetime) -> list[str]:
    """Ten recovery codes, shown only now, once the new app has shown that it works; only then an old one goes.

    This sign-in is then verified. Raises NotEnrolled, BadSecondFactor, TooManyAttempts.
    """
    # As in enrol_totp: an app confirmed meanwhile must have been asked for its code.
    person = queries.lock_person(principal.id)
    enrolment = queries.find_enrolment(person.id, now=now)
    if enrolment is None:
        raise NotEnrolled
    step = _checked_step(enrolment, code, after_step=0, caller=caller, now=now)
    _forget_apps(person.id)
    db.session.add(Totp(staff_id=person.id, sealed_secret=enrolment.sealed_secret, confirmed_at=now, last_step=step))
    audit.note(table_name="totp", row_id=str(person.id), action="confirmed")
    _verify_session(principal, now=now)
    codes = [new_token(length_bytes=RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    db.session.execute(
        insert(RecoveryCode), [{"staff_id": person.id, "code_hash": secret_hash(code)} for code in codes]
    )
    return codes


def show_second_factor(*, principal: Principal, code: str, caller: Caller, now: datetime) -> None:
    """Verify this sign-in by a code of the app, or by a recovery code, each once.

    Raises NotEnrolled, BadSecondFactor, TooManyAttempts.
    """
    totp = queries.lock_totp(principal.id)
    if totp is None:
        raise NotEnrolled
    _use_code(totp, code, caller=caller, now=now)
    _verify_session(principal, now=now)


def remove_totp(staff_id: UUID, *, principal: Principal, now: datetime) -> None:
    """Take someone's lost authenticator app from them and sign them out everywhere.

    Raises StaffNotFound, and SecondFactorKept for one's own, which is replaced by showing a code of it.
    """
    if staff_id == principal.id:
        raise SecondFactorKept(say("second_factor_kept.own"))
    person = queries.lock_person(staff_id)
    _forget_apps(person.id)
    audit.note(table_name="totp", row_id=str(person.id), action="removed")
    end_all_sessions(person.id, now=now)


def _forget_apps(staff_id: UUID) -> None:
    for table in (Totp, TotpEnrolment, RecoveryCode):
        db.session.execute(delete(table).where(table.staff_id == staff_id))


def _use_code(totp: Totp, code: str, *, caller: Caller, now: datetime) -> None:
    if not _use_recovery_code(totp.staff_id, code, now=now):
        use_app_code(totp, code, caller=caller, now=now)


def use_app_code(totp: Totp, code: str, *, caller: Caller, now: datetime) -> None:
    """Spend a code of a locked app, whatever it is for; raises BadSecondFactor, TooManyAttempts."""
    totp.last_step = _checked_step(totp, code, after_step=totp.last_step, caller=caller, now=now)


def _checked_step(app: Totp | TotpEnrolment, code: str, *, after_step: int, caller: Caller, now: datetime) -> int:
    attempt = guard.begin_attempt(f"totp:{app.staff_id}", caller)
    secret = sealing.unseal(app.sealed_secret, purpose=PURPOSE, place=str(app.staff_id)).decode()
    step = matching_step(secret, code, at=now, after_step=after_step)
    if step is None:
        guard.count_failure(attempt)
        raise BadSecondFactor
    guard.end_attempt(attempt)
    return step


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


def reseal_secrets(what: str, *, after: UUID | None = None) -> UUID | None:
    """Seal a page of `what` of RESEALED with the newest key and answer where to go on, None at the end."""
    table = RESEALED[what]
    return reseal_page(table.sealed_secret, key=table.staff_id, purpose=PURPOSE, after=after)
