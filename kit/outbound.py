"""HTTP to addresses that others name, without letting them name ours.

Every connection, also that of a redirect, is resolved here, checked, and made to the very address that was checked:
a name that resolves to a private, loopback, link-local or metadata address is not reached (server-side request
forgery). Networks that the operator lists are, for receivers of webhooks inside the chain's own network; pictures,
which any source may name, are fetched from public addresses only.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import certifi
import httpcore
import httpx
from flask import current_app

from kit.errors import Unavailable
from kit.words import say

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# The special-purpose registries of IANA, and what once was special: Python's `is_global` knows them as of its release
# (3.11 calls several of these global). Of IPv6, what is not global unicast is refused altogether.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
RESERVED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's translator; some clouds' metadata
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, 192.0.0.8 (dummy) among them
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast relays
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside, reached by gateways that we do not know
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the 6bone that was
        "3fff::/20",  # documentation
    )
)
REDIRECTS = (301, 302, 303, 307, 308)
MAX_HOST_NAME = 253
ASCII = "".join(map(chr, range(0x21, 0x7F)))
# Labels as DNS takes them; underscores stand in names that are in use.
HOST_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


class Unreachable(Unavailable):
    """There was no answer: refused by us, by them, or too slow; `detail` says which, for people."""

    code = "unreachable"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; of the content at most as much as was asked for."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    complete: bool


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    timeout_seconds: float = 10,
    max_bytes: int = 64 * 1024,
    max_redirects: int = 0,
    own_networks: bool = False,
) -> Answer:
    """One request to a URL that somebody else chose; raises Unreachable. Not inside a transaction.

    With `own_networks` it may reach the networks that the operator listed for webhooks.
    """
    for _ in range(max_redirects + 1):
        refuse_url(url, own_networks=own_networks)
        url = as_sent(url)
        request_headers = {"User-Agent": "guideapi", "Accept-Encoding": "identity", **(headers or {})}
        guarded = _Guarded(_networks(own_networks), plain=url.startswith("http:"))
        answer = _exchange(guarded, method, url, request_headers, content, timeout_seconds, max_bytes)
        if answer.status not in REDIRECTS or not max_redirects:
            return answer
        url = _joined(url, answer.headers.get("location", ""))
    raise Unreachable(say("unreachable.redirects"))


def refuse_url(url: str, *, own_networks: bool = False) -> None:
    """Raise Unreachable for what is wrong with a URL at sight: its scheme, user info, a forbidden literal address.

    Where names lead, and whether plain http stays in listed networks, is checked when connecting.
    """
    networks = _networks(own_networks)
    try:
        parts = urlsplit(as_sent(url))
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Unreachable(say("unreachable.url")) from None
    if parts.scheme not in (("http", "https") if networks else ("https",)):
        raise Unreachable(say("unreachable.not_https"))
    if not host or "@" in parts.netloc or port == 0:
        raise Unreachable(say("unreachable.host"))
    if (address := _literal(host)) and not may_reach(address, networks):
        raise Unreachable(say("unreachable.not_public"))
    if not address and not (HOST_NAME.fullmatch(host) and len(host) <= MAX_HOST_NAME):
        raise Unreachable(say("unreachable.host_not_a_name"))


def as_sent(url: str) -> str:
    """The URL in the characters that HTTP knows (RFC 3986): path and query in UTF-8, percent-encoded, the host by IDNA.

    What is percent-encoded already stays, and a fragment goes: it is not for servers. Raises Unreachable.
    """
    try:
        return str(httpx.URL(url.strip()).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError):
        raise Unreachable(say("unreachable.url")) from None


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; many servers send the bytes of its path as they are, most of them in UTF-8."""
    sent = location.encode("latin-1")
    try:
        words = sent.decode()
    except UnicodeDecodeError:
        words = quote(sent, safe=ASCII)
    try:
        return str(httpx.URL(url).join(words))
    except (httpx.InvalidURL, ValueError):
        raise Unreachable(say("unreachable.redirect_url")) from None


def may_reach(address: Address, networks: Sequence[Network], *, plain: bool = False) -> bool:
    """Whether an address is in a listed network or, unless it is for `plain` http, a public one."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if plain or any(address in network for network in networks):
        return any(address in network for network in networks)
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not any(address in network for network in RESERVED)


def _networks(own_networks: bool) -> list[Network]:
    listed = current_app.config["OUTBOUND_NETWORKS"] if own_networks else ()
    return [ipaddress.ip_network(network) for network in listed]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that were checked, not to names that might resolve anew."""

    def __init__(self, networks: Sequence[Network], *, plain: bool) -> None:
        self._networks = networks
        self._plain = plain
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        address = self._resolve(host, port)
        return self._sockets.connect_tcp(str(address), port, timeout, local_address, socket_options)

    def _resolve(self, host: str, port: int) -> Address:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreachable(say("unreachable.no_such_name")) from None
        addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
        # One forbidden address among several is an attempt, not a choice.
        if not addresses or not all(may_reach(address, self._networks, plain=self._plain) for address in addresses):
            raise Unreachable(say("unreachable.leads_inside"))
        return addresses[0]


def _exchange(
    guarded: _Guarded,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes,
    timeout_seconds: float,
    max_bytes: int,
) -> Answer:
    deadline = time.monotonic() + timeout_seconds
    limits = dict.fromkeys(("connect", "read", "write", "pool"), timeout_seconds)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=guarded) as pool,
            pool.stream(
                method, url, headers=list(headers.items()), content=content, extensions={"timeout": limits}
            ) as response,
        ):
            received, complete = _read(response, max_bytes, deadline)
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(status=response.status, headers=said, content=received, complete=complete)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
        raise Unreachable(say("unreachable.failed", why=(str(error) or type(error).__name__)[:200])) from None
    except (httpcore.UnsupportedProtocol, UnicodeError, ValueError, TypeError):
        raise Unreachable(say("unreachable.url_unusable")) from None


def _read(response: httpcore.Response, max_bytes: int, deadline: float) -> tuple[bytes, bool]:
    received = b""
    for chunk in response.iter_stream():
        received += chunk
        if time.monotonic() > deadline:
            raise Unreachable(say("unreachable.too_slow"))
        if len(received) > max_bytes:
            return received[:max_bytes], False
    return received, True


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
