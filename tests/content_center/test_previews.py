"""Editors see what guides will send before anyone can send it."""

from importlib.resources import files
from io import BytesIO
from uuid import uuid4

import zxingcpp
from PIL import Image
from sqlalchemy import func, select

from kit.db import db
from models import Forward, Staff, Store
from tests import make
from tests.client import Client

TEMPLATE = (files("content_center.posters") / "templates" / "note.json").read_text()


def test_draft_is_filled_in_for_a_guide_and_a_customer(as_editor: Client, guide: Staff) -> None:
    texts = {"default": "{customer_name}，{guide_name}：{product_price}", "wechat": "{store_name}"}
    content = make.content(published=False, products=[make.product(price_fen=5000).id], saying={"texts": texts})
    path = f"/v1/content/{content.id}/preview?guide_id={guide.id}"
    store = db.session.get_one(Store, guide.store_id)
    seen = as_editor.get(f"{path}&customer_name=陈女士").json
    assert seen["texts"] == {"default": f"陈女士，{guide.name}：¥50", "wechat": store.name}
    assert as_editor.get(path).json["texts"]["default"].startswith("亲，")
    assert as_editor.get(f"{path}&language=en").json["texts"]["default"].startswith("friend，")
    assert db.session.scalar(select(func.count()).select_from(Forward)) == 0


def test_poster_is_drawn_before_anything_is_shared(as_editor: Client, guide: Staff) -> None:
    content = make.content(published=False, products=[make.product().id])
    answer = as_editor.get(f"/v1/content/{content.id}/poster-preview?guide_id={guide.id}")
    picture = Image.open(BytesIO(answer.data))
    assert (answer.mimetype, picture.size) == ("image/jpeg", (1080, 1440))
    assert zxingcpp.read_barcodes(picture)[0].text.endswith("/s/preview")


def test_preview_needs_a_guide(as_editor: Client, editor: Staff) -> None:
    path = f"/v1/content/{make.content().id}/preview"
    for nobody in (uuid4(), editor.id):
        assert as_editor.get(f"{path}?guide_id={nobody}").json["code"] == "guide_not_found"
    assert as_editor.get(path).status_code == 422


def test_templates_are_for_editors(as_guide: Client) -> None:
    assert as_guide.get("/v1/poster-templates").json["code"] == "forbidden"


def test_templates_are_listed_with_their_schema(as_editor: Client) -> None:
    found = as_editor.get("/v1/poster-templates").json
    assert "product_card" in found["templates"]
    assert found["schema"]["$schema"].startswith("https://json-schema.org/")


def test_template_is_drawn_while_it_is_being_designed(as_editor: Client) -> None:
    answer = as_editor.post("/v1/poster-templates/preview", data=TEMPLATE, content_type="application/json")
    assert (answer.status_code, Image.open(BytesIO(answer.data)).size) == (200, (1080, 1440))
    redesigned = TEMPLATE.replace("#EEF1E9", "#000000").replace('"note"', '"brand_new"')
    assert as_editor.post("/v1/poster-templates/preview", data=redesigned).status_code == 200


def test_wrong_templates_are_told_what_is_wrong(as_editor: Client) -> None:
    for wrong in ("{", "{}", TEMPLATE.replace('"type": "gradient"', '"type": "hologram"')):
        answer = as_editor.post("/v1/poster-templates/preview", data=wrong)
        assert (answer.status_code, answer.json["code"]) == (422, "poster_template_invalid")
