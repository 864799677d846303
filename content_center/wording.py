"""What the customer's page says, in Simplified Chinese and English."""

WORDS = {
    "zh": {
        "recommends": "为您推荐",
        "from": "{guide} · {store}",
        "expired": "这份推荐已经结束，商品与价格以门店为准。",
        "withdrawn": "这份推荐已被品牌撤回，商品与价格以门店为准。",
        "products": "推荐商品",
        "off_shelf": "已下架",
        "presale": "预售",
        "store": "本店暂缺",
        "instead": "看看这些在售的替代款",
        "was": "原价",
        "ask": "想了解",
        "asked": "已告诉{guide}，很快会与您联系。",
        "decline": "不感兴趣，请别再发给我",
        "declined": "已记下，以后不会再通过这个渠道给您发消息。",
        "declined_unknown": "已转告{guide}。",
        "small_print": "价格与库存以门店当时为准。",
        "nothing_here": "这个链接找不到了",
        "nothing_here_detail": "链接可能不完整，或已失效。请向您的导购要一个新链接。",
        "recalled": "这份推荐已撤下",
        "recalled_detail": "其中的商品正在召回。如已购买，请先停止使用，并联系门店。",
        "taken_down": "这份推荐已撤下",
        "taken_down_detail": "品牌已撤下这份内容，不再提供查看。如有疑问，请联系门店。",
    },
    "en": {
        "recommends": "Recommended for you",
        "from": "{guide} · {store}",
        "expired": "This recommendation has ended; please ask the store for today's products and prices.",
        "withdrawn": "The brand has withdrawn this; please ask the store for today's products and prices.",
        "products": "Products",
        "off_shelf": "No longer available",
        "presale": "Coming soon",
        "store": "Not in this store now",
        "instead": "Available instead",
        "was": "Was",
        "ask": "Ask about this",
        "asked": "{guide} has been told and will get in touch.",
        "decline": "Not interested, do not send me more",
        "declined": "Noted: nothing more will be sent to you this way.",
        "declined_unknown": "{guide} has been told.",
        "small_print": "Prices and stock are the store's at the time of purchase.",
        "nothing_here": "Nothing here",
        "nothing_here_detail": "The link may be incomplete or no longer valid. Ask your guide for a new one.",
        "recalled": "This has been taken down",
        "recalled_detail": "A product in it is being recalled. Do not use it if you have it; contact the store.",
        "taken_down": "This has been taken down",
        "taken_down_detail": "The brand has taken this down and no longer shows it. If in doubt, contact the store.",
    },
}


def badge(card: dict[str, object]) -> str | None:
    """The word for why a product cannot be bought now, a key of WORDS; None when it can."""
    if card["sellable"]:
        return None
    if card["shelf_status"] == "presale":
        return "presale"
    return "store" if card["blocked_by"] == "store" else "off_shelf"
