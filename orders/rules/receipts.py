"""What a receipt must add up to. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kit.codes import fold_code
from kit.money import WHOLE_BP
from kit.words import Said, say

EARLIEST_YEAR = 2000
CLOCK_SKEW = timedelta(days=1)


def why_line_is_crooked(*, line_no: int | str, quantity: int, paid: int, tax: int, cost: int = 0) -> Said | None:
    """What does not add up in a line, amounts in minor units, or None; of what is given back, all are negative."""
    if min(quantity, paid) < 0 < max(quantity, paid):
        return say("crooked_line.signs", line=line_no, quantity=quantity, paid=paid)
    if min(quantity, paid, cost) < 0 < max(quantity, paid, cost):
        return say("crooked_line.cost", line=line_no, cost=cost)
    if not min(paid, 0) <= tax <= max(paid, 0):
        return say("crooked_line.tax", line=line_no, tax=tax, paid=paid)
    if quantity == 0 and paid > 0:
        return say("crooked_line.nothing_sold", line=line_no, paid=paid)
    return None


def why_refund_is_crooked(
    *, line_no: int | str, named: bool, findable: bool, quantity: int, amount: int | None, tax: int | None
) -> Said | None:
    """What does not add up in a line of a refund, amounts in minor units, or None; `named`: it says of which order."""
    if not findable:
        return say("crooked_refund.of_what", line=line_no)
    if amount is None and not (named and quantity):
        return say("crooked_refund.amount", line=line_no)
    if tax is not None and tax > (amount or 0):
        return say("crooked_refund.tax", line=line_no, tax=tax, amount=amount or 0)
    return None


def why_shares_are_crooked(shares: Sequence[tuple[str, int]]) -> Said | None:
    """What does not add up in who served, as (staff number, basis points), or None."""
    if not shares:
        return None
    if len({fold_code(staff_no) for staff_no, _ in shares}) < len(shares):
        return say("crooked_shares.twice")
    total = sum(share_bp for _, share_bp in shares)
    return None if total == WHOLE_BP else say("crooked_shares", total=total, whole=WHOLE_BP)


def is_plausible(ordered_at: datetime, *, now: datetime) -> bool:
    """Whether an order can have been made then: this century, and not in the future but for a till's wrong clock."""
    return ordered_at.year >= EARLIEST_YEAR and ordered_at <= now + CLOCK_SKEW
