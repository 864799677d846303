"""Personal data as the database holds it: sealed for its own row, found by a keyed index (kit/sealing.py)."""

from collections.abc import Mapping
from uuid import UUID

import orjson

from kit import sealing

PROFILE_FIELDS = ("name", "gender", "birthday", "city", "address")
PROFILE, IDENTITY = "customer profile", "customer identity"


def seal_profile(customer_id: UUID, profile: Mapping[str, str]) -> bytes | None:
    """The fields that are known, sealed for the customer's row; None when none is."""
    if not profile:
        return None
    return sealing.seal(orjson.dumps(dict(profile)), purpose=PROFILE, place=str(customer_id))


def unseal_profile(customer_id: UUID, sealed: bytes | None) -> dict[str, str]:
    """What `seal_profile` sealed."""
    if sealed is None:
        return {}
    profile: dict[str, str] = orjson.loads(sealing.unseal(bytes(sealed), purpose=PROFILE, place=str(customer_id)))
    return profile


def seal_identity(identity_id: UUID, value: str) -> bytes:
    """A normalised value, sealed for the identity's row."""
    return sealing.seal(value.encode(), purpose=IDENTITY, place=str(identity_id))


def unseal_identity(identity_id: UUID, sealed: bytes) -> str:
    """What `seal_identity` sealed."""
    return sealing.unseal(bytes(sealed), purpose=IDENTITY, place=str(identity_id)).decode()


def index_of(kind: str, value: str) -> bytes:
    """What to store for finding a normalised value."""
    return sealing.blind_index(value, purpose=f"customer {kind}")


def indexes_of(kind: str, value: str) -> list[bytes]:
    """What to compare with for finding a normalised value, under whichever key it was stored."""
    return sealing.blind_indexes(value, purpose=f"customer {kind}")
