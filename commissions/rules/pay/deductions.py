"""How much of what is owed back may be taken from a pay, by the law of the city."""

from typing import NamedTuple

from kit.money import share_fen


class Law(NamedTuple):
    """A city's limits: at most this share of the month's gross is taken, and never below this floor."""

    limit_bp: int
    floor_fen: int


class Taken(NamedTuple):
    """What is paid out, what payroll is told to take of the wage, and what is carried (0 or less)."""

    payout_fen: int
    from_wage_fen: int
    carried_fen: int


def take_back(*, earned_fen: int, owed_back_fen: int, wage_fen: int | None, law: Law) -> Taken:
    """Take `owed_back_fen` (0 or more) from what was earned and, where payroll told the wage, of that within the law.

    Without the wage nothing beyond the commission is taken. There is no negative payout.
    """
    if wage_fen is None:
        return Taken(max(0, earned_fen - owed_back_fen), 0, min(0, earned_fen - owed_back_fen))
    gross = wage_fen + earned_fen
    limit = max(0, min(share_fen(gross, law.limit_bp), gross - law.floor_fen))
    taken = min(owed_back_fen, limit)
    return Taken(max(0, earned_fen - taken), max(0, taken - earned_fen), taken - owed_back_fen)
