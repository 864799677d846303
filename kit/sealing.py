"""Secrets and personal data at rest: AES-256-GCM (NIST SP 800-38D), a key per purpose by HKDF (RFC 5869).

Keys live on a ring (`DATA_KEYS`): the one with the highest number seals, every one of them unseals, so that a key is
replaced by adding the next, sealing anew what the old one sealed, and only then taking the old one away.
"""

import hmac
import os
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

KEY_NO_BYTES = 2
NONCE_BYTES = 12
INDEX_BYTES = 16


class Unsealable(Exception):
    """Not sealed with a key of this ring for this purpose and place, or tampered with."""


def seal(plain: bytes, *, purpose: str, place: str = "") -> bytes:
    """`plain` encrypted with the newest key for `purpose`, readable only at `place` (say, the id of its row)."""
    key_no = newest_key_no()
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(_ring()[key_no], purpose).encrypt(nonce, plain, place.encode())
    return _prefix(key_no) + nonce + sealed


def unseal(sealed: bytes, *, purpose: str, place: str = "") -> bytes:
    """What was sealed for `purpose` at `place` with any key of the ring; raises Unsealable."""
    key = _ring().get(int.from_bytes(sealed[:KEY_NO_BYTES], "big"))
    nonce, content = sealed[KEY_NO_BYTES:][:NONCE_BYTES], sealed[KEY_NO_BYTES + NONCE_BYTES :]
    if key is None:
        raise Unsealable
    try:
        return _cipher(key, purpose).decrypt(nonce, content, place.encode())
    except (InvalidTag, ValueError):
        raise Unsealable from None


def blind_index(value: str, *, purpose: str) -> bytes:
    """18 bytes that are equal for equal values, and say nothing of them without the newest key: for exact look-ups."""
    return _index(newest_key_no(), value, purpose)


def blind_indexes(value: str, *, purpose: str) -> list[bytes]:
    """The value's index under every key of the ring, newest first: what a look-up compares with."""
    return [_index(key_no, value, purpose) for key_no in sorted(_ring(), reverse=True)]


def newest_key_no() -> int:
    """The number of the key that seals."""
    return max(_ring())


def newest_prefix() -> bytes:
    """How everything begins that the newest key sealed or indexed."""
    return _prefix(newest_key_no())


def key_of_secret(secret: str) -> bytes:
    """Key number 0, for a chain that has not set keys of its own: derived from SECRET_KEY."""
    return _derived(secret.encode(), "data key 0")


def _ring() -> Mapping[int, bytes]:
    ring: Mapping[int, bytes] = current_app.config["DATA_KEYS"]
    return ring


def _prefix(key_no: int) -> bytes:
    return key_no.to_bytes(KEY_NO_BYTES, "big")


def _index(key_no: int, value: str, purpose: str) -> bytes:
    digest = hmac.digest(_derived(_ring()[key_no], f"blind index of {purpose}"), value.encode(), "sha256")
    return _prefix(key_no) + digest[:INDEX_BYTES]


@lru_cache(maxsize=256)
def _cipher(key: bytes, purpose: str) -> AESGCM:
    return AESGCM(_derived(key, purpose))


@lru_cache(maxsize=256)
def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)
