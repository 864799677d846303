"""Pictures as lists show them, and addresses that a phone reaches in any network."""

from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from catalog import service as catalog
from guideapi.app import create_app
from guideapi.config import Config
from kit import storage
from kit.db import close_connections, unit_of_work
from models import Product, Staff
from tests import make
from tests.client import Client

LIKE_A_BROWSER = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}
LIKE_AN_OLD_PHONE = {"Accept": "image/png,image/*;q=0.8"}


@pytest.fixture
def product(guide: Staff) -> Product:
    """A product with a large picture."""
    product = make.product()
    picture = BytesIO()
    Image.effect_noise((1200, 1600), 40).convert("RGB").save(picture, "JPEG")
    with unit_of_work():
        catalog.add_product_image(product_id=product.id, position=0, content=picture.getvalue())
    return product


def opened(answer: Any) -> Image.Image:
    return Image.open(BytesIO(answer.data))


def test_lists_carry_small_pictures_in_the_format_that_is_accepted(product: Product, as_guide: Client) -> None:
    [row] = as_guide.get("/v1/products").json["items"]
    whole = as_guide.get(f"/files/{row['image_key']}")
    for accepting, kind in ((LIKE_A_BROWSER, "WEBP"), (LIKE_AN_OLD_PHONE, "JPEG"), ({}, "JPEG")):
        answer = as_guide.get(row["thumbnail_url"], headers=accepting)
        assert answer.mimetype == f"image/{kind.lower()}"
        assert (opened(answer).format, opened(answer).size) == (kind, (240, 320))
        assert len(answer.data) < len(whole.data) / 5
        assert answer.headers["Vary"] == "Accept"
        assert "max-age" in answer.headers["Cache-Control"]
        again = as_guide.get(row["thumbnail_url"], headers={**accepting, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_thumbnail_is_drawn_once(product: Product, as_guide: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    url = as_guide.get("/v1/products").json["items"][0]["thumbnail_url"]
    first = as_guide.get(url).data
    read: list[str] = []
    get = storage.get
    monkeypatch.setattr(storage, "get", lambda key: read.append(key) or get(key))
    assert as_guide.get(url).data == first
    assert [key.startswith("thumbnails/") for key in read] == [True]


def test_a_small_picture_is_not_enlarged(as_editor: Client) -> None:
    picture = BytesIO()
    Image.new("RGB", (90, 60), "pink").save(picture, "PNG")
    asset = as_editor.post("/v1/assets", data=picture.getvalue(), content_type="image/png").json
    assert opened(as_editor.get(asset["thumbnail_url"])).size == (90, 60)


def test_who_may_not_have_a_picture_may_not_have_its_thumbnail(as_editor: Client, client: Client) -> None:
    picture = BytesIO()
    Image.new("RGB", (800, 600), "pink").save(picture, "JPEG")
    asset = as_editor.post("/v1/assets", data=picture.getvalue(), content_type="image/jpeg").json
    assert client.get(asset["thumbnail_url"]).status_code == 404
    mine = as_editor.get(asset["thumbnail_url"])
    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "private, no-store")
    make.content(saying={"asset_ids": [UUID(asset["id"])]})
    assert client.get(asset["thumbnail_url"]).status_code == 200


@pytest.mark.parametrize("key", ["nothing.jpg", "../etc/passwd", "thumbnails/320/x.webp", "a/b.mp4"])
def test_what_is_no_picture_of_ours_has_no_thumbnail(client: Client, key: str) -> None:
    assert client.get(f"/thumbnails/{key}").status_code == 404


def test_posters_have_thumbnails_too(product: Product, guide: Staff, as_guide: Client, client: Client) -> None:
    forward = make.forward(guide=guide, of=make.content(products=[product.id]))
    shown = as_guide.get(f"/v1/forwards/{forward.id}").json
    answer = client.get(shown["poster_thumbnail_url"], headers=LIKE_A_BROWSER)
    assert (answer.status_code, opened(answer).size, opened(answer).format) == (200, (240, 320), "WEBP")
    assert client.get("/posters/unknown/thumbnail").status_code == 404


def test_addresses_of_pictures_hold_in_every_network_and_repeat_no_host(
    product: Product, guide: Staff, as_guide: Client
) -> None:
    content = make.content(products=[product.id])
    forward = make.forward(guide=guide, of=content)
    elsewhere = {"Host": "192.168.7.20:8000"}
    [listed] = as_guide.get("/v1/content", headers=elsewhere).json["items"]
    shown = as_guide.get(f"/v1/forwards/{forward.id}", headers=elsewhere)
    urls = [listed["products"][0][name] for name in ("image_url", "thumbnail_url")]
    urls += [shown.json["products"][0]["image_url"], shown.json["poster_url"], shown.json["poster_thumbnail_url"]]
    for url in urls:
        assert url.startswith("/")
        assert as_guide.get(url, headers=elsewhere).status_code == 200
    assert shown.json["share_url"] == f"http://127.0.0.1:8000/s/{forward.token}"
    assert "192.168.7.20" not in shown.text


def test_a_path_of_the_public_address_is_kept(product: Product, guide: Staff, as_guide: Client, config: Config) -> None:
    below = create_app(replace(config, public_url="https://shop.example/guide"))
    with below.app_context():
        [row] = Client(below, as_guide.token).get("/v1/products").json["items"]
        close_connections()
    assert row["thumbnail_url"] == f"/guide/thumbnails/{row['image_key']}"
