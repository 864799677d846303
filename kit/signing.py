"""Signatures of webhooks by the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from kit.words import Said, say

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins
SCHEME = "v1"
TOLERANCE = timedelta(minutes=5)


def new_secret() -> str:
    """A fresh secret of 256 random bits, as both sides keep it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(*, secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """The `webhook-signature` of a message; `at` goes into `webhook-timestamp` as whole seconds."""
    [signature] = _macs([secret], message_id, str(int(at.timestamp())), [body])
    return f"{SCHEME},{base64.b64encode(signature).decode()}"


def why_unsigned(
    *,
    live_secrets: Sequence[str],
    message_id: str,
    timestamp: str,
    signatures: str,
    body: Iterable[bytes],
    now: datetime,
) -> Said | None:
    """Why the signature headers do not hold, or None when one of `signatures` does.

    Any of the `live_secrets` may have signed: two live while one replaces the other. The parts of `body` are read once.
    """
    if not message_id or not timestamp or not signatures:
        return say("bad_signature.headers")
    # At most 12 digits: an instant that a clock can show.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return say("bad_signature.timestamp")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return say("bad_signature.too_late")
    expected = _macs(live_secrets, message_id, timestamp, body)
    given = [_decoded(signature) for signature in signatures.split(" ")[:10]]
    if any(hmac.compare_digest(one, other) for one in expected for other in given):
        return None
    return say("bad_signature.mismatch")


def _macs(live_secrets: Sequence[str], message_id: str, timestamp: str, body: Iterable[bytes]) -> list[bytes]:
    head = f"{message_id}.{timestamp}.".encode()
    macs = [hmac.new(_key(secret), head, hashlib.sha256) for secret in live_secrets]
    for part in body:
        for mac in macs:
            mac.update(part)
    return [mac.digest() for mac in macs]


def _key(secret: str) -> bytes:
    """The key in a secret; one that is not in the specification's form is the key itself."""
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _decoded(signature: str) -> bytes:
    scheme, _, encoded = signature.partition(",")
    try:
        return base64.b64decode(encoded, validate=True) if scheme == SCHEME else b""
    except (binascii.Error, ValueError):
        return b""
