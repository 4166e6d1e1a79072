"""Sending a request to an address that somebody else chose, without letting it reach inside.

https only, on few ports; the name is resolved once, every address it has must be a public one, and the connection goes to
that very address (so a second answer of the name server changes nothing); certificates are checked against the name; no
redirect is followed; time and the answer's size are bounded.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = frozenset({443, 8443})
LONGEST_URL = 500
CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 10.0
MOST_ANSWER_BYTES = 4096
_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# IPv6 ranges that carry an IPv4 address inside, by which the inside could be reached: NAT64, 6to4, Teredo.
_CARRIERS = tuple(ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))

Resolver = Callable[[str, int], Sequence[str]]


class AddressRefused(Exception):
    """The address may not be called; the text says why, in Chinese."""


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    """`status` of the answer, or None and `error` where none came."""

    status: int | None
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def target_of(url: str) -> Target:
    """The parts of an address that may be called. Raises AddressRefused for any other form."""
    if len(url) > LONGEST_URL or not url.isascii() or any(ord(c) <= 32 or ord(c) == 127 or c == "\\" for c in url):
        raise AddressRefused(
            f"地址须为不超过 {LONGEST_URL} 个字符的 ASCII 文本，不含空格和反斜杠；中文域名请写成 xn-- 形式。"
        )
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise AddressRefused("地址格式有误，请核对。") from error
    if parts.scheme != "https":
        raise AddressRefused("地址须以 https:// 开头。")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("地址不能包含用户名、密码或 # 片段。")
    if port not in PORTS:
        raise AddressRefused(f"端口 {port} 不允许，请使用 443 或 8443。")
    host = (parts.hostname or "").lower()
    # A name with a top-level domain: numbers in any notation (127.1, 2130706433, 0x7f.1, [::1]) are not names.
    if not _NAME.fullmatch(host) or host.endswith((".localhost", ".local", ".internal")):
        raise AddressRefused("地址须使用公网域名，不能是 IP 地址或内网名称。")
    return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def is_public(address: str) -> bool:
    """Whether an IP address lies outside: not loopback, private, link-local, shared, multicast, reserved, nor any of these
    inside an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if found.version == 6:
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in carrier for carrier in _CARRIERS):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as this machine's resolver knows it."""
    return [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def pinned_address(target: Target, resolve: Resolver, allowed: Callable[[str], bool] = is_public) -> str:
    """The one address to connect to. Raises AddressRefused where the name has none, or any that lies inside."""
    try:
        addresses = list(resolve(target.host, target.port))
    except OSError as error:
        raise AddressRefused(f"域名 {target.host} 无法解析。") from error
    if not addresses:
        raise AddressRefused(f"域名 {target.host} 无法解析。")
    if not all(allowed(address) for address in addresses):
        raise AddressRefused(f"域名 {target.host} 指向内网或保留地址，不允许投递。")
    return addresses[0]


class _Pinned(http.client.HTTPSConnection):
    """A connection to `address` that speaks TLS to `host`."""

    def __init__(self, target: Target, address: str, context: ssl.SSLContext):
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS, context=context)
        self._address, self._tls = address, context

    def connect(self):
        plain = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def cut(self):
        """End whatever waits on the line; called from the clock's thread."""
        if (sock := self.sock) is not None:
            if sock.fileno() < 0:
                sock.close()
            else:
                sock.shutdown(socket.SHUT_RDWR)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolver = system_resolver,
    allowed: Callable[[str], bool] = is_public,
    context: ssl.SSLContext | None = None,
    seconds: float = TOTAL_SECONDS,
) -> Answer:
    """POST `body`; never raises for what the other side does. A redirect is an answer like any other, not followed."""
    try:
        target = target_of(url)
        address = pinned_address(target, resolve, allowed)
    except AddressRefused as refused:
        return Answer(None, str(refused))
    line = _Pinned(target, address, context or ssl.create_default_context())
    clock = threading.Timer(seconds, _cut, [line])
    clock.daemon = True
    clock.start()
    try:
        line.request("POST", target.path, body, {"User-Agent": "Sunlight-Webhooks/1", **headers})
        answer = line.getresponse()
        answer.read(MOST_ANSWER_BYTES)
        return Answer(answer.status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:300])
    finally:
        clock.cancel()
        line.close()


def _cut(line: _Pinned) -> None:
    try:
        line.cut()
    except OSError:
        return
