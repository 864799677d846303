"""Versions of the policy by which sales are credited."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.fresh_code import fresh_code
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from orders.queries import policies as queries
from orders.queries.policies import PolicyNotFound
from orders.routes.blueprint import bp
from orders.rules.attribution import Policy
from orders.schemas.policies import PolicyIn, PolicyOut, PolicyPageOut, WithheldPageOut
from orders.service import policies as service
from orders.service.policies import PolicyApproved, PolicyOutOfOrder, PolicySamePerson
from staff.service.grants import FreshCodeRequired

SEE_POLICIES = {"hq_commission", "hq_finance", "hq_admin"}
APPROVE_POLICIES = {"hq_commission", "hq_finance"}

Answer = dict[str, Any]


@bp.get("/attribution-policies")
@auth(roles=SEE_POLICIES)
@query(PageIn)
@reply(PolicyPageOut)
def list_policies(cursor: str | None, limit: int) -> Answer:
    """Versions of the attribution policy, the newest first; before the first one holds, version 1 does."""
    return page(
        lambda after, n: [_policy(row) for row in queries.list_policies(after=after, limit=n)],
        name="attribution-policies",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["number"]],
    )


@bp.post("/attribution-policies")
@auth(roles={"hq_commission"})
@body(PolicyIn)
@reply(PolicyOut, 201)
def create_policy(policy: Answer, effective_from: datetime) -> Answer:
    """A draft; somebody else approves it."""
    terms = msgspec.convert(policy, Policy)
    made = service.add_policy(terms, effective_from=effective_from, created_by=principal().id)
    return _policy(queries.get_policy(made))


@bp.post("/attribution-policies/<uuid:policy_id>/approve")
@auth(roles=APPROVE_POLICIES)
@refuses(FreshCodeRequired, PolicyApproved, PolicyNotFound, PolicyOutOfOrder, PolicySamePerson)
@idempotency.required
@fresh_code("attribution_policy_approval", subject="policy_id")
@reply(PolicyOut)
def approve_policy(policy_id: UUID) -> Answer:
    """Put a colleague's draft in force for good, with a fresh code; what was sold since is decided on anew.

    Days whose pay is closed stay as they are; their lines that would be credited otherwise are listed.
    """
    service.approve_policy(policy_id, approved_by=principal().id, now=clock.now())
    return _policy(queries.get_policy(policy_id))


@bp.get("/attribution-policies/<uuid:policy_id>/withheld")
@auth(roles=SEE_POLICIES)
@refuses(PolicyNotFound)
@query(PageIn)
@reply(WithheldPageOut)
def list_withheld(policy_id: UUID, cursor: str | None, limit: int) -> Answer:
    """Lines of closed days that a version would have credited otherwise, and did not."""
    queries.get_policy(policy_id)
    return page(
        lambda after, n: queries.list_withheld(policy_id, after=after, limit=n),
        name=f"withheld {policy_id}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["id"])],
    )


def _policy(row: Answer) -> Answer:
    terms = msgspec.convert(row["document"], Policy)
    told = {name: value for name, value in row.items() if name != "document"}
    return {**told, "policy": msgspec.to_builtins(terms)}
