import pytest

from sunlight.accounts.clients import client_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36", "Chrome · Windows"),
        (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge · Windows"),
        (f"{MAC} Version/18.0 Safari/605.1.15", "Safari · macOS"),
        (f"{PHONE} Mobile/15E148 MicroMessenger/8.0.50", "微信 · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox · Linux"),
        ("curl/8.5.0", "未知客户端"),
        ("", "未知客户端"),
        ("<script>alert(1)</script>", "未知客户端"),
    ],
)
def test_a_browser_by_the_name_people_know(agent, name):
    assert client_name(agent) == name
