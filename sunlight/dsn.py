"""Addresses of the database and of the Redis-compatible server, as the environment gives them.

Free of Django, so that settings, the embedded servers and tools can all use it.
"""

from urllib.parse import parse_qsl, quote, unquote, urlsplit

_POSTGRES_SCHEMES = {"postgres", "postgresql"}


def parse_database_url(url: str) -> dict:
    """Django's `DATABASES` entry for a libpq address.

    Takes `postgresql://user:password@host:port/name?option=value`; a Unix socket's directory is given as
    `postgresql://user@/name?host=/directory` or percent-encoded in the host's place. `host` and `port` in the query
    win over those before the path, as in libpq; every other query key becomes a connection option.
    Raises ValueError; the message never repeats the address, which may hold a password.
    """
    scheme, netloc, path, query, fragment = urlsplit(url)
    if scheme not in _POSTGRES_SCHEMES:
        raise ValueError("database address: it must begin with postgresql://")
    if fragment:
        raise ValueError("database address: '#' must be written %23")
    # Not urlsplit's .hostname: it turns a socket's directory to lower case.
    login, _, place = netloc.rpartition("@")
    user, _, password = login.partition(":")
    host, port = _host_and_port(place)
    options = dict(parse_qsl(query, keep_blank_values=True))
    host = options.pop("host", unquote(host))
    port = options.pop("port", port)
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("database address: the port must be a number from 1 to 65535")
    name = unquote(path.removeprefix("/"))
    if not name:
        raise ValueError("database address: the database's name is missing after the host")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": host,
        "PORT": port,
        "OPTIONS": options,
    }


# What a role may set for itself and for good (`alter role … set`), and so may whoever slips a statement in: said anew with
# every connection, which wins over it. `timeouts` are an operator's to set, in the address: `?options=-c statement_timeout=…`.
_SAID = {
    "role": "none",
    "search_path": "public",
    "row_security": "on",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "transform_null_equals": "off",
    "standard_conforming_strings": "on",
    "client_min_messages": "notice",
    "default_transaction_isolation": "read\\ committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
}


def steadfast(entry: dict) -> dict:
    """The entry with connection options over which no default of the login role wins. What the address itself says stays."""
    said = " ".join(f"-c {name}={value}" for name, value in _SAID.items())
    own = entry["OPTIONS"].get("options", "")
    return {**entry, "OPTIONS": {**entry["OPTIONS"], "options": f"{said} {own}".rstrip()}}


def _host_and_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        host, closed, rest = place[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError("database address: the IPv6 address is not closed by ']'")
        return host, rest.removeprefix(":")
    host, _, port = place.partition(":")
    return host, port


def socket_database_url(*, user: str, name: str, directory: str) -> str:
    """Address of a database behind a Unix socket, for libpq as well as for `parse_database_url`."""
    return f"postgresql://{quote(user, safe='')}@/{quote(name, safe='')}?host={quote(directory, safe='/')}"


def celery_broker_url(redis_url: str) -> str:
    """The same server as Celery spells it: `unix:///path?db=0` becomes `redis+socket:///path?virtual_host=0`.

    Other addresses (redis://, rediss://, sentinel://) are returned as they are.
    """
    scheme, _, path, query, _ = urlsplit(redis_url)
    if scheme != "unix":
        return redis_url
    database = dict(parse_qsl(query)).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"
