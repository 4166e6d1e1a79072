"""JSON as the API takes it: no NaN, no repeated keys, no endless nesting, no NUL."""

import json

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


def _no_constant(name):
    raise ValueError(f"不允许的数值 {name}")


def _no_repeats(pairs):
    keys = [k for k, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("同一对象中有重复的键")
    return dict(pairs)


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            text = stream.read().decode("utf-8")
            if "\\u0000" in text or "\x00" in text:
                raise ValueError("文本中含有空字符")
            return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
        except UnicodeDecodeError as error:
            raise ParseError("请求体不是 UTF-8 文本。") from error
        except RecursionError as error:
            raise ParseError("请求体嵌套过深。") from error
        except json.JSONDecodeError as error:
            raise ParseError(f"请求体不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列有误。") from error
        except ValueError as error:
            raise ParseError(f"请求体不是有效的 JSON：{error}。") from error
