"""What happened in a made-up chain in the last DAYS, table by table: contents, forwards, orders, money."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

from benchmarks.size import chain as c
from benchmarks.size.chain import Chain, Happening, made_id
from benchmarks.size.people import region_id
from benchmarks.size.tables import Row, table

RATE_BP = 500
CANDIDATES = '[{"kind": "serving", "reason": "won"}]'
LONG_AGO = "2020-01-01"
CHANNELS = ("wechat", "wecom_chat", "link")
SHOWN = '{"language": "zh", "guide_name": "导购", "store_name": "门店", "products": []}'


def contents_of(chain: Chain) -> int:
    """How many contents the chain has; a small one has a few, too."""
    return chain.many(c.CONTENTS_PER_STORE) + 30


@table(
    "content",
    "id kind state category live_number audience_region_ids audience_store_ids valid_from published_at created_by",
)
def contents(chain: Chain) -> Iterator[Row]:
    """Half are for everybody, a quarter for a region, a quarter for three stores."""
    author = made_id(c.HEADQUARTERS, 0)
    total = contents_of(chain)
    for number in range(total):
        regions = [region_id(chain, number % chain.regions)] if number % 4 == 2 else []
        shops = [made_id(c.STORE, (number + step) % chain.stores) for step in range(3)] if number % 4 == 3 else []
        at = chain.today - timedelta(days=1 + (total - number) * 100 // total)
        yield made_id(c.CONTENT, number), "article", "published", "新品", 1, regions, shops, at, at, author


@table(
    "content_version",
    "id content_id number title body texts poster_template created_by published_by published_at",
)
def versions(chain: Chain) -> Iterator[Row]:
    author, reviewer = made_id(c.HEADQUARTERS, 0), made_id(c.HEADQUARTERS, 10**6)
    texts = '{"default": "{guide_name}为您推荐"}'
    for number in range(contents_of(chain)):
        ids = made_id(c.VERSION, number), made_id(c.CONTENT, number)
        yield *ids, 1, f"换季护肤 {number}", "换季的第一瓶。", texts, "product_card", author, reviewer, LONG_AGO


@table("content_product", "content_version_id position product_id")
def content_products(chain: Chain) -> Iterator[Row]:
    for number in range(contents_of(chain)):
        # None that is off the shelf: numbers of a hundred beyond those.
        product = min(number * 100 + 50, chain.many(c.PRODUCTS_PER_STORE) // 100 * 100 + 50)
        yield made_id(c.VERSION, number), 0, made_id(c.PRODUCT, product % chain.many(c.PRODUCTS_PER_STORE))


@table("forward_key", "id token created_at")
def forward_keys(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.FORWARDS_PER_STORE):
        yield made_id(c.FORWARD, fact.number), f"token{fact.number}", fact.at


@table("forward_text", "day guide_id content_version_id digest texts shown")
def forward_texts(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.FORWARDS_PER_STORE):
        day, guide, version = (
            fact.at.astimezone(UTC).date(),
            _who(fact)[0],
            made_id(c.VERSION, _content_of(fact, chain)),
        )
        yield day, guide, version, fact.number, '{"default": "为您推荐"}', SHOWN


@table(
    "forward",
    "id content_id content_version_id guide_id store_id channel target text_digest created_at",
)
def forwards(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.FORWARDS_PER_STORE):
        content = _content_of(fact, chain)
        ids = made_id(c.FORWARD, fact.number), made_id(c.CONTENT, content), made_id(c.VERSION, content)
        channel = CHANNELS[fact.turn % len(CHANNELS)]
        yield *ids, *_who(fact), channel, '{"kind": "none"}', fact.number, fact.at


def _content_of(fact: Happening, chain: Chain) -> int:
    return (fact.store + fact.turn * 31) % contents_of(chain) // 4 * 4


def _who(fact: Happening) -> tuple[str, str]:
    return made_id(c.GUIDE, fact.guide), made_id(c.STORE, fact.store)


@table("forward_confirmation", "forward_id kind created_at")
def confirmations(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.FORWARDS_PER_STORE):
        yield made_id(c.FORWARD, fact.number), "client", fact.at + timedelta(seconds=5)


@table("touch", "created_at forward_id guide_id kind viewer counted sign transaction_id")
def touches(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.FORWARDS_PER_STORE):
        forward, guide = made_id(c.FORWARD, fact.number), made_id(c.GUIDE, fact.guide)
        for step in range(c.TOUCHES_PER_FORWARD):
            kind, sign = ("click", "cookie") if step == 2 else ("open", "cookie")
            at, viewer = fact.at + timedelta(minutes=10 + step * 20), f"viewer{fact.number}-{step}"
            yield at, forward, guide, kind, viewer, True, sign, 3


@table(
    "sales_order",
    "id source_id external_id source_version store_id customer_id channel share_token ordered_at business_day currency"
    " net_fen net_sales_fen changed_at",
)
def orders(chain: Chain) -> Iterator[Row]:
    source = made_id(c.SOURCE, 1)
    forwards_made = chain.many(c.FORWARDS_PER_STORE)
    for fact in chain.happenings(c.ORDERS_PER_STORE):
        customer = made_id(c.CUSTOMER, chain.customer(fact))
        link = f"token{fact.number * 2 // 3 % forwards_made}" if fact.number % 10 == 0 else None
        yield (
            *(made_id(c.ORDER, fact.number), source, f"E{fact.number}", 1, made_id(c.STORE, fact.store), customer),
            *("pos", link, fact.at, fact.day, "CNY", *[_net(fact, 0) + _net(fact, 1)] * 2, fact.at),
        )


def _net(fact: Happening, line: int) -> int:
    return 10_000 + (fact.number * c.LINES_PER_ORDER + line) * 13 % 40_000


def _lines(chain: Chain) -> Iterator[tuple[Happening, int, int]]:
    """Each line's order, its place in it, and its number in all."""
    for fact in chain.happenings(c.ORDERS_PER_STORE):
        for line in range(c.LINES_PER_ORDER):
            yield fact, line, fact.number * c.LINES_PER_ORDER + line


