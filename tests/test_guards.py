"""What the database refuses, against the list that people read: tests/guards.md; each trigger is tried once."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import Consent, Customer, PlanAcknowledgement, Staff, Store
from models.guards import FOLDER, guard_sql
from tests import make

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype = ANY (:kinds) AND conparentid = 0
  -- Partitions have the constraints of the whole.
  AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = conrelid)
"""
UNIQUE_INDEXES = """
SELECT i.indrelid::regclass::text, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE NOT tgisinternal AND tgparentid = 0 AND c.relnamespace = 'public'::regnamespace
  AND (NOT c.relispartition OR pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
"""

# Statements that only the trigger refuses; what else a statement meets does not count.
BREAKING = {
    ("audit_entry", "append_only"): ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"),
    ("audit_entry", "not_emptied"): ("TRUNCATE audit_entry",),
    ("audit_entry_rest", "not_emptied"): ("TRUNCATE audit_entry_rest",),
    ("consent", "frozen"): ("UPDATE consent SET granted = NOT granted", "DELETE FROM consent"),
    ("consent", "not_emptied"): ("TRUNCATE consent",),
    ("contact", "frozen"): (
        "UPDATE contact SET channel = 'call'",
        "UPDATE contact SET sent_at = sent_at + interval '1 hour'",
        "DELETE FROM contact",
    ),
    ("contact", "not_emptied"): ("TRUNCATE contact",),
    ("attribution_decision", "append_only"): (
        "UPDATE attribution_decision SET reason = 'share'",
        "DELETE FROM attribution_decision",
    ),
    ("credit", "append_only"): ("UPDATE credit SET place = 9", "DELETE FROM credit", "TRUNCATE credit"),
    ("credit_claim", "frozen"): ("UPDATE credit_claim SET evidence = 'x'", "DELETE FROM credit_claim"),
    ("credit_claim", "not_emptied"): ("TRUNCATE credit_claim",),
    ("credit", "whole"): (
        "INSERT INTO credit SELECT decision_id, 'sharing', beneficiary_id, 'guide', 1, 9999, line_id, decided_at"
        " FROM credit WHERE role = 'seller'",
        "INSERT INTO credit SELECT decision_id, 'seller', line_id, 'guide', 2, 1, line_id, decided_at"
        " FROM credit WHERE role = 'seller'",
        "INSERT INTO credit SELECT decision_id, 'sharing', beneficiary_id, 'guide', 1, 10000, decision_id, decided_at"
        " FROM credit WHERE role = 'seller'",
    ),
    ("attribution_policy", "frozen"): (
        "UPDATE attribution_policy SET number = 9",
        "DELETE FROM attribution_policy",
    ),
    ("content", "moves"): ("UPDATE content SET state = 'in_review'",),
    ("content_product", "frozen"): (
        "INSERT INTO content_product SELECT content_version_id, 9, product_id FROM content_product",
        "UPDATE content_product SET position = 9",
        "DELETE FROM content_product",
    ),
    ("content_product", "not_emptied"): ("TRUNCATE content_product",),
    ("content_version", "frozen"): ("UPDATE content_version SET title = 'x'", "DELETE FROM content_version"),
    ("follow_up", "append_only"): (
        "UPDATE follow_up SET outcome = 'bought'",
        "DELETE FROM follow_up",
        "TRUNCATE follow_up",
    ),
    ("ledger_entry", "accounts"): (
        """INSERT INTO ledger_entry (transaction_id, debit_account_id, credit_account_id, amount_fen, signed_fen,
             currency, order_line_id, guide_id, store_id, plan_version_id, rule_no, sequence, business_day)
           SELECT transaction_id, debit_account_id, credit_account_id, 1, 1, 'USD', order_line_id, guide_id, store_id,
             plan_version_id, rule_no, sequence + 1, business_day FROM ledger_entry""",
    ),
    ("ledger_entry", "append_only"): (
        "UPDATE ledger_entry SET amount_fen = 1",
        "DELETE FROM ledger_entry",
    ),
    ("ledger_transaction", "append_only"): (
        "UPDATE ledger_transaction SET order_revision = 9",
        "DELETE FROM ledger_transaction",
    ),
    ("ledger_entry", "open_days"): (
        """INSERT INTO ledger_entry (transaction_id, debit_account_id, credit_account_id, amount_fen, signed_fen,
             currency, order_line_id, guide_id, store_id, plan_version_id, rule_no, sequence, business_day)
           SELECT transaction_id, debit_account_id, credit_account_id, amount_fen, signed_fen, currency, order_line_id,
             guide_id, store_id, plan_version_id, rule_no, sequence + 1, '2020-01-31' FROM ledger_entry""",
    ),
    ("pay_period", "in_turn"): (
        "UPDATE pay_period SET last_day = last_day - 1",
        "DELETE FROM pay_period WHERE state = 'approved'",
        # Statements of it are in review.
        "UPDATE pay_period SET state = 'approved' WHERE state = 'in_review'",
    ),
    ("pay_period", "moves"): ("UPDATE pay_period SET state = 'open'",),
    ("placement_correction", "append_only"): (
        "UPDATE placement_correction SET reason = 'x'",
        "DELETE FROM placement_correction",
        "TRUNCATE placement_correction",
    ),
    ("plan_acknowledgement", "append_only"): (
        "UPDATE plan_acknowledgement SET acknowledged_at = acknowledged_at + interval '1 day'",
        "DELETE FROM plan_acknowledgement",
        "TRUNCATE plan_acknowledgement",
    ),
    ("plan_version", "frozen"): ("UPDATE plan_version SET rules = '[]'", "DELETE FROM plan_version"),
    ("settlement_step", "append_only"): (
        "UPDATE settlement_step SET reason = 'x'",
        "DELETE FROM settlement_step",
        "TRUNCATE settlement_step",
    ),
    ("settlement_step", "two_people"): (
        """INSERT INTO settlement_step (settlement_id, statement_id, command, state, taken_by, taken_at)
           SELECT settlement_id, id, 'approve', 'approved', guide_id, now() FROM statement""",
        """INSERT INTO settlement_step (settlement_id, statement_id, command, state, taken_by, taken_at)
           SELECT settlement_id, s.id, 'approve', 'approved', c.taken_by, now()
           FROM statement s JOIN settlement_step c USING (settlement_id) WHERE c.command = 'close'""",
    ),
    ("statement", "frozen"): (
        "UPDATE statement SET accrued_fen = accrued_fen + 1, payable_fen = payable_fen + 1 WHERE state = 'approved'",
        "UPDATE statement SET currency = 'USD'",
        "DELETE FROM statement WHERE state = 'approved'",
    ),
    ("statement", "moves"): ("UPDATE statement SET state = 'in_review' WHERE state = 'approved'",),
    ("statement_entry", "append_only"): (
        "UPDATE statement_entry SET entry_id = entry_id",
        "DELETE FROM statement_entry",
        "TRUNCATE statement_entry",
    ),
    ("statement_entry", "belongs"): (
        """INSERT INTO statement_entry SELECT e.id, s.id FROM ledger_entry e, statement s
           WHERE s.state = 'approved' AND e.id NOT IN (SELECT entry_id FROM statement_entry)""",
    ),
    ("shelf_event", "append_only"): (
        "UPDATE shelf_event SET reason = 'x'",
        "DELETE FROM shelf_event",
        "TRUNCATE shelf_event",
    ),
    ("staff", "keep_an_admin_changed"): (
        "UPDATE staff SET left_on = current_date WHERE 'hq_admin' = ANY (roles)",
        "UPDATE staff SET roles = ARRAY['auditor'] WHERE 'hq_admin' = ANY (roles)",
    ),
    ("staff", "keep_an_admin_deleted"): ("DELETE FROM staff WHERE 'hq_admin' = ANY (roles)",),
    ("assignment", "moves"): ("UPDATE assignment SET state = 'approved'",),
    ("assignment_event", "append_only"): ("UPDATE assignment_event SET command = 'x'", "DELETE FROM assignment_event"),
    ("assignment", "not_emptied"): ("TRUNCATE assignment",),
    ("assignment_default", "not_emptied"): ("TRUNCATE assignment_default",),
    ("assignment_event", "not_emptied"): ("TRUNCATE assignment_event",),
    ("task_occurrence", "not_emptied"): ("TRUNCATE task_occurrence",),
    ("task_occurrence_default", "not_emptied"): ("TRUNCATE task_occurrence_default",),
    ("assignment_event_default", "not_emptied"): ("TRUNCATE assignment_event_default",),
    ("task_plan", "moves"): ("UPDATE task_plan SET state = 'draft'",),
    ("task_plan_version", "append_only"): ("UPDATE task_plan_version SET title = 'x'",),
    ("submission", "append_only"): (
        "UPDATE submission SET note = 'x'",
        "DELETE FROM submission",
        "TRUNCATE submission",
    ),
    ("sync_run", "moves"): ("UPDATE sync_run SET state = 'done'",),
    ("target", "moves"): ("UPDATE target SET state = 'returned', proposed_amount = amount, amount = NULL",),
    ("target_change", "append_only"): (
        "UPDATE target_change SET amount = 1",
        "DELETE FROM target_change",
        "TRUNCATE target_change",
    ),
    ("forward", "append_only"): ("UPDATE forward SET channel = 'link'", "DELETE FROM forward"),
    ("forward", "not_emptied"): ("TRUNCATE forward",),
    ("forward_default", "not_emptied"): ("TRUNCATE forward_default",),
    ("forward_text", "append_only"): ("UPDATE forward_text SET shown = '{}'", "DELETE FROM forward_text"),
    ("forward_text", "not_emptied"): ("TRUNCATE forward_text",),
    ("forward_text_default", "not_emptied"): ("TRUNCATE forward_text_default",),
    ("roster_day", "not_emptied"): ("TRUNCATE roster_day",),
    ("roster_day_default", "not_emptied"): ("TRUNCATE roster_day_default",),
    ("touch", "append_only"): ("UPDATE touch SET counted = false", "DELETE FROM touch"),
    ("touch", "not_emptied"): ("TRUNCATE touch",),
    ("touch_default", "not_emptied"): ("TRUNCATE touch_default",),
    ("webhook_delivery", "moves"): ("UPDATE webhook_delivery SET state = 'dead'",),
}
REFUSED = psycopg.errors.IntegrityConstraintViolation


