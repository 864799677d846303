"""The forgetting of people."""

from marshmallow import fields

from customers.service.erasures import REASONS
from kit.web import validate
from kit.web.io import In, Out


class ErasureIn(In):
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))


class ErasureOut(Out):
    id = fields.UUID(required=True)
    erased_at = fields.DateTime(required=True)
