"""Refresh tokens: a chain of secrets per sign-in, of which only the hash of the newest is kept.

Each secret is made from the one before with a key of the server's. So an old token proves itself by leading to the
newest one, without any list of old tokens: whoever shows one holds a stolen or a lost copy. A made-up token proves
nothing and ends nobody's sign-in.
"""

import hmac
from dataclasses import dataclass
from uuid import UUID

from flask import current_app

from kit.ids import new_token, secret_hash
from staff.tokens import BadToken

PREFIX = "rt_"
SECRET_BYTES = 32
# More than any sign-in lives to see; bounds what a made-up token can make us compute.
MAX_GENERATION = 10_000


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """The `generation`th secret of a sign-in."""

    session_id: UUID
    generation: int
    secret: str

    @property
    def hash(self) -> str:
        """What is kept of the secret."""
        return secret_hash(self.secret)

    def successor(self, steps: int = 1) -> "RefreshToken":
        """The token that follows `steps` rotations later."""
        secret = self.secret
        for _ in range(steps):
            secret = _next_secret(secret)
        return RefreshToken(self.session_id, self.generation + steps, secret)

    def write(self) -> str:
        """The token as clients hold it."""
        return f"{PREFIX}{self.session_id.hex}.{self.generation}.{self.secret}"


def first(session_id: UUID) -> RefreshToken:
    """The token that a sign-in begins with."""
    return RefreshToken(session_id, 0, new_token(length_bytes=SECRET_BYTES))


def read(token: str) -> RefreshToken:
    """The parts of a token, not yet checked; raises BadToken."""
    try:
        session_id, generation, secret = token.removeprefix(PREFIX).split(".")
        parsed = RefreshToken(UUID(hex=session_id), int(generation), secret)
    except ValueError:
        raise BadToken from None
    if not 0 <= parsed.generation <= MAX_GENERATION:
        raise BadToken
    return parsed


def _next_secret(secret: str) -> str:
    key = f"refresh:{current_app.config['SECRET_KEY']}".encode()
    return hmac.digest(key, secret.encode(errors="replace"), "sha256").hex()
