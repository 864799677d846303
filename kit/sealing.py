"""Secrets and personal data at rest: AES-256-GCM (NIST SP 800-38D), a key per purpose by HKDF (RFC 5869)."""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

NONCE_BYTES = 12


class Unsealable(Exception):
    """Not sealed with this SECRET_KEY for this purpose and place, or tampered with."""


def seal(plain: bytes, *, purpose: str, place: str = "") -> bytes:
    """`plain` encrypted for `purpose`, readable only at `place` (say, the id of its row)."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(purpose).encrypt(nonce, plain, place.encode())


def unseal(sealed: bytes, *, purpose: str, place: str = "") -> bytes:
    """What was sealed for `purpose` at `place`; raises Unsealable."""
    nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return _cipher(purpose).decrypt(nonce, content, place.encode())
    except (InvalidTag, ValueError):
        raise Unsealable from None


def _cipher(purpose: str) -> AESGCM:
    return _cipher_of(current_app.config["SECRET_KEY"], purpose)


@lru_cache(maxsize=64)
def _cipher_of(secret_key: str, purpose: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret_key.encode())
    return AESGCM(derived)
