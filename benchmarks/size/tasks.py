"""The tasks of a made-up chain: a plan of a store's manager on a day, and a task for each of its guides."""

from collections.abc import Iterator
from datetime import timedelta

from benchmarks.size import chain as c
from benchmarks.size.chain import Chain, Happening, made_id
from benchmarks.size.facts import contents_of
from benchmarks.size.tables import Row, table

SLOTS = '[{"opens": "00:00", "due": "24:00"}]'


@table("task_plan", "id kind state owner_store_id number created_by created_at published_at")
def task_plans(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.PLANS_PER_STORE):
        kind = "forward" if fact.turn % 2 else "custom"
        ids = made_id(c.STORE, fact.store), 1, made_id(c.MANAGER, fact.store)
        yield made_id(c.PLAN, fact.number), kind, "published", *ids, fact.at, fact.at


@table(
    "task_plan_version",
    "id plan_id number title instructions content_id target_count store_ids roles share first_day last_day holidays "
    "slots minutes review late created_by created_at",
)
def task_plan_versions(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.PLANS_PER_STORE):
        content = made_id(c.CONTENT, fact.number % contents_of(chain)) if fact.turn % 2 else None
        ids = made_id(c.PLAN_VERSION, fact.number), made_id(c.PLAN, fact.number), 1
        audience = [made_id(c.STORE, fact.store)], ["guide"], "each"
        when = fact.day, fact.day, "keep", SLOTS, 15, False, "stay_overdue"
        yield *ids, "陈列检查", "", content, 1, *audience, *when, made_id(c.MANAGER, fact.store), fact.at


@table("task_plan_store", "plan_id store_id created_at")
def task_plan_stores(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.PLANS_PER_STORE):
        yield made_id(c.PLAN, fact.number), made_id(c.STORE, fact.store), fact.at


@table("task_occurrence", "id day plan_id version_id store_id slot opens_at due_at")
def task_occurrences(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.PLANS_PER_STORE):
        ids = made_id(c.PLAN, fact.number), made_id(c.PLAN_VERSION, fact.number), made_id(c.STORE, fact.store)
        yield made_id(c.OCCURRENCE, fact.number), fact.day, *ids, 0, fact.at, fact.at + timedelta(hours=8)


def _shares(chain: Chain) -> Iterator[tuple[Happening, int, int]]:
    """Each task's plan, its guide, and its number in all."""
    for fact in chain.happenings(c.PLANS_PER_STORE):
        for share in range(c.GUIDES_PER_STORE):
            guide = fact.store * c.GUIDES_PER_STORE + share
            yield fact, guide, fact.number * c.GUIDES_PER_STORE + share


@table("assignment", "id day occurrence_id version_id store_id guide_id opens_at due_at changed_at target done state")
def assignments(chain: Chain) -> Iterator[Row]:
    for fact, guide, number in _shares(chain):
        ids = made_id(c.OCCURRENCE, fact.number), made_id(c.PLAN_VERSION, fact.number), made_id(c.STORE, fact.store)
        said = (1, "done") if _is_handed_in(fact, number) else (0, "open")
        window = fact.at, fact.at + timedelta(hours=8), fact.at
        yield made_id(c.ASSIGNMENT, number), fact.day, *ids, made_id(c.GUIDE, guide), *window, 1, *said


@table("submission", "id assignment_id day guide_id note created_at")
def submissions(chain: Chain) -> Iterator[Row]:
    for fact, guide, number in _shares(chain):
        if _is_handed_in(fact, number):
            ids = made_id(c.SUBMISSION, number), made_id(c.ASSIGNMENT, number)
            yield *ids, fact.day, made_id(c.GUIDE, guide), "", fact.at + timedelta(hours=1)


def _is_handed_in(fact: Happening, number: int) -> bool:
    return number % 3 == 0 and fact.turn % 2 == 0
