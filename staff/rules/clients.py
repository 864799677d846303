"""Where a sign-in comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """The network address and name of the device that asks, and the token it was given when it signed in before."""

    address: str
    device_name: str
    device_token: str | None = None
