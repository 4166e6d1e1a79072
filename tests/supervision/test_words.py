"""What the journal keeps is shown in words."""

import ast

from supervision.queries.trace import in_words
from supervision.queries.words import label_of, recorded
from tests.architecture.checks import product_files


def payload_keys() -> set[str]:
    """The keys that services write into records as they stand in the code."""
    keys = set()
    for file in product_files():
        if "services" not in file.as_posix():
            continue
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                for each in (k.value for k in call.keywords if k.arg == "payload" and isinstance(k.value, ast.Dict)):
                    keys |= {key.value for key in each.keys if isinstance(key, ast.Constant)}
    return keys


def test_every_key_of_a_record_has_a_word():
    keys = payload_keys()
    assert len(keys) > 60
    assert sorted(key for key in keys if label_of(key) == key) == []


def test_contents_are_told_in_yuan_and_by_label():
    payload = {"state": "PLACED", "amount_fen": 123_450, "seller_id": 7, "lines": [{"accepted_fen": 5, "lot": "L1"}]}
    assert recorded(payload, "order") == [
        ("状态", "待企业确认"),
        ("金额（元）", "1,234.50"),
        ("销售方", 7),
        ("明细", [{"验收金额（元）": "0.05", "批号": "L1"}]),
    ]


def test_provinces_are_named_where_codes_are_listed():
    assert in_words(["310000", "999999", 310000]) == ["上海", "999999", 310000]
    assert in_words("310000") == "310000"
