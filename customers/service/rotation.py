"""Personal data sealed anew, and found anew, with the newest key."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from customers import evidence
from customers.sealed import IDENTITY, PROFILE, index_of
from kit.resealing import reseal_page
from models import Consent, Customer, CustomerIdentity

Page = Callable[..., UUID | None]


def _identity_index(plain: bytes, kind: str) -> dict[str, Any]:
    return {"blind_index": index_of(kind, plain.decode())}


def _evidence_index(plain: bytes) -> dict[str, Any]:
    return {"evidence_index": evidence.index_evidence(plain.decode())}


# Each seals a page anew and answers where to go on.
RESEALED: Mapping[str, Page] = {
    "profiles": partial(reseal_page, Customer.sealed_profile, key=Customer.id, purpose=PROFILE),
    "identities": partial(
        reseal_page,
        CustomerIdentity.sealed_value,
        key=CustomerIdentity.id,
        purpose=IDENTITY,
        read=[CustomerIdentity.kind],
        also=_identity_index,
    ),
    "evidence": partial(
        reseal_page, Consent.sealed_evidence, key=Consent.id, purpose=evidence.PURPOSE, also=_evidence_index
    ),
}


def reseal_customers(what: str, *, after: UUID | None = None) -> UUID | None:
    """Seal a page of `what` (a name of RESEALED) anew and answer where to go on, None at the end."""
    return RESEALED[what](after=after)
