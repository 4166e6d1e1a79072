"""Finding specifications in the national catalogue."""

import re
from itertools import pairwise

from django.db.models import QuerySet

from catalog.models import NationalCode
from catalog.rules import code_normalise
from sunlight.journal.refusals import Invalid
from sunlight.sheets.reading import narrow

_CODE = re.compile(r"C[J0-9][0-9A-Z]*")
MOST_TERMS = 6
MOST_CHARACTERS = 60


def pairs_of(text: str) -> set[int]:
    """The neighbouring characters of a text in lower case as the search index holds them, a number a pair; none with
    white space. Of characters beyond the usual plane only the low 16 bits: who looks for a pair reads the text too."""
    return {
        ((ord(one) & 0xFFFF) - 0x8000 << 16) + (ord(other) & 0xFFFF)
        for word in text.split()
        for one, other in pairwise(word)
    }


def national_codes_search(text: str) -> QuerySet:
    """Specifications that match every word of `text`: a code's beginning (from 3 characters), or 2 and more characters of
    names, maker, certificate, specification or model, or of the names' pinyin initials; retired ones too. Ordered by
    code. Raises Invalid for words too short or too many to be looked up."""
    words = narrow(text).split()
    if not words:
        raise Invalid("search_empty", "请输入名称、企业、注册证号、编码开头或拼音首字母。", field="q")
    if len(words) > MOST_TERMS or len(text) > MOST_CHARACTERS:
        raise Invalid(
            "search_too_long", f"搜索词最多 {MOST_TERMS} 个、{MOST_CHARACTERS} 个字符。请缩短后重试。", field="q"
        )
    rows = NationalCode.objects.all()
    for word in words:
        rows = _matching(rows, word)
    return rows.order_by("code")


def _matching(rows: QuerySet, word: str) -> QuerySet:
    code = code_normalise(word)
    if len(code) >= 3 and _CODE.fullmatch(code):
        return rows.filter(code__startswith=code)
    word = word.lower()
    if len(word) < 2:
        raise Invalid("search_word_too_short", f"“{word}”太短，每个搜索词至少 2 个字。", field="q")
    return rows.filter(search_pairs__contains=sorted(pairs_of(word)), search_text__contains=word)
