"""Customers, how channels know them, and what is shown of them."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from customers.queries import MEMBER_NO
from customers.rules.birthdays import is_birthday
from customers.rules.identities import KINDS, MAX_VALUE
from customers.schemas.bindings import member_no_field
from customers.sealed import PROFILE_FIELDS
from customers.service.identities import MAX_IDENTITIES
from customers.service.reveals import REASONS
from kit import clock
from kit.web import validate
from kit.web.io import In, Out, code_field, name_field, text_field
from kit.web.validate import unfit
from kit.words import say

MAX_NAME, MAX_CITY, MAX_ADDRESS, MAX_CODE = 100, 100, 300, 64
CUSTOMER_ORIGINS = ("till", "staff", "integrator", "import")
GENDERS = ("female", "male", "other")
MASKED = {"description": "Masked.", "example": "张*"}


def birthday_field(**options: object) -> fields.Date:
    """A day of birth, as ISO 8601: from 1900 on, and not to come."""
    described = {"description": "ISO 8601, from 1900 on.", "example": "1990-05-17"}
    return fields.Date(validate=_check_birthday, metadata=described, **options)  # type: ignore[arg-type]


def _check_birthday(day: date) -> None:
    if not is_birthday(day, now=clock.now()):
        raise ValidationError([say("unreadable.birthday")])


class IdentityIn(In):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    value = text_field(
        MAX_VALUE,
        required=True,
        metadata={
            "description": "A telephone with its country code, or a Chinese one without; an e-mail address; a WeCom "
            "external_userid; a WeChat union id; the id of a mall member.",
            "example": "13800138000",
        },
    )


class CustomerIn(In):
    id = fields.UUID(required=True, metadata={"description": "Chosen by the client: sent twice, made once."})
    name = name_field(MAX_NAME, load_default=None, allow_none=True, metadata={"example": "张小满"})
    gender = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(GENDERS))
    birthday = birthday_field(load_default=None, allow_none=True)
    city = name_field(MAX_CITY, load_default=None, allow_none=True, metadata={"example": "上海"})
    address = name_field(MAX_ADDRESS, load_default=None, allow_none=True, metadata={"example": "南京西路 1 号"})
    identities = fields.List(fields.Nested(IdentityIn), load_default=list, validate=validate.Length(max=MAX_IDENTITIES))
    member_no = member_no_field(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only from tills, integrators and administrators.", "example": "M0001"},
    )
    store_code = code_field(
        MAX_CODE, load_default=None, allow_none=True, metadata={"description": "By default the caller's store."}
    )
    shared_phone = fields.Boolean(
        load_default=False, metadata={"description": "Another customer has this telephone, too: a family's, say."}
    )

    @validates_schema
    def check_known(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("identities") and data.get("member_no") is None:
            raise unfit(say("required.identity"), "identities")


class CustomerPatch(In):
    name = name_field(MAX_NAME, allow_none=True, metadata={"example": "张小满"})
    gender = fields.String(allow_none=True, validate=validate.OneOf(GENDERS))
    birthday = birthday_field(allow_none=True)
    city = name_field(MAX_CITY, allow_none=True, metadata={"example": "上海"})
    address = name_field(MAX_ADDRESS, allow_none=True, metadata={"example": "南京西路 1 号"})


class IdentityAddIn(IdentityIn):
    shared_phone = fields.Boolean(load_default=False)


class LookUpIn(In):
    kind = fields.String(required=True, validate=validate.OneOf((*KINDS, MEMBER_NO)))
    value = text_field(MAX_VALUE, required=True, metadata={"example": "13800138000"})


class RevealIn(In):
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))


class IdentityOut(Out):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    value = fields.String(required=True, metadata={"example": "138****8000"})


class _ProfileOut(Out):
    id = fields.UUID(required=True)
    member_no = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True, metadata=MASKED)
    gender = fields.String(required=True, allow_none=True, validate=validate.OneOf(GENDERS))
    birthday = fields.String(
        required=True, allow_none=True, metadata={"description": "Masked: the year is hidden.", "example": "****-05-17"}
    )
    city = fields.String(required=True, allow_none=True, metadata={"example": "上海"})
    address = fields.String(required=True, allow_none=True, metadata={"description": "Masked.", "example": "****"})
    identities = fields.List(fields.Nested(IdentityOut), required=True, metadata={"description": "Masked."})


class CustomerOut(_ProfileOut):
    profile_fields = fields.List(
        fields.String(validate=validate.OneOf(PROFILE_FIELDS)),
        required=True,
        metadata={"description": "Which fields are known.", "example": ["name"]},
    )
    origin = fields.String(
        required=True, validate=validate.OneOf(CUSTOMER_ORIGINS), metadata={"description": "Who made them."}
    )
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    guide_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Whose they are now."})
    guide_staff_no = fields.String(required=True, allow_none=True)
    guide_name = fields.String(required=True, allow_none=True)
    bound_at = fields.DateTime(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


class FoundOut(Out):
    items = fields.List(fields.Nested(CustomerOut), required=True)


class PlainIdentityOut(IdentityOut):
    value = fields.String(required=True, metadata={"example": "+8613800138000"})


class RevealOut(_ProfileOut):
    name = fields.String(required=True, allow_none=True, metadata={"example": "张小满"})
    birthday = fields.String(required=True, allow_none=True, metadata={"example": "1990-05-17"})
    address = fields.String(required=True, allow_none=True, metadata={"example": "南京西路 1 号"})
    identities = fields.List(fields.Nested(PlainIdentityOut), required=True)
