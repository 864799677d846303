"""The evidence of consents at rest: what shows that a customer agreed may itself be personal."""

from uuid import UUID

from kit.sealing import blind_index, seal, unseal

PURPOSE = "consent evidence"


def seal_evidence(consent_id: UUID, evidence: str) -> bytes:
    """The evidence, readable only with the consent it belongs to."""
    return seal(evidence.encode(), purpose=PURPOSE, place=str(consent_id))


def unseal_evidence(consent_id: UUID, sealed: bytes | None) -> str | None:
    """What was sealed, or None where there is nothing or nothing any more."""
    return unseal(bytes(sealed), purpose=PURPOSE, place=str(consent_id)).decode() if sealed else None


def index_evidence(evidence: str) -> bytes:
    """A keyed hash that outlives the evidence: whoever still has it can show that it was this one."""
    return blind_index(evidence, purpose=PURPOSE)