@table(
    "order_line",
    "id order_id line_no sku_code sku_id product_title brand_id category_id quantity discount_fen tax_fen net_fen"
    " net_sales_fen paid_fen",
)
def lines(chain: Chain) -> Iterator[Row]:
    skus = chain.many(c.PRODUCTS_PER_STORE * c.SKUS_PER_PRODUCT)
    for fact, line, number in _lines(chain):
        sku = number * 17 % skus
        brand = made_id(c.BRAND, sku // c.SKUS_PER_PRODUCT % 200)
        yield (
            *(made_id(c.LINE, number), made_id(c.ORDER, fact.number), line + 1, f"SKU{sku}", made_id(c.SKU, sku)),
            *("精华液", brand, made_id(c.CATEGORY, sku % 300), 1, 0, 0, *[_net(fact, line)] * 3),
        )


@table(
    "attribution_decision",
    "id line_id order_revision policy_version cause reason candidates digest decided_at",
)
def decisions(chain: Chain) -> Iterator[Row]:
    for fact, _, number in _lines(chain):
        ids = made_id(c.DECISION, number), made_id(c.LINE, number)
        yield *ids, 1, 1, "order", "serving", CANDIDATES, number, fact.at


@table("credit", "decision_id role beneficiary_id beneficiary_kind place share_bp line_id decided_at")
def credits_given(chain: Chain) -> Iterator[Row]:
    for fact, _, number in _lines(chain):
        guide, store = made_id(c.GUIDE, fact.guide), made_id(c.STORE, fact.store)
        given = {"seller": guide, "serving": guide, "ordering_store": store, "fulfilling_store": store}
        for role, who in given.items():
            kind = "store" if who == store else "guide"
            yield made_id(c.DECISION, number), role, who, kind, 1, 10_000, made_id(c.LINE, number), fact.at


@table("attribution", "line_id decision_id")
def attributions(chain: Chain) -> Iterator[Row]:
    for _, _, number in _lines(chain):
        yield made_id(c.LINE, number), made_id(c.DECISION, number)


@table("commission_plan", "id code name")
def plans(_: Chain) -> Iterator[Row]:
    yield made_id(c.COMMISSION, 0), "P", "百分之五"


@table("plan_version", "id plan_id number document rules effective_from created_by approved_by approved_at")
def plan_versions(_: Chain) -> Iterator[Row]:
    two = made_id(c.HEADQUARTERS, 0), made_id(c.HEADQUARTERS, 10**6)
    pays = f'{{"kind": "percentage", "rate_bp": {RATE_BP}}}'
    document = f'{{"rules": [{{"kind": "line", "name": "all", "pays": {pays}}}]}}'
    rules = f'[{{"name": "all", "rate_bp": {RATE_BP}}}]'
    yield made_id(c.RULES, 0), made_id(c.COMMISSION, 0), 1, document, rules, LONG_AGO, *two, LONG_AGO


@table("ledger_account", "id kind staff_id currency")
def accounts(chain: Chain) -> Iterator[Row]:
    """The chain's expense is number 0, a guide's the guide's number and one."""
    yield made_id(c.ACCOUNT, 0), "commission_expense", None, "CNY"
    for guide in range(chain.many(c.GUIDES_PER_STORE)):
        yield made_id(c.ACCOUNT, guide + 1), "guide_payable", made_id(c.GUIDE, guide), "CNY"


@table("ledger_transaction", "id cause cause_id order_revision created_at")
def transactions(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.ORDERS_PER_STORE):
        at = fact.at + timedelta(seconds=10)
        yield made_id(c.TRANSACTION, fact.number), "order", made_id(c.ORDER, fact.number), 1, at


@table(
    "ledger_entry",
    "transaction_id debit_account_id credit_account_id amount_fen signed_fen currency order_line_id guide_id store_id"
    " plan_version_id rule_no net_fen rate_bp sequence business_day",
)
def entries(chain: Chain) -> Iterator[Row]:
    expense, rules = made_id(c.ACCOUNT, 0), made_id(c.RULES, 0)
    for fact, line, number in _lines(chain):
        net = _net(fact, line)
        fen = net * RATE_BP // 10_000
        owed: tuple[Any, ...] = (made_id(c.ACCOUNT, fact.guide + 1), fen, fen, "CNY")
        keys = made_id(c.LINE, number), made_id(c.GUIDE, fact.guide), made_id(c.STORE, fact.store), rules
        yield made_id(c.TRANSACTION, fact.number), expense, *owed, *keys, 1, net, RATE_BP, 1, fact.day


@table("order_posting", "order_id revision")
def postings(chain: Chain) -> Iterator[Row]:
    for number in range(chain.many(c.ORDERS_PER_STORE)):
        yield made_id(c.ORDER, number), 1


@table("follow_up", "id customer_id guide_id store_id at channel outcome next_on created_at")
def follow_ups(chain: Chain) -> Iterator[Row]:
    """Those of the last weeks lead to a next one, some of them overdue."""
    for fact in chain.happenings(c.FOLLOW_UPS_PER_STORE):
        customer = chain.customer(fact)
        guide, store = chain.guide_of_customer(customer), chain.store_of_customer(customer)
        next_on = fact.day + timedelta(days=14) if fact.turn % 2 else None
        ids = made_id(c.FOLLOW_UP, fact.number), made_id(c.CUSTOMER, customer), made_id(c.GUIDE, guide)
        yield *ids, made_id(c.STORE, store), fact.at, "call", "reached", next_on, fact.at


@table("contact", "id customer_id channel guide_id reference_id reserved_at expires_at sent_at")
def contacts(chain: Chain) -> Iterator[Row]:
    for fact in chain.happenings(c.FOLLOW_UPS_PER_STORE):
        customer = chain.customer(fact)
        guide = made_id(c.GUIDE, chain.guide_of_customer(customer))
        ids = made_id(c.CONTACT, fact.number), made_id(c.CUSTOMER, customer)
        yield *ids, "sms", guide, made_id(c.FOLLOW_UP, fact.number), fact.at, fact.at, fact.at


@table("segment", "id name filter shared created_by created_at updated_at")
def segments(chain: Chain) -> Iterator[Row]:
    author = made_id(c.HEADQUARTERS, 0)
    yield made_id(c.SEGMENT, 0), "活跃", '{"stages": ["active"]}', True, author, chain.today, chain.today


@table("audit_entry", "created_at principal_id actor_kind request_id table_name row_id action after transaction_id")
def audited(chain: Chain) -> Iterator[Row]:
    """What a chain writes most: assignments; and once in a while something rare."""
    for fact in chain.happenings(c.AUDITED_PER_STORE):
        rare = fact.number % 100_000 == 500
        what = ("customer", "erase") if rare else ("assignment", "create")
        row_id, request = made_id(c.ASSIGNMENT, fact.number), f"request{fact.number // 5}"
        after = '{"state": "open", "day": "2026-01-01"}'
        yield fact.at, made_id(c.MANAGER, fact.store), "staff", request, what[0], row_id, what[1], after, 3
