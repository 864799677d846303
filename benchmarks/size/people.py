"""Regions, stores, people, products and customers of a made-up chain, table by table."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from uuid import UUID

from benchmarks.size import chain as c
from benchmarks.size.chain import Chain, made_id
from benchmarks.size.tables import Row, table
from catalog.pinyin import spelled
from customers.sealed import index_of, seal_identity, seal_profile

OPENED = "2020-01-01"
KINDS = ("精华液", "面霜", "口红", "洗面奶", "防晒霜", "香水", "面膜", "眼霜")
WORDS = ("山茶花", "玫瑰", "雪松", "海藻", "燕麦", "金盏花", "乳木果", "白茶", "玻尿酸", "烟酰胺", "神经酰胺", "茉莉")
EFFECTS = ("修护", "保湿", "焕亮", "舒缓", "紧致", "清爽", "滋润", "轻盈")
BRANDS, CATEGORIES = 200, 300
# Of a hundred products, how many are off the shelf; of fifty customers, one shares a telephone with another.
OFF_SHELF_OF_HUNDRED = 7
SHARED_PHONE_EVERY = 50


@table("region", "id code name parent_id ancestor_ids")
def regions(chain: Chain) -> Iterator[Row]:
    """The root is number 0, then come the zones, then the regions."""
    root = made_id(c.REGION, 0)
    yield root, "ALL", "全国", None, [root]
    zones = [made_id(c.REGION, 1 + zone) for zone in range(chain.zones)]
    for number, zone in enumerate(zones):
        yield zone, f"Z{number}", f"大区{number}", root, [root, zone]
    for number in range(chain.regions):
        region, zone = region_id(chain, number), zones[number // chain.regions_per_zone]
        yield region, f"R{number}", f"区域{number}", zone, [root, zone, region]


def region_id(chain: Chain, number: int) -> str:
    """The id of the `number`-th region that has stores."""
    return made_id(c.REGION, 1 + chain.zones + number)


@table("store", "id code name region_id opened_on")
def stores(chain: Chain) -> Iterator[Row]:
    for number in range(chain.stores):
        region = region_id(chain, number // chain.stores_per_region)
        yield made_id(c.STORE, number), f"S{number}", f"门店{number}", region, OPENED


@table("staff", "id staff_no name roles store_id region_id hired_on")
def staff(chain: Chain) -> Iterator[Row]:
    """Guides, a manager a store, a regional manager a region and a zone, and headquarters."""
    for number in range(chain.many(c.GUIDES_PER_STORE)):
        store = made_id(c.STORE, number // c.GUIDES_PER_STORE)
        yield made_id(c.GUIDE, number), f"G{number}", f"导购{number}", ["guide"], store, None, OPENED
    for number in range(chain.stores):
        store = made_id(c.STORE, number)
        yield made_id(c.MANAGER, number), f"M{number}", f"店长{number}", ["store_manager"], store, None, OPENED
    for number in range(1, 1 + chain.zones + chain.regions):
        region = made_id(c.REGION, number)
        person = made_id(c.HEADQUARTERS, number)
        yield person, f"D{number}", f"督导{number}", ["regional_manager"], None, region, OPENED
    roles = ["hq_admin", "hq_catalog", "hq_commission", "hq_content", "auditor"]
    yield made_id(c.HEADQUARTERS, 0), "HQ", "总部", roles, None, None, OPENED
    yield made_id(c.HEADQUARTERS, 10**6), "HQ2", "总部二", roles, None, None, OPENED


@table("source", "id code name")
def sources(_: Chain) -> Iterator[Row]:
    yield made_id(c.SOURCE, 0), "brand", "品牌"
    yield made_id(c.SOURCE, 1), "till", "收银"


@table("brand", "id name")
def brands(_: Chain) -> Iterator[Row]:
    for number in range(BRANDS):
        yield made_id(c.BRAND, number), f"花屿{number}"


@table("category", "id path")
def categories(_: Chain) -> Iterator[Row]:
    for number, kind in enumerate(KINDS):
        yield made_id(c.CATEGORY, number), kind
    for number in range(len(KINDS), CATEGORIES):
        yield made_id(c.CATEGORY, number), f"{KINDS[number % len(KINDS)]} > 系列{number}"


@table(
    "product",
    "id source_id external_id source_version title pinyin brand_id category_id shelf_status shelf_changed_at"
    " updated_at",
)
def products(chain: Chain) -> Iterator[Row]:
    source = made_id(c.SOURCE, 0)
    for number in range(chain.many(c.PRODUCTS_PER_STORE)):
        name = _product_name(number)
        shelf = "off_shelf" if number % 100 < OFF_SHELF_OF_HUNDRED else "on_shelf"
        brand, category = made_id(c.BRAND, number % BRANDS), made_id(c.CATEGORY, number % CATEGORIES)
        at = chain.today - timedelta(days=number % 300)
        yield (
            *(made_id(c.PRODUCT, number), source, f"P{number}", 1, f"{name} {number}", _spelling(name)),
            *(brand, category, shelf, at, at),
        )


def _product_name(number: int) -> str:
    word, effect = WORDS[number % len(WORDS)], EFFECTS[number // len(WORDS) % len(EFFECTS)]
    return f"{word}{effect}{KINDS[number // len(WORDS) // len(EFFECTS) % len(KINDS)]}"


@cache
def _spelling(name: str) -> str:
    return spelled(name)


@table("sku", "id product_id code barcode price_fen currency")
def skus(chain: Chain) -> Iterator[Row]:
    for number in range(chain.many(c.PRODUCTS_PER_STORE * c.SKUS_PER_PRODUCT)):
        product = made_id(c.PRODUCT, number // c.SKUS_PER_PRODUCT)
        price = 9_900 + number * STEP % 90_000
        yield made_id(c.SKU, number), product, f"SKU{number}", f"69{number:011}", price, "CNY"


STEP = 37


@table("customer", "id member_no store_id origin sealed_profile profile_fields created_at")
def customers(chain: Chain) -> Iterator[Row]:
    total = chain.many(c.CUSTOMERS_PER_STORE)
    for number in range(total):
        key = made_id(c.CUSTOMER, number)
        store = made_id(c.STORE, chain.store_of_customer(number))
        profile = seal_profile(UUID(key), {"name": f"顾客{number}", "birthday": f"1990-{1 + number % 12:02}-17"})
        joined = chain.today - timedelta(days=1 + (total - number) * 700 // total)
        yield key, f"C{number}", store, "till", profile, ["birthday", "name"], joined


@table("customer_identity", "id customer_id kind blind_index sealed_value")
def identities(chain: Chain) -> Iterator[Row]:
    for number in range(chain.many(c.CUSTOMERS_PER_STORE)):
        key, phone = made_id(c.IDENTITY, number), phone_of(chain, number)
        sealed = seal_identity(UUID(key), phone)
        yield key, made_id(c.CUSTOMER, number), "phone", index_of("phone", phone), sealed


def phone_of(chain: Chain, number: int) -> str:
    """A customer's telephone; some share one with an earlier customer of their store."""
    shares = number % SHARED_PHONE_EVERY == 0 and number >= chain.stores
    return f"+8613{number - chain.stores if shares else number:09}"


