"""The chain's settings about customers, as they are now."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import text

from customers.rules.policies import BindingPolicy, ContactPolicy
from kit.db import fetch_one

Policy = TypeVar("Policy", ContactPolicy, BindingPolicy)

FIND = text("SELECT settings, version FROM customer_policy WHERE id = :id")
IDS: dict[type[Any], str] = {ContactPolicy: "contact", BindingPolicy: "binding"}


def get_policy(kind: type[Policy]) -> Policy:
    """The settings of a kind; what nobody has set is as its class says."""
    return get_versioned_policy(kind)[0]


def get_versioned_policy(kind: type[Policy]) -> tuple[Policy, int]:
    """The settings of a kind and their version, which is 1 as long as nobody has set any."""
    row = fetch_one(FIND, {"id": IDS[kind]})
    return (kind(), 1) if row is None else (msgspec.convert(row["settings"], kind), row["version"])
