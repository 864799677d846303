"""The API's operations by what people do with them, in the order in which a newcomer would read."""

from apispec import APISpec

# Name, and the beginnings of the paths that belong there; the longest that fits counts.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Sign in · 登录", ("/v1/auth", "/v1/me", "/v1/staff/{staff_id}/totp", "/v1/staff/{staff_id}/password-reset")),
    ("Do today's tasks · 今日任务", ("/v1/task", "/v1/outbox")),
    ("Share content · 内容分享", ("/v1/content/{content_id}/forwards", "/v1/forwards", "/v1/touches")),
    (
        "Make and review content · 内容制作与审核",
        ("/v1/content", "/v1/assets", "/v1/poster-templates", "/v1/viewers"),
    ),
    ("Look after customers · 客户维护", ("/v1/follow-ups", "/v1/segments", "/v1/life-cycle", "/v1/customers")),
    (
        "Say whose customers they are · 客户归属",
        (
            "/v1/binding",
            "/v1/share-bindings",
            "/v1/customers/{customer_id}/bindings",
            "/v1/me/guide-code",
        ),
    ),
    ("Ask before contacting · 联系许可", ("/v1/contact", "/v1/customers/{customer_id}/consents")),
    ("Aim · 目标", ("/v1/targets", "/v1/me/targets", "/v1/day-weights", "/v1/stores/{store_id}/target-shares")),
    (
        "See figures · 业绩",
        (
            *("/v1/performance", "/v1/revenue-formula", "/v1/metrics", "/v1/leaderboards"),
            *("/v1/content-figures", "/v1/customers/measures"),
        ),
    ),
    (
        "See and decide on money · 佣金",
        (
            *("/v1/commission", "/v1/plan-versions", "/v1/pay-periods", "/v1/placement-corrections"),
            *("/v1/settlements", "/v1/statements"),
        ),
    ),
    (
        "Find products · 商品",
        (
            "/v1/products",
            "/v1/brands",
            "/v1/categories",
            "/v1/product-tags",
            "/v1/shelf-events",
            "/v1/availability",
            "/v1/stores/{store_code}/availability",
        ),
    ),
    ("Connect product sources · 商品对接", ("/v1/sources", "/v1/sync-runs")),
    (
        "Take in orders · 订单",
        (
            *("/v1/orders", "/v1/order-lines", "/v1/order-rejects", "/v1/order-settings", "/v1/refunds"),
            *("/v1/attribution-policies", "/v1/claims", "/v1/unknown-sellers", "/v1/sources/{source}/footfall"),
            *("/v1/sources/{source}/orders", "/v1/sources/{source}/order-rejects", "/v1/sources/{source}/refunds"),
        ),
    ),
    (
        "Keep people and stores · 组织与门店",
        ("/v1/regions", "/v1/stores", "/v1/staff", "/v1/placements", "/v1/roster-days", "/v1/calendars", "/v1/imports"),
    ),
    ("Tell other systems · 系统对接", ("/v1/webhooks", "/v1/api-keys")),
    ("Watch over it · 审计与运维", ("/v1/audit", "/v1/dead-letters")),
)


def group_of(path: str) -> str | None:
    """The name of the group that `path` belongs to."""
    fitting = [(len(start), name) for name, starts in GROUPS for start in starts if path.startswith(start)]
    return max(fitting)[1] if fitting else None


def group(spec: APISpec) -> None:
    """Tag each operation with its group, instead of with the room that it is written in."""
    for path, operations in spec._paths.items():
        for method, operation in operations.items():
            if method != "parameters" and (name := group_of(path)):
                operation["tags"] = [name]
    spec._tags[:] = [{"name": name} for name, _ in GROUPS]
