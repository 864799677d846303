"""What was sold, and for whom it counts."""

from datetime import timedelta

from sqlalchemy import case, exists, func, literal, select
from sqlalchemy.orm import aliased

from models import Attribution, Credit, Order, OrderLine
from orders.queries import credited
from orders.queries.served import IS_SELLER, part_of
from performance.queries.figures.declaring import FROM_DAY, GUIDE_ID, STARTS_AT, TO_DAY, Counted, Fact, Whose, of
from performance.rules.metrics import OF_THE_RETURN, OF_THE_SALE, THAT_SOLD, THAT_TOOK_BACK, Figure, Words

# What a guide sold on a day is found by guide first, among the lines decided on since this long before it. Only an
# order that its source moved over more than this is missed until a job computes it.
LONGEST_WAIT = timedelta(days=31)
OF_GUIDE = (Credit.beneficiary_id == GUIDE_ID) & (Credit.decided_at >= STARTS_AT - LONGEST_WAIT)

IS_MEMBERS = Order.customer_id.is_not(None)
_SoldLine, _Sale = aliased(OrderLine), aliased(Order)
# A refund names nobody: it is the member's whose purchase it takes back.
_OF_MEMBERS_SALE = (
    exists()
    .where(_SoldLine.id == OrderLine.original_line_id, _Sale.id == _SoldLine.order_id, _Sale.customer_id.is_not(None))
    .correlate(OrderLine)
)
MEMBER_SALES_PART_FEN = func.sum(case((IS_MEMBERS | _OF_MEMBERS_SALE, part_of(OrderLine.net_fen)), else_=0))
# Of lines whose source told their tag price; a return has none.
HAS_TAG = OrderLine.tag_fen.is_not(None)
TAG_PART_FEN = func.sum(case((HAS_TAG, part_of(OrderLine.tag_fen)), else_=0))
TAGGED_PAID_PART_FEN = func.sum(case((HAS_TAG, part_of(OrderLine.paid_fen)), else_=0))


def _sales(whose: Whose) -> Counted:
    sold = select(Order.id).select_from(Order).join(OrderLine, OrderLine.order_id == Order.id)
    credit = sold.outerjoin(Attribution, Attribution.line_id == OrderLine.id).outerjoin(Credit, IS_SELLER)
    on_days = Order.business_day.between(FROM_DAY, TO_DAY)
    return Counted(
        tables=credit.where(on_days, credited.COUNTS, of(whose, OF_GUIDE, Order.store_id)),
        keys=(Order.business_day, Order.store_id, Credit.beneficiary_id, Order.currency),
        item=Order.id,
        at=Order.ordered_at,
        sums={
            "orders": credited.RECEIPTS,
            "units": credited.UNITS,
            "units_bp": credited.UNITS_BP,
            "net_fen": credited.NET_SALES_PART_FEN,
            "settled_fen": credited.SETTLED_SALES_PART_FEN,
            "refunded_fen": credited.REFUNDED_PART_FEN,
            "member_fen": MEMBER_SALES_PART_FEN,
            "tag_fen": TAG_PART_FEN,
            "tagged_paid_fen": TAGGED_PAID_PART_FEN,
            "customers": credited.CUSTOMERS,
        },
    )


def _receipts(whose: Whose) -> Counted:
    """Receipts in basis points: of a guide's, the parts of all who sold must be known."""
    sold = select(OrderLine.order_id).join(Credit, Credit.line_id == OrderLine.id)
    theirs = sold.join(Attribution, Attribution.line_id == OrderLine.id).where(IS_SELLER, OF_GUIDE)
    found = credited.receipts_divided(
        Order.business_day.between(FROM_DAY, TO_DAY), of(whose, Order.id.in_(theirs), Order.store_id)
    )
    tables = select(Order.id).select_from(Order).join(found, found.c.order_id == Order.id)
    parts = found.c.orders_bp
    return Counted(
        tables=tables.where(found.c.guide_id == GUIDE_ID if whose == "guide" else literal(True)),
        keys=(found.c.business_day, found.c.store_id, found.c.guide_id, found.c.currency),
        item=Order.id,
        at=Order.ordered_at,
        sums={"orders_bp": func.sum(parts), "member_orders_bp": func.sum(case((IS_MEMBERS, parts), else_=0))},
    )


