"""Addresses that others name never become ours."""

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import outbound
from tests.simulators.receiver import Receiver, receiver

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::",
    ],
)  # fmt: skip
def test_what_is_not_public_is_not_reached(address: str) -> None:
    assert not outbound.may_reach(ipaddress.ip_address(address), [])


@pytest.mark.parametrize("address", ["8.8.8.8", "203.119.1.1", "2400:3200::1", "::ffff:8.8.8.8"])
def test_what_is_public_is_reached_but_not_in_plain_text(address: str) -> None:
    assert outbound.may_reach(ipaddress.ip_address(address), [])
    assert not outbound.may_reach(ipaddress.ip_address(address), LOOPBACK, plain=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_listed_networks_are_reached(address: str) -> None:
    assert outbound.may_reach(ipaddress.ip_address(address), LOOPBACK, plain=True)


@pytest.fixture
def inside(app: GuideApp, config: Config) -> Iterator[GuideApp]:
    other = create_app(replace(config, outbound_networks=("127.0.0.0/8",)))
    with other.app_context():
        yield other


@pytest.fixture
def there(inside: GuideApp) -> Iterator[Receiver]:
    with receiver() as told:
        yield told


def test_a_name_is_judged_by_where_it_leads(app: GuideApp, there: Receiver) -> None:
    """`localhost` looks like any other name."""
    url = there.url.replace("127.0.0.1", "localhost").replace("http:", "https:")
    with app.app_context(), pytest.raises(outbound.Unreachable, match="not a public one"):
        outbound.request("POST", url)
    assert there.received == []


def test_a_name_that_leads_to_several_addresses_is_refused_for_one_of_them(
    app: GuideApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(host: str, port: int, **_: object) -> list:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(outbound.Unreachable, match="not a public one"):
        outbound.request("GET", "https://rebinding.example/")


def test_a_redirect_leads_nowhere_else_either(there: Receiver) -> None:
    there.statuses, there.headers = [307], {"Location": "http://169.254.169.254/latest/meta-data/"}
    with pytest.raises(outbound.Unreachable, match="not a public one"):
        outbound.request("POST", there.url, max_redirects=3)
    assert outbound.request("POST", there.url).status == 307


def test_redirects_end(there: Receiver) -> None:
    there.statuses, there.headers = [307], {"Location": there.url}
    with pytest.raises(outbound.Unreachable, match="Too many"):
        outbound.request("POST", there.url, max_redirects=2)
    assert len(there.received) == 3


def test_what_is_sent_arrives(there: Receiver) -> None:
    there.statuses, there.headers = [202], {"X-Said": "yes"}
    answer = outbound.request("POST", there.url, content=b"{}", headers={"X-Asked": "1"})
    assert (answer.status, answer.headers["x-said"], answer.complete) == (202, "yes", True)
    headers, body = there.received[0]
    assert (headers["x-asked"], body, headers["host"]) == ("1", b"{}", there.url.split("/")[2])


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-name.invalid/", "http://127.0.0.1:99999/"])
def test_what_does_not_answer_is_told_in_words(inside: GuideApp, url: str) -> None:
    with pytest.raises(outbound.Unreachable):
        outbound.request("GET", url, timeout_seconds=2)
