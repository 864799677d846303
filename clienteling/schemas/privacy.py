"""Everything about a person; how long people are known."""

from typing import Any

from marshmallow import fields

from clienteling.service.privacy import EXPORT_REASONS
from kit.web import validate
from kit.web.io import In, Out


def _facts(description: str) -> Any:
    return fields.List(fields.Dict(), required=True, metadata={"description": description})


class ExportIn(In):
    reason = fields.String(required=True, validate=validate.OneOf(EXPORT_REASONS))


class ExportOut(Out):
    id = fields.UUID(required=True)
    profiles = _facts("Who they are: name, birthday, address, identities; one for each customer merged into them.")
    consents = _facts("What they allowed and refused, with the evidence.")
    tags = _facts("Words about them, also those taken back.")
    merges = _facts("Who turned out to be them.")
    bindings = _facts("Whose customer they were.")
    transfers = _facts("Hand-overs to another guide.")
    quiet_hours = _facts("When they are left alone.")
    contacts = _facts("When they were contacted.")
    reveals = _facts("Who was shown their personal data.")
    orders = _facts("What they bought.")
    follow_ups = _facts("What guides did for them, and noted.")
    delivered = _facts("What was sent to them.")


class RetentionOut(Out):
    months = fields.Integer(required=True, allow_none=True, metadata={"description": "Null: nobody is forgotten."})
    due = fields.Integer(required=True, metadata={"description": "How many would be forgotten by the next run."})
