"""Error pages that help: who may, whom to ask, what to do, and nothing in English."""

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from sunlight.scope import Role
from sunlight.web import errors
from tests.api_client import logged_in
from tests.browsing import client_of


def test_a_page_not_for_ones_role_names_the_roles_the_colleagues_and_the_administrator(world):
    world.actor("hospital", Role.HOSPITAL_FINANCE, person="出纳")
    world.actor("hospital", Role.HOSPITAL_ADMIN)
    answer = client_of(world.actor("hospital", Role.HOSPITAL_BUYER)).get("/settlement/runs/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "您的岗位不能打开此页面" in page
    for words in ("采购员（测试市第一人民医院）", "院内审计", "本单位谁可以办", "请联系本单位管理员调整岗位"):
        assert words in page
    assert "测试市第一人民医院员工" in page
    assert "结算员" not in page


def test_a_page_for_other_kinds_of_organisation_says_so(world):
    page = client_of(world.actor("maker", Role.SUPPLIER_SELLER)).get("/receiving/").content.decode()
    assert "验收员" in page
    assert "由其他类别的单位使用" in page


def test_a_form_whose_secret_is_stale_is_told_so_in_chinese(world):
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).cookies
    answer = browser.post("/messages/read/")
    assert (answer.status_code, "本次提交没有生效" in answer.content.decode()) == (403, True)


@pytest.mark.django_db
def test_nothing_here_leads_on_for_somebody_without_an_account():
    answer = Browser().get("/nothing/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert 'href="/portal/"' in page
    assert 'href="/login/"' in page


def test_what_broke_gives_its_number_and_its_style():
    request = RequestFactory().get("/orders/")
    request.client = type("Somebody", (), {"request_id": "abc123"})()
    page = errors.broken(request).content.decode()
    assert "abc123" in page
    assert "vendor/tabler.min.css" in page
    assert "sunlight/sunlight.css" in page