def read_list() -> dict[str, list[tuple[str, str]]]:
    """(table, guard) by the heading under which it stands; a row may name several of both."""
    found: dict[str, list[tuple[str, str]]] = {}
    heading = ""
    for line in (Path(__file__).parent / "guards.md").read_text().splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("| `"):
            tables, guards = (re.findall(r"`(\w+)`", cell) for cell in line.split("|")[1:3])
            found.setdefault(heading, []).extend((table, guard) for table in tables for guard in guards)
    return found


LISTED = read_list()


@pytest.fixture
def catalog(app: GuideApp) -> Iterator[Connection]:
    with db.engine.connect() as connection:
        yield connection


def found(connection: Connection, query: str, **parameters: object) -> list[tuple[str, str]]:
    return sorted((table, name) for table, name in connection.execute(text(query), parameters))


def test_every_trigger_is_listed(catalog: Connection) -> None:
    listed = LISTED["Triggers that refuse"] + LISTED["Triggers that write"]
    assert sorted(listed) == found(catalog, TRIGGERS)


def test_every_constraint_is_listed(catalog: Connection) -> None:
    assert sorted(LISTED["What a row may hold"]) == found(catalog, CONSTRAINTS, kinds=["c", "x"])
    unique = found(catalog, CONSTRAINTS, kinds=["u"]) + found(catalog, UNIQUE_INDEXES)
    assert sorted(LISTED["What there is once"]) == sorted(unique)


