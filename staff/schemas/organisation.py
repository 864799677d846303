"""Regions, stores and people."""

from typing import Any

from marshmallow import ValidationError, fields

from kit.codes import MAX_CODE
from kit.phones import read_phone
from kit.web import validate
from kit.web.io import In, Out, code_field, name_field, paged, path_field, text_field, thumbnail_field
from kit.web.paging import PageIn
from kit.words import Unfit
from staff.rules import ROLES
from staff.rules.roster import MAX_MINUTES
from staff.rules.rows import MAX_AREA_M2, MAX_CITY, MAX_NAME, MAX_TAGS, NORMAL_MINUTES
from staff.schemas.placements import placed_role_field

MAX_COVER_DAYS = 62


def role_field(**options: Any) -> fields.String:
    """One role."""
    return fields.String(validate=validate.OneOf(sorted(ROLES)), **options)


class _Phone(fields.String):
    """A telephone, in E.164 once it is read."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return read_phone(text[:MAX_CODE])
        except Unfit as error:
            raise ValidationError([error.said]) from None


def _reached(**options: Any) -> dict[str, fields.String]:
    """How a person is reached."""
    phone = {"description": "Theirs at work; codes to sign in with go there.", "example": "13800138000"}
    wecom = {"description": "By what the chain's WeCom knows them, where that is not the staff number."}
    return {
        "phone": _Phone(allow_none=True, metadata=phone, **options),
        "wecom_user_id": text_field(MAX_CODE, allow_none=True, metadata=wecom, **options),
    }


def _minutes(**options: Any) -> fields.Integer:
    said = {"description": "Of a day of full-time work, where no roster says otherwise.", "example": NORMAL_MINUTES}
    return fields.Integer(strict=True, validate=validate.Range(1, MAX_MINUTES), metadata=said, **options)


def _code(**options: Any) -> fields.String:
    return code_field(MAX_CODE, **options)


class RegionIn(In):
    code = _code(required=True, metadata={"description": "Never changes.", "example": "EAST"})
    name = name_field(MAX_NAME, required=True, metadata={"example": "华东"})
    parent_code = _code(load_default=None, allow_none=True, metadata={"description": "Null for a root."})


class RegionPatch(In):
    name = name_field(MAX_NAME)
    parent_code = _code(allow_none=True, metadata={"description": "Moves the region with its subtree."})


class RegionOut(Out):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    parent_code = fields.String(required=True, allow_none=True)
    ancestor_ids = fields.List(
        fields.UUID(), required=True, metadata={"description": "From the root down to the region itself."}
    )
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


class RegionsIn(PageIn):
    parent_id = fields.UUID(load_default=None)


class StoreIn(In):
    code = _code(required=True, metadata={"description": "Never changes.", "example": "SH001"})
    name = name_field(MAX_NAME, required=True, metadata={"example": "上海南京东路店"})
    region_code = _code(required=True)
    time_zone = text_field(MAX_CODE, load_default="Asia/Shanghai", metadata={"description": "IANA name."})
    currency = text_field(3, min_length=3, load_default="CNY", metadata={"description": "ISO 4217."})
    country = text_field(2, load_default="CN", metadata={"description": "ISO 3166-1: whose calendar counts there."})
    city = name_field(MAX_CITY, load_default=None, allow_none=True, metadata={"example": "上海"})
    normal_minutes = _minutes(load_default=NORMAL_MINUTES)
    tags = fields.List(text_field(MAX_CODE), load_default=list, validate=validate.Length(max=MAX_TAGS))
    opened_on = fields.Date(required=True)
    closed_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "The last day."})


class StorePatch(In):
    name = name_field(MAX_NAME)
    region_code = _code()
    time_zone = text_field(MAX_CODE)
    currency = text_field(3, min_length=3)
    country = text_field(2)
    city = name_field(MAX_CITY, allow_none=True)
    normal_minutes = _minutes()
    tags = fields.List(text_field(MAX_CODE), validate=validate.Length(max=MAX_TAGS))
    opened_on = fields.Date()
    closed_on = fields.Date(allow_none=True)


class StoreOut(Out):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    region_id = fields.UUID(required=True)
    region_code = fields.String(required=True)
    region_name = fields.String(required=True)
    time_zone = fields.String(required=True)
    currency = fields.String(required=True)
    country = fields.String(required=True, metadata={"example": "CN"})
    city = fields.String(required=True, allow_none=True, metadata={"example": "上海"})
    area_m2 = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Selling area today, in square metres.", "example": 180},
    )
    normal_minutes = _minutes(required=True)
    tags = fields.List(fields.String(), required=True)
    opened_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


class StoresIn(PageIn):
    region_id = fields.UUID(load_default=None, metadata={"description": "With everything below it."})
    tag = text_field(MAX_CODE, load_default=None)
    open_on = fields.Date(load_default=None, metadata={"description": "Only stores open on this day."})
    q = text_field(MAX_NAME, load_default=None, metadata={"description": "Part of the code or name."})


class AreaIn(In):
    area_m2 = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, MAX_AREA_M2), metadata={"example": 180}
    )


class AreaOut(Out):
    valid_from = fields.Date(required=True, metadata={"description": "Until the next one begins."})
    area_m2 = fields.Integer(required=True, metadata={"example": 180})


class AreasOut(Out):
    items = fields.List(fields.Nested(AreaOut), required=True)


class CoverIn(In):
    staff_no = _code(required=True)
    days = fields.List(fields.Date(), required=True, validate=validate.Length(1, MAX_COVER_DAYS))


class CoversIn(PageIn):
    from_day = fields.Date(load_default=None, data_key="from", metadata={"description": "Not before."})
    to_day = fields.Date(load_default=None, data_key="to", metadata={"description": "Not after."})


class CoverOut(Out):
    id = fields.UUID(required=True, metadata={"description": "Of the placement."})
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True, allow_none=True, metadata={"description": "Included; null: it goes on."})
    role = placed_role_field(required=True)
    staff_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)


class CoversOut(Out):
    items = fields.List(fields.Nested(CoverOut), required=True)


class StaffIn(In):
    staff_no = _code(required=True, metadata={"description": "Never changes.", "example": "G0001"})
    name = name_field(MAX_NAME, required=True, metadata={"example": "王芳"})
    roles = fields.List(role_field(), required=True, validate=validate.Length(1))
    store_code = _code(load_default=None, allow_none=True, metadata={"description": "Home store."})
    region_code = _code(load_default=None, allow_none=True, metadata={"description": "What a regional manager sees."})
    hired_on = fields.Date(required=True)
    left_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "The last day."})
    phone, wecom_user_id = _reached(load_default=None).values()


class StaffPatch(In):
    name = name_field(MAX_NAME)
    roles = fields.List(role_field(), validate=validate.Length(1))
    store_code = _code(allow_none=True)
    region_code = _code(allow_none=True)
    hired_on = fields.Date()
    left_on = fields.Date(allow_none=True)
    phone, wecom_user_id = _reached().values()


class PortraitOut(Out):
    portrait_url = path_field("640 pixels at most.")
    portrait_thumbnail_url = thumbnail_field()


class StaffOut(Out):
    id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(role_field(), required=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    region_id = fields.UUID(required=True, allow_none=True)
    region_code = fields.String(required=True, allow_none=True)
    hired_on = fields.Date(required=True)
    left_on = fields.Date(required=True, allow_none=True)
    portrait_url = path_field("Shown on posters and pages.", allow_none=True)
    phone = fields.String(required=True, allow_none=True, metadata={"description": "Masked.", "example": "138****8000"})
    wecom_user_id = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


class InvitationsIn(In):
    store_id = fields.UUID(load_default=None, allow_none=True, metadata={"description": "Of this store alone."})
    everybody = fields.Boolean(
        load_default=False, metadata={"description": "Also who has a password already; else those without one."}
    )
    format = fields.String(load_default="xlsx", validate=validate.OneOf(("xlsx", "csv")))


class PeopleIn(PageIn):
    store_id = fields.UUID(load_default=None)
    region_id = fields.UUID(load_default=None, metadata={"description": "With everything below it."})
    role = role_field(load_default=None)
    employed_on = fields.Date(load_default=None)
    q = text_field(MAX_NAME, load_default=None, metadata={"description": "Part of the staff number or name."})


RegionPageOut = paged(RegionOut)
StorePageOut = paged(StoreOut)
StaffPageOut = paged(StaffOut)
CoverPageOut = paged(CoverOut)
