"""Who sees whose row on a board, and whose pay."""

from collections.abc import Set

from kit.principal import Reach

PAY_READERS = frozenset({"hq_commission", "hq_finance", "hq_admin", "auditor"})
# Whose pay managers see, by how far they see.
PAY_BOARDS = {Reach.SELF: (), Reach.STORE: ("store",), Reach.REGION: ("store", "region")}
# Whose every row people see, by how far they see; on other boards who leads, and how far they are from the next ones.
WHOLE_BOARDS = {Reach.SELF: ("store",), Reach.STORE: ("store",), Reach.REGION: ("store", "region")}
NEIGHBOURS = 3


def shows_everybody(scope: str, *, reach: Reach) -> bool:
    """Whether a board of `scope` lies within someone's sight, so that they see each name, number and figure on it."""
    return scope in WHOLE_BOARDS.get(reach, (scope,))


def shows_pay(scope: str, *, roles: Set[str], reach: Reach) -> bool:
    """Whether someone may read what everybody on a board of `scope` earned: those they may read in the ledger."""
    return scope in PAY_BOARDS[reach] if reach in PAY_BOARDS else not PAY_READERS.isdisjoint(roles)
