"""Targets as answers."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from models import DayWeights, TargetDivision
from targets.queries.days import Standing
from targets.queries.shares import NamedShare
from targets.queries.targets import TargetRow
from targets.rules.division import Absence
from targets.rules.spreading import DayWeight, Pair, Weights

Answer = dict[str, Any]


def month_text(month: date) -> str:
    """2026-11 for the month that begins on 2026-11-01."""
    return f"{month:%Y-%m}"


def pair(found: Pair | None) -> Answer | None:
    """A ratio's two parts."""
    return found._asdict() if found else None


def standing_answer(standing: Standing) -> Answer:
    """How far a target is."""
    told = standing._asdict()
    return {**told, "attainment": pair(standing.attainment), "time_progress": pair(standing.time_progress)}


def target_answer(row: TargetRow, standing: Standing) -> Answer:
    """A target, and how far it is."""
    told = row._asdict()
    for name in ("time_zone", "country"):
        del told[name]
    return {**told, "month": month_text(row.month), **standing_answer(standing)}


def days_answer(days: Sequence[DayWeight], amounts: Sequence[int]) -> list[Answer]:
    """A month's days with what is due on each."""
    return [{**day._asdict(), "amount": amount} for day, amount in zip(days, amounts, strict=True)]


def shares_answer(
    store_id: UUID,
    month: date,
    division: TargetDivision | None,
    shares: Sequence[NamedShare],
    absences: Sequence[Absence],
) -> Answer:
    """How a store shares its targets of a month."""
    return {
        "store_id": store_id,
        "month": month_text(month),
        "joiners_on_top": division.joiners_on_top if division else False,
        "version": division.version if division else 0,
        "items": [{**named.share._asdict(), "guide_name": named.name} for named in shares],
        "absences": [absence._asdict() for absence in absences],
    }


def weights_answer(month: date, store_id: UUID | None, held: DayWeights | None) -> Answer:
    """How much the days of a month count; without a row, the defaults."""
    weights = Weights(held.weekday_bp, held.weekend_bp, held.festival_bp, held.promotion_bp) if held else Weights()
    return {
        "month": month_text(month),
        "store_id": store_id,
        **weights._asdict(),
        "promotion_days": held.promotion_days if held else [],
        "version": held.version if held else 0,
    }
