"""Who is asking, and how far their sight reaches."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Reach(StrEnum):
    """The widest set of rows a principal may see."""

    SELF = "self"
    STORE = "store"
    REGION = "region"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """One authenticated caller: a member of staff, or an integrator's API key."""

    id: UUID
    kind: str  # "staff" or "integrator"
    name: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    reach: Reach = Reach.SELF
    store_id: UUID | None = None  # home store
    region_id: UUID | None = None  # the subtree a regional manager sees
    # Held, but of no use until a second factor was shown in this sign-in.
    withheld: frozenset[str] = frozenset()
    verified: bool = False  # a second factor was shown in this sign-in
    session_id: UUID | None = None  # the sign-in they act through
    cover_store_ids: tuple[UUID, ...] = ()  # other stores where they cover today

    @property
    def store_ids(self) -> tuple[UUID, ...]:
        """The stores they serve today: the home store first, then those they cover."""
        return (*([self.store_id] if self.store_id else []), *self.cover_store_ids)

    def has_any(self, roles: frozenset[str]) -> bool:
        """Whether one of `roles` is held."""
        return not self.roles.isdisjoint(roles)
