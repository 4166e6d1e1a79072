"""Checkers of templates: each is used, each that is named exists, none breaks the page's security policy."""

import ast
import re
from collections.abc import Mapping

NAMED_IN_TEMPLATE = re.compile(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")
# Django looks these up by itself.
BY_NAME = {"404.html", "500.html", "403.html", "400.html"}


def named_in_python(source: str) -> set[str]:
    """Every string that is a template's name. A name put together at run time is found by its fixed end."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[\w/.-]+\.(html|txt)", node.value)
    }


def template_faults(templates: Mapping[str, str], python: Mapping[str, str]) -> list[str]:
    """`templates`: name → text; `python`: file → source."""
    named: dict[str, str] = {}
    for file, source in python.items():
        named |= dict.fromkeys(named_in_python(source), file)
    for name, text in templates.items():
        named |= dict.fromkeys(NAMED_IN_TEMPLATE.findall(text), name)
    faults = [f"{name} is used by nobody" for name in sorted(templates) if name not in named and name not in BY_NAME]
    faults += [
        f"{where} names {name}, which does not exist"
        for name, where in sorted(named.items())
        if "/" in name and name.split("/")[0] in {n.split("/")[0] for n in templates} and name not in templates
    ]
    return faults


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)[^>]*>|\sstyle=[\"']|\son[a-z]+=[\"']|javascript:", re.I
)
ELSEWHERE = re.compile(r"(?:src|href)=[\"'](?:https?:)?//[^\"']+", re.I)


def security_faults(name: str, text: str) -> list[str]:
    """Inline script or style, which the content security policy stops, and anything fetched from another host."""
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", text, flags=re.S)
    return [f"{name}: {found.group(0).strip()}" for pattern in (INLINE, ELSEWHERE) for found in pattern.finditer(text)]


TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.S)
MARKUP = re.compile(r"<(script|style).*?</\1>|<!--.*?-->|<[^>]*>|&\w+;", re.S | re.I)
LEFTOVER = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]+)+")


def english_left(name: str, text: str) -> list[str]:
    """English sentences (two words or more) that a user would read in a Chinese page."""
    text = re.sub(r"{% comment.*?endcomment %}", "", text, flags=re.S)
    visible = MARKUP.sub("\n", TAG.sub(" ", text))
    return [f"{name}: {found}" for found in LEFTOVER.findall(visible)]
