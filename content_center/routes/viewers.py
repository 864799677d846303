"""Who looks at a shared link, as the channel in which it opens knows them."""

from typing import Any

from content_center import links, queries, viewers
from content_center.queries.forwards import ForwardNotFound
from content_center.routes.blueprint import bp
from content_center.schemas.viewers import ViewerIn, ViewerOut
from customers.queries import find_identity_owners
from kit.web.auth import auth
from kit.web.io import body, reply
from kit.web.refusals import refuses
from staff.queries import find_staff_by_no


@bp.post("/viewers")
@auth(scope="viewers:write")
@refuses(ForwardNotFound)
@body(ViewerIn)
@reply(ViewerOut)
def create_viewer(token: str, kind: str, channel_id: str) -> dict[str, Any]:
    """The address of a shared page for one person whom a mini-program or official account knows; nothing is stored.

    Whoever opens it within ten minutes is that person, on whatever device.
    """
    if queries.find_shared(token) is None:
        raise queries.ForwardNotFound
    staff_id = _staff_id(channel_id) if kind == "staff" else None
    customer_id = _customer_id(kind, channel_id) if kind != "staff" else None
    ticket = viewers.ticket(kind=kind, channel_id=channel_id, staff_id=staff_id, customer_id=customer_id)
    return {"share_url": f"{links.share_url(token)}?viewer={ticket}", "expires_in": viewers.TICKET_SECONDS}


def _staff_id(staff_no: str) -> str | None:
    person = find_staff_by_no(staff_no)
    return str(person.id) if person else None


def _customer_id(kind: str, channel_id: str) -> str | None:
    owners = find_identity_owners([(kind, channel_id)]).get((kind, channel_id), set())
    return next(map(str, owners), None)