def test_every_trigger_that_refuses_is_tried() -> None:
    assert sorted(BREAKING) == sorted(LISTED["Triggers that refuse"])


def test_every_file_of_guards_is_what_the_database_holds(catalog: Connection) -> None:
    """Loading a file once more changes nothing: no migration forgot one, and each can be loaded again."""
    state = text(
        """SELECT md5(string_agg(line, '' ORDER BY line)) FROM (
             SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
             UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
             WHERE pronamespace = 'public'::regnamespace AND prokind = 'f') AS defined (line)"""
    )
    before = catalog.scalar(state)
    for name in sorted(path.stem for path in FOLDER.glob("*.sql")):
        catalog.execute(text(guard_sql(name)))
        assert catalog.scalar(state) == before, name
    catalog.rollback()


@pytest.fixture
def world(guide: Staff, manager: Staff) -> None:
    """A row of everything that a trigger guards."""
    make.staff(roles=["hq_admin"])
    version = make.plan_version({"rate_bp": 1_000})
    make.save(PlanAcknowledgement(version_id=version.id, staff_id=guide.id, acknowledged_at=clock.now()))
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    make.post_all()
    make.claim(guide=guide)
    make.attribution_policy()
    with unit_of_work():
        db.session.execute(
            text("UPDATE attribution_policy SET approved_by = :by, approved_at = now()"), {"by": guide.id}
        )
    make.statement(guide)
    make.statement(make.guide(), state="approved")
    # One more entry, which is on no statement.
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    make.post_all()
    make.pay_period(date(2020, 1, 1), date(2020, 1, 31), state="approved")
    made = make.content(products=[make.product().id])
    make.touch(make.forward(guide=guide, of=made))
    make.follow_up(guide=guide)
    customer_id = db.session.scalars(select(Customer.id)).first()
    assert customer_id
    now = clock.now()
    make.contact(customer_id, guide=guide, at=now - timedelta(days=1))
    make.save(
        Consent(
            customer_id=customer_id,
            channel="sms",
            granted=True,
            given_at=now,
            origin="form",
            recorder_kind="staff",
            recorder_id=guide.id,
        )
    )
    make.task_plan(by=manager)
    make.target(store=db.session.get_one(Store, guide.store_id), month=date(2026, 1, 1), amount=100)
    task_id = db.session.execute(text("SELECT id FROM assignment")).scalars().first()
    make.task_command(task_id, "submit", by=guide, note="好了")
    make.move(make.guide(), to=make.store(), day=date(2025, 1, 1))
    make.sync_run()
    make.delivery(state="delivered")
    db.session.rollback()


