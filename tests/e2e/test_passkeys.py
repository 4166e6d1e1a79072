"""A passkey in a real browser: added, given after the password, refused when copied. Chromium's virtual authenticator."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections

from sunlight import scope
from sunlight.scope import Role
from sunlight.tenancy.models import Factor, Membership
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.services.admission import membership_grant, user_create
from tests import databases
from tests.e2e.test_pages import RULES, english

pytestmark = [pytest.mark.browser, pytest.mark.faces]
USERNAME, PASSWORD = "passkey.person", "a-password-of-their-own"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def in_database(site, call):
    """`call()` on the site's database, in its own thread: Django refuses it where a browser's event loop runs."""

    def work():
        home = databases.settings.DATABASES["default"]["NAME"]
        databases.point_at(site.database)
        try:
            return call()
        finally:
            connections.close_all()
            databases.point_at(home)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(60)


def a_person() -> None:
    """A new person, who is not a demonstration account, in a hospital of the demonstration."""
    system = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
    with scope.login_scope():
        like = Membership.objects.select_related("organisation", "platform").get(user__username="buyer1")
    with scope.opened(system):
        user = user_create(
            actor=system,
            at=scope.now(),
            username=USERNAME,
            name="钥匙持有人",
            password_hash=Argon2PasswordHasher().encode(PASSWORD, "saltsaltsalt"),
        )
        membership_grant(
            actor=system,
            at=scope.now(),
            user=user,
            organisation=like.organisation,
            platform=like.platform,
            roles=[Role.HOSPITAL_BUYER],
        )


def log_in(page) -> None:
    page.goto("/login/")
    page.fill("#username", USERNAME)
    page.fill("#password", PASSWORD)
    page.locator("form:has(#password) button").click()


def faults(page) -> list:
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found] + english(page)


def test_a_passkey_from_adding_to_logging_in(site, chromium):
    in_database(site, a_person)
    # A browser takes no passkey for an address that is a number.
    context = chromium.new_context(base_url=site.replace("127.0.0.1", "localhost"), locale="zh-CN")
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    authenticator = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    log_in(page)
    page.wait_for_url("/")
    page.goto("/account/security/")
    assert faults(page) == []
    page.get_by_role("button", name="设置动态口令").click()
    page.wait_for_url("**/account/totp/")
    assert page.locator("svg.segno").count() == 1 and faults(page) == []
    page.goto("/account/passkey/")
    assert faults(page) == []
    page.fill("#name", "办公室电脑")
    page.get_by_role("button", name="添加").click()
    page.wait_for_selector("text=这些恢复码只显示这一次")
    assert page.locator("li.code").count() == 10 and faults(page) == []
    page.get_by_role("link", name="已保存，继续").click()
    page.goto("/account/security/")
    assert "办公室电脑" in page.content() and faults(page) == []

    page.context.clear_cookies()
    log_in(page)
    page.wait_for_url("**/account/factor/**")
    assert faults(page) == []
    page.goto("/orders/")
    page.wait_for_url("**/account/factor/**")
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_url("/")
    assert page.goto("/orders/").status == 200

    # A copy of the key counts from where it was taken: a count that does not rise opens nothing.
    def rewound():
        with scope.login_scope():
            (factor,) = Factor.objects.filter(user__username=USERNAME, kind="passkey")
            Factor.objects.filter(pk=factor.pk).update(counter=factor.counter + 1000)
            return factor.counter

    assert in_database(site, rewound) > 0
    page.context.clear_cookies()
    log_in(page)
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_selector("text=验证未通过")
    assert [e for e in errors if "status of 422" not in e] == []

    # Without the device the page says so and stays.
    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_selector("[data-passkey-failed]:visible")
    context.close()
