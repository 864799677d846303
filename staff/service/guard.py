"""Guessing is slowed down without ever locking out those who are not guessing.

Failures are counted per account and place, never per account alone: who guesses from elsewhere cannot shut the
owner out. A device that has signed in before proves it by its token and has an allowance of its own.
"""

import hashlib
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from kit import counters
from kit.codes import fold_code
from kit.errors import TooMany
from kit.ids import new_token
from staff.rules import sessions as rules
from staff.rules.clients import Caller

DEVICE_TOKEN_SECONDS = 400 * 24 * 3600


class TooManyAttempts(TooMany):
    """Too many failed attempts from here; the password was not looked at."""

    code = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the failures of one attempt are counted under."""

    account: str
    own: str  # account and device, or account and place
    network: str
    known_device: bool


def begin_attempt(account: str, caller: Caller) -> Keys:
    """Count an attempt before its secret is looked at, so that a hundred at once count; raises TooManyAttempts."""
    keys = _keys(account, caller)
    window = rules.WINDOW_SECONDS
    attacked = (
        counters.read(keys.account) >= rules.ACCOUNT_ATTACK_FAILURES
        or counters.read("chain") >= rules.CHAIN_ATTACK_FAILURES
    )
    allowed = rules.UNDER_ATTACK if attacked else rules.CALM
    own_limit = allowed.per_device if keys.known_device else allowed.per_place
    if counters.add(keys.own, window_seconds=window) > own_limit:
        raise TooManyAttempts(retry_after_seconds=window)
    if not keys.known_device and counters.read(keys.network) >= allowed.per_network:
        raise TooManyAttempts(retry_after_seconds=window)
    return keys


def count_failure(keys: Keys) -> None:
    """Remember that the attempt failed."""
    for key in (keys.account, keys.network, "chain"):
        counters.add(key, window_seconds=rules.WINDOW_SECONDS)


def end_attempt(keys: Keys) -> None:
    """The attempt succeeded: its own failures are forgiven."""
    counters.forget(keys.own)


def new_device_token(account: str) -> str:
    """What a device keeps to show that it has signed in to the account before."""
    return str(_serializer().dumps([_digest(account), new_token()]))


def place(account: str, caller: Caller) -> str:
    """A name for an account as asked for from one network."""
    return f"{_digest(account)}:{rules.network_of(caller.address)}"


def person(account: str) -> str:
    """A name for an account, as asked for from anywhere."""
    return _digest(account)


def _keys(account: str, caller: Caller) -> Keys:
    owner, network = _digest(account), rules.network_of(caller.address)
    device = _known_device(owner, caller.device_token)
    own = f"device:{owner}:{device}" if device else f"place:{owner}:{network}"
    return Keys(f"account:{owner}", own, f"network:{network}", known_device=device is not None)


def _known_device(owner: str, device_token: str | None) -> str | None:
    if not device_token:
        return None
    try:
        known_owner, device = _serializer().loads(device_token, max_age=DEVICE_TOKEN_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device) if known_owner == owner else None


def _digest(account: str) -> str:
    # However it is typed, it is one account and one count.
    return hashlib.sha256(fold_code(account).encode(errors="replace")).hexdigest()[:32]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="device")
