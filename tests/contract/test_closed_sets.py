"""Where only some words are possible, the document says which."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import CheckConstraint

from guideapi.app import GuideApp
from kit.db import Base
from models.commissions import ACCOUNT_KINDS
from tests.client import document

# `code` is what the chain calls a store or a person as well as what a program says; `identities` are ids, too.
AMBIGUOUS = {"code", "identities"}
# Words that one place chooses from a few, and another place takes as they come.
OPEN = {
    "OrderOut.channel": "as tills name it",
    "OrderRowOut.channel": "as tills name it",
    "OrderItem.channel": "as tills name it",
    "RefundOut.reason": "a source's words",
    "OrderDetailsOut.channel": "as tills name it",
    **{f"Placement{kind}.reason": "as headquarters writes it" for kind in ("In", "Out", "Patch", "EndIn")},
    "CorrectionOut.reason": "as headquarters writes it",
    **{f"{kind}Out.reason": "as headquarters writes it" for kind in ("SettlementStep", "Statement", "StatementDetail")},
    "StatementDecisionIn.reason": "as headquarters writes it",
    "ShelfEventOut.reason": "as sources say it",
    "DecisionIn.reason": "as managers write it",
    **{f"Task{kind}.reason": "as people write it" for kind in ("CommandIn", "Out", "DetailOut", "ShareOut", "StepOut")},
    "OutboxTaskCommandIn.reason": "as people write it",
    **{f"Outbox{kind}In.after": "ids" for kind in ("Confirmation", "FollowUp", "Forward", "Release", "TaskCommand")},
    "TargetChangeOut.reason": "as managers write it",
    "TargetIn.reason": "as managers write it",
    "TargetPatch.reason": "as managers write it",
    "TransferIn.reason": "as managers write it",
    "TransferOut.reason": "as managers write it",
    "WithdrawalIn.reason": "as editors write it",
}


def strings(app: GuideApp) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every field of words: its schema, its name, and what the document says of one word."""
    for schema, shape in document(app)["components"]["schemas"].items():
        for name, field in shape.get("properties", {}).items():
            one = field.get("items", field)
            kinds = one.get("type", ())
            if "string" in ([kinds] if isinstance(kinds, str) else kinds):
                yield schema, name, one


def checked_words() -> dict[str, list[set[str]]]:
    """By the name of a column: the words that the database takes there."""
    found = defaultdict(list)
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                said = re.fullmatch(r"(\w+) IN \((.*)\)", str(constraint.sqltext))
                if said:
                    found[said[1]].append(set(re.findall(r"'(\w+)'", said[2])))
    # A table that says its words in its ids, and ledger accounts, which nobody sees.
    del found["id"]
    found["kind"].remove(set(ACCOUNT_KINDS))
    return found


def test_what_the_database_takes_from_a_list_is_a_list_in_the_document(app: GuideApp) -> None:
    columns = checked_words()
    assert {"state", "kind", "channel", "shelf_status", "stage"} <= columns.keys()
    open_ = {f"{schema}.{name}" for schema, name, one in strings(app) if name in columns and "enum" not in one}
    assert {name for name in open_ if name.split(".")[0].endswith("Out")} <= OPEN.keys()


def test_the_words_are_those_of_the_database(app: GuideApp) -> None:
    shown = defaultdict(list)
    for _, name, one in strings(app):
        shown[name].append(set(one.get("enum", ())) - {None})
    missing = {
        (name, *sorted(words))
        for name, sets in checked_words().items()
        for words in sets
        if name in shown and not any(words <= listed for listed in shown[name])
    }
    assert missing == set()


def test_a_name_that_is_closed_in_one_place_is_closed_everywhere(app: GuideApp) -> None:
    closed = {name for _, name, one in strings(app) if "enum" in one}
    open_ = {
        f"{schema}.{name}" for schema, name, one in strings(app) if name in closed - AMBIGUOUS and "enum" not in one
    }
    assert {"roles", "outcome", "kind", "mode"} <= closed
    assert open_ == OPEN.keys()
