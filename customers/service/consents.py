"""What customers allow, written down with its proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from customers import queries
from customers.evidence import index_evidence, seal_evidence
from customers.queries import consents as consent_queries
from customers.service.contacts import release_unsent
from kit.db import db
from kit.errors import Forbidden, Invalid
from kit.ids import new_id
from kit.principal import Principal
from kit.words import say
from models import Consent

# What a customer did on their own, only the machine that saw it can say.
BY_THE_CUSTOMER = frozenset({"page", "customer"})


class ConsentOriginNotYours(Forbidden):
    """That a customer clicked themselves is for the system to report in which they did."""

    code = "consent_origin_not_yours"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Where a consent comes from: `evidence` is a reference to what shows it (a form's number, a receipt)."""

    origin: str
    text_version: str | None = None
    evidence: str | None = None
    given_at: datetime | None = None  # None: now


def record_consents(
    *, customer_id: UUID, granted: Mapping[str, bool], proof: Proof, by: Principal | None, now: datetime
) -> None:
    """Write down a yes or no per channel, by a principal or (None) by the customer on a page of ours.

    A contact that is being reserved at this moment is waited for; those reserved and not sent are taken back by a no.
    Raises CustomerNotFound, ConsentOriginNotYours, and Invalid for a time to come.
    """
    if by is not None and by.kind == "staff" and proof.origin in BY_THE_CUSTOMER:
        raise ConsentOriginNotYours
    given_at = proof.given_at or now
    if given_at > now:
        raise Invalid(errors={"given_at": [say("in_the_future")]})
    person_id = queries.lock_person(customer_id, by)
    recorder = {"recorder_kind": by.kind if by else "customer", "recorder_id": by.id if by else None}
    for channel, yes in granted.items():
        row = {"customer_id": person_id, "channel": channel, "granted": yes, "given_at": given_at, "recorded_at": now}
        db.session.add(Consent(**row, **recorder, **_evidence(proof)))
    db.session.flush()
    release_unsent(person_id, channels=[channel for channel, yes in granted.items() if not yes], now=now)


def merge_consents(*, survivor_id: UUID, merged_id: UUID, now: datetime) -> None:
    """Let the stricter of two customers' words hold for both: for callers who have locked and are merging them."""
    words: dict[str, list[bool]] = {}
    for row in consent_queries.find_consents([survivor_id, merged_id]):
        words.setdefault(row["channel"], []).append(row["granted"])
    for channel, said in words.items():
        db.session.add(
            Consent(
                customer_id=survivor_id,
                channel=channel,
                granted=all(said),
                given_at=now,
                recorded_at=now,
                origin="merge",
                recorder_kind="job",
            )
        )


def _evidence(proof: Proof) -> dict[str, Any]:
    id_ = new_id()
    row: dict[str, Any] = {"id": id_, "origin": proof.origin, "text_version": proof.text_version}
    if proof.evidence is None:
        return row
    sealed = seal_evidence(id_, proof.evidence)
    return {**row, "sealed_evidence": sealed, "evidence_index": index_evidence(proof.evidence)}
