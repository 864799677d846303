"""Who gets credit for a line: a policy, and those who have a claim. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from kit.money import WHOLE_BP, split_by_weight, split_fen

Kind = Literal["serving", "share", "bound"]
KINDS: tuple[Kind, ...] = ("serving", "share", "bound")
# What somebody with a claim of a kind is in the credits.
ROLES = {"serving": "serving", "share": "sharing", "bound": "bound"}


class Part(msgspec.Struct, frozen=True):
    """What of a sale goes to the claims of a kind."""

    kind: Kind
    share_bp: int


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How claims count; of the version that is in force when it is ordered. Version 1 is as it stands here.

    `splits`: where there is a sound claim of each kind of one, the first such divides the sale; else the first kind of
    `precedence` gets all of it. `protection_days`: for so long after a customer was handed on, the guide who had them
    before keeps the claim. `recruiting_days`: for how long the first guide ever is credited for the customer (None:
    always).
    """

    precedence: tuple[Kind, ...] = KINDS
    share_window_days: int = 7
    share_windows: Mapping[str, int] = {}  # by channel
    splits: tuple[tuple[Part, ...], ...] = ()
    protection_days: int = 0
    recruiting_days: int | None = None


class Candidate(NamedTuple):
    """A guide with a claim to a line. `flaw` is why the claim fails by itself, or None."""

    kind: str
    guide_id: UUID
    staff_no: str  # by which ties are broken
    at: datetime
    share_bp: int | None
    flaw: str | None


class Verdict(NamedTuple):
    """A candidate and what became of it: whether they won, with others or alone, or why they lost."""

    candidate: Candidate
    reason: str


class Share(NamedTuple):
    """What somebody gets in a role, in basis points; `place` is their turn where remainders are equal, from 1."""

    role: str
    beneficiary_kind: str
    beneficiary_id: UUID
    place: int
    share_bp: int


class Decision(NamedTuple):
    """The kind of claim that won or why none did, every candidate's verdict, and what the guides are given."""

    reason: str
    verdicts: list[Verdict]
    shares: list[Share]


def decide(candidates: Sequence[Candidate], policy: Policy) -> Decision:
    """Give the line to the sound claims of the kind that comes first, or of the kinds that the policy divides it among.

    Several claims of a kind divide its part by their own shares, exactly. What was claimed and accepted comes first,
    with its share; the others divide the rest as they would the whole. Losers are `outranked`, or carry their own flaw;
    who wins by one claim has not lost by another (`same_guide`).
    """
    sound = [candidate for candidate in candidates if candidate.flaw is None]
    claimed = next((candidate for candidate in sound if candidate.kind == "claim"), None)
    parts = _parts({candidate.kind for candidate in sound}, policy)
    sellers = list(_shares("seller", _with_claim(_weights(sound, parts), claimed)))
    verdicts = [Verdict(candidate, _reason(candidate, parts, sellers)) for candidate in candidates]
    shares = [*sellers, *_by_role(sound, claimed)]
    if claimed or parts:
        return Decision("claim" if claimed else next(iter(parts)), verdicts, shares)
    return Decision("none_qualified" if candidates else "no_candidate", verdicts, [])


def _parts(kinds: set[str], policy: Policy) -> dict[str, int]:
    """What of the sale goes to which kinds."""
    for split in policy.splits:
        if kinds.issuperset(part.kind for part in split):
            return {part.kind: part.share_bp for part in split}
    first = next((kind for kind in policy.precedence if kind in kinds), None)
    return {first: WHOLE_BP} if first else {}


def _weights(sound: Iterable[Candidate], parts: Mapping[str, int]) -> dict[tuple[str, UUID], int]:
    """Whose part of the sale is how large, by staff number and id; they are a whole."""
    found: dict[tuple[str, UUID], int] = defaultdict(int)
    sorted_ = sorted(sound, key=lambda one: one.staff_no)
    for kind, part in parts.items():
        own = [candidate for candidate in sorted_ if candidate.kind == kind]
        for candidate, share in zip(own, split_by_weight(part, [_weight(one) for one in own]), strict=True):
            found[candidate.staff_no, candidate.guide_id] += share
    return found


def _with_claim(weights: Mapping[tuple[str, UUID], int], claimed: Candidate | None) -> Mapping[tuple[str, UUID], int]:
    """The weights after an accepted claim took its share, or all where nobody else has any."""
    if claimed is None:
        return weights
    share = WHOLE_BP if claimed.share_bp is None or not weights else claimed.share_bp
    ordered = sorted(weights)
    rest = split_by_weight(WHOLE_BP - share, [weights[key] for key in ordered]) if ordered else []
    found = dict(zip(ordered, rest, strict=True))
    mine = (claimed.staff_no, claimed.guide_id)
    return {**found, mine: found.get(mine, 0) + share}


def _weight(candidate: Candidate) -> int:
    return 1 if candidate.share_bp is None else candidate.share_bp


