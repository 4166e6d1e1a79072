"""Calling an address that somebody else chose: nothing inside can be reached by it."""

import datetime
import http.server
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sunlight.webhooks import outbound

HOST = "hooks.example.cn"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.cn/",
        "ftp://hooks.example.cn/",
        "//hooks.example.cn/",
        "https:///x",
        "https://",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://017700000001/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://db/",
        "https://redis.internal/",
        "https://a.localhost/",
        "https://printer.local/",
        "https://user:pass@hooks.example.cn/",
        "https://hooks.example.cn#@127.0.0.1/",
        "https://hooks.example.cn:22/",
        "https://hooks.example.cn:6379/",
        "https://hooks.example.cn:99999/",
        "https://hooks.example.cn/a b",
        "https://hooks.example.cn\\@127.0.0.1/",
        "https://hooks.example.cn/\r\nX: y",
        "https://医院.cn/",
        "https://hooks.example.cn/" + "x" * 500,
        "https://hooks.example.1/",
        "https://１２７.0.0.1/",
    ],
)
def test_addresses_of_another_form_are_refused(url):
    with pytest.raises(outbound.AddressRefused):
        outbound.target_of(url)
    assert outbound.post(url, b"", {}, resolve=lambda *_: pytest.fail("resolved")).status is None


def test_an_address_of_the_right_form():
    assert outbound.target_of("https://Hooks.Example.cn:8443/in?a=1") == outbound.Target(HOST, 8443, "/in?a=1")
    assert outbound.target_of(f"https://{HOST}").path == "/"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "nonsense",
        "",
    ],
)
def test_an_inner_address_is_never_called(address, monkeypatch):
    monkeypatch.setattr(outbound.socket, "create_connection", lambda *_: pytest.fail("connected"))
    assert not outbound.is_public(address)
    answer = outbound.post(f"https://{HOST}/", b"", {}, resolve=lambda *_: [address])
    assert (answer.status, "内网" in answer.error) == (None, True)
    # One inner address among public ones is enough.
    answer = outbound.post(f"https://{HOST}/", b"", {}, resolve=lambda *_: ["114.114.114.114", address])
    assert answer.status is None


def test_public_addresses_and_names_without_any():
    assert all(map(outbound.is_public, ("114.114.114.114", "2400:3200::1", "::ffff:114.114.114.114")))

    def fails(*_):
        raise OSError("no such name")

    for resolve in (fails, lambda *_: []):
        assert "无法解析" in outbound.post(f"https://{HOST}/", b"", {}, resolve=resolve).error


def test_the_name_is_resolved_once_and_that_address_is_called(monkeypatch):
    """DNS rebinding: a name server that answers otherwise the second time gains nothing."""
    answers, called = iter([["114.114.114.114"], ["127.0.0.1"]]), []

    def connects(where, *_):
        called.append(where)
        raise OSError("far away")

    monkeypatch.setattr(outbound.socket, "create_connection", connects)
    outbound.post(f"https://{HOST}/", b"", {}, resolve=lambda *_: next(answers))
    assert called == [("114.114.114.114", 443)]
    assert next(answers) == ["127.0.0.1"]  # never asked


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(server context, client context that trusts it) for `HOST`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2099))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())


class Receiver(http.server.BaseHTTPRequestHandler):
    seen: list = []
    hold = threading.Event()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen.append((self.path, dict(self.headers), body))
        if self.path == "/slow":
            self.hold.wait(10)
            return
        self.send_response({"/moved": 302, "/broken": 500}.get(self.path, 204))
        self.send_header("Location", "https://127.0.0.1/inside")
        self.end_headers()
        if self.path == "/endless":
            with pytest.raises(OSError):
                while True:
                    self.wfile.write(b"x" * 65536)

    def log_message(self, *_):
        return


@pytest.fixture
def receiver(certificate, monkeypatch):
    """A receiver behind TLS on this machine; `send(path)` as the product would, but for where addresses may lie."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.socket = certificate[0].wrap_socket(server.socket, server_side=True)
    port = server.server_address[1]
    monkeypatch.setattr(outbound, "PORTS", frozenset({port}))
    Receiver.seen, Receiver.hold = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def send(path, host=HOST, context=certificate[1], **more):
        return outbound.post(
            f"https://{host}:{port}{path}",
            b'{"a":1}',
            {"webhook-id": "msg_1"},
            resolve=lambda *_: ["127.0.0.1"],
            allowed=lambda _: True,
            context=context,
            **more,
        )

    yield send
    Receiver.hold.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_message_arrives_and_no_redirect_is_followed(receiver):
    assert receiver("/in?x=1") == outbound.Answer(204)
    path, headers, body = Receiver.seen[0]
    assert (path, body, headers["webhook-id"]) == ("/in?x=1", b'{"a":1}', "msg_1")
    assert headers["Host"].startswith(HOST)
    assert receiver("/moved") == outbound.Answer(302)
    assert receiver("/broken").ok is False
    assert len(Receiver.seen) == 3
    assert receiver("/endless").status == 204  # only the first bytes are read


def test_a_certificate_for_another_name_or_by_nobody_is_refused(receiver):
    assert "CERTIFICATE" in receiver("/", host="other.example.cn").error.upper()
    assert "CERTIFICATE" in receiver("/", context=None).error.upper()
    assert Receiver.seen == []


def test_who_does_not_answer_is_left(receiver):
    answer = receiver("/slow", seconds=0.3)
    assert answer.status is None
