"""Templates: used, existing, free of inline script and of leftover English."""

from tests.architecture import checks
from tests.architecture import templates as checkers


def templates() -> dict[str, str]:
    found = {}
    for folder in (
        checks.ROOT / "templates",
        *checks.ROOT.glob("sunlight/*/templates"),
        *checks.ROOT.glob("*/templates"),
    ):
        for file in folder.rglob("*.*"):
            if file.suffix in (".html", ".txt"):
                found[file.relative_to(folder).as_posix()] = file.read_text("utf-8")
    return found


def python() -> dict[str, str]:
    return {checks.name_of(file): file.read_text("utf-8") for file in checks.product_files()}


def test_every_template_is_used_and_every_name_exists():
    assert len(templates()) >= 15
    assert checkers.template_faults(templates(), python()) == []


def test_no_template_breaks_the_security_policy():
    assert [fault for name, text in templates().items() for fault in checkers.security_faults(name, text)] == []


def test_no_english_is_left_in_pages():
    assert [fault for name, text in templates().items() for fault in checkers.english_left(name, text)] == []


def test_the_template_checkers_see_bad_samples():
    bad = {"a/x.html": '{% include "a/gone.html" %}', "a/_y.html": "", "a/z.html": '{% extends "a/x.html" %}'}
    assert checkers.template_faults(bad, {"a/web.py": 'render(request, "a/z.html")'}) == [
        "a/_y.html is used by nobody",
        "a/x.html names a/gone.html, which does not exist",
    ]
    for sample in (
        "<script>x()</script>",
        '<p style="color:red">',
        '<a onclick="x()">',
        '<a href="javascript:x">',
        '<script src="https://cdn.example/x.js"></script>',
        '<link href="//cdn.example/x.css">',
    ):
        assert checkers.security_faults("x", sample), sample
    good = '<script src="{% static \'x.js\' %}"></script><a href="/x" class="style">{# <p style="x"> #}</a>'
    assert checkers.security_faults("x", good) == []
    assert checkers.english_left("x", "<h1>Please log in</h1>") == ["x: Please log in"]
    assert checkers.english_left("x", '<h1 class="text muted">登录 API {% url "a b" %} {{ row.state }}</h1>') == []
