"""Addresses that others name never become ours."""

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import ip_addresses as ipaddresses

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import outbound
from tests.simulators.receiver import Receiver, receiver

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


# First and last of each reserved range that Python 3.11 or 3.13 calls global, and of the ones most worth reaching.
RESERVED = [
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.8",
    "192.0.0.9",
    "192.0.0.10",
    "192.0.0.255",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808",
    "64:ff9b:1::",
    "64:ff9b:1:ffff:ffff:ffff:a00:1",
    "100::",
    "100:0:0:1::",
    "2001::",
    "2001:0:1::",
    "2001:1::1",
    "2001:1::3",
    "2001:2::",
    "2001:3::",
    "2001:4:112::",
    "2001:10::",
    "2001:20::",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002:7f00:1::",
    "2002:808:808::",
    "3ffe::1",
    "3fff::",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "4000::",
    "5f00::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::",
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fec0::",
    "fec0::1",
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", RESERVED)
def test_what_is_not_public_is_not_reached(address: str) -> None:
    assert not outbound.may_reach(ipaddress.ip_address(address), [])


@given(
    private=st.sampled_from(["10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.0.1"]), rest=st.integers(0, 2**64 - 1)
)
def test_a_private_address_inside_another_is_not_reached(private: str, rest: int) -> None:
    """6to4, NAT64, Teredo and the compatible and mapped forms hide an IPv4 address in an IPv6 one."""
    inner = int(ipaddress.IPv4Address(private))
    hidden = (
        inner,
        (0xFFFF << 32) | inner,
        (0x64FF9B << 96) | inner,
        (0x64FF9B0001 << 80) | (rest % 2**48 << 32) | inner,
        (0x2002 << 112) | (inner << 80) | rest,
        (0x20010000 << 96) | (rest << 32) | (inner ^ 0xFFFFFFFF),
    )
    for number in hidden:
        assert not outbound.may_reach(ipaddress.IPv6Address(number), [])


@given(ipaddresses(v=6))
def test_of_ipv6_only_global_unicast_is_reached(address: ipaddress.IPv6Address) -> None:
    if outbound.may_reach(address, []):
        assert address.ipv4_mapped or int(address) >> 125 == 1


@pytest.mark.parametrize("address", ["8.8.8.8", "203.119.1.1", "2400:3200::1", "::ffff:8.8.8.8"])
def test_what_is_public_is_reached_but_not_in_plain_text(address: str) -> None:
    assert outbound.may_reach(ipaddress.ip_address(address), [])
    assert not outbound.may_reach(ipaddress.ip_address(address), LOOPBACK, plain=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_listed_networks_are_reached(address: str) -> None:
    assert outbound.may_reach(ipaddress.ip_address(address), LOOPBACK, plain=True)


def request(method: str, url: str, **options: Any) -> outbound.Answer:
    """As webhooks are sent: into the listed networks, too."""
    return outbound.request(method, url, own_networks=True, **options)


def test_listed_networks_are_open_to_webhooks_only(inside: GuideApp, there: Receiver) -> None:
    """A picture's address is named by any source, and by what it redirects to."""
    for refused in (lambda: outbound.refuse_url(there.url), lambda: outbound.request("GET", there.url)):
        with pytest.raises(outbound.Unreachable, match="https"):
            refused()
    with pytest.raises(outbound.Unreachable, match="not a public one"):
        outbound.request("GET", there.url.replace("http:", "https:"))
    assert there.received == []
    outbound.refuse_url(there.url, own_networks=True)
    assert request("POST", there.url).status == 204


def test_where_a_name_leads_is_asked_once_and_connected_to(
    inside: GuideApp, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere when it is asked again (DNS rebinding) is not asked again."""
    asked, real = list[str](), socket.getaddrinfo

    def once(host: str, *arguments: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, *arguments, **options)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, arguments[0]))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    assert request("POST", there.url.replace("127.0.0.1", "rebinding.example")).status == 204
    assert asked == ["rebinding.example"]


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
        request("POST", there.url, max_redirects=3)
    assert request("POST", there.url).status == 307


def test_redirects_end(there: Receiver) -> None:
    there.statuses, there.headers = [307], {"Location": there.url}
    with pytest.raises(outbound.Unreachable, match="Too many"):
        request("POST", there.url, max_redirects=2)
    assert len(there.received) == 3


def test_what_is_sent_arrives(there: Receiver) -> None:
    there.statuses, there.headers = [202], {"X-Said": "yes"}
    answer = request("POST", there.url, content=b"{}", headers={"X-Asked": "1"})
    assert (answer.status, answer.headers["x-said"], answer.complete) == (202, "yes", True)
    headers, body = there.received[0]
    assert (headers["x-asked"], body, headers["host"]) == ("1", b"{}", there.url.split("/")[2])


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-name.invalid/", "http://127.0.0.1:99999/"])
def test_what_does_not_answer_is_told_in_words(inside: GuideApp, url: str) -> None:
    with pytest.raises(outbound.Unreachable):
        request("GET", url, timeout_seconds=2)
