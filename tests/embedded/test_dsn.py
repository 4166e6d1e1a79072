import pytest

from sunlight.dsn import celery_broker_url, parse_database_url, socket_database_url


def parsed(url):
    entry = parse_database_url(url)
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    return tuple(entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://sun_app:pw@db.example:5433/sunlight", ("sunlight", "sun_app", "pw", "db.example", "5433", {})),
        ("postgres://sun_app@db/sunlight", ("sunlight", "sun_app", "", "db", "", {})),
        ("postgresql://sun_app@/sunlight?host=/tmp/Sun-1", ("sunlight", "sun_app", "", "/tmp/Sun-1", "", {})),
        ("postgresql://sun_app@%2Ftmp%2FSun-1/sunlight", ("sunlight", "sun_app", "", "/tmp/Sun-1", "", {})),
        ("postgresql:///sunlight", ("sunlight", "", "", "", "", {})),
        ("postgresql://u:p%40%3A%2F%23@h/a%20b", ("a b", "u", "p@:/#", "h", "", {})),
        ("postgresql://u:a@b@h/d", ("d", "u", "a@b", "h", "", {})),
        ("postgresql://[::1]:5432/d", ("d", "", "", "::1", "5432", {})),
        ("postgresql://h/d?port=6000&sslmode=require", ("d", "", "", "h", "6000", {"sslmode": "require"})),
    ],
)
def test_a_database_address_is_taken_apart(url, expected):
    assert parsed(url) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "must begin with postgresql://"),
        ("mysql://u:secret@h/d", "must begin with postgresql://"),
        ("postgresql://u:secret@h", "name is missing"),
        ("postgresql://u:secret@h:port/d", "port must be a number"),
        ("postgresql://u:secret@h:70000/d", "port must be a number"),
        ("postgresql://u:sec#ret@h/d", "'#' must be written %23"),
        ("postgresql://u:secret@[::1/d", "IPv6|Invalid"),
    ],
)
def test_a_bad_database_address_is_refused_without_repeating_it(url, message):
    with pytest.raises(ValueError, match=message) as refusal:
        parse_database_url(url)
    assert "sec" not in str(refusal.value)


def test_a_socket_address_reads_back():
    url = socket_database_url(user="sun_app", name="sunlight", directory="/tmp/sün 1")
    assert parsed(url) == ("sunlight", "sun_app", "", "/tmp/sün 1", "", {})


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("unix:///tmp/s/valkey.sock?db=0", "redis+socket:///tmp/s/valkey.sock?virtual_host=0"),
        ("unix:///tmp/s/valkey.sock?db=3", "redis+socket:///tmp/s/valkey.sock?virtual_host=3"),
        ("unix:///tmp/s/valkey.sock", "redis+socket:///tmp/s/valkey.sock?virtual_host=0"),
        ("redis://:pw@host:6379/1", "redis://:pw@host:6379/1"),
    ],
)
def test_celery_gets_the_same_server(redis_url, broker):
    assert celery_broker_url(redis_url) == broker
