"""Passwords, hashed with argon2id (RFC 9106)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

# What an unknown staff number is checked against, so that it takes as long as a known one.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$N0s3Wnd2cWZ6d2h6d2h6d2h6d2h6d2h6d2h6d2h6d2g"


def hash_password(password: str) -> str:
    """An encoded argon2id hash."""
    return _hasher().hash(canonical(password))


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one hashed; takes as long when there is none."""
    try:
        return _hasher().verify(password_hash or _NOBODY, canonical(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)


def canonical(password: str) -> str:
    """The password as it is hashed: keyboards differ in how they write the same character (NIST 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=current_app.config["ARGON2_MEMORY_KIB"], parallelism=1)
