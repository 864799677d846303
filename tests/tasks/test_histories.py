"""Whatever two people and the clock do in any order, a task's history is legal and says its state."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from guideapi.app import GuideApp
from kit.db import db, unit_of_work
from kit.errors import DomainError
from models import Assignment, AssignmentEvent, Placement, Staff
from tasks.queries.tasks import count_handed_in
from tasks.rules.states import COMMANDS, TASK_MOVES
from tasks.service import materialise
from tasks.service.closing import close_due
from tests import make

NOON = datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
MOVES = {(before, command, after) for (before, command), after in TASK_MOVES.items()}


class Histories(RuleBasedStateMachine):
    """A guide, their colleague, their manager, the placements and the clock, at one store's task."""

    people: ClassVar[list[Staff]]

    @initialize(
        share=st.sampled_from(["each", "one"]),
        review=st.booleans(),
        late=st.sampled_from(["close_at_due", "until_next"]),
    )
    def set_plan(self, share: str, review: bool, late: str) -> None:
        self.now = NOON
        slots = (("00:00", "18:00"), ("18:00", "22:00"))
        said: dict[str, Any] = {"share": share, "review": review, "late": late, "slots": slots, "target_count": 2}
        self.plan = make.task_plan(by=self.people[2], day=NOON.date(), now=NOON, **said)
        self.tasks = [share["id"] for share in self.plan["guides"]]

    @rule(who=st.integers(0, 2), which=st.integers(0, 3), name=st.sampled_from(COMMANDS), minutes=st.integers(0, 240))
    def give(self, who: int, which: int, name: str, minutes: int) -> None:
        said: dict[str, Any] = {"reason": "缺货"} if name in ("block", "return", "cancel") else {}
        if name == "reassign":
            said["to_id"] = self.people[0].id
        if minutes % 3 == 0:
            said["captured_at"] = self.now - timedelta(minutes=minutes)
        try:
            task_id = self.tasks[which % len(self.tasks)]
            make.task_command(task_id, name, by=self.people[who], now=self.now, manages=who == 2, **said)
        except DomainError:
            db.session.rollback()

    @rule(minutes=st.integers(1, 200))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        with unit_of_work():
            close_due(now=self.now)

    @rule(comes=st.booleans())
    def lend(self, comes: bool) -> None:
        with unit_of_work():
            lent = Placement.kind == "cover"
            for placement in db.session.scalars(select(Placement).where(lent)):
                db.session.delete(placement)
        if not comes:
            day = NOON.date()
            elsewhere = {"store_id": self.people[3].store_id, "kind": "cover", "role": "guide"}
            make.save(Placement(staff_id=self.people[0].id, first_day=day, last_day=day, **elsewhere))
        with unit_of_work():
            materialise.materialise_plan(self.plan["id"], shard=None, now=self.now)

    @invariant()
    def histories_are_legal(self) -> None:
        if not hasattr(self, "plan"):
            return
        for task in db.session.scalars(select(Assignment)):
            steps = db.session.scalars(select(AssignmentEvent).where(AssignmentEvent.assignment_id == task.id)).all()
            state = "open"
            for step in sorted(steps, key=lambda one: one.number):
                assert step.before == state
                assert (step.before, step.command, step.after) in MOVES
                state = step.after
            assert task.state == state
            assert task.done == count_handed_in(task.id)
        db.session.rollback()


def test_any_order_of_commands_leaves_a_legal_history(app: GuideApp) -> None:
    store = make.store()
    guides = [make.guide(store_id=store.id) for _ in range(2)]
    Histories.people = [*guides, make.staff(roles=["store_manager"], store_id=store.id), make.guide()]
    quick = settings(
        max_examples=6,
        stateful_step_count=12,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Histories, settings=quick)
