"""Fetching a key set: by TLS from public hosts alone, within limits of time and size, against servers on loopback."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from service.domain.machine_clients import url_fault
from service.ehr import client
from service.errors import Unavailable

HOST = "keys.bridge.example"
PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),  # noqa: S104
    *("::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"),
]


class KeyServer(BaseHTTPRequestHandler):
    """Answers by path; `asked` keeps what came."""

    asked: list[str] = []  # noqa: RUF012 - one list for one server, emptied by the fixture

    def do_GET(self) -> None:
        self.asked.append(self.path)
        match self.path:
            case "/moved":
                self.send_response(302)
                self.send_header("Location", "/set?a=b")
                self.end_headers()
            case "/drip":
                self.send_response(200)
                self.end_headers()
                for _ in range(200):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    sleep(0.1)
            case _:
                self.send_response(200)
                self.send_header("Cache-Control", "public, max-age=120" if self.path != "/fresh" else "no-store")
                self.end_headers()
                self.wfile.write(b"x" * client.LARGEST + b"y" if self.path == "/large" else b'{"keys": []}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called upstream
        """Tests print nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    at = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - dt.timedelta(days=1))
        .not_valid_after(at + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def port(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), KeyServer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    KeyServer.asked.clear()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    stands_for(monkeypatch, "127.0.0.1")
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def stands_for(patch: pytest.MonkeyPatch, *addresses: str) -> None:
    """What the name of the key host resolves to: the one thing that a test cannot have without a network."""

    def resolve(host: str, port: int, *_more: object, **_named: object) -> list[tuple[Any, ...]]:
        found = (host,) if host[0].isdigit() else addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    patch.setattr(socket, "getaddrinfo", resolve)


def test_a_named_host_of_the_own_network_gives_its_set(port: int, trust: ssl.SSLContext) -> None:
    found = client.fetch(f"https://{HOST}:{port}/set?a=b", own_hosts=(HOST,), context=trust)
    assert found == (b'{"keys": []}', 120)
    assert client.fetch(f"https://{HOST}:{port}/fresh", own_hosts=(HOST,), context=trust)[1] == 0
    assert KeyServer.asked == ["/set?a=b", "/fresh"]


@pytest.mark.parametrize("path", ["/moved", "/large"])
def test_a_redirect_is_not_followed_and_a_flood_not_read(port: int, trust: ssl.SSLContext, path: str) -> None:
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}{path}", own_hosts=(HOST,), context=trust)
    assert KeyServer.asked == [path]


def test_a_host_that_drips_is_cut_off(port: int, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.4)
    begun = monotonic()
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}/drip", own_hosts=(HOST,), context=trust)
    monkeypatch.setattr(client, "_cut", lambda _connection: None)
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}/drip", own_hosts=(HOST,), context=trust)
    assert monotonic() - begun < 10, "each piece is read against the time, besides"


def test_a_name_that_was_found_too_late_leads_nowhere(
    port: int, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.1)
    at_once = socket.getaddrinfo

    def late(host: str, port: int, **more: Any) -> Any:
        sleep(0.2)
        return at_once(host, port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", late)
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}/set", own_hosts=(HOST,), context=trust)
    assert KeyServer.asked == []


def test_a_cut_before_there_is_a_line_holds_as_well(
    port: int, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is over while the address is being connected to: what is a line only then is not spoken on."""
    at_once = socket.create_connection
    monkeypatch.setattr(client, "SECONDS", 0.3)

    def late(*given: Any, **more: Any) -> socket.socket:
        plain = at_once(*given, **more)
        sleep(0.5)
        plain.settimeout(30)
        return plain

    monkeypatch.setattr(socket, "create_connection", late)
    begun = monotonic()
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}/drip", own_hosts=(HOST,), context=trust)
    assert monotonic() - begun < 20 and KeyServer.asked == []


def test_a_greeting_that_drips_is_cut_off(trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then of a TLS record that never ends, where no wait of the socket's own ends it."""
    at_once = socket.create_connection

    def patient(*given: Any, **more: Any) -> socket.socket:
        plain = at_once(*given, **more)
        plain.settimeout(30)
        return plain

    monkeypatch.setattr(client, "SECONDS", 0.4)
    monkeypatch.setattr(socket, "create_connection", patient)
    stands_for(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_drip_greeting, args=[listening], daemon=True).start()
        begun = monotonic()
        with pytest.raises(Unavailable):
            client.fetch(f"https://{HOST}:{listening.getsockname()[1]}/set", own_hosts=(HOST,), context=trust)
        assert monotonic() - begun < 20


def _drip_greeting(listening: socket.socket) -> None:
    line, _address = listening.accept()
    with line, suppress(OSError):
        line.sendall(b"\x16\x03\x03\x20\x00\x02\x00\x1f\xfc")
        for _ in range(300):
            line.sendall(b"\x00")
            sleep(0.1)


@pytest.mark.parametrize("url", ["https://[bad", "https://keys.bridge.example:99999/"])
def test_what_is_no_address_is_not_asked(url: str) -> None:
    with pytest.raises(Unavailable):
        client.send(url, client.Way())


def test_nobody_else_is_spoken_to(port: int, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}/set", context=trust)
    stands_for(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(Unavailable):
        client.fetch(f"https://{HOST}:{port}/set", context=trust)
    assert KeyServer.asked == []


def test_a_certificate_of_another_name_or_maker_is_refused(port: int, trust: ssl.SSLContext) -> None:
    for host, context in (("other.example", trust), (HOST, None)):
        with pytest.raises(Unavailable):
            client.fetch(f"https://{host}:{port}/set", own_hosts=(host,), context=context)
    assert KeyServer.asked == []


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_known_by_every_spelling(address: str) -> None:
    assert not client.is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_an_inner_address_stays_inner_inside_the_newer_kind(address: ipaddress.IPv4Address) -> None:
    assert not client.is_public(f"::ffff:{address}")
    assert client.is_public("93.184.216.34")
    assert client.is_public("2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.bridge.example/set",
        "ftp://keys.bridge.example/set",
        "https://",
        "https://localhost/set",
        "https://127.0.0.1/set",
        "https://[::1]/set",
        "https://2130706433/set",
        "https://user@keys.bridge.example/set",
        "https://keys.bridge.example/set#part",
        "https://keys.bridge.example:0/set",
        "https://keys.bridge.example:99999/set",
        "https://keys.bridge.example\\@evil.example/",
        "https://keys.bridge.example/a b",
        "https://kéys.bridge.example/set",
        "file:///etc/passwd",
    ],
)
def test_such_an_address_cannot_be_registered(url: str) -> None:
    assert url_fault(url)


def test_a_plain_address_can() -> None:
    assert url_fault("https://keys.bridge.example:8443/set.json?a=b") == ""
