"""The poster of a forward: a real picture that says the right things and leads back to the page."""

from io import BytesIO
from threading import Barrier, Thread
from typing import Any

import zxingcpp
from PIL import Image
from sqlalchemy import select

from catalog import service as catalog_service
from content_center import queries, service
from guideapi.app import GuideApp
from kit import storage
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Forward, Product, ProductImage, Staff
from tests import make
from tests.client import Client


def photo(colour: str = "#d8a48f") -> bytes:
    out = BytesIO()
    Image.new("RGB", (1200, 1200), colour).save(out, "JPEG")
    return out.getvalue()


def pictured(**fields: Any) -> Product:
    product = make.product(**fields)
    with unit_of_work():
        catalog_service.add_product_image(product_id=product.id, position=0, content=photo())
    return product


def forward_of(client: Client, product: Product) -> Any:
    content = make.content(products=[product.id])
    sent = {"id": str(new_id()), "channel": "poster"}
    return client.post(f"/v1/content/{content.id}/forwards", json=sent).json


def test_poster_is_a_jpeg_whose_code_leads_to_the_page(client: Client, as_guide: Client) -> None:
    forward = forward_of(as_guide, pictured(title="焕亮精华", price_fen=129900))
    answer = client.get(forward["poster_url"])
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    picture = Image.open(BytesIO(answer.data))
    assert (picture.format, picture.size) == ("JPEG", (1080, 1440))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [forward["share_url"]]


def test_poster_may_be_kept_for_five_minutes_and_asked_for_again(client: Client, as_guide: Client) -> None:
    path = forward_of(as_guide, pictured())["poster_url"]
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path).data == first.data


def test_poster_shows_prices_and_names_as_they_were_forwarded(client: Client, as_guide: Client, guide: Staff) -> None:
    product = pictured()
    forward = forward_of(as_guide, product)
    before = client.get(forward["poster_url"]).data
    make.off_shelf(product)
    guide.name = "改名"
    make.save(guide)
    assert client.get(forward["poster_url"]).data == before
    make.on_shelf(product)
    assert client.get(forward_of(as_guide, product)["poster_url"]).data != before


def test_poster_without_a_picture_is_drawn_too(client: Client, as_guide: Client) -> None:
    forward = forward_of(as_guide, make.product())
    picture = Image.open(BytesIO(client.get(forward["poster_url"]).data))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [forward["share_url"]]


def test_two_first_looks_at_once_see_the_same(app: GuideApp, as_guide: Client) -> None:
    forward = forward_of(as_guide, pictured())
    shared = queries.find_shared(forward["share_url"].rpartition("/")[2])
    assert shared is not None
    start, drawn = Barrier(2), []

    def draw() -> None:
        with app.app_context():
            start.wait()
            drawn.append(service.poster_of(shared))

    threads = [Thread(target=draw) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn[0] == drawn[1]


def test_looking_at_the_poster_is_no_touch(client: Client, as_guide: Client) -> None:
    forward = forward_of(as_guide, pictured())
    client.get(forward["poster_url"])
    assert as_guide.get(f"/v1/forwards/{forward['id']}").json["opens"] == 0


def test_unknown_posters_are_not_found(client: Client, as_guide: Client) -> None:
    path = forward_of(as_guide, make.product())["poster_url"]
    for wrong in ("/posters/nothing.jpg", path.removesuffix(".jpg"), path.replace(".jpg", ".png")):
        answer = client.get(wrong)
        assert (answer.status_code, answer.json["code"]) == (404, "file_not_found")


def test_only_public_pictures_are_served(client: Client, guide: Staff) -> None:
    product = pictured()
    key = db.session.scalars(select(ProductImage.storage_key).where(ProductImage.product_id == product.id)).one()
    answer = client.get(f"/files/{key}")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", photo())
    assert answer.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    private = storage.content_key(b"proof of a task", suffix=".jpg")
    storage.put(private, b"proof of a task")
    for hidden in (private, "nothing/here.jpg", "../secret.key", "posters/x"):
        answer = client.get(f"/files/{hidden}")
        assert (answer.status_code, answer.json["code"]) == (404, "file_not_found")
    guide.portrait_key = private
    make.save(guide)
    assert client.get(f"/files/{private}").status_code == 200


def test_the_tap_draws_nothing(app: GuideApp, as_guide: Client) -> None:
    forward = forward_of(as_guide, pictured())
    row = db.session.get_one(Forward, forward["id"])
    shared = queries.find_shared(row.token)
    assert shared is not None
    assert not storage.has(service.poster_path(shared))
    service.poster_of(shared)
    assert storage.has(service.poster_path(shared))
