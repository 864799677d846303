"""Why is mine not here: a guide asks by the number of a receipt."""

from typing import Any

from kit.db import db
from models import Staff, Store
from tests import make
from tests.client import Client

LATER = {
    "kind": "line",
    "name": "later",
    "match": {"skus": ["LATER"]},
    "pays": {"kind": "percentage", "rate_bp": 500},
    "most": 100,
}


def test_each_receipt_says_why_it_pays_me_or_not(
    client: Client, integrator: Client, as_guide: Client, guide: Staff
) -> None:
    store = db.session.get_one(Store, guide.store_id)
    colleague, stranger = make.guide(store_id=store.id), make.guide()
    make.plan_version({"sku": "GOOD", "rate_bp": 1_000}, {"sku": "NONE", "rate_bp": 0})
    make.plan_version(whole=[LATER])
    till = make.order_source()

    def item(number: str, sku: str, to: Staff | None = guide, **fields: Any) -> dict[str, Any]:
        lines = [make.line(1, sku=sku)]
        return make.order_item(**{"store": store, "served_by": to, "external_id": number, "lines": lines, **fields})

    elsewhere = db.session.get_one(Store, stranger.store_id)
    sold = [
        item("posted", "GOOD"), item("nothing", "NONE"), item("unruled", "ELSE"), item("later", "LATER"),
        item("others", "GOOD", colleague), item("nobody", "GOOD", None), item("back", "GOOD"),
        item("far", "GOOD", stranger, store=elsewhere),
    ]  # fmt: skip
    refused = {**item("refused", "GOOD"), "serving": [{"staff_no": "NOBODY", "share_bp": 10_000}]}
    outcomes = integrator.post(f"/v1/sources/{till.code}/orders", json={"items": [*sold, refused]}).json["items"]
    assert [one["outcome"] for one in outcomes] == ["created"] * len(sold) + ["rejected"]
    make.take_refunds(till, [make.refund_item(store=store, order="back")])
    make.post_all()
    make.take_orders(till, [item("waiting", "GOOD")])

    def ask(number: str, caller: Client = as_guide) -> dict[str, Any]:
        return dict(caller.get(f"/v1/commissions/why-not?receipt={number}").json)

    def line(number: str) -> dict[str, Any]:
        [receipt] = ask(number)["receipts"]
        [only] = receipt["lines"]
        return dict(only)

    assert {one["external_id"]: line(one["external_id"])["why"] for one in sold[:-1]} == {
        "posted": "posted",
        "nothing": "pays_nothing",
        "unruled": "no_rule_matched",
        "later": "waiting_for_closing",
        "others": "credited_to_others",
        "nobody": "credited_to_nobody",
        "back": "taken_back",
    }
    assert line("waiting")["why"] == "waiting_for_posting"
    assert line("posted")["posted"] == {"amount": 1_000, "currency": "CNY"}
    others = line("others")
    assert (others["attribution"], others["sellers"]) == (
        "serving",
        [{"guide_id": str(colleague.id), "share_bp": 10_000}],
    )
    tried = [trial for plan in line("unruled")["plans"] for trial in plan["rules"]]
    assert {(one["verdict"], one["misses"][0]["field"]) for one in tried} == {("does_not_fit", "skus")}

    # What has not come, and what is in no store in sight, look alike.
    for number in ("never", "far"):
        assert ask(number) == {"receipt": number, "arrived": False, "receipts": [], "rejected": []}
    [reject] = ask("refused")["rejected"]
    assert (reject["code"], reject["store_code"]) == ("unknown_guide", store.code)
    assert ask("refused", client.sign_in(stranger))["arrived"] is False
