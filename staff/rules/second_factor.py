"""Time-based one-time passwords (RFC 6238): six digits, thirty seconds, one step of clock drift either way."""

import hmac
from datetime import datetime

from pyotp import TOTP

STEP_SECONDS = 30
DRIFT_STEPS = 1

# Acts that ask for a fresh code each time; each is asked for by some route.
ACTS = frozenset(
    {
        "attribution_policy_approval",
        "plan_version_approval",
        "pay_period_closing",
        "pay_period_approval",
        "settlement_closing",
        "statement_decision",
    }
)


def matching_step(secret: str, code: str, *, at: datetime, after_step: int) -> int | None:
    """The time step that `code` belongs to, later than `after_step`, or None: a step serves once."""
    totp, present = TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    given = code.strip().encode(errors="replace")
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if step > after_step and hmac.compare_digest(totp.generate_otp(step).encode(), given):
            return step
    return None
