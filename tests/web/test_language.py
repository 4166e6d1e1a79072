"""English by switch: every text of the interface has one, and sentences that stay Chinese say so."""

import ast
import io
import re

import pytest
from babel.messages.extract import extract
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context
from django.test import Client
from django.urls import reverse

from sunlight.scope import Role
from sunlight.web.lists import Column
from sunlight.web.navigation import menu_of
from sunlight.web.templatetags.lists import cell
from tests.api_client import logged_in
from tests.english import CHINESE, faults_of
from tests.factories import orders
from tools import messages

HOLDERS = re.compile(r"%\(\w+\)s|%%")
# Words quoted in English texts on purpose: what to type into a search, a unit, the other language's name.
QUOTED = re.compile(r"“40 盒”|支架, 晶状体|国械注准2016")
READERS = (
    ("hospital", (Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER)),
    ("hospital", (Role.HOSPITAL_APPROVER, Role.HOSPITAL_FINANCE)),
    ("maker", (Role.SUPPLIER_LISTER, Role.SUPPLIER_SELLER, Role.SUPPLIER_SHIPPER, Role.SUPPLIER_FINANCE)),
    ("operator", (Role.OPERATOR_REVIEWER, Role.OPERATOR_CONFIRMER, Role.OPERATOR_SETTLER, Role.OPERATOR_SUPPORT)),
    ("regulator", (Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF)),
)


def text(response) -> str:
    return response.content.decode()


def english(browser: Client) -> Client:
    browser.cookies["django_language"] = "en"
    return browser


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


def found(method, source: str) -> list[str]:
    return [text for _, text, *_ in extract(method, io.BytesIO(source.encode()), messages.KEYWORDS)]


def test_the_finder_sees_what_it_should():
    source = '''
"""文档字符串"""
LABELS = {"a": "标签"}
def view():
    """说明"""
    raise Invalid("bad", "拒绝的话", field=_("字段"))
    return f"片段 {number}" + _("整句 %(n)s") % {"n": 1}
'''
    assert found(messages.from_words, source) == ["标签", "整句 %(n)s"]
    assert found("python", source) == ["字段", "整句 %(n)s"]
    assert found("python", 'KIND = message_kind("key", "消息", ROLE)') == ["消息"]
    template = """{% load i18n %}
    {% translate "甲" %}{% translate row %}
  {{ rows|join:_("、") }}{% blocktranslate with n=x %}共 {{ n }} 件{% endblocktranslate %}"""
    assert found(messages.from_template, template) == ["甲", "、", "共 %(n)s 件"]


def test_no_text_is_marked_where_the_finder_does_not_look():
    """Up to Python 3.11 Babel reads an f-string as one piece."""
    hidden = [
        f"{file}:{call.lineno}"
        for package in messages.PACKAGES
        for file in (messages.ROOT / package).rglob("*.py")
        for text in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in messages.KEYWORDS
        if any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert hidden == []


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
    assert '<html lang="en">' in text(visitor.get("/portal/"))
    visitor.post("/language/", {"language": "zh-hans"})
    assert "登录名" in text(visitor.get("/login/"))
    # A program is answered in one language whatever its cookies.
    assert "没有这个接口地址" in english(visitor).get("/api/v1/nothing/").json()["detail"]


def test_faults_of_an_english_page_are_seen():
    page = """<td>示范医院（东区）</td><p lang="zh">请重新报价。</p><p>Reason: <span lang="zh">甲，乙</span></p><p>报价</p>
        <td>低于成本，无法供货</td><h2>Documents（3）</h2><script>'甲，乙'</script>"""
    assert faults_of(page, {"报价"}) == ["报价", "低于成本，无法供货", "Documents（3）"]


def test_a_column_of_sentences_says_that_it_is_chinese():
    drawn = cell(Context(), Column("说明", "note", "sentence"), {"note": "低于成本，无法供货"})
    assert drawn == '<td class="words" lang="zh">低于成本，无法供货</td>'


def test_a_refusal_says_that_it_is_chinese(world):
    browser = english(logged_in(world.actor("operator", Role.OPERATOR_REVIEWER)))
    page = text(browser.post(reverse("catalog:releases"), {"file": SimpleUploadedFile("a.csv", b" ")}, follow=True))
    assert '<div lang="zh">文件是空的，请检查后重新上传。</div>' in page
    assert faults_of(page, messages.msgids()) == []


def test_the_pages_of_every_menu_in_english_leave_only_what_has_no_english(world, sampled):
    """A text of the catalogue that is still drawn in Chinese was not looked up where it is drawn."""
    orders.delivered(world)
    texts, left, looked_at = messages.msgids(), [], 0
    for key, roles in READERS:
        actor = world.actor(key, *roles)
        browser = english(logged_in(actor))
        for _section, items in menu_of(actor):
            for item in items:
                if not sampled(key, item.url_name, of=8):
                    continue
                page = text(browser.get(reverse(item.url_name), follow=True))
                looked_at += 1
                left += [f"{item.url_name}: {each}" for each in faults_of(page, texts)]
    assert sampled.enough(looked_at, 40)
    assert not left, "\n".join(sorted(set(left)))
