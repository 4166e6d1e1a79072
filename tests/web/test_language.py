"""English by switch: every text of the interface has one, and what stays Chinese says so."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from sunlight.scope import Role
from sunlight.web.language import marked
from sunlight.web.navigation import menu_of
from tests.api_client import logged_in
from tests.factories import orders
from tools import messages

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HOLDERS = re.compile(r"%\(\w+\)s|%%")
# Words quoted in English texts on purpose: what to type into a search, a unit, the other language's name.
QUOTED = re.compile(r"“40 盒”|支架, 晶状体|国械注准2016")
READERS = (
    ("hospital", (Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_RECEIVER, Role.HOSPITAL_FINANCE)),
    ("maker", (Role.SUPPLIER_LISTER, Role.SUPPLIER_SELLER, Role.SUPPLIER_SHIPPER, Role.SUPPLIER_FINANCE)),
    ("operator", (Role.OPERATOR_REVIEWER, Role.OPERATOR_CONFIRMER, Role.OPERATOR_SETTLER, Role.OPERATOR_SUPPORT)),
    ("regulator", (Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF)),
)


def text(response) -> str:
    return response.content.decode()


def english(browser: Client) -> Client:
    browser.cookies["django_language"] = "en"
    return browser


class Reading(HTMLParser):
    """The texts of a page: those the switch marked as Chinese, and those in no element that says so."""

    VOID = frozenset(
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"]
    )

    def __init__(self, html: str):
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.marked: list[str] = []
        self.unmarked: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        if not data.strip() or any(tag in ("script", "style") for tag, _ in self.open):
            return
        chinese = [(tag, attrs) for tag, attrs in self.open if attrs.get("lang", "").startswith("zh")]
        if not chinese:
            self.unmarked.append(data.strip())
        elif chinese[-1] == ("span", {"lang": "zh"}):
            self.marked.append(data.strip())


@pytest.fixture(scope="module")
def catalog():
    return messages.read()


def test_every_text_of_the_interface_has_an_english_one(catalog):
    texts = messages.msgids()
    assert len(texts) > 1000
    assert sorted(t for t in texts if catalog.get(t) is None or not catalog.get(t).string) == []
    faults = [
        text
        for text in texts
        if sorted(HOLDERS.findall(text)) != sorted(HOLDERS.findall(catalog.get(text).string))
        or CHINESE.search(QUOTED.sub("", catalog.get(text).string))
    ]
    assert faults == []


def test_the_catalogue_holds_these_texts_and_is_compiled(catalog):
    """`make messages` was run: file and compiled file are what the sources say."""
    assert messages.PO.read_bytes() == messages.po_bytes(messages.updated(catalog, messages.msgids()))
    assert messages.MO.read_bytes() == messages.compiled(catalog)


def test_no_template_says_chinese_without_marking_it():
    left = []
    for file in sorted((messages.ROOT / "templates").rglob("*.html")):
        if file.name == "broken.html":  # drawn when anything may be broken, the catalogue too
            continue
        source = re.sub(
            r"{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}",
            "",
            file.read_text("utf-8"),
            flags=re.S,
        )
        left += [
            f"{file.name}: {line.strip()[:80]}"
            for line in source.splitlines()
            if CHINESE.search(line) and 'lang="zh"' not in line
        ]
    assert left == []


def test_the_finder_sees_what_it_should():
    source = '''
"""文档字符串"""
LABELS = {"a": "标签"}
def view():
    """说明"""
    raise Invalid("bad", "拒绝的话", field=_("字段"))
    return f"片段 {_('整句 %(n)s') % {'n': 1}}"
'''
    assert sorted(messages.of_python(source)) == ["字段", "整句 %(n)s", "标签"]
    assert list(messages.of_python(source, "LABELS")) == ["标签"]
    template = '{% load i18n %}{% translate "甲" %}{% translate row %}{% blocktranslate with n=x %}共 {{ n }} 件{% endblocktranslate %}'
    assert list(messages.of_template(template)) == ["甲", "共 %(n)s 件"]


def test_chinese_texts_are_marked_where_they_stand():
    assert marked("<td> 导管 </td><td>Catheter</td>") == '<td> <span lang="zh">导管</span> </td><td>Catheter</td>'
    assert marked("<option value='1'>甲</option>") == "<option value='1' lang=\"zh\">甲</option>"
    assert (
        marked('<p lang="zh">甲<b>乙</b></p><p>丙</p>')
        == '<p lang="zh">甲<b>乙</b></p><p><span lang="zh">丙</span></p>'
    )
    assert (
        marked("<p>Reason：none（1）</p><br><script>'甲'</script>")
        == "<p>Reason: none (1)</p><br><script>'甲'</script>"
    )


def test_chinese_is_spoken_unless_english_was_chosen(world):
    visitor = Client(headers={"accept-language": "en-GB"})
    assert '<html lang="zh-hans">' in text(visitor.get("/login/")) and "登录名" in text(visitor.get("/login/"))
    answer = visitor.post("/language/", {"language": "en", "next": "/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    page = visitor.get("/login/")
    assert '<html lang="en">' in text(page) and "User name" in text(page)
    assert (page["Content-Language"], "Cookie" in page["Vary"]) == ("en", True)
    assert visitor.post("/language/", {"language": "xx", "next": "https://elsewhere.example/"})["Location"] == "/"
    assert '<html lang="en">' in text(visitor.get("/login/"))
    visitor.post("/language/", {"language": "zh-hans"})
    assert "登录名" in text(visitor.get("/login/"))
    # A program is answered in one language whatever its cookies.
    assert "没有这个接口地址" in english(visitor).get("/api/v1/nothing/").json()["detail"]


def test_the_pages_of_every_menu_in_english_leave_only_what_has_no_english(world, chosen):
    """A text of the catalogue that is still drawn in Chinese was not looked up where it is drawn."""
    orders.delivered(world)
    texts, left, looked_at = messages.msgids(), [], 0
    for key, roles in READERS:
        actor = world.actor(key, *roles)
        browser = english(logged_in(actor))
        for _section, items in menu_of(actor):
            for item in items:
                if not chosen(key, item.url_name, of=8):
                    continue
                page = text(browser.get(reverse(item.url_name), follow=True))
                looked_at += 1
                reading = Reading(page)
                left += [f"{item.url_name}: {each}" for each in reading.marked if each in texts]
                left += [f"{item.url_name}: {each}" for each in reading.unmarked if CHINESE.search(each)]
    assert chosen.enough(looked_at, 40)
    assert not left, "\n".join(sorted(set(left)))
