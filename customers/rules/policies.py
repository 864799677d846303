"""The chain's settings about customers; what is not set is as it stands here."""

from collections.abc import Mapping

import msgspec

# What holds for a channel about which the customer never said anything.
UNRECORDED = ("allowed", "refused", "if_bound")
UNRECORDED_BY_CHANNEL = {
    "wecom": "if_bound",
    "wechat": "if_bound",
    "sms": "refused",
    "call": "refused",
    "email": "refused",
}


class ContactPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often, and at which hours, a customer may be contacted, by anyone and through any channel.

    Limits hold for any 7 and any 30 days that end now. `unrecorded` says per channel what no record means: `if_bound`
    is yes for customers who are some guide's own, because they became that by a friendship in this channel.
    """

    week_limit: int = 2
    month_limit: int = 6
    quiet_from: str = "21:00"
    quiet_until: str = "09:00"
    time_zone: str = "Asia/Shanghai"  # of customers without a store
    unrecorded: Mapping[str, str] = msgspec.field(default_factory=UNRECORDED_BY_CHANNEL.copy)
    reservation_minutes: int = 15


class BindingPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How customers become a guide's own, and how often they may be handed on."""

    protection_days: int = 30  # in which no other guide may take a customer over
    bind_at_till: bool = False  # whether an order makes an unbound customer its serving guide's own
    refusal_hours: int = 24  # in which a customer may refuse a transfer; it is done after them
    transfer_limit: int = 2
    transfer_window_days: int = 90
    served_months: int = 12  # for how long guides see whom they served, while they are in that store
