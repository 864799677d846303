"""What guides were to do and did, whom they won, and what they earned."""

from sqlalchemy import func, select

from models import Assignment, Binding, FollowUp, LedgerEntry, Store
from performance.queries.figures.declaring import (
    FROM_DAY,
    GUIDE_ID,
    TO_DAY,
    Counted,
    Fact,
    Whose,
    day_of,
    of,
    on_days,
)
from performance.rules.metrics import OF_THE_SALE, THAT_SOLD, Figure, Words
from tasks.queries.progress import progress

OF_THE_TASK = Words("任务日", "of the task")


def _tasks(whose: Whose) -> Counted:
    found = progress(
        Assignment.day.between(FROM_DAY, TO_DAY), of(whose, Assignment.guide_id == GUIDE_ID, Assignment.store_id)
    )
    tables = select(found.c.id).select_from(found).join(Store, Store.id == found.c.store_id)
    return Counted(
        tables=tables.where(found.c.state != "cancelled"),
        keys=(found.c.day, found.c.store_id, found.c.guide_id, Store.currency),
        item=found.c.id,
        at=found.c.due_at,
        sums={"tasks_due": func.count(), "tasks_done": func.count().filter(found.c.state.in_(["done", "approved"]))},
    )


def _follow_ups(whose: Whose) -> Counted:
    """A correction stands for what it corrects, which is counted once, where and when it was."""
    tables = select(FollowUp.id).select_from(FollowUp).join(Store, Store.id == FollowUp.store_id)
    mine = of(whose, FollowUp.guide_id == GUIDE_ID, FollowUp.store_id)
    return Counted(
        tables=tables.where(FollowUp.corrects_id.is_(None), on_days(FollowUp.at), mine),
        keys=(day_of(FollowUp.at), FollowUp.store_id, FollowUp.guide_id, Store.currency),
        item=FollowUp.id,
        at=FollowUp.at,
        sums={"follow_ups": func.count()},
    )


def _bindings(whose: Whose) -> Counted:
    tables = select(Binding.id).select_from(Binding).join(Store, Store.id == Binding.store_id)
    confirmed_at = Binding.confirmed_at
    mine = of(whose, Binding.guide_id == GUIDE_ID, Binding.store_id)
    return Counted(
        tables=tables.where(on_days(confirmed_at), mine),
        keys=(day_of(confirmed_at), Binding.store_id, Binding.guide_id, Store.currency),
        item=Binding.id,
        at=confirmed_at,
        sums={"new_bindings": func.count()},
    )


def _commissions(whose: Whose) -> Counted:
    mine = of(whose, LedgerEntry.guide_id == GUIDE_ID, LedgerEntry.store_id)
    on_days_of_sales = LedgerEntry.business_day.between(FROM_DAY, TO_DAY)
    return Counted(
        tables=select(LedgerEntry.id).where(on_days_of_sales, LedgerEntry.guide_id.is_not(None), mine),
        keys=(LedgerEntry.business_day, LedgerEntry.store_id, LedgerEntry.guide_id, LedgerEntry.currency),
        item=LedgerEntry.transaction_id,
        at=LedgerEntry.business_day,
        sums={"commission_fen": func.sum(LedgerEntry.signed_fen)},
    )


TASKS = Fact(
    "tasks",
    (
        Figure(
            "tasks_due", "tasks_due", "count", Words("应完成任务", "Tasks due"),
            Words("当日布置且未取消的任务", "tasks given to the guide for that day and not called off"),
            OF_THE_TASK, OF_THE_TASK,
        ),
        Figure(
            "tasks_done", "tasks_done", "count", Words("已完成任务", "Tasks done"),
            Words(
                "其中已完成或已通过的：布置后当日确认发出足数，或提交足数（不论早晚）",
                "those of them that are done or approved: enough confirmed as sent on that day, after the task was"
                " set, or enough handed in, late or not",
            ),
            OF_THE_TASK, OF_THE_TASK,
        ),
    ),
    _tasks,
)  # fmt: skip
FOLLOW_UPS = Fact(
    "follow_ups",
    (
        Figure(
            "follow_ups", "follow_ups", "count", Words("回访次数", "Follow-ups"),
            Words("记录的回访；更正不另计", "what was done for customers; a correction is not another"),
            Words("回访日", "of the follow-up"), Words("回访时所在门店", "the guide worked in"),
        ),
    ),
    _follow_ups,
)  # fmt: skip
BINDINGS = Fact(
    "bindings",
    (
        Figure(
            "new_bindings", "new_bindings", "count", Words("新增专属会员", "Customers won"),
            Words(
                "经他人确认成为该导购专属会员的客户",
                "customers who became the guide's own, confirmed by somebody else",
            ),
            Words("确认日", "of the confirmation"), Words("绑定门店", "of the binding"),
        ),
    ),
    _bindings,
)  # fmt: skip
COMMISSIONS = Fact(
    "ledger_transactions",
    (
        Figure(
            "commission", "commission_fen", "money", Words("佣金", "Commission"),
            Words("记入导购账户减收回的", "what was posted to the guide's account less what was taken back"),
            OF_THE_SALE, THAT_SOLD,
        ),
    ),
    _commissions,
)  # fmt: skip