def test_triggers_refuse_what_the_list_says(world: None) -> None:
    for (table, trigger), statements in BREAKING.items():
        for statement in statements:
            with db.engine.connect() as connection:
                assert refuses(connection, statement), f"{trigger} of {table} lets pass: {statement}"
                connection.rollback()
                disable(connection, table, trigger)
                assert not refuses(connection, statement), f"another than {trigger} of {table} refuses: {statement}"
                connection.rollback()


def refuses(connection: Connection, statement: str) -> bool:
    """Whether a trigger of ours does; a row must be there for it to look at."""
    try:
        result = connection.execute(text(statement))
    except DBAPIError as error:
        return isinstance(error.orig, REFUSED)
    assert result.rowcount != 0, f"nothing there to refuse: {statement}"
    return False


def disable(connection: Connection, table: str, trigger: str) -> None:
    """Here and in the partitions that have their own."""
    same = text(
        """SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = :trigger AND tgparentid = 0
           AND (tgrelid = CAST(:table AS regclass)
                OR tgrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = CAST(:table AS regclass)))"""
    )
    for name in connection.scalars(same, {"table": table, "trigger": trigger}).all():
        connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}"))


def test_every_month_refuses_to_be_emptied(catalog: Connection) -> None:
    without = text(
        """SELECT inhrelid::regclass::text FROM pg_inherits
           WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table)
             AND (SELECT relkind FROM pg_class WHERE oid = inhrelid) = 'r'
             AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = inhrelid AND tgname = 'not_emptied')"""
    )
    assert catalog.scalars(without).all() == []
