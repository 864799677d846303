"""Operations have names that stay: tests/contract/operations.txt is the list that clients rely on."""

import re
from pathlib import Path

from guideapi.app import API_BLUEPRINTS, GuideApp
from guideapi.groups import group_of
from tests.contract.document import operations

FILE = Path(__file__).parent / "operations.txt"
RENAMED = "Clients call operations by these names: add a line for a new one, and do not rename or reuse one."


def test_names_are_those_that_were_published(app: GuideApp) -> None:
    named = {f"{name} {method} {path}" for name, method, path, _ in operations(app)}
    published = FILE.read_text().splitlines()
    assert published == sorted(published)
    assert named == set(published), RENAMED


def test_names_are_unique_and_begin_with_their_room(app: GuideApp) -> None:
    names = [operation.name for operation in operations(app)]
    assert len(set(names)) == len(names)
    rooms = "|".join(blueprint.name for blueprint in API_BLUEPRINTS)
    # The room, a verb, and what it is done to.
    assert [name for name in names if not re.fullmatch(rf"({rooms})_[a-z]+(_[a-z]+)+", name)] == []


def test_every_operation_is_found_by_what_people_do_with_it(app: GuideApp) -> None:
    """The reference and `/docs` are made by group: what has none is nowhere."""
    lost = {one.path for one in operations(app) if one.path.startswith("/v1/") and group_of(one.path) is None}
    assert lost == set()
