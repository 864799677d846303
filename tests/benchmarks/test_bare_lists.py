"""The bare routes are a fair peer: they run what the real ones run."""

from benchmarks.bare_lists import recorded
from guideapi.app import GuideApp
from tests.client import Client


def test_recorded_are_the_statements_of_one_answer(app: GuideApp, as_guide: Client) -> None:
    assert as_guide.token
    statements = recorded(app, "/v1/products", token=as_guide.token)
    texts = [statement for statement, _ in statements]
    assert any("staff" in text and "hired_on" in text for text in texts)
    assert any("product" in text and "shelf_status" in text for text in texts)
