"""Decide who gets credit for lines, from the facts as they stand: the same whatever came first."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from catalog.items import digest
from kit import locks
from kit.ids import new_id
from orders.queries.deciding import Claims, LineFacts, find_claims, find_sources, list_lines, lock_orders
from orders.queries.policies import POLICIES_LOCK, InForce, list_approved
from orders.rules import attribution as rules
from orders.rules.attribution import BindingSpan, Candidate, Policy, Share
from orders.service.decision_rows import DecisionRow, follow_originals, revise_orders, write_decisions
from orders.service.returns import keep_others_out

FIRST_VERSION = 1
NOBODY = rules.Decision("original_unknown", [], [])


class Said(NamedTuple):
    """A decision as it is kept."""

    reason: str
    policy_version: int
    candidates: msgspec.Raw
    credits: msgspec.Raw
    digest: int


def decide_orders(order_ids: Collection[UUID], *, now: datetime) -> None:
    """Decide on every line of these orders, whose revision has moved already, and on what takes them back elsewhere.

    Orders elsewhere that this changes are revised. The orders must be locked, and nothing else may take them back
    meanwhile (orders.service.returns.keep_others_out).
    """
    if not order_ids:
        return
    lines = list_lines(order_ids)
    changed = write_decisions(list(_decide(lines, find_claims(lines))), cause="order", now=now)
    followed = follow_originals(order_ids, line_ids=changed, cause="order", now=now)
    revise_orders(set(followed) - set(order_ids), now=now)


def decide_again(order_ids: Collection[UUID], *, cause: str, now: datetime) -> list[UUID]:
    """Decide on orders once more, for what became known apart from them; the lines on which it is decided otherwise.

    Orders with such lines are revised. Locks them, and waits for whoever takes something back of their sources.
    """
    for source_id in find_sources(order_ids):
        keep_others_out(source_id, returning=True)
    lock_orders(order_ids)
    lines = list_lines(order_ids)
    changed = write_decisions(list(_decide(lines, find_claims(lines))), cause=cause, now=now)
    followed = follow_originals(order_ids, line_ids=changed, cause=cause, now=now)
    orders = {line.line_id: line.order_id for line in lines}
    revise_orders({*followed, *(orders[line_id] for line_id in changed)}, now=now)
    return changed


def _decide(lines: Sequence[LineFacts], claims: Claims) -> Iterator[DecisionRow]:
    locks.share(POLICIES_LOCK)
    policies = list_approved()
    # Most lines of an order say the same.
    said: dict[LineFacts, Said] = {}
    for line in lines:
        one_of_many = line.line_id if line.line_id in claims.accepted else line.order_id
        key = line._replace(line_id=one_of_many, guide_ids=tuple(line.guide_ids), shares_bp=tuple(line.shares_bp))
        if key not in said:
            version, policy = _policy_of(line, policies)
            said[key] = _say(*_decision(line, claims, policy), version=version)
        one = said[key]
        yield DecisionRow(
            id=new_id(),
            line_id=line.line_id,
            order_revision=line.revision,
            policy_version=one.policy_version,
            reason=one.reason,
            candidates=one.candidates,
            digest=one.digest,
            credits=one.credits,
        )


def _policy_of(line: LineFacts, policies: Sequence[InForce]) -> tuple[int, Policy]:
    """The version in force when it was ordered."""
    return next(
        ((one.number, one.policy) for one in policies if one.effective_from <= line.ordered_at),
        (FIRST_VERSION, Policy()),
    )


def _decision(line: LineFacts, claims: Claims, policy: Policy) -> tuple[rules.Decision, list[Share]]:
    """Who wins, and what guides and stores are given."""
    if line.awaits:
        # Until what it takes back is found, nobody gets or loses credit for it.
        return NOBODY, []
    served = [*_claimed(line, claims), *_serving(line, claims)]
    # Neither a link nor being somebody's customer brings a return about.
    indirect = () if line.gives_back else (*_shared(line, claims, policy), *_bound(line, claims, policy))
    decision = rules.decide([*served, *indirect], policy)
    stores = rules.of_stores(home=_home(line, claims), ordering=line.store_id, fulfilling=line.store_id)
    recruiting = () if line.gives_back else _recruiting(line, claims, policy)
    return decision, [*decision.shares, *recruiting, *stores]


def _say(decision: rules.Decision, shares: Sequence[Share], *, version: int) -> Said:
    candidates = msgspec.json.encode([_verdict(verdict) for verdict in decision.verdicts])
    credits = msgspec.json.encode([share._asdict() for share in shares])
    said = msgspec.json.encode([decision.reason, version]) + candidates + credits
    return Said(decision.reason, version, msgspec.Raw(candidates), msgspec.Raw(credits), digest(said))


def _verdict(verdict: rules.Verdict) -> dict[str, object]:
    candidate = verdict.candidate
    return {
        "kind": candidate.kind,
        "guide_id": candidate.guide_id,
        "at": candidate.at,
        "share_bp": candidate.share_bp,
        "reason": verdict.reason,
    }


def _serving(line: LineFacts, claims: Claims) -> Iterator[Candidate]:
    for guide_id, share_bp in zip(line.guide_ids, line.shares_bp, strict=True):
        yield _candidate("serving", guide_id, line.ordered_at, share_bp, None, claims, line.business_day)


def _claimed(line: LineFacts, claims: Claims) -> Iterator[Candidate]:
    if claim := claims.accepted.get(line.line_id):
        yield _candidate("claim", claim.guide_id, claim.decided_at, claim.share_bp, None, claims, line.business_day)


def _shared(line: LineFacts, claims: Claims, policy: Policy) -> Iterator[Candidate]:
    share = claims.shares.get((line.share_token, line.ordered_at)) if line.share_token else None
    if share is None:
        return
    flaw = rules.flaw_of_share(
        touched_at=share.at,
        by_person=share.by_person,
        ordered_at=line.ordered_at,
        channel=line.channel,
        policy=policy,
    )
    yield _candidate("share", share.guide_id, share.at, None, flaw, claims, line.business_day)


def _bound(line: LineFacts, claims: Claims, policy: Policy) -> Iterator[Candidate]:
    bounds = claims.bindings.get(line.customer_id, ()) if line.customer_id else ()
    held = [BindingSpan(bound.guide_id, bound.bound_at, bound.ended_at, bound.confirmed_at) for bound in bounds]
    flaws = rules.flaws_of_bindings(held, ordered_at=line.ordered_at, policy=policy)
    for bound, flaw in zip(held, flaws, strict=True):
        yield _candidate("bound", bound.guide_id, bound.bound_at, None, flaw, claims, line.business_day)


def _candidate(
    kind: str, guide_id: UUID, at: datetime, share_bp: int | None, flaw: str | None, claims: Claims, day: date
) -> Candidate:
    person = claims.people[guide_id]
    flaw = flaw or rules.flaw_of_person(hired_on=person.hired_on, left_on=person.left_on, day=day)
    return Candidate(kind, guide_id, person.staff_no, at, share_bp, flaw)


def _recruiting(line: LineFacts, claims: Claims, policy: Policy) -> Iterator[Share]:
    found = claims.recruiters.get(line.customer_id) if line.customer_id else None
    if found is None or found[1] > line.ordered_at:
        return
    guide_id, since = found
    person = claims.people[guide_id]
    gone = rules.flaw_of_person(hired_on=person.hired_on, left_on=person.left_on, day=line.business_day)
    if not gone and rules.still_recruits(since, ordered_at=line.ordered_at, policy=policy):
        yield rules.of_recruiter(guide_id)


def _home(line: LineFacts, claims: Claims) -> UUID | None:
    """The store of the guide whose own the customer was when it was ordered."""
    at = line.ordered_at
    bounds = claims.bindings.get(line.customer_id, ()) if line.customer_id else ()
    return next((b.store_id for b in bounds if b.bound_at <= at and (b.ended_at is None or at < b.ended_at)), None)
