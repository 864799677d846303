"""What the customers room's refusals carry for programs."""

from marshmallow import fields

from customers.service.bindings import BindingProtected
from customers.service.identities import CustomerKnown
from customers.service.transfers import TransferLimit, TransferWaiting
from kit.web.problems import carries

carries(BindingProtected, TransferWaiting, until=fields.DateTime(required=True))
carries(
    TransferLimit,
    until=fields.DateTime(required=True, allow_none=True, metadata={"description": "Null: the limit is none at all."}),
)
carries(CustomerKnown, customer_id=fields.UUID(metadata={"description": "Who it is, if you see them."}))
