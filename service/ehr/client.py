"""Requests to others: the key set of a connected system and what its own server holds, from the addresses that an
administrator registered.

Rule: this is a request that others can aim, so it goes nowhere but to a public host by TLS: every address that the name
stands for is looked at before one is connected to, and that very address is the one connected to. No redirects, five
seconds in all, no more bytes than the asker takes. A host in the practice's own network must be named in
STEPWELL_KEY_HOSTS. Only the look-up of a name cannot be cut short; one that took too long leads nowhere.
"""

import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from service.errors import Unavailable

SECONDS = 5.0
LARGEST = 256_000
_AT_ONCE = 65_536
NOT_HAD = "The key set could not be fetched."
NO_ANSWER = "There was no answer."
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=([0-9]{1,9})")
# Addresses that lead on to another one inside: NAT64, 6to4, Teredo.
_LEADING_ON = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/32", "2002::/16", "2001::/32"))


class Pinned(HTTPSConnection):
    """Connects to an address that was looked at, and to no other; the certificate must still be the host's."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, own: Collection[str]) -> None:
        super().__init__(host, port, timeout=SECONDS, context=context)
        self._tls, self._own = context, own
        self.line: socket.socket | None = None
        self.ends = monotonic() + SECONDS

    def left(self) -> float:
        """Seconds that this may still take. Raises Unavailable when it is over."""
        left = self.ends - monotonic()
        if left <= 0:
            raise Unavailable(NO_ANSWER)
        return left

    def connect(self) -> None:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not addresses or (self.host not in self._own and not all(is_public(each) for each in addresses)):
            raise Unavailable(NO_ANSWER)
        plain = socket.create_connection((addresses[0], self.port), timeout=self.left())
        if plain.getpeername()[0].partition("%")[0] != addresses[0].partition("%")[0]:
            plain.close()
            raise Unavailable(NO_ANSWER)
        tls = self._tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = self.line = tls
        self.left()  # where the cut came before there was a line
        tls.do_handshake()


@dataclass(frozen=True)
class Way:
    """Which hosts of the own network may be spoken to, and whose certificates count."""

    own_hosts: Collection[str] = ()
    context: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Reply:
    """`body` holds one byte more than was to be taken where there is more."""

    status: int
    body: bytes
    kept_for: str = ""


def send(
    url: str, way: Way, *, headers: Mapping[str, str] = {}, body: bytes | None = None, largest: int = LARGEST
) -> Reply:
    """What is answered at `url`, to a POST where there is a body. Raises Unavailable."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError as error:
        raise Unavailable(NO_ANSWER) from error
    connection = Pinned(host, port, way.context or ssl.create_default_context(), way.own_hosts)
    late = threading.Timer(SECONDS, _cut, [connection])
    late.start()
    try:
        target = parts._replace(scheme="", netloc="").geturl() or "/"
        connection.request("GET" if body is None else "POST", target, body, {**_HEADERS, **headers})
        response = connection.getresponse()
        taken = _body(connection, response, largest + 1)
        return Reply(response.status, taken, response.headers.get("Cache-Control") or "")
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(NO_ANSWER) from error
    finally:
        late.cancel()
        connection.close()


def fetch(
    url: str, *, own_hosts: Collection[str] = (), context: ssl.SSLContext | None = None
) -> tuple[bytes, int | None]:
    """The key set at `url` and for how many seconds it may be kept, where that is said. Raises Unavailable."""
    reply = send(url, Way(own_hosts, context))
    if reply.status != 200 or len(reply.body) > LARGEST:
        raise Unavailable(NOT_HAD)
    told = reply.kept_for.casefold()
    age = _MAX_AGE.search(told)
    return reply.body, 0 if "no-store" in told or "no-cache" in told else int(age[1]) if age else None


def is_public(address: str) -> bool:
    """Whether an address is one of the open network, by whichever spelling."""
    found: Any = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    leads_on = any(found.version == each.version and found in each for each in _LEADING_ON)
    return bool(found.is_global and not found.is_multicast and not leads_on)


_HEADERS = {"Accept": "application/json", "User-Agent": "Stepwell", "Connection": "close"}


def _body(connection: Pinned, response: HTTPResponse, most: int) -> bytes:
    """In pieces, each against the time. Raises Unavailable for what was cut off."""
    body = b""
    while len(body) < most and (piece := response.read1(min(most - len(body), _AT_ONCE))):
        body += piece
        connection.left()
    connection.left()
    return body


def _cut(connection: Pinned) -> None:
    """End a connection whose other side drips, or that is not one yet. What lies under the TLS is shut: nothing that
    still came is taken for words in clear.
    """
    connection.ends = 0.0
    if connection.line is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection.line, socket.SHUT_RDWR)
