"""The chain's settings about orders; what is not set is as it stands here."""

import msgspec


class OrderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which selling channels there are (none named: any is taken), and whether receipts may be in another currency."""

    channels: tuple[str, ...] = ()
    foreign_currency: bool = True  # of receipts that say at which rate, than that of their store
