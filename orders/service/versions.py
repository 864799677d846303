"""Which of the versions in a batch are taken: as if they came one by one, oldest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from kit.versions import stale_outcome
from kit.words import Said
from orders.queries import matching

Outcome = dict[str, Any]


class Versioned(Protocol):
    """An order or a refund as its source sends it."""

    @property
    def external_id(self) -> str:
        """What its source calls it."""

    @property
    def version(self) -> int:
        """It grows with every change."""


Sent = TypeVar("Sent", bound=Versioned)
Numbered = tuple[int, Sent]


@dataclass(frozen=True, kw_only=True)
class Judge(Generic[Sent]):
    """How things of a kind are judged: by what they say, what speaks against them, and their currency."""

    digest: Callable[[Sent], int]
    why_rejected: Callable[[Sent, str | None], Said | None]  # with the currency in which it is held
    currency: Callable[[Sent], str]
    reused: Callable[[int], Said]  # what is said of another content under the same version


def choose(
    items: Sequence[Numbered[Sent]], held: Mapping[str, matching.Held], judge: Judge[Sent]
) -> tuple[list[Numbered[Sent]], list[Outcome]]:
    """The newest sound version of each that is newer than what is held, and outcomes for the others."""
    chosen: dict[str, Numbered[Sent]] = {}
    currencies = {external_id: one.currency for external_id, one in held.items()}
    outcomes: list[Outcome] = []
    for index, item in sorted(items, key=lambda numbered: (numbered[1].version, numbered[0])):
        before, earlier = held.get(item.external_id), chosen.get(item.external_id)
        if before and item.version <= before.version:
            outcomes.append(known(index, item, version=before.version, digest=before.digest, judge=judge))
        elif earlier and earlier[1].version == item.version:
            outcomes.append(known(index, item, version=item.version, digest=judge.digest(earlier[1]), judge=judge))
        elif refusal := judge.why_rejected(item, currencies.get(item.external_id)):
            outcomes.append(_rejected(index, item, refusal))
        else:
            if earlier:
                outcomes.append(known(*earlier, version=item.version, digest=None, judge=judge))
            chosen[item.external_id] = (index, item)
            currencies[item.external_id] = judge.currency(item)
    return list(chosen.values()), outcomes


def known(index: int, item: Sent, *, version: int, digest: int | None, judge: Judge[Sent]) -> Outcome:
    """What becomes of an item that is no newer than what is held; without a digest, what was said then is not known."""
    if item.version < version:
        return outcome(index, item, "stale", **stale_outcome("older_version", held=version, sent=item.version))
    if digest is None or digest == judge.digest(item):
        return outcome(index, item, "unchanged")
    return _rejected(index, item, judge.reused(version))


def outcome(index: int, item: Versioned, word: str, **why: Any) -> Outcome:
    """What became of one item of a batch."""
    return {"index": index, "external_id": item.external_id, "outcome": word, **why}


def _rejected(index: int, item: Versioned, refusal: Said) -> Outcome:
    return outcome(index, item, "rejected", code=refusal.code, detail=refusal)
