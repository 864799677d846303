"""Requests that nobody sensible sends, made from sensible ones; always the same ones for the same seed."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import orjson

Path = tuple[Any, ...]
# Whoever sends a request puts an id that nothing has yet in its place.
FRESH = "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What goes over the wire."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def url(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, kw_only=True)
class Sensible:
    """A request that should be taken: its path's parts, its body, its parameters with an example each, and the names of
    those that are needed."""

    method: str
    template: str
    places: dict[str, str]
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()

    def request(self, **places: str) -> Request:
        path = self.template
        for name, value in (self.places | places).items():
            path = path.replace("{" + name + "}", value)
        headers = {"If-Match": '"1"'} if self.method in ("PUT", "PATCH") else {}
        if self.method == "POST":
            headers["Idempotency-Key"] = FRESH
        query = {name: self.query[name] for name in sorted(self.needed)}
        if self.body is None:
            return Request(method=self.method, path=path, query=query, headers=headers)
        headers["Content-Type"] = "application/json"
        return Request(method=self.method, path=path, query=query, headers=headers, body=orjson.dumps(self.body))


DEEP: Any = None
for _ in range(200):
    DEEP = [DEEP]
# Written as they are, as no JSON library would write them.
RAW_VALUES = (
    *(b"null true false 0 -1 1.5 -0 1e308 1e400 -1e400 NaN Infinity 2147483648 9223372036854775807".split()),
    *(b"9223372036854775808 -9223372036854775809 18446744073709551616".split()),
    b"1" + b"0" * 400,
    b"1" + b"0" * 5000,
    b'""',
    b'" "',
    rb'"\u0000"',
    rb'"a\u0000b"',
    rb'"\ud800"',
    rb'"\udc00\ud800"',
    rb'"\u202e\u200b\ufeff"',
    b'"' + b"a" * 300 + b'"',
    b'"' + b"x" * 100_000 + b'"',
    '"😀😀"'.encode(),
    '"１２"'.encode(),
    '"²"'.encode(),
    b'"1"',
    b'"true"',
    b'"%"',
    b'"\'; DROP TABLE staff; --"',
    b'"{staff.__class__}"',
    b'"{0}"',
    b'"../../etc/passwd"',
    b'"http://169.254.169.254/"',
    b'"http://[::1"',
    b'"https://user:pass@localhost:99999/"',
    b'"00000000-0000-0000-0000-000000000000"',
    b'"01930b6e7d3c7e2a9c415f0c8a6d2b17"',
    b'"0001-01-01"',
    b'"9999-12-31"',
    b'"2026-02-30"',
    b'"2026-W01-1"',
    b'"0001-01-01T00:00:00+14:00"',
    b'"9999-12-31T23:59:59-12:00"',
    b'"2026-11-21T08:30:00"',
    b'"2026-11-21T08:30:60Z"',
    b'"2026-11-21T08:30:00+99:99"',
    b"[]",
    b"{}",
    b"[null]",
    b"[[]]",
    b'[""]',
    b'["a","a"]',
    b"[1,2]",
    b'{"":""}',
    b'{"a":1,"a":2}',
    b"[" + b"0," * 5000 + b"0]",
    orjson.dumps(DEEP),
)
TAILS = (rb"\n", rb"\u0000", rb"\ud800", b" ", b"0" * 20, b"-1", rb"\u0663", b"x" * 3000)
RAW_BODIES = (
    *(
        b'|null|[]|{}|"x"|0|{|}|[|{"items":|{"items":[}|tru|\xff\xfe|\xef\xbb\xbf{}|\x00|{"a":"\xed\xa0\x80"}'.split(
            b"|"
        )
    ),
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"<xml/>",
    b"a=b&c=d",
    b"-" * 1_000_000,
    b'{"items":[' + b"{}," * 2000 + b"{}]}",
    b'{"__proto__":{},"constructor":{}}',
)
FILES = (
    b"staff_no,name,roles,store_code,region_code,hired_on,left_on\n\x00,\xff,guide,S1,,0000-00-00,\n",
    b"code,name,parent_code\nA,B,A\nA,B,\n" + b"x," * 5000,
    '"code","name'.encode("utf-16"),
    b"PK\x03\x04" + b"\x00" * 200,
    b"PK\x05\x06" + b"\x00" * 18,
    b"\xff\xd8\xff\xe0" + b"\x00" * 200,
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00",
    b"GIF89a\xff\xff\xff\xff\x00\x00\x00",
    b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\xff\xff\xff\xffmoov",
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss>&c;</rss>',
    b"\x1f\x8b\x08\x00" + b"\x00" * 50,
)
CONTENT_TYPES = (
    "application/octet-stream",
    "text/csv",
    "image/jpeg",
    "video/mp4",
    "",
    "text/plain",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 100,
    "application/x-www-form-urlencoded",
    "application/json, text/csv",
    "\xff",
)
PLACES = (
    "0",
    "%00",
    "a%00b",
    "%ff%fe",
    "%ED%A0%80",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "a" * 3000,
    quote("😀"),
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "-1",
    "9" * 30,
    "%25",
    "'%20OR%201=1--",
)
QUERY_VALUES = (
    *("", " ", "0", "-1", "1.5", "201", "1e3", "9" * 25, "１２", "²", "\x00", "a\x00"),
    *("null", "true", "[]", "%", "_", "\\", "'", "a" * 5000, "😀", "../..", "0001-01-01", "9999-12-31", "2026-02-30"),
    *("2026-W01", "9999-12-31T23:59:59Z", "00000000-0000-0000-0000-000000000000", "x" * 36, "WzFd.x", "." * 50),
)
HEADERS = (
    *(("If-Match", value) for value in ("", "*", "1", 'W/"1"', '"' + "9" * 30 + '"', '"1", "2"', '"²"', "\x7f")),
    *(("If-None-Match", value) for value in ("", "*", '"1"', 'W/"' + "x" * 5000 + '"', ",,,", '"')),
    *(("Idempotency-Key", value) for value in ("", " ", "é", "x" * 201, "a b", "again")),
    *(("Authorization", value) for value in ("", "Bearer", "Bearer ", "Basic eDp4", "Bearer a.b.c", "Bearer gk_x_y")),
    *(("Authorization", f"Bearer {value}") for value in ("." * 3000, "\xff", "e30.e30.", "gk_" + "0" * 32)),
    *(("X-Request-Id", value) for value in ("", "x" * 5000, "a b", "\xe9")),
    *(("X-Forwarded-For", value) for value in ("", "not an address", "::1, " * 500, "999.1.1.1")),
    *(("Accept", value) for value in ("", "text/html", "*/*;q=x", "application/xml")),
    *(("Accept-Language", value) for value in ("", "xx-" * 500, "zh;q=9", "*")),
    *(("Content-Length", value) for value in ("-1", "x", "9" * 30)),
    *(("Content-Encoding", value) for value in ("gzip", "br")),
    *(("Range", value) for value in ("bytes=-1", "bytes=9-1", "x")),
    *(("webhook-signature", value) for value in ("v1,", "v1,\xff", "x" * 3000)),
    *(("webhook-timestamp", value) for value in ("", "x", "9" * 30, "²")),
)


def requests(sensible: Sensible, *, count: int, seed: str) -> Iterator[Request]:
    """`count` requests, each with one thing wrong (or two), in an order that depends on `seed` alone."""
    random = Random(seed)
    kinds = [_with_header]
    kinds += [*[_with_body] * 5, _with_tail] if sensible.body else []
    kinds += [_with_raw_body] * 2 + [_with_type] if sensible.body is not None else []
    kinds += [_with_file] * 4 if sensible.body is None and sensible.method in ("POST", "PUT") else []
    kinds += [_with_query] * 4 if sensible.query else []
    kinds += [_with_place] * 2 if sensible.places else []
    for _ in range(count):
        made = random.choice(kinds)(sensible, sensible.request(), random)
        yield _with_header(sensible, made, random) if random.random() < 0.05 else made


def _with_header(_: Sensible, request: Request, random: Random) -> Request:
    name, value = random.choice(HEADERS)
    return replace(request, headers=request.headers | {name: value})


def _with_type(_: Sensible, request: Request, random: Random) -> Request:
    return replace(request, headers=request.headers | {"Content-Type": random.choice(CONTENT_TYPES)})


def _with_raw_body(_: Sensible, request: Request, random: Random) -> Request:
    return replace(request, body=random.choice(RAW_BODIES))


def _with_file(_: Sensible, request: Request, random: Random) -> Request:
    sent = {"Content-Type": random.choice(CONTENT_TYPES)}
    return replace(request, headers=request.headers | sent, body=random.choice([*FILES, *RAW_BODIES]))


def _with_place(sensible: Sensible, _: Request, random: Random) -> Request:
    return sensible.request(**{random.choice(list(sensible.places)): random.choice(PLACES)})


def _with_tail(sensible: Sensible, request: Request, random: Random) -> Request:
    """Something hangs on to a text of the body."""
    path = random.choice([path for path in _paths(sensible.body) if isinstance(_at(sensible.body, path), str)] or [()])
    value = orjson.dumps(_at(sensible.body, path))
    return replace(request, body=_spliced(sensible.body, path, value[:-1] + random.choice(TAILS) + value[-1:]))


def _with_query(sensible: Sensible, request: Request, random: Random) -> Request:
    query = {name: value for name, value in sensible.query.items() if random.random() < 0.3}
    name = random.choice(list(sensible.query))
    value = random.choice([*QUERY_VALUES, *(sensible.query[name] + tail for tail in ("\n", "\x00", "-1", "٣"))])
    return replace(request, query=query | {name: value})


def _with_body(sensible: Sensible, request: Request, random: Random) -> Request:
    """One part of the body is replaced, left out, doubled or joined by a stranger."""
    paths = list(_paths(sensible.body))
    path = random.choice(paths)
    if random.random() < 0.7:
        return replace(request, body=_spliced(sensible.body, path, random.choice(RAW_VALUES)))
    body = copy.deepcopy(sensible.body)
    holder = _at(body, path[:-1])
    if isinstance(holder, list):
        holder.append(holder[path[-1]])
    elif random.random() < 0.5 and path:
        del holder[path[-1]]
    elif isinstance(holder, dict):
        holder["stranger"] = 1
    return replace(request, body=orjson.dumps(body))


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _paths(part, (*path, name))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _spliced(body: Any, path: Path, raw: bytes) -> bytes:
    """The body with `raw` where `path` leads."""
    if not path:
        return raw
    marked = copy.deepcopy(body)
    _at(marked, path[:-1])[path[-1]] = "\x01here\x01"
    return orjson.dumps(marked).replace(rb'"\u0001here\u0001"', raw)
