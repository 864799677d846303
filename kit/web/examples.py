"""Examples for the API's documentation, made from the schemas: one glossary of values by field name."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

BY_FORMAT = {
    "uuid": "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17",
    "date": "2026-11-21",
    "date-time": "2026-11-21T08:30:00Z",
    "binary": "(the file)",
    "uri": "https://shop.example.com/p/10086",
}
# What a field holds that does not say so itself; one that is not here either shows its own name.
BY_NAME = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl",
    "address": "203.0.113.7",
    "attribution": "serving_guide",
    "barcode": "6901234567892",
    "body": "新品到店，欢迎来试。",
    "brand": "谷雨",
    "bucket": "2026-11-21",
    "category": "护肤 > 精华",
    "channel": "wecom_chat",
    "checksum": "9f86d081884c7d65",
    "client_address": "203.0.113.7",
    "code": "S0001",
    "currency": "CNY",
    "current_password": "guide-demo-2026",
    "customer_ids": "C10086",
    "detail": "The whole sentence, for people.",
    "device_name": "Huawei P70",
    "device_token": "d-7Qm2",
    "digest": "9f86d081884c7d65",
    "external_id": "SPU-10086",
    "field": "price",
    "format": "items",
    "group_id": "wr-123",
    "guide": "G0001",
    "guide_name": "张小凡",
    "image_key": "products/9f86d081.webp",
    "image_keys": "products/9f86d081.webp",
    "image_url": "/files/9f/9f86d081.jpg",
    "image_urls": "https://shop.example.com/i/10086.jpg",
    "instructions": "转发给本周到店的会员。",
    "kind": "forward",
    "key": "S0001",
    "label": "晚霜 50ml",
    "locale": "zh-CN",
    "member_no": "M0001",
    "message": "价格不能为负。",
    "mode": "snapshot",
    "name": "南京西路店",
    "new_password": "four calm horses ran",
    "next_after": "1024-77",
    "next_cursor": None,
    "note": "已发给三位会员。",
    "old_status": "on_shelf",
    "new_status": "off_shelf",
    "order_external_id": "T-20261121-0001",
    "password": "guide-demo-2026",
    "outcome": "created",
    "parent_code": "R0001",
    "plan_code": "STD",
    "poster_template": "plain",
    "poster_url": "/posters/7Qm2xW0aJ3kLr5Tb.jpg",
    "poster_thumbnail_url": "/posters/7Qm2xW0aJ3kLr5Tb/thumbnail",
    "thumbnail_url": "/thumbnails/9f/9f86d081.jpg",
    "problem": "The file could not be read.",
    "problem_code": "unreadable_file",
    "product_title": "晚霜",
    "raw": '{"external_id": "SPU-10086"}',
    "reason": "新一季上架",
    "refresh_token": "r-9yZ0b7",
    "region_code": "R0001",
    "region_name": "华东",
    "request_id": "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17",
    "roles": "guide",
    "row_id": "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "share_token": "7Qm2xW0aJ3kLr5Tb",
    "share_url": "https://guide.example.com/s/7Qm2xW0aJ3kLr5Tb",
    "shelf_reason": "新一季上架",
    "shelf_status": "on_shelf",
    "sku": "SKU-10086-50",
    "sku_code": "SKU-10086-50",
    "source": "erp",
    "staff_no": "G0001",
    "store": "S0001",
    "store_code": "S0001",
    "store_name": "南京西路店",
    "store_tags": "flagship",
    "tags": "flagship",
    "text": "新品到店：https://guide.example.com/s/7Qm2xW0aJ3kLr5Tb",
    "time_zone": "Asia/Shanghai",
    "title": "秋冬新品上架",
    "withdrawn_reason": "产品下架",
}
MAX_DEPTH = 8


def example_of(schema: Schema, schemas: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """A value that `schema` admits, as telling as its fields allow."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    for choices in ("allOf", "anyOf", "oneOf"):
        if choices in schema:
            return example_of(_telling(schema[choices]), schemas, name, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return next(value for value in schema["enum"] if value is not None)
    return _by_type(schema, schemas, name, depth)


def _telling(choices: list[Schema]) -> Schema:
    return next((choice for choice in choices if choice.get("type") != "null"), choices[0])


def _by_type(schema: Schema, schemas: Mapping[str, Schema], name: str, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object":
        fields = schema.get("properties", {}).items() if depth < MAX_DEPTH else ()
        return {field: example_of(inner, schemas, field, depth + 1) for field, inner in fields}
    if kind == "array":
        return [example_of(schema["items"], schemas, name, depth + 1)] if schema.get("items") else []
    if kind in ("integer", "number"):
        return max(schema.get("minimum", 1), 1)
    if kind == "boolean":
        return True
    return BY_FORMAT.get(schema.get("format", ""), BY_NAME.get(name, name))
