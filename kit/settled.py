"""Facts in the order in which they may be read on: none is missed, none is told twice.

Ids commit out of order, so rows keep the id of the transaction that wrote them (`transaction_id`). Below the oldest
transaction that still writes, nothing is ever added: who has read up to there has read it all.
"""

HORIZON = "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"


def settled_past(row: str) -> str:
    """SQL: what stands under the name `row` is past (:transaction_id, :id), and settled."""
    return f"({in_order(row)}) > (:transaction_id, :id) AND {row}.transaction_id < {HORIZON}"


def in_order(row: str) -> str:
    """SQL: the columns that rows are read in the order of."""
    return f"{row}.transaction_id, {row}.id"
