"""How many of what a chain has, and the ids by which its made-up rows find each other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from kit import clock

ZONES_PER_CHAIN = 4
REGIONS_PER_ZONE = 10
STORES_PER_REGION = 500
GUIDES_PER_STORE = 5
CUSTOMERS_PER_STORE = 100
PRODUCTS_PER_STORE = 12.5
SKUS_PER_PRODUCT = 4
ORDERS_PER_STORE = 75
LINES_PER_ORDER = 2
FORWARDS_PER_STORE = 50
TOUCHES_PER_FORWARD = 3
PLANS_PER_STORE = 10
FOLLOW_UPS_PER_STORE = 25
AUDITED_PER_STORE = 50
CONTENTS_PER_STORE = 0.1
DAYS = 60
# Prime, so that neighbours in time are of stores far apart.
STRIDE = 7919


class Happening(NamedTuple):
    """The `number`-th of some kind of facts: at which store, the how-manieth there, and when."""

    number: int
    store: int
    turn: int
    at: datetime

    @property
    def guide(self) -> int:
        """Whose it is."""
        return self.store * GUIDES_PER_STORE + self.turn % GUIDES_PER_STORE

    @property
    def day(self) -> date:
        """Its business day; the made-up stores are open where it is the same day as in UTC."""
        return self.at.date()


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain of `zones` of `regions_per_zone` regions of `stores_per_region` stores."""

    zones: int = ZONES_PER_CHAIN
    regions_per_zone: int = REGIONS_PER_ZONE
    stores_per_region: int = STORES_PER_REGION
    today: date

    @classmethod
    def of_scale(cls, scale: float) -> "Chain":
        """The chain of 20,000 stores, smaller by `scale`, with as many regions."""
        return cls(stores_per_region=max(1, round(STORES_PER_REGION * scale)), today=clock.now().date())

    @classmethod
    def small(cls) -> "Chain":
        """A chain as small as the demo's: 12 stores."""
        return replace(cls.of_scale(1), zones=2, regions_per_zone=2, stores_per_region=3)

    @property
    def regions(self) -> int:
        """How many regions it has that have stores."""
        return self.zones * self.regions_per_zone

    @property
    def stores(self) -> int:
        """How many stores it has."""
        return self.regions * self.stores_per_region

    def many(self, per_store: float) -> int:
        """How many there are in all of what a store has so many of."""
        return max(1, round(self.stores * per_store))

    def happenings(self, per_store: int, *, days: int = DAYS) -> Iterator[Happening]:
        """Facts of the last `days`, the oldest first, as many at each store."""
        total = self.many(per_store)
        first = datetime.combine(self.today - timedelta(days=days - 1), datetime.min.time(), UTC)
        for number in range(total):
            moment = number * days * 86_400 // total
            # Between 9 and 15 o'clock in UTC's eyes: 1 to 7 of the day, when Shanghai has the same date.
            at = first + timedelta(days=moment // 86_400, hours=1, seconds=moment % 86_400 // 4)
            yield Happening(number, number * STRIDE % self.stores, number // self.stores, at)

    def customer(self, happening: Happening) -> int:
        """The customer of a fact: one of the store's."""
        turn = happening.turn % CUSTOMERS_PER_STORE
        return turn * self.stores + happening.number % self.stores

    def store_of_customer(self, customer: int) -> int:
        """The store of the `customer`-th customer."""
        return customer * STRIDE % self.stores

    def guide_of_customer(self, customer: int) -> int:
        """The guide of the `customer`-th customer."""
        return self.store_of_customer(customer) * GUIDES_PER_STORE + customer // self.stores % GUIDES_PER_STORE


def made_id(kind: int, number: int) -> str:
    """The id of the `number`-th of a kind of rows: a UUIDv7 in form, and in order."""
    return f"01900000-{kind:04x}-7000-8000-{number:012x}"


(
    REGION, STORE, GUIDE, MANAGER, SOURCE, BRAND, CATEGORY, PRODUCT, SKU, CUSTOMER, IDENTITY, BINDING, CONTENT, VERSION,
    FORWARD, ORDER, LINE, PLAN, ASSIGNMENT, SUBMISSION, FOLLOW_UP, ACCOUNT, TRANSACTION, COMMISSION, RULES, CONSENT,
    DECISION, CONTACT, SEGMENT, HEADQUARTERS, PLAN_VERSION, OCCURRENCE,
) = range(1, 33)  # fmt: skip
