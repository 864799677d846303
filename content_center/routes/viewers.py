"""Who looks at a shared link, as the channel in which it opens knows them."""

from typing import Any

from content_center import links, queries, viewers
from content_center.routes.blueprint import bp
from content_center.schemas.viewers import ViewerIn, ViewerOut
from kit.web.auth import auth
from kit.web.io import body, reply
from staff.queries import find_staff_by_no


@bp.post("/viewers")
@auth(scope="viewers:write")
@body(ViewerIn)
@reply(ViewerOut)
def create_viewer(token: str, kind: str, channel_id: str) -> dict[str, Any]:
    """The address of a shared page for one person whom a mini-program or official account knows; nothing is stored.

    Whoever opens it within ten minutes is that person, on whatever device.
    """
    if queries.find_shared(token) is None:
        raise queries.ForwardNotFound
    person = find_staff_by_no(channel_id) if kind == "staff" else None
    ticket = viewers.ticket(kind=kind, channel_id=channel_id, staff_id=str(person.id) if person else None)
    return {"share_url": f"{links.share_url(token)}?viewer={ticket}", "expires_in": viewers.TICKET_SECONDS}