def _shares(role: str, weights: Mapping[tuple[str, UUID], int]) -> Iterator[Share]:
    given = [(guide_id, share_bp) for (_, guide_id), share_bp in sorted(weights.items()) if share_bp]
    for place, (guide_id, share_bp) in enumerate(given, start=1):
        yield Share(role, "guide", guide_id, place, share_bp)


def _by_role(sound: Sequence[Candidate], claimed: Candidate | None) -> Iterator[Share]:
    """Everybody with a sound claim is credited in its role, whoever the sale counts for; an accepted claim served."""
    kinds = {candidate.kind for candidate in sound}
    for kind, role in ROLES.items():
        weights = _weights(sound, {kind: WHOLE_BP} if kind in kinds else {})
        yield from _shares(role, _with_claim(weights, claimed if kind == "serving" else None))


def _reason(candidate: Candidate, parts: Mapping[str, int], sellers: Sequence[Share]) -> str:
    if candidate.flaw is not None:
        return candidate.flaw
    sells = any(one.beneficiary_id == candidate.guide_id for one in sellers)
    if candidate.kind not in (*parts, "claim") or not sells:
        return "same_guide" if sells else "outranked"
    if len(sellers) <= 1:
        return "won"
    return "equal_share" if len({one.share_bp for one in sellers}) == 1 else "shared"


def of_stores(*, home: UUID | None, ordering: UUID, fulfilling: UUID) -> Iterator[Share]:
    """What stores are credited with: the customer's own, where it was ordered, and where it was handed over."""
    named = {"home_store": home, "ordering_store": ordering, "fulfilling_store": fulfilling}
    for role, store_id in named.items():
        if store_id is not None:
            yield Share(role, "store", store_id, 1, WHOLE_BP)


def of_recruiter(guide_id: UUID) -> Share:
    """What who was the first to win the customer is credited with."""
    return Share("recruiting", "guide", guide_id, 1, WHOLE_BP)


def still_recruits(since: datetime, *, ordered_at: datetime, policy: Policy) -> bool:
    """Whether an order comes soon enough after a customer was won for the recruiting guide to be credited."""
    return policy.recruiting_days is None or ordered_at - since <= timedelta(days=policy.recruiting_days)


def split_among(amount_fen: int, shares: Sequence[Share]) -> list[int]:
    """An amount divided exactly among those who share a role, by largest remainder, in the order of their places."""
    return split_fen(amount_fen, [one.share_bp for one in sorted(shares, key=lambda one: one.place)])


def flaw_of_share(
    *, touched_at: datetime, by_person: bool, ordered_at: datetime, channel: str, policy: Policy
) -> str | None:
    """Why a shared link earns nothing: nothing shows that a person opened it, or it was opened later than the order.

    Or it was last opened longer before the order than the policy's window for the channel.
    """
    if not by_person:
        return "no_human_sign"
    if touched_at > ordered_at:
        return "touched_later"
    window = timedelta(days=policy.share_windows.get(channel, policy.share_window_days))
    return "window_expired" if ordered_at - touched_at > window else None


class BindingSpan(NamedTuple):
    """That a customer was a guide's own, from `bound_at` until `ended_at`."""

    guide_id: UUID
    bound_at: datetime
    ended_at: datetime | None
    confirmed_at: datetime | None


def flaws_of_bindings(bindings: Sequence[BindingSpan], *, ordered_at: datetime, policy: Policy) -> list[str | None]:
    """Why each binding of a customer, the oldest first, earns nothing, or None; at most one is sound.

    It was not in force when it was ordered, or it was the guide's own word by then. Within the protection period the
    guide who had the customer before keeps the claim, and the new one is `protected_from`.
    """
    flaws = [_flaw_of_binding(bound, ordered_at=ordered_at) for bound in bindings]
    place = next((place for place, flaw in enumerate(flaws) if flaw is None), 0)
    if place and _is_protected(bindings[place - 1], bindings[place], ordered_at=ordered_at, policy=policy):
        flaws[place - 1], flaws[place] = None, "protected_from"
    return flaws


def _is_protected(before: BindingSpan, after: BindingSpan, *, ordered_at: datetime, policy: Policy) -> bool:
    if before.ended_at is None or before.confirmed_at is None or before.guide_id == after.guide_id:
        return False
    return before.confirmed_at < before.ended_at and ordered_at - before.ended_at < timedelta(policy.protection_days)


def _flaw_of_binding(bound: BindingSpan, *, ordered_at: datetime) -> str | None:
    if not (bound.bound_at <= ordered_at and (bound.ended_at is None or ordered_at < bound.ended_at)):
        return "not_bound"
    return None if bound.confirmed_at is not None and bound.confirmed_at <= ordered_at else "unconfirmed"


def flaw_of_person(*, hired_on: date, left_on: date | None, day: date) -> str | None:
    """Why a person earns nothing on a business day: they were not employed."""
    return None if hired_on <= day and (left_on is None or day <= left_on) else "not_employed"
