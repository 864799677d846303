"""The people of the demo chain: a fictional beauty retailer, 拾光美妆 (Shiguang Beauty). Same every time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

from kit.principal import Principal, Reach

SEED = 20260101
OPENED = date(2021, 3, 8)
# Demo logins only: `create-admin` makes real ones and never uses this.
PASSWORD = "shiguang-demo-2026"  # noqa: S105

REGIONS = (  # code, name, parent
    ("CN", "全国", None),
    ("EAST", "华东区", "CN"),
    ("NORTH", "华北区", "CN"),
    ("SOUTH", "华南区", "CN"),
    ("WEST", "西南区", "CN"),
)
STORES = (  # code, name, region
    ("SH01", "上海静安嘉里中心店", "EAST"),
    ("SH02", "上海徐家汇港汇恒隆店", "EAST"),
    ("HZ01", "杭州湖滨银泰店", "EAST"),
    ("NJ01", "南京新街口德基店", "EAST"),
    ("BJ01", "北京三里屯太古里店", "NORTH"),
    ("BJ02", "北京国贸商城店", "NORTH"),
    ("TJ01", "天津和平大悦城店", "NORTH"),
    ("GZ01", "广州天河城店", "SOUTH"),
    ("SZ01", "深圳万象天地店", "SOUTH"),
    ("XM01", "厦门中山路店", "SOUTH"),
    ("CD01", "成都春熙路太古里店", "WEST"),
    ("CQ01", "重庆解放碑店", "WEST"),
)
GUIDES_PER_STORE = 5
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘"
# Two characters each.
GIVEN = (
    "雨桐梓涵欣怡诗涵思琪佳宁晓彤若曦静怡雪莹语嫣可欣梦洁芷若婉清一诺沐辰子墨嘉怡明月书瑶安琪清妍心悦"
    "知夏映雪舒窈云舒锦书白露南乔"
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """One member of staff as the staff room's import takes them."""

    staff_no: str
    name: str
    roles: tuple[str, ...]
    store: str | None = None
    region: str | None = None


HQ = (
    Person(staff_no="HQ001", name="沈知微", roles=("hq_admin",)),
    Person(staff_no="HQ002", name="顾言之", roles=("hq_content",)),
    Person(staff_no="HQ003", name="陆听雪", roles=("hq_content",)),
    Person(staff_no="HQ004", name="程一白", roles=("hq_catalog",)),
    Person(staff_no="HQ005", name="宋清和", roles=("hq_commission",)),
    Person(staff_no="HQ006", name="许见山", roles=("hq_commission",)),
    Person(staff_no="HQ007", name="江照晚", roles=("hq_finance",)),
    Person(staff_no="HQ008", name="秦问之", roles=("auditor",)),
)


def staff() -> list[Person]:
    """Everyone: head office, four regional managers, twelve store managers, sixty guides."""
    names = _names(Random(SEED))
    regional = [
        Person(staff_no=f"R{code}", name=next(names), roles=("regional_manager",), region=code)
        for code, _, parent in REGIONS
        if parent
    ]
    shops: list[Person] = []
    for store, _, _ in STORES:
        shops.append(Person(staff_no=f"M{store}", name=next(names), roles=("store_manager",), store=store))
        shops += [
            Person(staff_no=f"{store}-{n:02}", name=next(names), roles=("guide",), store=store)
            for n in range(1, GUIDES_PER_STORE + 1)
        ]
    return [*HQ, *regional, *shops]


def integrator() -> Principal:
    """A system of the chain's: who brings the members in, and reports what was delivered."""
    return Principal(id=UUID(int=0), kind="integrator", name="demo", reach=Reach.ALL)


def logins() -> list[tuple[str, str, str]]:
    """(role, staff number, password) of one demo login per role, for `make run` to print."""
    shown: dict[str, Person] = {}
    for person in staff():
        shown.setdefault(person.roles[0], person)
    order = ("guide", "store_manager", "regional_manager")
    roles = [*order, *(role for role in shown if role not in order)]
    return [(role, shown[role].staff_no, PASSWORD) for role in roles]


def _names(random: Random) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        start = random.randrange(0, len(GIVEN), 2)
        name = random.choice(SURNAMES) + GIVEN[start : start + 2]
        if name not in seen:
            seen.add(name)
            yield name
