"""Which role may see how much."""

from collections.abc import Collection
from datetime import date

from kit.principal import Reach

HQ_ROLES = frozenset({"hq_content", "hq_catalog", "hq_commission", "hq_finance", "hq_admin", "auditor"})
# What is held by who is employed and holds no role today: placed as support, or in no store for a while.
SUPPORT = "support"
ROLES = HQ_ROLES | {"guide", "store_manager", "regional_manager"}
ANY_STAFF = ROLES | {SUPPORT}
# What people call each role in Chinese, the usual word first.
ROLE_TITLES = {
    "guide": ("导购",),
    "store_manager": ("店长",),
    "regional_manager": ("督导", "区域经理"),
    "hq_content": ("内容编辑", "素材编辑"),
    "hq_catalog": ("商品运营",),
    "hq_commission": ("提成审核",),
    "hq_finance": ("财务",),
    "hq_admin": ("管理员", "总部管理员"),
    "auditor": ("审计",),
}
# Who serves customers in a store, sends them things and is paid for what they buy: a store's manager sells, too.
SELLERS = frozenset({"guide", "store_manager"})
MANAGERS = frozenset({"store_manager", "regional_manager", "hq_admin"})

# What an integrator's key can be good for: each is asked for by some route.
API_SCOPES = frozenset(
    {
        "customers:erase",
        "customers:read",
        "customers:write",
        "forwards:write",
        "orders:write",
        "products:write",
        "rosters:write",
        "viewers:write",
    }
)


def acting_as(roles: Collection[str]) -> set[str]:
    """The roles of somebody and those that come with them: what is meant for guides is meant for all who sell."""
    return {*roles, "guide"} if SELLERS.intersection(roles) else set(roles)


def reach_of(roles: Collection[str]) -> Reach:
    """The widest reach that any of `roles` has."""
    held = set(roles)
    if held & HQ_ROLES:
        return Reach.ALL
    if "regional_manager" in held:
        return Reach.REGION
    if "store_manager" in held:
        return Reach.STORE
    return Reach.SELF


def administers(roles: Collection[str], *, hired_on: date, left_on: date | None, on: date) -> bool:
    """Whether someone is an administrator on a day, and no day of leaving is set."""
    return "hq_admin" in roles and hired_on <= on and left_on is None


def works_on(day: date, *, hired_on: date, left_on: date | None) -> bool:
    """Whether dates of employment include `day`; the last day counts."""
    return hired_on <= day and (left_on is None or day <= left_on)
