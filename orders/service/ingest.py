"""Take a batch of orders in, with a fixed number of statements however many orders it holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from catalog import queries as catalog
from customers.service import Receipt, bind_at_till, ensure_customers
from kit.broken_codes import find_damage
from kit.clock import as_text, business_day
from kit.codes import fold_code, is_code
from kit.ids import new_id
from kit.versions import stale_outcome
from kit.words import Said, say
from orders import rules
from orders.incoming import LineItem, OrderItem, Serving, content_digest
from orders.queries import matching
from orders.service import lines, rows

Numbered = tuple[int, OrderItem]
Outcome = dict[str, Any]


class _References(NamedTuple):
    stores: dict[str, matching.PlaceRef]
    people: dict[str, matching.PersonRef]


def ingest_orders(*, source: str, items: Sequence[Numbered], now: datetime) -> list[Outcome]:
    """One outcome per (index, order) of a source's batch: created, updated, unchanged, stale or rejected.

    An order is known by (source, external_id): the newest sound version is taken, an older one is stale, the same one
    unchanged, or rejected where it says something else. Lines get their attribution at once. Raises SourceNotFound.
    """
    source_id = catalog.get_source(source).id
    held = matching.find_held(source_id, {item.external_id for _, item in items})
    newer, outcomes = _without_known(items, held)
    references = _find_references(item for _, item in newer)
    accepted, passed = _choose(newer, held, references, now=now)
    outcomes += passed
    outcomes += _take(source_id, accepted, references, now=now)
    return sorted(outcomes, key=lambda outcome: int(outcome["index"]))


def _outcome(index: int, item: OrderItem, outcome: str, **why: Any) -> Outcome:
    return {"index": index, "external_id": item.external_id, "outcome": outcome, **why}


def _rejected(index: int, item: OrderItem, refusal: Said) -> Outcome:
    return _outcome(index, item, "rejected", code=refusal.code, detail=refusal)


def _known(index: int, item: OrderItem, *, version: int, digest: int | None) -> Outcome:
    """What becomes of an item that is no newer than what is held; without a digest, what was said then is not known."""
    if item.version < version:
        return _outcome(index, item, "stale", **stale_outcome("older_version", held=version, sent=item.version))
    if digest is None or digest == content_digest(item):
        return _outcome(index, item, "unchanged")
    return _rejected(index, item, say("version_reused.order", version=version))


def _without_known(
    items: Sequence[Numbered], held: Mapping[str, matching.Held]
) -> tuple[list[Numbered], list[Outcome]]:
    """The items that are newer than what we hold, and outcomes for the others."""
    newer: list[Numbered] = []
    outcomes: list[Outcome] = []
    for index, item in items:
        order = held.get(item.external_id)
        if order is None or item.version > order.version:
            newer.append((index, item))
        else:
            outcomes.append(_known(index, item, version=order.version, digest=order.digest))
    return newer, outcomes


def _choose(
    newer: Sequence[Numbered], held: Mapping[str, matching.Held], references: _References, *, now: datetime
) -> tuple[list[Numbered], list[Outcome]]:
    """The newest sound item of each order, and outcomes for the others: as if they came one by one, oldest first."""
    chosen: dict[str, Numbered] = {}
    currencies = {external_id: order.currency for external_id, order in held.items()}
    outcomes: list[Outcome] = []
    for index, item in sorted(newer, key=lambda numbered: (numbered[1].version, numbered[0])):
        earlier = chosen.get(item.external_id)
        if earlier and earlier[1].version == item.version:
            outcomes.append(_known(index, item, version=item.version, digest=content_digest(earlier[1])))
        elif refusal := _why_rejected(item, references, currency=currencies.get(item.external_id), now=now):
            outcomes.append(_rejected(index, item, refusal))
        else:
            if earlier:
                outcomes.append(_known(*earlier, version=item.version, digest=None))
            chosen[item.external_id] = (index, item)
            currencies[item.external_id] = references.stores[fold_code(item.store)].currency
    return list(chosen.values()), outcomes


def _find_references(items: Iterable[OrderItem]) -> _References:
    stores: set[str] = set()
    people: set[str] = set()
    for item in items:
        stores.add(item.store)
        people.update(serving.staff_no for group in _servings(item) for serving in group)
    return _References(matching.find_stores(stores), matching.find_people(people))


def _servings(item: OrderItem) -> Iterator[list[Serving]]:
    yield item.serving
    for line in item.lines:
        if line.serving is not None:
            yield line.serving


def _why_rejected(item: OrderItem, references: _References, *, currency: str | None, now: datetime) -> Said | None:
    for code in (item.external_id, item.member_no or "", *(line.sku for line in item.lines)):
        if damage := find_damage(code):
            return damage
    store = references.stores.get(fold_code(item.store))
    if store is None:
        return say("unknown_store", code=item.store)
    if item.member_no is not None and not is_code(item.member_no):
        return say("bad_member_no")
    if currency and currency != store.currency:
        return say("currency_changed", currency=currency)
    if not rules.is_plausible(item.ordered_at, now=now):
        return say("implausible_time", at=as_text(item.ordered_at))
    for group in _servings(item):
        if problem := rules.why_shares_are_crooked([(serving.staff_no, serving.share_bp) for serving in group]):
            return problem
        for serving in group:
            if fold_code(serving.staff_no) not in references.people:
                return say("unknown_guide", staff_no=serving.staff_no)
    return _why_lines_rejected(item.lines)


def _why_lines_rejected(items: Sequence[LineItem]) -> Said | None:
    if len({line.line_no for line in items}) < len(items):
        return say("duplicate_line")
    for line in items:
        if problem := rules.why_line_is_crooked(
            line_no=line.line_no, quantity=line.quantity, paid=line.paid, tax=line.tax
        ):
            return problem
    return None


def _take(source_id: UUID, accepted: list[Numbered], references: _References, *, now: datetime) -> list[Outcome]:
    if not accepted:
        return []
    items = [item for _, item in accepted]
    customers = _ensure_customers(items, references)
    orders = {item.external_id: _order_row(source_id, item, references, customers, now) for item in items}
    # In one order, so that two batches wait for each other and never in a circle.
    taken = rows.upsert_orders([orders[external_id] for external_id in sorted(orders)])
    lines.write_lines(
        [lines.Receipt(item, orders[item.external_id], taken[item.external_id]) for item in items
         if item.external_id in taken],
        people=references.people,
        now=now,
    )  # fmt: skip
    new = [item for item in items if item.external_id in taken and taken[item.external_id].created]
    served = [_receipt(item, orders, taken, references) for item in new if item.serving and item.member_no]
    bind_at_till(served, now=now)
    # What is missing, another batch brought while we read: the same version, or a newer one.
    overtaken = matching.find_held(source_id, orders.keys() - taken.keys())
    return [
        _known(index, item, version=overtaken[item.external_id].version, digest=overtaken[item.external_id].digest)
        if item.external_id in overtaken
        else _outcome(index, item, "created" if taken[item.external_id].created else "updated")
        for index, item in accepted
    ]


def _ensure_customers(items: Iterable[OrderItem], references: _References) -> dict[str, UUID]:
    """The customers by the key of their member number; who is new is of the store where they bought first."""
    stores: dict[str, UUID] = {}
    for item in sorted(items, key=lambda item: item.ordered_at):
        if item.member_no:
            stores.setdefault(item.member_no, references.stores[fold_code(item.store)].id)
    return ensure_customers(stores)


def _receipt(
    item: OrderItem,
    orders: Mapping[str, rows.OrderRow],
    taken: Mapping[str, rows.Taken],
    references: _References,
) -> Receipt:
    """Who served the customer: of several the one with the largest share, of equal ones the first."""
    first = max(item.serving, key=lambda serving: serving.share_bp)
    order = orders[item.external_id]
    assert order.customer_id
    return Receipt(
        order.customer_id, references.people[fold_code(first.staff_no)].id, order.store_id, taken[item.external_id].id
    )


def _order_row(
    source_id: UUID, item: OrderItem, references: _References, customers: dict[str, UUID], now: datetime
) -> rows.OrderRow:
    store = references.stores[fold_code(item.store)]
    return rows.OrderRow(
        id=new_id(),
        source_id=source_id,
        external_id=item.external_id,
        source_version=item.version,
        content_digest=content_digest(item),
        store_id=store.id,
        customer_id=customers[fold_code(item.member_no)] if item.member_no else None,
        channel=item.channel,
        share_token=item.share_token,
        ordered_at=item.ordered_at,
        business_day=business_day(item.ordered_at, store.time_zone),
        currency=store.currency,
        net_fen=sum(line.paid - line.tax for line in item.lines),
        changed_at=now,
    )
