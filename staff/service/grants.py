"""A fresh code of the authenticator app for one act that moves money."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from kit import audit
from kit.db import db
from kit.errors import Forbidden
from kit.principal import Principal
from kit.words import say
from models import SecondFactorGrant
from staff import queries
from staff.rules.clients import Caller
from staff.service.second_factor import NotEnrolled, use_app_code

GRANT_LIFETIME = timedelta(minutes=5)


class FreshCodeRequired(Forbidden):
    """This act asks for a code shown for it, and it alone, in the last five minutes."""

    code = "fresh_code_required"


def grant_act(
    *, principal: Principal, act: str, subject_id: UUID, code: str, caller: Caller, now: datetime
) -> SecondFactorGrant:
    """A grant for one `act` on `subject_id` from this sign-in, good for GRANT_LIFETIME, for a fresh code of the app.

    Recovery codes do not count here. Raises NotEnrolled, BadSecondFactor, TooManyAttempts.
    """
    totp = queries.lock_totp(principal.id)
    if totp is None:
        raise NotEnrolled
    use_app_code(totp, code, caller=caller, now=now)
    return add_grant(principal.id, session_id=principal.session_id, act=act, subject_id=subject_id, now=now)


def add_grant(
    staff_id: UUID, *, session_id: UUID | None, act: str, subject_id: UUID, now: datetime
) -> SecondFactorGrant:
    """Write down that someone may do an act once; the audit log names act and thing."""
    grant = SecondFactorGrant(
        staff_id=staff_id,
        session_id=session_id,
        act=act,
        subject_id=subject_id,
        created_at=now,
        expires_at=now + GRANT_LIFETIME,
    )
    db.session.add(grant)
    db.session.flush()
    _note(grant.id, "granted", act=act, subject_id=subject_id)
    return grant


def spend_grant(*, principal: Principal, act: str, subject_id: UUID, grant_id: UUID | None, now: datetime) -> None:
    """Spend the grant for this act, or refuse with FreshCodeRequired; it is spent only if the act succeeds.

    Where the second factor is optional, who has no authenticator app is let through.
    """
    if grant_id is None:
        optional = not current_app.config["MONEY_SECOND_FACTOR"]
        if optional and not queries.has_second_factor(principal.id):
            return
        raise FreshCodeRequired(act=act)
    spent = db.session.execute(
        update(SecondFactorGrant)
        .where(
            SecondFactorGrant.id == grant_id,
            SecondFactorGrant.staff_id == principal.id,
            SecondFactorGrant.session_id == principal.session_id,
            SecondFactorGrant.act == act,
            SecondFactorGrant.subject_id == subject_id,
            SecondFactorGrant.used_at.is_(None),
            SecondFactorGrant.expires_at > now,
        )
        .values(used_at=now)
        .returning(SecondFactorGrant.id)
    )
    if spent.first() is None:
        raise FreshCodeRequired(say("fresh_code_required.grant"), act=act)
    _note(grant_id, "spent", act=act, subject_id=subject_id)


def _note(grant_id: UUID, action: str, *, act: str, subject_id: UUID) -> None:
    details = {"act": act, "subject_id": str(subject_id)}
    audit.note(table_name="second_factor_grant", row_id=str(grant_id), action=action, **details)
