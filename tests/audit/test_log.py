"""Whatever changes what matters is written down by the database, and stays."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from guideapi.app import GuideApp
from kit import audit, clock, jobs
from kit.db import Base, db, unit_of_work
from models import Staff, Store
from tests import make
from tests.client import Client

# Facts that are appended, figures that are derived, what machines write by the million, and the ground's own.
NOT_AUDITED = {
    "assignment_event",
    "attribution",
    "attribution_decision",
    "audit_entry",
    "binding",
    "binding_transfer",
    "brand",
    "category",
    "changes_seen",
    "closed_day",
    "consent",
    "contact",
    "content_product",
    "credit",
    "credit_claim",
    "customer",
    "customer_figures",
    "customer_identity",
    "customer_merge",
    "customer_reveal",
    "customer_tag",
    "dead_letter",
    "device_session",
    "figures_debt",
    "figures_state",
    "follow_up",
    "footfall",
    "forward",
    "forward_confirmation",
    "forward_key",
    "forward_text",
    "guide_day",
    "idempotency_key",
    "image_link",
    "ledger_account",
    "ledger_entry",
    "ledger_transaction",
    "list_change",
    "order_line",
    "order_move",
    "order_posting",
    "order_reject",
    "owed_day",
    "placement_correction",
    "plan_acknowledgement",
    "policy_sweep",
    "posting_settled",
    "product",
    "product_alias",
    "product_image",
    "product_price",
    "product_tag",
    "projected_pay",
    "recovery_code",
    "refund",
    "refund_line",
    "restated_day",
    "roster_day",
    "sales_order",
    "second_factor_grant",
    "settlement_step",
    "shelf_event",
    "sign_in_code",
    "sku",
    "sku_listing",
    "statement_entry",
    "sync_drift",
    "sync_item",
    "sync_reject",
    "sync_run",
    "tagged_product",
    "target_absence",
    "target_change",
    "task_occurrence",
    "task_plan_store",
    "totp",
    "totp_enrolment",
    "touch",
    "webhook_cursor",
    "webhook_delivery",
    "webhook_fact",
    "withheld_decision",
}


def entries(table: str) -> list[dict]:
    rows = db.session.execute(
        text("SELECT * FROM audit_entry WHERE table_name = :table ORDER BY id"), {"table": table}
    ).mappings()
    return [dict(row) for row in rows]


def test_of_every_table_it_was_decided_whether_it_is_audited(app: GuideApp) -> None:
    audited = set(
        db.session.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit_update'"))
    )
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert sorted(tables - audited - NOT_AUDITED) == [], "call audit_table() in a migration, or say here why not"
    assert audited & NOT_AUDITED == set()


def test_a_row_is_followed_from_beginning_to_end(app: GuideApp) -> None:
    region = make.region()
    region.name = "华东"
    make.save(region)
    with unit_of_work():
        db.session.delete(db.session.merge(region))
    created, changed, deleted = entries("region")
    assert [e["action"] for e in (created, changed, deleted)] == ["created", "changed", "deleted"]
    assert {e["row_id"] for e in (created, changed, deleted)} == {str(region.id)}
    assert (created["before"], created["after"]["code"]) == (None, region.code)
    assert (changed["before"].keys(), changed["after"]) == ({"name"}, {"name": "华东"})
    assert (deleted["before"]["name"], deleted["after"]) == ("华东", None)


def test_set_wise_sql_does_not_slip_through(app: GuideApp) -> None:
    stores = [make.store() for _ in range(3)]
    with unit_of_work():
        db.session.execute(text("UPDATE store SET tags = '{flagship}' WHERE code <> :code"), {"code": stores[0].code})
        db.session.execute(text("UPDATE store SET name = name"))
    changed = [e for e in entries("store") if e["action"] == "changed"]
    assert {e["row_id"] for e in changed} == {str(stores[1].id), str(stores[2].id)}
    assert {str(e["after"]) for e in changed} == {"{'tags': ['flagship']}"}


def test_personal_fields_are_masked_and_secrets_gone(app: GuideApp) -> None:
    person = make.guide(name="张小凡")
    person.name, person.password_hash = "李小凡", "another"
    make.save(person)
    created, changed = entries("staff")
    assert (created["after"]["name"], created["after"]["password_hash"]) == ("张•••", "•••")
    assert changed["before"] == {"name": "张•••", "password_hash": "•••"}
    assert changed["after"] == {"name": "李•••", "password_hash": "•••"}
    assert created["after"]["staff_no"] == person.staff_no


def test_a_change_over_http_is_put_down_to_who_made_it_and_from_where(app: GuideApp, client: Client) -> None:
    admin = make.staff(roles=["hq_admin"])
    signed_in = client.sign_in(admin)
    answer = signed_in.post(
        "/v1/regions",
        json={"code": "R-9", "name": "华北"},
        environ_base={"REMOTE_ADDR": "203.0.113.7"},
    )
    assert answer.status_code == 201, answer.text
    (entry,) = entries("region")
    assert (entry["actor_kind"], entry["principal_id"]) == ("staff", admin.id)
    assert (entry["address"], entry["request_id"]) == ("203.0.113.7", answer.headers["X-Request-Id"])


def test_a_refused_request_writes_nothing_down(app: GuideApp, client: Client, guide: Staff) -> None:
    before = len(entries("region"))
    assert client.sign_in(guide).post("/v1/regions", json={"code": "R-9", "name": "x"}).status_code == 403
    assert len(entries("region")) == before


def test_a_job_is_put_down_to_its_name_and_the_next_transaction_to_nobody(app: GuideApp) -> None:
    jobs.perform("tests.audit.test_log:open_region", {"code": "R-7"})
    make.region()
    by_job, by_nobody = entries("region")
    assert by_job["actor_kind"] == "tests.audit.test_log:open_region"
    assert (by_nobody["actor_kind"], by_nobody["principal_id"]) == ("system", None)


@jobs.job(queue="default", units="one")
def open_region(code: str) -> None:
    db.session.execute(text("INSERT INTO region (code, name) VALUES (:code, 'x')"), {"code": code})


def test_what_changes_no_row_can_be_noted(app: GuideApp) -> None:
    with unit_of_work():
        audit.act_as(kind="staff")
        audit.note(table_name="customer", row_id="7", action="revealed", reason="return")
    (entry,) = entries("customer")
    assert (entry["action"], entry["row_id"], entry["after"]) == ("revealed", "7", {"reason": "return"})


@pytest.mark.parametrize("table", ["audit_entry", f"audit_entry_{datetime.now(UTC):%Y_%m}"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_entries_cannot_be_changed_or_removed(app: GuideApp, store: Store, table: str, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), unit_of_work():
        db.session.execute(text(statement.format(table)))
    assert len(entries("store")) == 1


@pytest.fixture
def store(app: GuideApp) -> Store:
    return make.store()


def test_months_are_made_ahead_once(app: GuideApp) -> None:
    def months() -> list[str]:
        listed = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_entry'::regclass")
        return sorted(db.session.scalars(listed))

    jobs.perform("audit.jobs:make_months", {})
    jobs.perform("audit.jobs:make_months", {})
    assert f"audit_entry_{clock.now():%Y_%m}" in months()
    assert len(months()) == 5  # this month, three more, and the rest
    make.region()
    assert db.session.scalar(text("SELECT count(*) FROM audit_entry_rest")) == 0


def test_an_entry_is_kept_even_if_nobody_made_its_month(app: GuideApp) -> None:
    with unit_of_work():
        db.session.execute(
            text(
                "INSERT INTO audit_entry (created_at, actor_kind, table_name, row_id, action) "
                "VALUES ('2001-01-01Z', 'system', 'store', '1', 'created')"
            )
        )
    assert db.session.scalar(text("SELECT count(*) FROM audit_entry_rest")) == 1


def test_rows_before_and_after_are_compared_by_hashing_however_many_there_are(app: GuideApp) -> None:
    """A plan made for one row is kept; as a loop in a loop it takes minutes for the next file of 100,000."""
    functions = text("""
        SELECT DISTINCT p.proname, p.proconfig FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgoldtable IS NOT NULL AND t.tgnewtable IS NOT NULL
    """)
    found = {row.proname: row.proconfig for row in db.session.execute(functions)}
    assert found
    assert {name: settings for name, settings in found.items() if "enable_nestloop=off" not in (settings or [])} == {}


def test_months_older_than_are_kept_are_dropped_whole(app: GuideApp) -> None:
    month = text("""
        CREATE TABLE audit_entry_2020_05 PARTITION OF audit_entry FOR VALUES FROM ('2020-05-01Z') TO ('2020-06-01Z')""")
    with unit_of_work():
        db.session.execute(month)
    there = set(db.session.scalars(PARTITIONS))
    jobs.perform("audit.jobs:forget_months", {})
    assert set(db.session.scalars(PARTITIONS)) == there - {"audit_entry_2020_05"}


PARTITIONS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_entry'::regclass")