SALES = Fact(
    "receipts",
    (
        Figure(
            "orders", "orders", "count", Words("成交单数", "Receipts"),
            Words("至少有一行销售计入该导购的小票", "receipts with at least one line sold and credited to the guide"),
            OF_THE_SALE, THAT_SOLD, is_kept=True,
        ),
        Figure(
            "units", "units", "count", Words("销售件数", "Pieces"),
            Words("售出件数减退回件数", "pieces sold less pieces that came back"),
            OF_THE_RETURN, THAT_TOOK_BACK, is_kept=True,
        ),
        Figure(
            "units_bp", "units_bp", "basis_points", Words("销售件数（分摊）", "Pieces, divided"),
            Words("同样的件数，每件 10,000，按销售人分摊", "the same pieces, each 10,000 divided among who sold it"),
            OF_THE_RETURN, THAT_TOOK_BACK, is_kept=True,
        ),
        Figure(
            "net_sales", "net_fen", "money", Words("净销售额", "Net sales"),
            Words(
                "实付减退款（不论何时退），不含税和运费",
                "what was paid for those lines, without tax and shipping, less what was refunded of them, whenever",
            ),
            OF_THE_SALE, THAT_SOLD,
        ),
        Figure(
            "settled_sales", "settled_fen", "money", Words("结算销售额", "Settled sales"),
            Words("当日实付减当日退款", "what was paid less what was given back"),
            OF_THE_RETURN, THAT_TOOK_BACK, is_kept=True,
        ),
        Figure(
            "refunds", "refunded_fen", "money", Words("退款额", "Refunds"), Words("退款金额", "what was given back"),
            Words("退货日", "of the return"), Words("退货门店", "that took it back"), is_kept=True,
        ),
        Figure(
            "member_sales", "member_fen", "money", Words("会员销售额", "Members' sales"),
            Words("会员小票及其退货的结算销售额", "settled sales on receipts of members, less what they brought back"),
            OF_THE_RETURN, THAT_TOOK_BACK, is_kept=True,
        ),
        Figure(
            "tag_amount", "tag_fen", "money", Words("吊牌金额", "Tag amount"),
            Words("有吊牌价的销售行的吊牌金额", "tag prices of what was sold, of lines that have one"),
            OF_THE_SALE, THAT_SOLD, is_kept=True,
        ),
        Figure(
            "tagged_paid", "tagged_paid_fen", "money", Words("吊牌商品实付", "Paid of tagged lines"),
            Words("这些销售行的实付（含税）", "what was paid for these lines, tax included"),
            OF_THE_SALE, THAT_SOLD, is_kept=True,
        ),
        Figure(
            "daily_customers", "customers", "count", Words("成交会员人次（按日）", "Members served, by day"),
            Words(
                "当日小票上的不同会员；多日相加时同一会员每日计一次",
                "different members on those receipts; over several days, each once a day",
            ),
            OF_THE_SALE, THAT_SOLD, is_kept=True,
        ),
    ),
    _sales,
)  # fmt: skip
RECEIPTS = Fact(
    "receipt_parts",
    (
        Figure(
            "orders_bp", "orders_bp", "basis_points", Words("成交单数（分摊）", "Receipts, divided"),
            Words("同样的小票，每单 10,000，按销售人分摊", "the same receipts, each 10,000 divided among who sold it"),
            OF_THE_SALE, THAT_SOLD, is_kept=True,
        ),
        Figure(
            "member_orders_bp", "member_orders_bp", "basis_points", Words("会员单数（分摊）", "Of members, divided"),
            Words("其中会员的小票", "those of them that are of members"),
            OF_THE_SALE, THAT_SOLD, is_kept=True,
        ),
    ),
    _receipts,
)  # fmt: skip
