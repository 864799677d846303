"""All reads of the customers room."""

from customers.queries.bindings import (
    Bound,
    Recruit,
    expect_of_stores,
    find_bindings,
    find_live_binding,
    find_live_bindings,
    find_recruiters,
    get_binding,
    list_bindings,
    list_recruits,
)
from customers.queries.cards import (
    MEMBER_NO,
    cards_of,
    find_customers,
    find_masked_names,
    get_customer,
    get_plain_customer,
    masked_profile_name,
)
from customers.queries.consents import has_declined, list_consents
from customers.queries.duplicates import list_duplicates, list_merges
from customers.queries.exports import export_person, find_same
from customers.queries.lists import CustomerFilter, find_in_sight
from customers.queries.locks import lock_people, lock_person
from customers.queries.people import (
    find_customer,
    find_customer_ids,
    find_identity_id,
    find_identity_owners,
    find_name,
    find_store_id,
    hold_customer,
    list_channel_ids,
    list_identities,
    lock_customer,
)
from customers.queries.policies import get_policy, get_versioned_policy
from customers.queries.quiet import get_quiet_hours
from customers.queries.reveals import find_reveal_at, is_named_in
from customers.queries.search import TooManyCustomers, find_all, find_meant
from customers.queries.sight import CustomerNotFound, find_people, get_person, is_among_seen, sees_asked, sees_customer
from customers.queries.tags import find_tag_origins, find_tags, list_tag_history
from customers.queries.transfers import get_transfer, list_transfers

__all__ = [
    "MEMBER_NO",
    "Bound",
    "CustomerFilter",
    "CustomerNotFound",
    "Recruit",
    "TooManyCustomers",
    "cards_of",
    "expect_of_stores",
    "export_person",
    "find_all",
    "find_bindings",
    "find_customer",
    "find_customer_ids",
    "find_customers",
    "find_identity_id",
    "find_identity_owners",
    "find_in_sight",
    "find_live_binding",
    "find_live_bindings",
    "find_masked_names",
    "find_meant",
    "find_name",
    "find_people",
    "find_recruiters",
    "find_reveal_at",
    "find_same",
    "find_store_id",
    "find_tag_origins",
    "find_tags",
    "get_binding",
    "get_customer",
    "get_person",
    "get_plain_customer",
    "get_policy",
    "get_quiet_hours",
    "get_transfer",
    "get_versioned_policy",
    "has_declined",
    "hold_customer",
    "is_among_seen",
    "is_named_in",
    "list_bindings",
    "list_channel_ids",
    "list_consents",
    "list_duplicates",
    "list_identities",
    "list_merges",
    "list_recruits",
    "list_tag_history",
    "list_transfers",
    "lock_customer",
    "lock_people",
    "lock_person",
    "masked_profile_name",
    "sees_asked",
    "sees_customer",
]
