"""Send one signed message to an address that somebody typed, without becoming their tool.

The name is resolved here, once, and the connection goes to the address that was checked: a name
that answers with an inner address the second time (DNS rebinding) gains nothing. Redirects are not
followed, little of the answer is read, and the whole takes TOTAL seconds at the most. No Django.
"""

import contextlib
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

STEP = 10  # seconds that each step may take: connect, send, the first line of the answer
TOTAL = 20  # seconds for the whole
Network = IPv4Network | IPv6Network


class Unsendable(Exception):
    """Why nothing was delivered, in a sentence."""


def split(url: str) -> SplitResult:
    """The parts of an http(s) address; Unsendable for anything else."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Unsendable("This is no web address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Unsendable("The address begins with https:// or http:// and names a host.")
    if parts.username or parts.password:
        raise Unsendable("The address holds a user name or a password; leave them out.")
    if any(not "!" <= letter <= "~" for letter in url):
        raise Unsendable("The address holds a blank or a letter beyond ASCII; write it encoded.")
    return parts


def is_open(address: str, allowed: Iterable[Network]) -> bool:
    """Whether messages may go to this IP address: a public one, or one in `allowed`."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if any(found.version == network.version and found in network for network in allowed):
        return True
    # 64:ff9b::/96 (RFC 6052) leads to any IPv4 address, also to inner ones.
    translated = isinstance(found, IPv6Address) and found in IPv6Network("64:ff9b::/96")
    return found.is_global and not found.is_multicast and not translated


def resolve(host: str, port: int, allowed: Iterable[Network]) -> str:
    """An address of `host` that messages may go to. One inner address among several spoils all."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unsendable(f"There is no host called {host}.") from None
    addresses = [str(answer[4][0]) for answer in answers]
    networks = list(allowed)
    if not all(is_open(address, networks) for address in addresses):
        raise Unsendable(
            f"{host} stands in an inner network. The administrator can allow it "
            "(REVIEWAPP_WEBHOOK_NETWORKS)."
        )
    return addresses[0]


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=…,v1=…`: HMAC-SHA256 with the secret over the second, a dot and the body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def post(url: str, body: bytes, headers: dict[str, str], allowed: Iterable[Network]) -> int:
    """POST `body`; the HTTP status that came back. Unsendable when none did."""
    parts = split(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = resolve(host, port, allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line = socket.create_connection((address, port), timeout=STEP)
    except OSError as error:
        raise Unsendable(f"{host} can't be reached: {error}.") from None
    over = threading.Timer(TOTAL, _shut, [line])
    over.daemon = True
    over.start()
    try:
        if secure:
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        # The default port is left out of the Host header, as browsers do.
        connection = http.client.HTTPConnection(host, parts.port, timeout=STEP)
        connection.sock = line
        connection.request("POST", path, body, {"Connection": "close", **headers})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unsendable(f"{host} did not answer: {error or type(error).__name__}.") from None
    finally:
        over.cancel()
        line.close()


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
