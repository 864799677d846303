"""Which selling channels there are, and what else headquarters says about orders."""

from typing import Any

import msgspec

from kit import clock
from kit.web.auth import auth
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import body, reply
from orders import service
from orders.queries.settings import find_versioned_settings
from orders.routes.blueprint import bp
from orders.rules.settings import OrderSettings
from orders.schemas import OrderSettingsIn, OrderSettingsOut
from staff.rules import ANY_STAFF


@bp.get("/order-settings")
@auth(roles=ANY_STAFF, scope="orders:write")
@reply(OrderSettingsOut)
@etagged
def get_order_settings() -> dict[str, Any]:
    """The selling channels, and whether receipts may be in another currency than their store's."""
    settings, version = find_versioned_settings()
    serve(str(version))
    return {**msgspec.to_builtins(settings), "version": version}


@bp.put("/order-settings")
@auth(roles={"hq_admin"})
@body(OrderSettingsIn)
@reply(OrderSettingsOut)
@if_match
def put_order_settings(channels: list[str], foreign_currency: bool, expected_version: int) -> dict[str, Any]:
    """Change them for what comes in from now on; what came in before stays."""
    settings = OrderSettings(channels=tuple(dict.fromkeys(channels)), foreign_currency=foreign_currency)
    version = service.put_settings(settings, expected_version=expected_version, now=clock.now())
    tag(str(version))
    return {**msgspec.to_builtins(settings), "version": version}
