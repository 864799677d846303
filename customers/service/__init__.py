"""Who is served, and whose they are."""

from customers.service.bindings import (
    BindingProtected,
    Receipt,
    Wanted,
    bind_at_till,
    bind_by_hand,
    bind_customer,
    bind_member,
)
from customers.service.consents import ConsentOriginNotYours, Proof, merge_consents, record_consents
from customers.service.contacts import (
    ChannelState,
    Checked,
    Reserved,
    check_channels,
    check_contacts,
    count_sent,
    release_contacts,
    reserve_contacts,
)
from customers.service.erasures import erase_customer, erase_people
from customers.service.forgetting import forget_consents, forget_contacts
from customers.service.identities import add_identity, read_identities, remove_identity
from customers.service.imports import import_customers
from customers.service.members import ensure_customers
from customers.service.merges import merge_customers
from customers.service.policies import set_policy
from customers.service.profiles import change_customer, create_customer
from customers.service.quiet import set_quiet_hours
from customers.service.reveals import name_in_message, reveal_customer
from customers.service.rotation import RESEALED, reseal_customers
from customers.service.tags import add_tags, change_tags
from customers.service.transfers import (
    TransferLimit,
    complete_transfers,
    refuse_transfer,
    transfer_batch,
    transfer_customer,
)

__all__ = [
    "RESEALED",
    "BindingProtected",
    "ChannelState",
    "Checked",
    "ConsentOriginNotYours",
    "Proof",
    "Receipt",
    "Reserved",
    "TransferLimit",
    "Wanted",
    "add_identity",
    "add_tags",
    "bind_at_till",
    "bind_by_hand",
    "bind_customer",
    "bind_member",
    "change_customer",
    "change_tags",
    "check_channels",
    "check_contacts",
    "complete_transfers",
    "count_sent",
    "create_customer",
    "ensure_customers",
    "erase_customer",
    "erase_people",
    "forget_consents",
    "forget_contacts",
    "import_customers",
    "merge_consents",
    "merge_customers",
    "name_in_message",
    "read_identities",
    "record_consents",
    "refuse_transfer",
    "release_contacts",
    "remove_identity",
    "reseal_customers",
    "reserve_contacts",
    "reveal_customer",
    "set_policy",
    "set_quiet_hours",
    "transfer_batch",
    "transfer_customer",
]
