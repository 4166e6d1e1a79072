"""What every test runs under: no network, random order, warnings as errors, no undefined template variable."""

import socket
import tomllib
import warnings

import pytest
from django.template import engines

from tests.architecture import checks


def test_only_local_servers_are_reached():
    with pytest.raises(PermissionError, match="reached for the network"):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, pytest.raises(PermissionError):
        out.sendto(b"x", ("198.51.100.1", 53))
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_random_order_and_strict_warnings_stay_on():
    options = tomllib.loads((checks.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert "randomly" not in options["addopts"]
    assert options["filterwarnings"] == ["error"]
    assert not any(word in options["addopts"] for word in ("--reruns", "-x", "--deselect", "--ignore"))
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_an_undefined_template_variable_fails():
    template = engines["django"].from_string("{{ known }}{{ row.unknown }}")
    with pytest.raises(pytest.fail.Exception, match="Undefined template variable 'row.unknown'"):
        template.render({"known": 1, "row": {}})
