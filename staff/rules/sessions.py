"""How long a sign-in lasts, and how many guesses it may take."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

# They move or decide about money, or make those who do: a second factor, and short sessions.
MONEY_ROLES = frozenset({"hq_commission", "hq_finance", "hq_admin"})

# A client that lost the answer to a refresh may ask again for so long.
REFRESH_GRACE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetime:
    """The longest a sign-in lasts in all, and unused."""

    whole: timedelta
    unused: timedelta

    def ends_at(self, *, signed_in_at: datetime, used_at: datetime) -> datetime:
        """When a sign-in that was last used at `used_at` ends unless used again."""
        return min(signed_in_at + self.whole, used_at + self.unused)


# NIST SP 800-63B-4: section 2.2.3 (AAL2) for those who touch money, 2.1.3 (AAL1) for the others.
STRONG = Lifetime(whole=timedelta(hours=24), unused=timedelta(hours=1))
PLAIN = Lifetime(whole=timedelta(days=30), unused=timedelta(days=14))


def lifetime_of(roles: Collection[str]) -> Lifetime:
    """How long a sign-in of someone with `roles` lasts."""
    return STRONG if MONEY_ROLES & set(roles) else PLAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """How many failed sign-ins are borne in a window before further ones are refused unread."""

    per_device: int  # account and device that has signed in to it before
    per_place: int  # account and network address
    per_network: int  # network address, all accounts


CALM = Allowance(per_device=10, per_place=10, per_network=200)
# While an account, or the chain as a whole, is being guessed at.
UNDER_ATTACK = Allowance(per_device=10, per_place=3, per_network=40)
WINDOW_SECONDS = 15 * 60
ACCOUNT_ATTACK_FAILURES = 50
CHAIN_ATTACK_FAILURES = 3_000


def network_of(address: str) -> str:
    """What one subscriber holds: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
