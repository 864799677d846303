"""What the webhook routes take and give."""

from typing import Any

from marshmallow import fields

from integrations.rules import KINDS
from kit.web import validate
from kit.web.io import In, Out, paged, text_field, url_field
from kit.web.paging import PageIn
from models.integrations import DELIVERY_STATES

URL = {
    "description": "https, to a public address; redirects are not followed.",
    "format": "iri",
    "example": "https://erp.example.com/hooks",
}
SECRET = "Shown this once; messages are signed with it by the Standard Webhooks specification."  # noqa: S105
EXAMPLE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - from the specification


def kinds_field(*, required: bool) -> fields.Field[Any]:
    """The kinds of events that a subscription is for."""
    one = fields.String(validate=validate.OneOf(KINDS))
    return fields.List(
        one, validate=validate.Length(1, len(KINDS)), metadata={"example": list(KINDS[:2])}, required=required
    )


class SubscriptionIn(In):
    name = text_field(200, required=True, metadata={"example": "ERP"})
    url = text_field(500, required=True, metadata=URL)
    kinds = kinds_field(required=True)


class SubscriptionChangeIn(In):
    name = text_field(200, metadata={"example": "ERP"})
    url = text_field(500, metadata=URL)
    kinds = kinds_field(required=False)
    active = fields.Boolean(metadata={"description": "While it is not, nothing is owed to it.", "example": True})


class WebhookSecretIn(In):
    overlap_hours = fields.Integer(
        load_default=24,
        validate=validate.Range(0, 24 * 30),
        metadata={"description": "How long messages bear the present secret's signature too.", "example": 24},
    )


class SubscriptionOut(Out):
    id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"example": "ERP"})
    url = url_field()
    kinds = kinds_field(required=True)
    active = fields.Boolean(required=True)
    created_at = fields.DateTime(required=True)


class SubscriptionSecretOut(SubscriptionOut):
    secret = fields.String(required=True, metadata={"description": SECRET, "example": EXAMPLE_SECRET})


class WebhookSecretOut(Out):
    secret = fields.String(required=True, metadata={"description": SECRET, "example": EXAMPLE_SECRET})


class DeliveriesIn(PageIn):
    subscription_id = fields.UUID(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(DELIVERY_STATES), metadata={"example": "dead"})


class DeliveryOut(Out):
    id = fields.UUID(required=True, metadata={"description": "`webhook-id` is this with `msg_` before it."})
    subscription_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(DELIVERY_STATES))
    attempts = fields.Integer(required=True, metadata={"example": 10})
    due_at = fields.DateTime(required=True, metadata={"description": "When it is tried next, while pending."})
    last_status = fields.Integer(required=True, allow_none=True, metadata={"example": 500})
    last_problem = fields.String(required=True, allow_none=True, metadata={"example": "Answered 500."})
    occurred_at = fields.DateTime(required=True)
    created_at = fields.DateTime(required=True)
    delivered_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})


SubscriptionPageOut = paged(SubscriptionOut)
DeliveryPageOut = paged(DeliveryOut)
