"""Who customers are: made once, changed by those who see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from customers import queries
from customers.queries.people import Named
from customers.sealed import PROFILE_FIELDS, seal_profile, unseal_profile
from customers.service.bindings import bind_customer
from customers.service.identities import claim_identities, customer_known, read_identities
from kit.codes import fold_code
from kit.db import db
from kit.errors import Conflict, Forbidden, Invalid
from kit.principal import Principal, Reach
from kit.versions import expect
from kit.words import say
from models import Customer


class MemberNoNotYours(Forbidden):
    """A number given by hand would be another's, when the till comes with it."""

    code = "member_no_not_yours"


class CustomerIdTaken(Conflict):
    """This id stands for another customer."""

    code = "customer_id_taken"


def create_customer(
    *,
    customer_id: UUID,
    profile: Mapping[str, str],
    identities: Sequence[Named],
    member_no: str | None,
    store_code: str | None,
    shared_phone: bool,
    by: Principal,
    now: datetime,
) -> None:
    """Make a customer, who is the guide's own when a guide makes them; the same once more changes nothing.

    Raises CustomerKnown when somebody is known by one of `identities` or by `member_no`, CustomerIdTaken, Invalid, and
    MemberNoNotYours for staff who are not administrators.
    """
    if member_no is not None and by.kind == "staff" and "hq_admin" not in by.roles:
        raise MemberNoNotYours
    named = read_identities(identities)
    row = {
        "id": customer_id,
        "member_no": member_no,
        "store_id": _store_of(store_code, by),
        "origin": by.kind,
        "sealed_profile": seal_profile(customer_id, profile),
        "profile_fields": [field for field in PROFILE_FIELDS if field in profile],
    }
    inserted = insert(Customer).values(row).on_conflict_do_nothing().returning(Customer.id)
    if db.session.scalar(inserted) is None:
        _expect_same(customer_id, profile=profile, named=named, member_no=member_no, by=by)
        return
    claim_identities(named, customer_id=customer_id, shared_phone=shared_phone, by=by)
    if by.reach is Reach.SELF and by.store_id:
        bind_customer(customer_id=customer_id, guide_id=by.id, store_id=by.store_id, reason="hand", by=by, now=now)


def change_customer(
    customer_id: UUID, *, changes: Mapping[str, str | None], expected_version: int, now: datetime
) -> None:
    """Change what is given of a customer's profile, None takes a field away; raises Stale, CustomerNotFound."""
    customer = queries.hold_customer(customer_id)
    expect(customer.version, expected=expected_version)
    merged = {**unseal_profile(customer_id, customer.sealed_profile), **changes}
    store_profile(customer, {field: value for field, value in merged.items() if value is not None}, now=now)


def store_profile(customer: Customer, profile: Mapping[str, str], *, now: datetime) -> None:
    """Let `profile` be all that is known of the customer."""
    customer.sealed_profile = seal_profile(customer.id, profile)
    customer.profile_fields = [field for field in PROFILE_FIELDS if field in profile]
    customer.updated_at = now
    db.session.flush()


def _store_of(store_code: str | None, by: Principal) -> UUID | None:
    if store_code is None:
        return by.store_id
    store_id = queries.find_store_id(store_code, by)
    if store_id is None:
        raise Invalid(errors={"store_code": [say("unknown_code.store")]})
    return store_id


def _expect_same(
    customer_id: UUID, *, profile: Mapping[str, str], named: Sequence[Named], member_no: str | None, by: Principal
) -> None:
    """Refuse unless the customer was made before by the very same request."""
    customer = queries.find_customer(customer_id)
    if customer is None:
        # Somebody has the member number.
        raise customer_known(queries.find_customer_ids([member_no] if member_no else []).values(), by)
    if not queries.find_people([customer_id], by):
        raise CustomerIdTaken  # whether it is the same is none of the caller's business
    owners = queries.find_identity_owners(named)
    same_names = all(customer_id in owners.get(name, set()) for name in named)
    same_profile = unseal_profile(customer_id, customer.sealed_profile) == dict(profile)
    if not (same_names and same_profile and fold_code(customer.member_no or "") == fold_code(member_no or "")):
        raise CustomerIdTaken
