"""HTTP to addresses that others name, without letting them name ours.

Every connection, also that of a redirect, is resolved here, checked, and made to the very address that was checked:
a name that resolves to a private, loopback, link-local or metadata address is not reached (server-side request
forgery). Networks that the operator lists are, for receivers inside the chain's own network.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import certifi
import httpcore
from flask import current_app

from kit.errors import Unavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# IPv6 ways of writing IPv4 addresses; what they lead to depends on gateways that we do not know.
TUNNELS = tuple(ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
REDIRECTS = (301, 302, 303, 307, 308)


class Unreachable(Unavailable):
    """There was no answer: refused by us, by them, or too slow; `detail` says which, for people."""

    code = "unreachable"
    title = "No answer"


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
) -> Answer:
    """One request to a URL that somebody else chose; raises Unreachable. Not inside a transaction."""
    for _ in range(max_redirects + 1):
        refuse_url(url)
        request_headers = {"User-Agent": "guideapi", "Accept-Encoding": "identity", **(headers or {})}
        answer = _exchange(method, url, request_headers, content, timeout_seconds, max_bytes)
        if answer.status not in REDIRECTS or not max_redirects:
            return answer
        url = urljoin(url, answer.headers.get("location", ""))
    raise Unreachable("Too many redirects.")


def refuse_url(url: str) -> None:
    """Raise Unreachable for what is wrong with a URL at sight: its scheme, user info, a forbidden literal address.

    Where names lead, and whether plain http stays in listed networks, is checked when connecting.
    """
    networks = _networks()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Unreachable("The URL cannot be read.") from None
    if parts.scheme not in (("http", "https") if networks else ("https",)):
        raise Unreachable("The URL must begin with https://.")
    if not host or "@" in parts.netloc or port == 0:
        raise Unreachable("The URL names no host, or a user.")
    if (address := _literal(host)) and not may_reach(address, networks):
        raise Unreachable("The address is not a public one.")


def may_reach(address: Address, networks: Sequence[Network], *, plain: bool = False) -> bool:
    """Whether an address is in a listed network or, unless it is for `plain` http, a public one."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if plain or any(address in network for network in networks):
        return any(address in network for network in networks)
    if any(address in network for network in TUNNELS):
        return False
    return address.is_global and not address.is_multicast


def _networks() -> list[Network]:
    return [ipaddress.ip_network(network) for network in current_app.config["OUTBOUND_NETWORKS"]]


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
            raise httpcore.ConnectError("The name does not resolve.") from None
        addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
        # One forbidden address among several is an attempt, not a choice.
        if not addresses or not all(may_reach(address, self._networks, plain=self._plain) for address in addresses):
            raise httpcore.ConnectError("The name leads to an address that is not a public one.")
        return addresses[0]


def _exchange(
    method: str, url: str, headers: Mapping[str, str], content: bytes, timeout_seconds: float, max_bytes: int
) -> Answer:
    guarded = _Guarded(_networks(), plain=url.startswith("http:"))
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
        raise Unreachable(str(error) or type(error).__name__) from None
    except (httpcore.UnsupportedProtocol, UnicodeError, ValueError):
        raise Unreachable("The URL cannot be used.") from None


def _read(response: httpcore.Response, max_bytes: int, deadline: float) -> tuple[bytes, bool]:
    received = b""
    for chunk in response.iter_stream():
        received += chunk
        if time.monotonic() > deadline:
            raise Unreachable("The answer did not end in time.")
        if len(received) > max_bytes:
            return received[:max_bytes], False
    return received, True


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
