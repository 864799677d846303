"""Locks by name: held alone, shared, or not waited for."""

from collections.abc import Callable

import pytest

from guideapi.app import GuideApp
from kit import locks
from kit.db import db, unit_of_work
from tests.races import race, started, wait_until_blocked


def free(name: str = "thing 1") -> bool:
    return locks.try_hold(name)


@pytest.mark.parametrize(("taken", "free_meanwhile"), [(lambda: locks.hold("thing 1"), False), (lambda: None, True)])
def test_what_somebody_holds_is_not_free(app: GuideApp, taken: Callable[[], None], free_meanwhile: bool) -> None:
    assert race(app, taken, free) == (None, free_meanwhile)
    with unit_of_work():
        assert free()


def test_names_are_told_apart(app: GuideApp) -> None:
    assert race(app, lambda: locks.hold("thing 2", "thing 3"), lambda: (free("thing 1"), free("thing 3"))) == (
        None,
        (True, False),
    )


def test_who_shares_keeps_out_only_who_wants_it_alone(app: GuideApp) -> None:
    assert race(app, lambda: locks.share("thing 1"), lambda: locks.share("thing 1")) == (None, None)
    assert race(app, lambda: locks.share("thing 1"), free) == (None, False)


def test_who_waits_goes_on_when_the_other_has_committed(app: GuideApp) -> None:
    done: list[str] = []

    def work(name: str) -> None:
        locks.hold("thing 1")
        done.append(name)

    race(app, lambda: work("first"), lambda: work("second"))
    assert done == ["first", "second"]


def test_several_are_taken_in_one_order(app: GuideApp) -> None:
    """Else two who want the same two could wait for each other for ever."""

    def hold_both() -> None:
        with app.app_context(), unit_of_work():
            locks.hold("b", "a")

    with db.engine.begin() as connection:
        connection.execute(locks.HOLD, {"names": ["a"]})
        waiting = started(hold_both)
        wait_until_blocked(1)
        assert connection.scalar(locks.TRY, {"name": "b"})
    waiting.join()
