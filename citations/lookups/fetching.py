"""One GET to a host on the public network: https alone, with limits of time and size.

An address comes from a register's answer, so it may name anything. A host is looked up once, every
address of it must be public, and the connection goes to the very address that was checked; each
redirection goes the same way. Nothing is sent but the address and who asks.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

SECONDS_TO_ANSWER = 15
SECONDS = 60  # for one file as a whole
REDIRECTIONS = 5
LONGEST_ADDRESS = 2000
_PIECE = 1 << 16
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: IPv4 behind a translator


class NotFetched(Exception):
    """One sentence about why there is no answer."""


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    host: str  # that gave it in the end


class _Pinned(http.client.HTTPSConnection):
    """To `address`, which was checked, under the certificate of `host`."""

    def __init__(self, host: str, address: str, seconds: float) -> None:
        self.tls = ssl.create_default_context()
        super().__init__(host, 443, timeout=seconds, context=self.tls)
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, 443), self.timeout)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)


def fetch(url: str, *, contact: str, limit: int, accept: str = "*/*") -> Answer:
    """What `url` answers, at most `limit` bytes; NotFetched with one sentence.

    `contact` is the e-mail address that the registers ask for, to write to who asks too much.
    """
    until = time.monotonic() + SECONDS
    for _ in range(REDIRECTIONS + 1):
        host, path = _checked(url)
        found = _once(host, path, until, contact=contact, limit=limit, accept=accept)
        if isinstance(found, Answer):
            return found
        url = urljoin(url, found)
    raise NotFetched(f"{host} leads from one address to the next.")


def _checked(url: str) -> tuple[str, str]:
    """(host, path with its question) of an address that may be opened."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotFetched("This is no web address.") from None
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or " " in url:
        raise NotFetched("This is no web address.")
    if parts.scheme != "https":
        raise NotFetched("Only addresses with https are opened.")
    if parts.username is not None or port not in (None, 443) or "." not in host:
        raise NotFetched("An address with a name, a port or no host is not opened.")
    path = parts.path or "/"
    return host, f"{path}?{parts.query}" if parts.query else path


def _once(
    host: str, path: str, until: float, *, contact: str, limit: int, accept: str
) -> Answer | str:
    """The answer, or the address that it leads on to."""
    link = connection(host, public_address(host), SECONDS_TO_ANSWER)
    try:
        link.request(
            "GET",
            path,
            headers={
                "Accept": accept,
                "Accept-Encoding": "identity",
                "User-Agent": f"Concord (systematic reviews; mailto:{contact})",
            },
        )
        answer = link.getresponse()
        if answer.status in (301, 302, 303, 307, 308) and (onward := answer.getheader("Location")):
            return onward
        body = _body(answer, host, until, limit)
    except (OSError, http.client.HTTPException, ValueError):
        raise NotFetched(f"{host} can't be reached or answers too slowly.") from None
    finally:
        link.close()
    return Answer(answer.status, answer.getheader("Content-Type") or "", body, host)


def _body(answer: http.client.HTTPResponse, host: str, until: float, limit: int) -> bytes:
    parts, size = [], 0
    while part := answer.read1(_PIECE):
        size += len(part)
        if size > limit:
            raise NotFetched(f"What {host} sends is larger than {limit >> 20 or 1} MB.")
        if time.monotonic() > until:
            raise NotFetched(f"{host} takes more than {SECONDS} seconds.")
        parts.append(part)
    return b"".join(parts)


def public_address(host: str) -> str:
    """An address of `host`; NotFetched when any of its addresses is not on the public network."""
    try:
        found = resolved(host)
    except (OSError, UnicodeError):
        raise NotFetched(f"{host} is not known on the network.") from None
    for address in found:
        if not is_public(address):
            raise NotFetched(f"{host} is not on the public network and is not asked.")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an address may be connected to; one inside another (IPv4 in IPv6) is looked at."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    inner: ipaddress.IPv4Address | None = None
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner and parsed.ipv4_mapped:
            parsed = inner
    return all(each.is_global and not each.is_multicast for each in (parsed, inner) if each)


def resolved(host: str) -> list[str]:
    return [str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def connection(host: str, address: str, seconds: float) -> http.client.HTTPConnection:
    return _Pinned(host, address, seconds)
