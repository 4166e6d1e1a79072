"""What an English page says in Chinese though it need not, or without saying that it is Chinese."""

import re
from html.parser import HTMLParser

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Names have no such stops; brackets and colons stand in names of files and documents too.
SENTENCE = re.compile(r"[\u4e00-\u9fff].*[，。；！？]|[，。；！？].*[\u4e00-\u9fff]", re.S)
FULL_WIDTH = re.compile(r"[：，、；。（）]")


class _Texts(HTMLParser):
    """The texts of a page that stand in no element that says it is Chinese."""

    VOID = frozenset(
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"]
    )

    def __init__(self, html: str):
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs).get("lang") or ""))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        if data.strip() and not any(tag in ("script", "style") or lang.startswith("zh") for tag, lang in self.open):
            self.found.append(data.strip())


def faults_of(page: str, texts: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """Of the page's HTML: any of `texts`, which have English; sentences in no element with `lang="zh"`; Chinese stops around
    what is English."""
    return [
        each
        for each in _Texts(page).found
        if each in texts or SENTENCE.search(each) or (FULL_WIDTH.search(each) and not CHINESE.search(each))
    ]
