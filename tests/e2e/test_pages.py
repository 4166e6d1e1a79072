"""Every page that somebody's menu leads to: it opens, speaks Chinese, and axe finds nothing (WCAG 2.2 AA); in English it says
which sentences are Chinese."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.english import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.faces]

# People by what they see most of: whoever comes first to a page has it drawn and looked at, the others only opened.
HOSPITAL = ("buyer1", "cashier1", "receiver1", "approver1", "hadmin1", "hauditor1")
SUPPLIERS = ("seller1", "lister1", "finance1", "shipper1", "makeradmin1")
OPERATOR = ("reviewer", "settler", "confirmer", "support")
WATCHERS = ("insurance.officer", "insurance.chief", "sysadmin", "secadmin", "auditadmin")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FILE = re.compile(r"\.(csv|xlsx|json|pdf)(\?|$)|/original$|/instruction/$|^/files/\d+/")
# English that Chinese readers use as it is: names of formats, of units, of identifiers.
ALLOWED = re.compile(
    r"API|UDI|SHA|CSV|Excel|xlsx|XLSX|JSON|PDF|CN|GD|SZ|JS|HB|mL|mm|cm|SF|WEB|CODE39"
    r"|GB|CJ|gmzj|https|pdf|jpe?g|png|docs|formats|example\.org|ASSUMPTION|NHSA|XN|DZ|PS|[A-Za-z.]+\d+|GOODS_ID|GS|DI|PI"
)
WORDS = """() => {
  const skipped = "script, style, code, pre, kbd, .code, [translate=no], option[translate=no]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element.closest(skipped)) texts.push(walker.currentNode.textContent);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt"])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!element.closest(skipped)) texts.push(element.getAttribute(name));
  return texts.map((text) => text.trim()).filter((text) => /[A-Za-z]{2,}/.test(text));
}"""


def shape(path: str) -> str:
    """Pages that differ only in whose row they show are one page."""
    path = path.partition("#")[0].partition("?")[0]
    path = re.sub(r"/(clauses|rules|acts)/[^/]+", r"/\1/X", path)
    path = re.sub(r"/\d{4}-\d{2}(?=/|$)", "/M", path)
    return re.sub(r"/\d+(?=/|$)", "/N", path)


def looks(path: str) -> str:
    """Traces of every kind of row are drawn by one template."""
    return re.sub(r"/trace/[a-z_]+/", "/trace/X/", shape(path))


def english(page) -> list[str]:
    """Texts with words of two and more Latin letters that no Chinese reader would expect."""
    found = []
    for text in page.evaluate(WORDS):
        left = [word for word in re.findall(r"[A-Za-z][A-Za-z0-9_.-]+", text) if not ALLOWED.match(word)]
        if left:
            found.append(f"{left} in {text[:80]!r}")
    return found


def faults(page) -> list[str]:
    violations = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]


class Walk:
    """Somebody's way through every page their links lead to."""

    def __init__(self, person, seen: set[str], known: set[str]):
        """`known`: what colleagues of the same house have opened; everybody opens their own menu all the same."""
        self.person, self.seen, self.known, self.found = person, seen, known, []

    def go(self) -> list[str]:
        waiting, mine = ["/"], {"/"}
        while waiting:
            path = waiting.pop(0)
            for link in self._links(path):
                if shape(link) not in mine and (path == "/" or shape(link) not in self.known):
                    mine.add(shape(link))
                    # What does not depend on who looks is opened once for all.
                    if not re.search(r"/(clauses|rules|acts)/", link) or looks(link) not in self.seen:
                        waiting.append(link)
        self.known |= mine
        return self.found

    def _links(self, path: str) -> list[str]:
        if FILE.search(path) or looks(path) in self.seen:
            response = self.person.context.request.get(path)
            if response.status != 200:
                self.found.append(f"{path}: {response.status}")
            html = response.text() if "text/html" in response.headers["content-type"] else ""
        else:
            self.seen.add(looks(path))
            response = self.person.page.goto(path)
            if response.status != 200:
                self.found.append(f"{path}: {response.status}")
            self.found += [f"{path}: {fault}" for fault in (*english(self.person.page), *faults(self.person.page))]
            self.found += [f"{path} in English: {fault[:80]}" for fault in faults_of(self._in_english(path))]
            html = self.person.page.content()
        links = re.findall(r'<a [^>]*href="(/[^"]*)"', html)
        return [link.replace("&amp;", "&") for link in links if not link.startswith(("/api/", "/static/"))]

    def _in_english(self, path: str) -> str:
        context = self.person.context
        context.add_cookies([{"name": "django_language", "value": "en", "url": self.person.page.url}])
        html = context.request.get(path).text()
        context.clear_cookies(name="django_language")
        return html


@pytest.fixture(scope="module")
def seen():
    """The pages that were looked at already."""
    return set()


@pytest.mark.parametrize("people", [HOSPITAL, SUPPLIERS, OPERATOR, WATCHERS], ids=lambda people: people[0])
def test_every_page_opens_speaks_chinese_and_is_accessible(person, seen, people):
    found, known = [], set()
    for username in people:
        someone = person(username)
        found += [f"{username} {fault}" for fault in Walk(someone, seen, known).go()]
    assert not found, "\n".join(found)


def test_the_pages_before_one_is_known_and_where_nothing_is(chromium, site, person):
    context = chromium.new_context(base_url=site, locale="zh-CN")
    page = context.new_page()
    for path, status, words in (
        ("/login/", 200, "演示账号"),
        ("/orders/", 200, "登录"),
        ("/nothing/", 404, "没有找到这个页面或单据"),
    ):
        assert page.goto(path).status == status
        assert words in page.content()
        assert (english(page), faults(page)) == ([], [])
    context.close()
    buyer = person("buyer1")
    for path, status, words in (
        ("/settlement/runs/", 403, "您的岗位不能打开此页面"),
        ("/offers/999999/", 404, "没有找到该报价"),
        ("/nothing/", 404, "没有找到这个页面或单据"),
    ):
        assert buyer.page.goto(path).status == status
        assert words in buyer.page.content()
        assert (english(buyer.page), faults(buyer.page)) == ([], [])
    buyer.errors.clear()
