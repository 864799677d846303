"""Contacts and consents are forgotten once they are old, and the database lets nothing go sooner."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from customers import service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import first_id_at, new_id
from kit.retention import months_before
from models import Consent, Contact, Staff
from tests import make

YEAR = timedelta(days=366)


@pytest.mark.parametrize(
    ("months", "expected"), [(0, (2026, 3)), (2, (2026, 1)), (3, (2025, 12)), (27, (2023, 12)), (36, (2023, 3))]
)
def test_months_before(months: int, expected: tuple[int, int]) -> None:
    assert months_before(datetime(2026, 3, 31, 7, tzinfo=UTC), months) == datetime(*expected, 1, tzinfo=UTC)


def contacted(guide: Staff, customer_id: UUID, *, ago: timedelta) -> None:
    at = clock.now() - ago
    times = {"reserved_at": at, "expires_at": at, "sent_at": at}
    who = {"customer_id": customer_id, "guide_id": guide.id, "channel": "sms", "reference_id": new_id()}
    make.save(Contact(id=first_id_at(at), **who, **times))


def allowed(customer_id: UUID, *, ago: timedelta, channel: str = "sms") -> UUID:
    at = clock.now() - ago
    said = {"customer_id": customer_id, "channel": channel, "granted": True, "origin": "page"}
    how = {"recorder_kind": "customer", "given_at": at, "recorded_at": at}
    return make.save(Consent(id=first_id_at(at), **said, **how)).id


def test_old_contacts_are_forgotten(app: GuideApp, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    contacted(guide, customer_id, ago=YEAR * 3)
    contacted(guide, customer_id, ago=YEAR * 1.5)
    contacted(guide, customer_id, ago=timedelta(days=3))
    assert service.forget_contacts(now=clock.now()) == 1
    assert len(db.session.scalars(select(Contact)).all()) == 2


def test_what_holds_of_consents_stays_and_what_was_replaced_long_ago_goes(app: GuideApp, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    allowed(customer_id, ago=YEAR * 6)
    replaced_lately = allowed(customer_id, ago=YEAR * 5)
    holds = allowed(customer_id, ago=YEAR * 1.5)
    other = allowed(customer_id, ago=YEAR * 7, channel="call")
    assert service.forget_consents(now=clock.now()) == 1
    assert set(db.session.scalars(select(Consent.id))) == {replaced_lately, holds, other}


def test_the_database_lets_no_consent_go_that_holds_or_held_within_a_year(app: GuideApp, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    held = allowed(customer_id, ago=YEAR * 5)
    holds = allowed(customer_id, ago=YEAR * 0.5)
    for consent_id in (held, holds):
        with pytest.raises(IntegrityError), unit_of_work():
            db.session.execute(delete(Consent).where(Consent.id == consent_id))


def test_the_database_lets_no_contact_of_the_last_year_go(app: GuideApp, guide: Staff) -> None:
    contacted(guide, make.person(guide=guide), ago=YEAR * 0.5)
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.execute(delete(Contact))
