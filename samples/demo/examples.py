"""What the API's documentation shows: values of the demo chain, in bodies that it takes.

Ids are placeholders: a reader puts one of their own in their place. A test sends every example to the demo chain.
"""

import json
from importlib.resources import files
from typing import Any

from samples.demo.people import PASSWORD

ID = "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17"
# What a field holds that does not say so itself.
FIELDS: dict[str, Any] = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl",
    "address": "203.0.113.7",
    "barcode": "6901234000016",
    "body": "山茶花籽油配合神经酰胺，早晚各一泵，敏感肌也安心。",
    "brand": "拾光",
    "bucket": "3f",
    "category": "护肤 > 精华",
    "checksum": "9f86d081884c7d65",
    "client_address": "203.0.113.7",
    "code": "SH01",
    "country": "CN",
    "currency": "CNY",
    "decree": "国办发明电〔2026〕7 号",
    "detail": "The whole sentence, for people.",
    "device_name": "Huawei P70",
    "device_token": "d-7Qm2",
    "digest": "9f86d081884c7d65",
    "external_id": "SG00001",
    "field": "price",
    "guide_name": "张诗涵",
    "image_key": "products/9f86d081.jpg",
    "image_keys": "products/9f86d081.jpg",
    "instructions": "转发给本周到店的会员。",
    "iri": "https://shop.example.com/p/10086",
    "key": "SH01",
    "label": "山茶花修护精华，换季不慌",
    "locale": "zh-CN",
    "member_no": "VIPSH010001",
    "message": "价格不能为负。",
    "month": "2026-12",
    "name": "上海静安嘉里中心店",
    "new_password": "four calm horses ran",
    "next_after": "IjEwMjQi.k3J0",
    "next_cursor": None,
    "note": "已发给三位会员。",
    "order_external_id": "T-20261121-0001",
    "otpauth_uri": "otpauth://totp/guideapi:SH01-01?secret=JBSWY3DPEHPK3PXP&issuer=guideapi",
    "page_url": "/files/assets/9f86d081-1080.jpg",
    "parent_code": "EAST",
    "path": "护肤 > 精华",
    "plan_code": "STANDARD",
    "poster_template": "product_card",
    "poster_url": "/posters/7Qm2xW0aJ3kLr5Tb.jpg",
    "poster_thumbnail_url": "/posters/7Qm2xW0aJ3kLr5Tb/thumbnail",
    "problem": "The file could not be read.",
    "problem_code": "would_take_down",
    "product_title": "山茶花修护精华液 30ml",
    "raw": '{"external_id": "SG00001"}',
    "reason": "售罄",
    "refresh_token": "r-9yZ0b7",
    "region_code": "EAST",
    "region_name": "华东区",
    "request_id": ID,
    "row_id": ID,
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "share_token": "7Qm2xW0aJ3kLr5Tb",
    "share_url": "https://guide.example.com/s/7Qm2xW0aJ3kLr5Tb",
    "shelf_reason": "售罄",
    "sku": "SG00001-30ml",
    "sku_code": "SG00001-30ml",
    "skus": "SG00001-30ml",
    "source": "shiguang-brand",
    "staff_no": "SH01-01",
    "store": "SH01",
    "store_code": "SH01",
    "store_name": "上海静安嘉里中心店",
    "store_tags": "旗舰",
    "tag": "敏感肌",
    "tags": "敏感肌",
    "text": "亲您好，我是上海静安嘉里中心店的张诗涵。换季脸干？https://guide.example.com/s/7Qm2xW0aJ3kLr5Tb",
    "thumbnail_url": "/thumbnails/products/9f86d081.jpg",
    "time_zone": "Asia/Shanghai",
    "title": "山茶花修护精华，换季不慌",
    "token": "7Qm2xW0aJ3kLr5Tb",
    "url": "/files/assets/9f86d081.jpg",
    "valid_from": "2026-01-01",
    "video_url": "/files/assets/9f86d081.mp4",
    "withdrawn_reason": "价格有误",
    "year": 2027,
}
_SKU = {"code": "SG00001-30ml", "price": 31900, "barcode": "6901234000016"}
_PRODUCT = {
    "external_id": "SG00001",
    "version": 2,
    "title": "山茶花修护精华液 30ml",
    "brand": "拾光",
    "category": "护肤 > 精华",
    "shelf_status": "on_shelf",
    "skus": [_SKU],
}
_LINE = {"line_no": 1, "sku": "SG00001-30ml", "quantity": 1, "paid": 31900, "discount": 0}
_ORDER = {
    "external_id": "T-20261121-0001",
    "version": 1,
    "store": "SH01",
    "ordered_at": "2026-11-21T08:30:00Z",
    "channel": "pos",
    "lines": [_LINE],
    "member_no": "VIPSH010001",
    "serving": [{"staff_no": "SH01-01", "share_bp": 10_000}],
}
_SAMPLE_LINE = {"net": 31900, "category": "护肤 > 精华", "credits": [{"to": "SH01-01"}]}
_FOLLOW_UP = {
    "id": ID,
    "customer_id": ID,
    "at": "2026-11-21T08:30:00Z",
    "channel": "wecom",
    "outcome": "interested",
    "note": "问了精华的敏感肌版本，下周带小样给她试。",
    "next_on": "2026-11-28",
}
_SAYING = {
    "title": "秋日焕亮精华",
    "body": "秋冬换季，屏障先行。",
    "texts": {"default": "{customer_name}，{guide_name}为您推荐，现在只要{product_price}"},
    "product_ids": [ID],
    "poster_template": "product_card",
}
_TEMPLATE = json.loads((files("content_center") / "posters/templates/note.json").read_text())
_FILTER = {
    "tags_any": ["敏感肌"],
    "consent": {"channel": "wecom", "state": "granted"},
    "last_order_on": {"from": "2026-09-01", "to": "2026-11-21"},
}
# What bodies hold where fields by themselves say nothing that fits together: by the name of their shape, and of those
# without one by the name of the operation.
BODIES: dict[str, Any] = {
    "ContentIn": {
        **_SAYING,
        "id": ID,
        "kind": "product_card",
        "category": "新品",
        "valid_from": "2026-11-21T00:00:00Z",
    },
    "ContentPatch": {"title": "秋日焕亮精华", "category": "新品"},
    "VersionIn": _SAYING,
    "PublishIn": {"publish_at": "2026-12-01T01:00:00Z"},
    "WithdrawalIn": {"reason": "价格有误"},
    "ConfirmationIn": {"kind": "client"},
    "NamedCustomersIn": {},
    "BindingIn": {"customer_id": ID},
    "BindingPolicyIn": {
        "protection_days": 90,
        "bind_at_till": True,
        "refusal_hours": 24,
        "transfer_limit": 2,
        "transfer_window_days": 365,
        "served_months": 12,
    },
    "CustomerIn": {
        "id": ID,
        "name": "张小满",
        "gender": "female",
        "birthday": "1990-05-17",
        "city": "上海",
        "identities": [{"kind": "phone", "value": "13800138000"}],
    },
    "IdentityAddIn": {"kind": "mall", "value": "mall-10086"},
    "LookUpIn": {"kind": "member_no", "value": "VIPSH010001"},
    "TagsIn": {"add": ["喜欢香氛"]},
    "TokenIn": {"staff_no": "SH01-01", "password": PASSWORD},
    "PasswordIn": {"current_password": PASSWORD, "new_password": "four calm horses ran"},
    "CoverIn": {"staff_no": "SH02-01", "days": ["2026-11-22"]},
    "RegionIn": {"code": "SUZHOU", "name": "苏州区", "parent_code": "EAST"},
    "RegionPatch": {"name": "苏州区"},
    "StoreIn": {"code": "SU01", "name": "苏州中心店", "region_code": "EAST", "opened_on": "2026-12-01"},
    "StorePatch": {"tags": ["旗舰"]},
    "StaffIn": {
        "staff_no": "SH01-09",
        "name": "王芳",
        "roles": ["guide"],
        "store_code": "SH01",
        "hired_on": "2026-11-21",
    },
    "StaffPatch": {"name": "王芳"},
    "EnrolIn": {},
    "SecondFactorIn": {"code": "123456"},
    "GrantIn": {"act": "plan_version_approval", "subject_id": ID, "code": "123456"},
    "CodeIn": {"challenge_id": ID, "code": "123456"},
    "MoneyIn": {"amount": 31900, "currency": "CNY"},
    "AvailabilityIn": {"sellable": True, "price": {"amount": 31900, "currency": "CNY"}, "stock": 12},
    "SourceIn": {"code": "brand-feed", "name": "谷雨商品库", "format": "native", "guard_bp": 1000},
    "SourceChangeIn": {"name": "谷雨商品库"},
    "VersionResetIn": {"external_id": "SG00001"},
    "ProductItem": _PRODUCT,
    "OrderItem": _ORDER,
    "FollowUpIn": _FOLLOW_UP,
    "FilterIn": _FILTER,
    "FilterOut": _FILTER,
    "SegmentIn": {"name": "敏感肌、可以发企业微信", "filter": _FILTER},
    "SegmentPatch": {"name": "敏感肌、可以发企业微信"},
    "LimitsIn": {"window_days": 365, "new_days": 30, "active_days": 60, "at_risk_days": 120, "lapsed_days": 240},
    "ContactPolicyIn": {
        "week_limit": 2,
        "month_limit": 6,
        "quiet_from": "21:00",
        "quiet_until": "09:00",
        "time_zone": "Asia/Shanghai",
        "unrecorded": {
            "wecom": "if_bound",
            "wechat": "if_bound",
            "sms": "refused",
            "call": "refused",
            "email": "refused",
        },
        "reservation_minutes": 15,
    },
    "QuietHoursIn": {"starts": "21:00", "ends": "09:00"},
    "PlanVersionIn": {
        "plan": {
            "rules": [
                {
                    "kind": "line",
                    "name": "护肤",
                    "match": {"categories": ["护肤"]},
                    "pays": {"kind": "percentage", "rate_bp": 500},
                },
            ],
            "examples": [
                {
                    "name": "一瓶精华",
                    "facts": {"lines": [_SAMPLE_LINE]},
                    "expected": [{"to": "SH01-01", "amount": 1595}],
                }
            ],
        },
        "effective_from": "2026-12-01T00:00:00Z",
    },
    "ExplainIn": {"facts": {"lines": [_SAMPLE_LINE]}},
    "TaskPlanIn": {
        "id": ID,
        "kind": "forward",
        "title": "转发新品海报",
        "instructions": "转发给本周到店的会员。",
        "content_id": ID,
        "target_count": 3,
    },
    "staff_import_regions": "code,name,parent_code\nSUZHOU,苏州区,EAST\n",
    "staff_import_stores": (
        "code,name,region_code,time_zone,currency,country,city,tags,opened_on,closed_on\n"
        "SU01,苏州中心店,EAST,Asia/Shanghai,CNY,CN,苏州,旗舰,2026-12-01,\n"
    ),
    "staff_import_staff": (
        "staff_no,name,roles,store_code,region_code,hired_on,left_on\nSH01-08,李敏,guide,SH01,,2026-11-21,\n"
    ),
    "staff_import_store_areas": "store_code,valid_from,area_m2\nSH01,2026-01-01,180\n",
    "staff_import_calendar": "day,kind,festival\n2026-12-25,holiday,圣诞节\n",
    "targets_import_targets": (
        "month,metric,region_code,store_code,staff_no,amount,reason\n2026-12,net_sales,,SH01,,900000,\n"
    ),
    "TargetIn": {"metric": "net_sales", "month": "2026-12", "store_id": ID, "amount": 90_000_000},
    "TargetPatch": {"amount": 6_600_000, "reason": "双旦加场"},
    "DecisionIn": {"approve": True},
    "TargetSharesIn": {"shares": [{"guide_id": ID, "share_bp": 10_000}]},
    "DayWeightsIn": {"weekday_bp": 10_000, "weekend_bp": 15_000, "promotion_days": ["2026-12-12"]},
    "CalendarYearPatch": {"days": [{"day": "2027-01-01", "kind": "holiday", "festival": "元旦"}]},
    "CalendarYearIn": {
        "year": 2027,
        "decree": "国办发明电〔2026〕7 号",
        "days": [{"day": "2027-01-01", "kind": "holiday", "festival": "元旦"}],
    },
    "customers_import_customers": "member_no,name,phone,store_code\nVIPSH019999,张小满,13800138001,SH01\n",
    "content_center_preview_template": _TEMPLATE,
    "MergeIn": {"other_id": ID, "reason": "same_person"},
}
