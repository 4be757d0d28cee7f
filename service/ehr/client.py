"""Requests to others: the key set of a connected system, from the address that an administrator registered.

Rule: this is a request that others can aim, so it goes nowhere but to a public host by TLS: every address that the name
stands for is looked at before one is connected to, and that very address is the one connected to. No redirects, five
seconds in all, 256 kB. A host in the practice's own network must be named in STEPWELL_KEY_HOSTS.
"""

import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Collection
from contextlib import suppress
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from service.errors import Unavailable

SECONDS = 5.0
LARGEST = 256_000
NOT_HAD = "The key set could not be fetched."
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=([0-9]{1,9})")
# Addresses that lead on to another one inside: NAT64, 6to4, Teredo.
_LEADING_ON = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/32", "2002::/16", "2001::/32"))


class Pinned(HTTPSConnection):
    """Connects to an address that was looked at, and to no other; the certificate must still be the host's."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, own: Collection[str]) -> None:
        super().__init__(host, port, timeout=SECONDS, context=context)
        self._tls, self._own = context, own
        self.line: socket.socket | None = None

    def connect(self) -> None:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not addresses or (self.host not in self._own and not all(is_public(each) for each in addresses)):
            raise Unavailable(NOT_HAD)
        plain = socket.create_connection((addresses[0], self.port), timeout=SECONDS)
        if plain.getpeername()[0].partition("%")[0] != addresses[0].partition("%")[0]:
            plain.close()
            raise Unavailable(NOT_HAD)
        self.sock = self.line = self._tls.wrap_socket(plain, server_hostname=self.host)


def fetch(
    url: str, *, own_hosts: Collection[str] = (), context: ssl.SSLContext | None = None
) -> tuple[bytes, int | None]:
    """The bytes at `url` and for how many seconds they may be kept, where that is said. Raises Unavailable."""
    parts = urlsplit(url)
    connection = Pinned(parts.hostname or "", parts.port or 443, context or ssl.create_default_context(), own_hosts)
    late = threading.Timer(SECONDS, _cut, [connection])
    late.start()
    try:
        connection.request("GET", parts._replace(scheme="", netloc="").geturl() or "/", headers=_HEADERS)
        return _body(connection.getresponse())
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(NOT_HAD) from error
    finally:
        late.cancel()
        connection.close()


def is_public(address: str) -> bool:
    """Whether an address is one of the open network, by whichever spelling."""
    found: Any = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    leads_on = any(found.version == each.version and found in each for each in _LEADING_ON)
    return bool(found.is_global and not found.is_multicast and not leads_on)


_HEADERS = {"Accept": "application/json", "User-Agent": "Stepwell", "Connection": "close"}


def _body(response: HTTPResponse) -> tuple[bytes, int | None]:
    if response.status != 200:
        raise Unavailable(NOT_HAD)
    body = response.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Unavailable(NOT_HAD)
    told = (response.headers.get("Cache-Control") or "").casefold()
    age = _MAX_AGE.search(told)
    return body, 0 if "no-store" in told or "no-cache" in told else int(age[1]) if age else None


def _cut(connection: Pinned) -> None:
    """End a connection whose other side drips."""
    if connection.line is not None:
        with suppress(OSError):
            connection.line.shutdown(socket.SHUT_RDWR)
