"""Integer arithmetic for money: minor units ("fen") and basis points (1/10,000) only, never a float."""

from collections.abc import Sequence

WHOLE_BP = 10_000


def share_fen(amount_fen: int, rate_bp: int) -> int:
    """`rate_bp` of `amount_fen`, rounded half away from zero, so that a refund mirrors its sale."""
    magnitude = (abs(amount_fen) * abs(rate_bp) * 2 + WHOLE_BP) // (2 * WHOLE_BP)
    return magnitude if (amount_fen >= 0) == (rate_bp >= 0) else -magnitude


def split_fen(amount_fen: int, shares_bp: Sequence[int]) -> list[int]:
    """Split exactly by largest remainder; ties go to the earlier share.

    Shares are non-negative and sum to 10,000 bp; the parts sum to `amount_fen`, to the fen.
    """
    if sum(shares_bp) != WHOLE_BP:
        raise ValueError("shares must sum to 10,000 bp")
    return split_by_weight(amount_fen, shares_bp)


def split_by_weight(amount: int, weights: Sequence[int]) -> list[int]:
    """Split exactly in proportion to `weights`, by largest remainder; ties go to the earlier weight.

    Weights are non-negative and not all 0. The parts sum to `amount` (fen, or pieces), each within one of its exact
    share, and those of a negative amount mirror those of the positive one.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative, and one of them positive")
    sign = -1 if amount < 0 else 1
    products = [abs(amount) * weight for weight in weights]
    parts = [product // whole for product in products]
    missing = abs(amount) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: -(products[i] % whole))
    for i in by_remainder[:missing]:
        parts[i] += 1
    return [sign * part for part in parts]


def as_money(amount_fen: int, currency: str) -> dict[str, int | str]:
    """The API's shape of an amount: integer minor units and an ISO 4217 code."""
    return {"amount": amount_fen, "currency": currency}


def money_or_none(amount_fen: int | None, currency: str | None) -> dict[str, int | str] | None:
    """The API's shape of an amount that may be missing."""
    return None if amount_fen is None or currency is None else as_money(amount_fen, currency)
