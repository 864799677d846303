"""How a store's targets of a month are shared among its guides."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from models import Staff, TargetAbsence, TargetDivision, TargetShare
from targets.rules.division import Absence, Share


class NamedShare(NamedTuple):
    """A guide's share with their name."""

    share: Share
    name: str


def find_division(store_id: UUID, month: date) -> TargetDivision | None:
    """How a store shares a month's targets; None before a target was approved or somebody said so."""
    return db.session.scalar(
        select(TargetDivision).where(TargetDivision.store_id == store_id, TargetDivision.month == month)
    )


def lock_division(store_id: UUID, month: date) -> TargetDivision | None:
    """The same, kept from other changes until the unit of work ends."""
    wanted = select(TargetDivision).where(TargetDivision.store_id == store_id, TargetDivision.month == month)
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def list_shares(division_id: UUID) -> list[NamedShare]:
    """The shares of a division, by staff number and day."""
    columns = (
        TargetShare.guide_id, Staff.staff_no, TargetShare.share_bp, TargetShare.fte_bp, TargetShare.first_day,
        TargetShare.last_day, Staff.name,
    )  # fmt: skip
    wanted = select(*columns).join(Staff, Staff.id == TargetShare.guide_id)
    wanted = wanted.where(TargetShare.division_id == division_id).order_by(Staff.staff_no, TargetShare.first_day)
    return [NamedShare(Share(*row[:-1]), row[-1]) for row in db.session.execute(wanted)]


def list_absences(division_id: UUID) -> list[Absence]:
    """The days on which guides are on leave, by day."""
    columns = (TargetAbsence.guide_id, TargetAbsence.day)
    wanted = select(*columns).where(TargetAbsence.division_id == division_id)
    return [Absence(*row) for row in db.session.execute(wanted.order_by(TargetAbsence.day, TargetAbsence.guide_id))]
