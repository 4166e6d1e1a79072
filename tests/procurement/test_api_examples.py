"""The examples of the API's documentation: recorded here, compared here. SUNLIGHT_RECORD=1 writes them anew.

Numbers that depend on what ran before are written as others, so that every run gives the same file.
"""

import json
import os
import re
from urllib.parse import urlencode

from django.test import Client as Browser

from sunlight.api.examples import FILE, examples
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.machines import client_made
from tests.pricing.test_feeds import announced, turn

MASKS = [
    (re.compile(r"\b\d{20}\b"), "20260302{:012d}"),
    (re.compile(r"直径 3\.0 mm / \d+"), "直径 3.0 mm / {}"),
    (re.compile(r"国械注准\d{11}"), "国械注准2099{:07d}"),
    (re.compile(r"C\d{26}"), "C020101001010010000{:08d}"),
    (re.compile(r"C\d{19}\b"), "C02010100101001{:05d}"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "{:064x}"),
    (re.compile(r"\b(?:sot|scs|sc|sun|whsec)_[A-Za-z0-9_+/=-]{16,}"), "<secret {}>"),
]
# What depends on the rows that other tests made before.
COUNTED = {"id": 101, "listing": 12, "price_group": 7, "offer": 101, "contract": 31, "agreement": 55, "sequence": 4711}
IN_PATH = {"products": 7, "offers": 101}
KEPT_HEADERS = ("Idempotency-Key", "If-Match", "If-None-Match")


class Recorder:
    def __init__(self):
        self.found, self.seen = {}, {}

    def number(self, kind: str, value) -> int:
        seen = self.seen.setdefault(kind, {})
        return seen.setdefault(value, len(seen) + 1)

    def plain(self, value, key=""):
        if isinstance(value, dict):
            return {name: self.plain(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.plain(each, key) for each in value]
        if isinstance(value, int) and not isinstance(value, bool) and key in COUNTED:
            return COUNTED[key]
        if isinstance(value, str):
            for number, (pattern, form) in enumerate(MASKS):
                value = pattern.sub(lambda m, n=number, f=form: f.format(self.number(f"mask{n}", m[0])), value)
            if key == "next" and re.fullmatch(r"\d+-\d+", value):
                return "4711-88"
        return value

    def path(self, path: str) -> str:
        return re.sub(r"/(\w+)/\d+/", lambda m: f"/{m[1]}/{IN_PATH[m[1]]}/", path)

    def keep(self, operation: str, title: str, method: str, path: str, headers, body, status: int, answer):
        self.found.setdefault(operation, []).append(
            {
                "title": title,
                "method": method,
                "path": self.path(path),
                "headers": {k: v for k, v in headers.items() if k in KEPT_HEADERS},
                "body": self.plain(body),
                "status": status,
                "answer": self.plain(answer),
            }
        )

    def post(self, operation: str, title: str, client, path: str, body, **headers):
        status, answer = client.post(path, body, **headers)
        self.keep(operation, title, "POST", path, headers, body, status, answer)
        return answer

    def get(self, operation: str, title: str, client, path: str):
        status, answer = client.get(path)
        self.keep(operation, title, "GET", path, {}, None, status, answer)
        return answer


def recorded(world, product, at) -> dict:
    record = Recorder()
    buyer, seller = ApiClient(world, "hospital", Role.HOSPITAL_BUYER), ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    group = product.price_group_id
    record.post(
        "products_trial_create",
        "试算高于预警线的报价",
        buyer,
        f"/api/v1/products/{group}/trial/",
        {"price": "100.0001"},
    )
    body = {"price_group": group, "price": "98.5", "quantity": "40 盒"}
    refused = body | {"price": "100.0001"}
    record.post("offers_create", "高于预警线，不予受理", buyer, "/api/v1/offers/", refused)
    key = {"Idempotency-Key": "plan-2026-03-0001"}
    made = record.post("offers_create", "报价", buyer, "/api/v1/offers/", body, **key)
    record.get("offers_retrieve", "报价与裁定依据", buyer, f"/api/v1/offers/{made['id']}/")
    record.post(
        "offers_decline_create", "企业拒绝", seller, f"/api/v1/offers/{made['id']}/decline/", {"reason": "低于成本"}
    )
    operations = [
        {"idempotency_key": "plan-2026-03-0002", "body": body | {"price": "98.0"}},
        {"idempotency_key": "plan-2026-03-0003", "body": refused},
    ]
    record.post("offers_batch_create", "两笔，一笔受理", buyer, "/api/v1/offers/batch/", {"operations": operations})
    announced(world, product)
    turn()
    record.get("feeds_codes_list", "首次同步", buyer, "/api/v1/feeds/codes/")
    admin = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN, person=True)
    hook = {"name": "HIS", "url": "https://his.example.cn/sunlight", "topics": ["order", "delivery"]}
    record.post("webhooks_create", "登记推送地址", admin, "/api/v1/webhooks/", hook)
    token(world, record)
    return record.found


def token(world, record: Recorder) -> None:
    client, secret = client_made(world, world.actor("hospital", Role.HOSPITAL_ADMIN), Role.HOSPITAL_BUYER)
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    answer = Browser().post("/oauth2/token", urlencode(form), "application/x-www-form-urlencoded")
    record.keep("oauth2_token", "换取令牌", "POST", "/oauth2/token", {}, form, answer.status_code, answer.json())


def test_the_examples_are_what_the_product_answers(world, product, at):
    found = recorded(world, product, at)
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("SUNLIGHT_RECORD"):
        FILE.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(FILE.read_text(encoding="utf-8")), "SUNLIGHT_RECORD=1 records them anew"


def test_every_example_stands_in_the_document_and_on_the_page(db):
    from sunlight.accounts.web import apidocs

    operations = {each["id"]: each for topic in apidocs._topics().values() for each in topic}
    assert set(examples()) <= set(operations)
    assert len(operations) > 80
    browser = Browser()
    index = browser.get("/api/docs/").content.decode()
    page = browser.get("/api/docs/offers/").content.decode()
    assert "/api/v1/offers/batch/" in index
    assert "plan-2026-03-0001" in page
    assert "<script>" not in page
    assert "lines[].code" in browser.get("/api/docs/orders/").content.decode()
    assert browser.get("/api/docs/nothing/").status_code == 404
