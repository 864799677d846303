"""The customers a forward aims at: who would be skipped, and whose places are taken before anything is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from content_center import queries
from content_center.rules.channels import CONTACT_CHANNEL
from content_center.service.takedown import expect_shown
from customers import service as customers
from customers.service import Checked, Reserved
from kit.errors import Conflict, Invalid
from kit.principal import Principal

Row = dict[str, Any]


class ConfirmationTargetUnknown(Invalid):
    """The forward did not aim at these customers."""

    code = "confirmation_target_unknown"


class NobodyToContact(Conflict):
    """Nobody whom the forward aims at may be contacted now; `skipped` says why of each, and from when they may."""

    code = "nobody_to_contact"


def list_skipped(forward: Mapping[str, Any], *, guide: Principal, now: datetime) -> list[Row]:
    """Those of the forward's customers who may not be contacted now, with every reason, and when they may."""
    aimed_at = aimed_at_by(forward)
    if not aimed_at:
        return []
    channel = CONTACT_CHANNEL[forward["channel"]]
    checked = customers.check_contacts(aimed_at, channel=channel, principal=guide, now=now, reference_id=forward["id"])
    return refusals(checked)


def expect_anybody(forward: Mapping[str, Any], skipped: Collection[Row]) -> None:
    """Raises NobodyToContact where the forward aims at customers and all of them are skipped."""
    aimed_at = aimed_at_by(forward)
    if aimed_at and len(skipped) == len(aimed_at):
        raise NobodyToContact(skipped=skipped)


def reserve_targets(*, forward_id: UUID, customer_ids: Sequence[UUID], guide: Principal, now: datetime) -> Row:
    """Take a place in the contact budget of each customer of the forward (or of some), until the message leaves.

    Raises ForwardNotFound, ContentHidden, ConfirmationTargetUnknown.
    """
    forward = queries.get_own(forward_id, guide)
    expect_shown(forward)
    asked = named_or_all(forward, customer_ids)
    outcomes = reserve(forward, asked, guide=guide, now=now)
    expiries = [outcome.expires_at for outcome in outcomes if outcome.expires_at]
    return {
        "customer_ids": sorted(outcome.customer_id for outcome in outcomes if outcome.verdict.allowed),
        "expires_at": min(expiries, default=None),
        "refused": refusals(outcomes),
    }


def release_targets(*, forward_id: UUID, customer_ids: Sequence[UUID], by: Principal, now: datetime) -> None:
    """Give back the places of customers whom nothing reached: a guide those not sent, the channel's integration all.

    Raises ForwardNotFound, ConfirmationTargetUnknown.
    """
    forward = queries.get_recorded(forward_id) if by.kind == "integrator" else queries.get_own(forward_id, by)
    asked = named_or_all(forward, customer_ids)
    customers.release_contacts(forward_id, customer_ids=asked, unsent_only=by.kind != "integrator", now=now)


def reserve(
    forward: Mapping[str, Any], customer_ids: Sequence[UUID], *, guide: Principal, now: datetime, sent: bool = False
) -> list[Reserved]:
    """An outcome for each of the customers, who are locked until this unit of work ends."""
    return customers.reserve_contacts(
        customer_ids,
        channel=CONTACT_CHANNEL[forward["channel"]],
        guide=guide,
        reference_id=forward["id"],
        now=now,
        sent=sent,
    )


def named_or_all(forward: Mapping[str, Any], customer_ids: Collection[UUID]) -> list[UUID]:
    """The customers named, or all of the forward's when none is; raises ConfirmationTargetUnknown."""
    aimed_at = aimed_at_by(forward)
    if unknown := [str(id_) for id_ in customer_ids if id_ not in aimed_at]:
        raise ConfirmationTargetUnknown(unknown=unknown)
    return sorted(set(customer_ids)) or aimed_at


def aimed_at_by(forward: Mapping[str, Any]) -> list[UUID]:
    """The customers whom the forward aims at, by id."""
    return sorted(UUID(id_) for id_ in forward["target"].get("customer_ids", []))


def refusals(outcomes: Iterable[Checked | Reserved]) -> list[Row]:
    """Those who may not be contacted, as answers show them."""
    return [
        {
            "customer_id": one.customer_id,
            "reasons": list(one.verdict.reasons),
            "detail": one.verdict.said,
            "next_allowed_at": one.verdict.next_allowed_at,
        }
        for one in outcomes
        if not one.verdict.allowed
    ]
