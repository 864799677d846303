"""State machines: service, trigger and documentation say the table in `rules/states.py`, and nothing else happens."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from catalog import service as catalog
from catalog.rules.states import RUN_MOVES
from catalog.service import imports
from catalog.service.watching import Superseded
from commissions.rules.states import PERIOD_MOVES
from content_center import service as contents
from content_center.rules.states import CONTENT_MOVES
from guideapi.app import GuideApp
from integrations import service as integrations
from integrations.rules.states import DELIVERY_MOVES
from integrations.service.deliveries import SETTLE
from kit import clock
from kit.db import db, unit_of_work
from kit.errors import Conflict
from kit.moves import Moves, as_changes, state_after, states_before
from models import Assignment, Content, Statement, SyncRun, Target, TaskPlan
from settlements.rules.states import STATEMENT_MOVES
from targets.rules.states import TARGET_MOVES
from tasks.rules.states import PLAN_MOVES, TASK_MOVES
from tests import make
from tests.races import race

ROOT = Path(__file__).parent.parent


class Machine(NamedTuple):
    """A table of moves, and where else it stands."""

    moves: Moves
    table: str
    page: str


MACHINES = {
    "content": Machine(CONTENT_MOVES, "content", "docs/content.md"),
    "run": Machine(RUN_MOVES, "sync_run", "docs/catalog.md"),
    "target": Machine(TARGET_MOVES, "target", "docs/planning.md"),
    "period": Machine(PERIOD_MOVES, "pay_period", "docs/money.md"),
    "task": Machine(TASK_MOVES, "assignment", "docs/tasks.md"),
    "plan": Machine(PLAN_MOVES, "task_plan", "docs/task-plans.md"),
    "statement": Machine(STATEMENT_MOVES, "statement", "docs/settlements.md"),
    "delivery": Machine(DELIVERY_MOVES, "webhook_delivery", "docs/integrators.md"),
}
ALL = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def test_what_is_asked_of_a_table() -> None:
    moves = {("a", "go"): "b", ("b", "go"): "b", ("b", "stop"): "a"}
    assert states_before(moves, "go") == ("a", "b")
    assert state_after(moves, "go") == "b"
    assert as_changes(moves) == ["a>b", "b>a"]
    with pytest.raises(ValueError, match="unpack"):
        state_after({**moves, ("a", "stop"): "b"}, "stop")


@ALL
def test_the_documentation_says_the_same(machine: Machine) -> None:
    page = (ROOT / machine.page).read_text()
    _, _, rows = page.partition("| before | command | after |\n|---|---|---|\n")
    told = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", rows.partition("\n\n")[0], re.MULTILINE)
    assert {(before, command): after for before, command, after in told} == dict(machine.moves)


@ALL
def test_the_trigger_says_the_same(app: GuideApp, machine: Machine) -> None:
    query = text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'moves' AND tgrelid = :name ::regclass")
    told = str(db.session.scalar(query, {"name": machine.table}))
    assert sorted(re.findall(r"'(\w+>\w+)'", told)) == as_changes(machine.moves)


def content() -> Content:
    return make.content(published=False)


def target() -> Target:
    made = make.target(store=make.store(), month=date(2026, 1, 1), amount=100)
    return db.session.get_one(Target, made)


def task_plan() -> TaskPlan:
    guide = make.guide()
    manager = make.staff(roles=["store_manager"], store_id=guide.store_id)
    return db.session.get_one(TaskPlan, make.task_plan(by=manager)["id"])


def task() -> Assignment:
    task_plan()
    return db.session.scalars(select(Assignment)).one()


def statement() -> Statement:
    return make.statement(make.guide(), reason="x")


MAKE: dict[str, Callable[[], Any]] = {
    "content": content,
    "sync_run": make.sync_run,
    "webhook_delivery": make.delivery,
    "target": target,
    "pay_period": make.pay_period,
    "assignment": task,
    "task_plan": task_plan,
    "statement": statement,
}


@ALL
def test_the_database_refuses_every_other_change(app: GuideApp, machine: Machine) -> None:
    row_id = MAKE[machine.table]().id
    db.session.rollback()
    states = {state for state, _ in machine.moves} | set(machine.moves.values())
    allowed = set(as_changes(machine.moves))
    with db.engine.connect() as connection:
        if machine.table == "content":
            # What else a state asks for is not asked here.
            connection.execute(text("UPDATE content SET live_number = 1"))
        if machine.table == "target":
            connection.execute(text("ALTER TABLE target DROP CONSTRAINT ck_target_state"))
        if machine.table == "pay_period":
            connection.execute(text("ALTER TABLE pay_period DISABLE TRIGGER in_turn"))
        for before, after in product(states, states):
            put(connection, machine.table, row_id, before)
            possible = before == after or f"{before}>{after}" in allowed
            with connection.begin_nested() as change:
                refused = nullcontext() if possible else pytest.raises(IntegrityError, match="never goes from")
                with refused:
                    connection.execute(text(f"UPDATE {machine.table} SET state = :after"), {"after": after})
                change.rollback()


def put(connection: Connection, table: str, row_id: UUID, state: str) -> None:
    connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER moves"))
    connection.execute(text(f"UPDATE {table} SET state = :state WHERE id = :id"), {"state": state, "id": row_id})
    connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER moves"))


class Walk(RuleBasedStateMachine):
    """Any commands in any order: the service does what the table says, and refuses the rest."""

    moves: ClassVar[Moves]
    commands: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__()
        self.id = MAKE[self.table()]().id
        self.state = self.look()

    @classmethod
    def table(cls) -> str:
        raise NotImplementedError

    def do(self, command: str) -> bool:
        """Have the service do it; whether it did."""
        raise NotImplementedError

    @rule(data=st.data())
    def command(self, data: st.DataObject) -> None:
        command = data.draw(st.sampled_from(self.commands))
        after = self.moves.get((self.state, command))
        assert self.do(command) == (after is not None), (self.state, command)
        self.state = after or self.state

    @invariant()
    def is_where_the_table_says(self) -> None:
        assert self.look() == self.state

    def look(self) -> str:
        db.session.rollback()
        return str(db.session.scalar(text(f"SELECT state FROM {self.table()} WHERE id = :id"), {"id": self.id}))


def refused(work: Callable[[], object]) -> bool:
    try:
        with unit_of_work():
            work()
    except (Conflict, Superseded):
        return True
    return False


class DeliveryWalk(Walk):
    moves, commands = DELIVERY_MOVES, ("arrive", "try_later", "give_up", "replay")

    @classmethod
    def table(cls) -> str:
        return "webhook_delivery"

    def do(self, command: str) -> bool:
        now = clock.now()
        if command == "replay":
            return not refused(lambda: integrations.replay_delivery(delivery_id=self.id, now=now))
        settled = {"id": self.id, "state": DELIVERY_MOVES["pending", command], "due_at": now}
        with unit_of_work():
            result = {**settled, "status": 200, "problem": None, "delivered_at": None}
            return bool(db.session.execute(SETTLE, result).rowcount)


class RunWalk(Walk):
    moves, commands = RUN_MOVES, ("read", "hold", "apply", "confirm", "finish", "fail", "cancel")

    @classmethod
    def table(cls) -> str:
        return "sync_run"

    def do(self, command: str) -> bool:
        now = clock.now()
        if command == "read":
            # The staging of one that is applied is lost.
            with unit_of_work():
                db.session.execute(text("UPDATE sync_run SET items = 1, attempt = 0"))
                return imports.take_on(self.id) is not None
        if command == "confirm":
            return not refused(lambda: catalog.confirm_import(run_id=self.id, now=now))
        if command == "cancel":
            return not refused(lambda: catalog.cancel_import(run_id=self.id, now=now))
        return not refused(lambda: imports.step(db.session.get_one(SyncRun, self.id), command=command))


class ContentWalk(Walk):
    """`unschedule` is of one whose time has not come (tests/content_center/test_scheduling.py)."""

    moves, commands = CONTENT_MOVES, ("submit", "return", "publish", "withdraw", "hide")

    @classmethod
    def table(cls) -> str:
        return "content"

    def do(self, command: str) -> bool:
        now, of = clock.now(), {"content_id": self.id}
        editor = make.principal_of(make.staff(roles=["hq_content"]))
        if command in ("withdraw", "hide"):
            hide = "recall" if command == "hide" else None
            # Taking down what is published is withdrawing it first.
            if command == "hide" and self.state == "published":
                return False
            return not refused(lambda: contents.withdraw_content(**of, reason="x", now=now, hide=hide))
        self.write_what_is_to_be(command)
        if command == "submit":
            return not refused(lambda: contents.submit_content(**of, now=now))
        if command == "return":
            return not refused(lambda: contents.return_content(**of, reviewer=editor, comment="x", now=now))
        return not refused(lambda: contents.publish_content(**of, reviewer=editor, now=now))

    def write_what_is_to_be(self, command: str) -> None:
        """The version that the command is about, where the content may have one."""
        newest = self.newest()
        if self.state == "withdrawn":
            return
        writer = make.principal_of(make.staff(roles=["hq_content"]))
        if newest["published"] or (command == "submit" and newest["submitted"]):
            with unit_of_work():
                contents.add_version(content_id=self.id, draft=make.draft(), author=writer, now=clock.now())
            newest = self.newest()
        if (command == "return" and self.state != "draft" and not newest["submitted"]) or (
            command == "publish" and newest["returned"] and not newest["submitted"]
        ):
            with unit_of_work():
                contents.submit_content(content_id=self.id, now=clock.now())

    def newest(self) -> dict[str, bool]:
        row = db.session.execute(
            text(
                """SELECT published_at IS NOT NULL AS published, submitted_at IS NOT NULL AS submitted,
                   review_comment IS NOT NULL AS returned FROM content_version WHERE content_id = :id
                   ORDER BY number DESC LIMIT 1"""
            ),
            {"id": self.id},
        ).one()
        db.session.rollback()
        return dict(row._mapping)


@pytest.mark.parametrize("walk", [DeliveryWalk, RunWalk, ContentWalk])
def test_any_walk_follows_the_table(app: GuideApp, walk: type[Walk]) -> None:
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_of_two_who_replay_a_delivery_one_does(app: GuideApp) -> None:
    made = make.delivery()
    with unit_of_work():
        db.session.execute(text("UPDATE webhook_delivery SET state = 'dead'"))
    again = lambda: tried(lambda: integrations.replay_delivery(delivery_id=made.id, now=clock.now()))  # noqa: E731
    assert race(app, again, again) == ("done", "delivery_not_dead")


def test_of_confirming_and_cancelling_an_import_one_happens(app: GuideApp) -> None:
    made = make.sync_run()
    for state in ("reading", "held"):
        with unit_of_work():
            db.session.execute(text("UPDATE sync_run SET state = :state"), {"state": state})
    now = clock.now()
    assert race(
        app,
        lambda: tried(lambda: catalog.cancel_import(run_id=made.id, now=now)),
        lambda: tried(lambda: catalog.confirm_import(run_id=made.id, now=now)),
    ) == ("done", "import_not_held")


def test_what_is_withdrawn_is_not_published_meanwhile(app: GuideApp) -> None:
    made = make.content()
    writer, reviewer = (make.principal_of(make.staff(roles=["hq_content"])) for _ in range(2))
    with unit_of_work():
        contents.add_version(content_id=made.id, draft=make.draft(), author=writer, now=clock.now())
    now = clock.now()
    assert race(
        app,
        lambda: tried(lambda: contents.withdraw_content(content_id=made.id, reason="x", now=now)),
        lambda: tried(lambda: contents.publish_content(content_id=made.id, reviewer=reviewer, now=now)),
    ) == ("done", "content_state_forbids")


def tried(work: Callable[[], object]) -> str:
    """`done`, or the code of the refusal; nothing is written then."""
    try:
        work()
    except Conflict as refusal:
        return refusal.code
    return "done"
