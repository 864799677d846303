"""Who may say what a target is: headquarters for regions, regions for stores, stores for guides."""

from collections.abc import Collection

from kit.errors import Forbidden
from kit.words import say

LEVELS = ("region", "store", "guide")
SETTERS = {
    "region": frozenset({"hq_admin"}),
    "store": frozenset({"hq_admin", "regional_manager"}),
    "guide": frozenset({"hq_admin", "regional_manager", "store_manager"}),
}
PROPOSERS = {
    "region": frozenset({"regional_manager"}),
    "store": frozenset({"store_manager"}),
    "guide": frozenset[str](),
}


class TargetNotYours(Forbidden):
    """Targets are set by the level above: regions' by headquarters, stores' by regions, guides' by stores."""

    code = "target_not_yours"


def command_of(level: str, roles: Collection[str]) -> str:
    """Whether what somebody of these roles says of a target is `set` at once or a proposal; raises TargetNotYours."""
    if not SETTERS[level].isdisjoint(roles):
        return "set"
    if not PROPOSERS[level].isdisjoint(roles):
        return "propose"
    raise TargetNotYours(say("target_not_yours"))


def check_decides(level: str, roles: Collection[str]) -> None:
    """Whether somebody of these roles decides on proposals of a level; raises TargetNotYours."""
    if SETTERS[level].isdisjoint(roles):
        raise TargetNotYours(say("target_not_yours"))