@table("binding", "id customer_id guide_id store_id reason bound_at confirmed_at confirmed_how")
def bindings(chain: Chain) -> Iterator[Row]:
    for number in range(chain.many(c.CUSTOMERS_PER_STORE)):
        guide = made_id(c.GUIDE, chain.guide_of_customer(number))
        store = made_id(c.STORE, chain.store_of_customer(number))
        at = chain.today - timedelta(days=1 + number % 500)
        yield made_id(c.BINDING, number), made_id(c.CUSTOMER, number), guide, store, "scan", at, at, "scan"


@table("consent", "id customer_id channel granted given_at origin recorder_kind")
def consents(chain: Chain) -> Iterator[Row]:
    for number in range(chain.many(c.CUSTOMERS_PER_STORE)):
        at = chain.today - timedelta(days=1 + number % 500)
        yield made_id(c.CONSENT, number), made_id(c.CUSTOMER, number), "sms", number % 10 != 0, at, "form", "staff"


@table("customer_tag", "customer_id tag origin created_at")
def tags(chain: Chain) -> Iterator[Row]:
    for number in range(0, chain.many(c.CUSTOMERS_PER_STORE), 4):
        yield made_id(c.CUSTOMER, number), ("会员日", "敏感肌", "送礼")[number % 3], "person", chain.today
