"""The written rules hold in every file, and each checker sees a bad sample."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from sunlight.acts import current_policy
from sunlight.kernel.policy import Value
from tests.architecture import barrels, checks, faces, law, states, typed

OWN_CLOCK = re.compile(r"^sunlight/scope/clock\.py")
# Says what a number may be.
PRINCIPAL = re.compile(r"^sunlight/scope/principal\.py")
# Names the rules it looks for.
SELF = re.compile(r"^tests/architecture/")

CHECKS = {
    "length": (checks.too_long, checks.all_files, None),
    "clock": (checks.clocks, checks.product_files, OWN_CLOCK),
    "at": (checks.clock_in_the_domain, checks.product_files, None),
    "writes": (
        checks.writes_outside_services,
        checks.product_files,
        re.compile(r"^sunlight/(scope/(?:wall|tickets)|journal/keeping)\.py"),
    ),
    "habits": (checks.model_habits, checks.product_files, None),
    "http": (checks.http_below_faces, checks.product_files, None),
    "locks": (checks.locks_of_its_own, checks.product_files, re.compile(r"^sunlight/scope/locks\.py")),
    "states": (states.states_as_text, states.product_and_bench_files, None),
    "chinese": (checks.refusals_not_in_chinese, checks.product_files, None),
    "ids": (checks.ids_calculated, checks.product_files, PRINCIPAL),
    "readers": (faces.readers_of_its_own, checks.product_files, None),
    "typed": (typed.reads_by_itself, checks.product_files, None),
    "policy": (law.global_policy, checks.product_files, None),
    "clauses": (law.clause_ids_typed, checks.product_files, None),
    "drafts": (law.law_without_drafts, checks.product_files, None),
    "barrels": (barrels.barrels, checks.product_files, None),
    "unfinished": (checks.unfinished, checks.all_files, SELF),
}


@pytest.fixture(scope="module", autouse=True)
def _trees():
    """Each file is parsed once for all rules; the trees are let go at the end."""
    yield
    checks.parsed.cache_clear()
    checks.nodes.cache_clear()


@pytest.mark.parametrize("rule", CHECKS)
def test_rule_holds_everywhere(rule):
    check, files, exempt = CHECKS[rule]
    faults = []
    seen = 0
    for file in files():
        name = checks.name_of(file)
        if exempt is None or not exempt.match(name):
            seen += 1
            faults += check(name, file.read_text("utf-8"))
    assert seen > 50
    assert not faults, "\n".join(faults)


def _function(lines: int) -> str:
    return "def f():\n" + "    x = 1\n" * (lines - 1)


BAD = [
    ("length", "catalog/queries.py", "x = 1\n" * 401),
    ("length", "catalog/queries.py", _function(61)),
    ("clock", "catalog/services.py", "from datetime import datetime\ndatetime.now()\n"),
    ("clock", "catalog/services.py", "import datetime as d\nd.date.today()\n"),
    ("clock", "catalog/services.py", "from django.utils import timezone\nf(timezone.now)\n"),
    ("clock", "catalog/services.py", "from django.utils.timezone import now as n\nn()\n"),
    ("clock", "catalog/services.py", "import time\ntime.time()\n"),
    ("clock", "catalog/models.py", "x = models.DateTimeField(auto_now_add=True)\n"),
    ("clock", "catalog/services.py", "cursor.execute('update t set at = now()')\n"),
    ("at", "catalog/services.py", "from sunlight import scope\nscope.now()\n"),
    ("at", "pricing/queries/lines.py", "from sunlight.scope import today\ntoday('gd')\n"),
    ("policy", "catalog/queries/x.py", "from sunlight.acts import current_policy\n"),
    ("policy", "sunlight/journal/x.py", "from sunlight import acts\nfrom sunlight.acts import load_policy\n"),
    ("clauses", "catalog/services/x.py", 'raise Refused("x", "不行。", basis=stated("SZ24-3.1a"))\n'),
    ("clauses", "catalog/workflows.py", 'ENDORSED = Duty("endorse", "x", "不行。", basis="ASSUMPTION-A83")\n'),
    ("clauses", "settlement/subscribers.py", 'body = f"回款期限见 SZ20-6.2b：{due}"\n'),
    ("drafts", "catalog/queries/x.py", "scope.policy().law(region=code, on=day)\n"),
    ("drafts", "catalog/queries/x.py", 'policy.find("pay.days", region=code, on=day)\n'),
    ("writes", "catalog/queries.py", "from catalog.models import Listing\nListing.objects.create(x=1)\n"),
    ("writes", "catalog/web/desk.py", "row.save()\n"),
    ("writes", "catalog/tasks.py", "rows.filter(id=1).update(x=2)\n"),
    ("writes", "supervision/api/x.py", "order.lines.all().delete()\n"),
    (
        "writes",
        "sunlight/files/filetypes.py",
        "from sunlight.files.models import FilePart\nFilePart.objects.create(x=1)\n",
    ),
    ("writes", "sunlight/messages/tasks.py", "rows.filter(id=1).update(x=2)\n"),
    (
        "writes",
        "sunlight/webhooks/services/sending.py",
        "cursor.execute('insert into sunlight_messages_mail values (1)')\n",
    ),
    ("writes", "sunlight/approval/services.py", "from sunlight.jobs.models import Job\nJob.objects.create(x=1)\n"),
    ("writes", "sunlight/demo/seed.py", "cursor.execute('insert into catalog_listing values (1)')\n"),
    (
        "writes",
        "procurement/ordering/services/orders.py",
        "from pricing.models import DealFact\nDealFact.objects.create()\n",
    ),
    (
        "writes",
        "procurement/ordering/services/orders.py",
        "from pricing.models import DealFact\nDealFact.objects.filter(x=1).update(y=2)\n",
    ),
    (
        "writes",
        "procurement/ordering/services/orders.py",
        "cursor.execute('insert into pricing_dealfact values (1)')\n",
    ),
    ("writes", "procurement/ordering/queries/orders.py", "row.save()\n"),
    ("writes", "procurement/ordering/web/services.py", "row.save()\n"),
    (
        "writes",
        "pricing/services/facts.py",
        "from procurement.ordering.models import Order\nOrder.objects.create()\n",
    ),
    ("habits", "procurement/ordering/models.py", "class A(Model):\n    def save(self): pass\n"),
    ("at", "procurement/ordering/services/placing.py", "from sunlight import scope\nscope.now()\n"),
    ("http", "procurement/ordering/queries/orders.py", "from django.http import Http404\n"),
    ("habits", "catalog/models.py", "class A(Model):\n    def save(self): pass\n"),
    ("habits", "catalog/services.py", "from django.db.models.signals import post_save\n"),
    ("http", "catalog/services.py", "from django.http import Http404\n"),
    ("http", "sunlight/journal/x.py", "from django.shortcuts import get_object_or_404\n"),
    ("http", "sunlight/sheets/marked.py", "from django.http import Http404\n"),
    ("http", "sunlight/messages/services/mail.py", "from django.urls import reverse\n"),
    ("http", "sunlight/registration/declarations.py", "from django.shortcuts import render\n"),
    ("http", "sunlight/webhooks/apiary.py", "from rest_framework import serializers\n"),
    ("http", "pricing/queries/lines.py", "def f():\n    from django.urls import reverse\n"),
    ("locks", "catalog/services.py", 'cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [name])\n'),
    ("locks", "settlement/tasks.py", 'cursor.execute("select pg_try_advisory_lock(1)")\n'),
    ("states", "settlement/queries/x.py", 'orders.exclude(state__in=["DECLINED", "CANCELLED"])\n'),
    ("states", "pricing/queries/x.py", 'Q(listing__state="LISTED")\n'),
    ("states", "procurement/receiving/web/x.py", 'any(d.state != "CANCELLED" for d in found)\n'),
    ("states", "catalog/navigation.py", 'figures.add(label, table, {"state": "LISTED"})\n'),
    ("chinese", "catalog/services.py", 'raise Invalid("price", f"too high: {price}", field="price")\n'),
    ("chinese", "catalog/services.py", 'raise NotThere("listing")\n'),
    ("ids", "sunlight/tenancy/queries.py", "replace(actor, user_id=-token.id)\n"),
    ("ids", "sunlight/tenancy/queries.py", "number = NUMBERS + found.pk\n"),
    ("ids", "sunlight/api/limits.py", "if actor.user_id is None or actor.user_id > 0:\n    pass\n"),
    ("ids", "procurement/services/x.py", "if (request.asked_by_id or 0) > 0:\n    pass\n"),
    (
        "readers",
        "catalog/web/desk.py",
        "from sunlight.scope import Role\nWATCHING = (Role.OPERATOR_SUPPORT, Role.REGULATOR_CHIEF)\n",
    ),
    (
        "readers",
        "procurement/ordering/api/orders.py",
        "from sunlight.scope import Role\nREADERS = frozenset(Role) - {Role.SYSTEM}\n",
    ),
    (
        "readers",
        "pricing/web/information.py",
        "from sunlight.scope import Role\nHOSPITALS = tuple(r for r in Role if r.kind == 'HOSPITAL')\n",
    ),
    (
        "readers",
        "settlement/api/runs.py",
        "from sunlight.scope import Role\nfrom settlement.readers import PAYING\nREADERS = [*PAYING, Role.OPERATOR_SETTLER]\n",
    ),
    (
        "readers",
        "sunlight/registration/api.py",
        "from sunlight.scope import Role\nclass A(Endpoint):\n    roles = {'GET': frozenset({Role.OPERATOR_REVIEWER})}\n",
    ),
    (
        "readers",
        "sunlight/webhooks/api.py",
        "from sunlight.webhooks.workflows import ADMINS\nclass A(Endpoint):\n    roles = {'GET': ADMINS}\n",
    ),
    (
        "readers",
        "catalog/web/desk.py",
        "from sunlight.scope import Role\nfrom sunlight.web.pages import page\n@page(Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER)\ndef f(request): pass\n",
    ),
    (
        "readers",
        "catalog/web/desk.py",
        "from catalog.services import IMPORTERS\nfrom sunlight.web.pages import page\n@page(*IMPORTERS)\ndef f(request): pass\n",
    ),
    (
        "readers",
        "catalog/navigation.py",
        "from sunlight.scope import Role\nfrom sunlight.web import navigation\nnavigation.add('x', 'y', 'catalog:z', Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER)\n",
    ),
    (
        "readers",
        "catalog/navigation.py",
        "from catalog.web.lists import MAKER\nfrom sunlight.web import navigation\nnavigation.add('x', 'y', 'catalog:z', *MAKER)\n",
    ),
    ("typed", "catalog/web/forms.py", "def _day(text):\n    return parse_date(text)\n"),
    ("typed", "settlement/services/x.py", "def _note(text):\n    return text.strip()\n"),
    ("typed", "procurement/ordering/web/x.py", "def _whole(text):\n    return int(text) if text else None\n"),
    ("typed", "settlement/api/x.py", "day = date.fromisoformat(text)\n"),
    ("typed", "pricing/queries/x.py", "if given.isdecimal():\n    pass\n"),
    ("typed", "settlement/services/x.py", 'raise Invalid("reason_missing", "请填写原因。", field="reason")\n'),
    ("typed", "settlement/services/x.py", "run.note = note.strip()[:300]\n"),
    ("barrels", "pricing/queries/__init__.py", "from pricing.queries.view import price_view\n"),
    ("unfinished", "catalog/services.py", "# TO" + "DO: write it\n"),
    ("unfinished", "tests/x.py", "@pytest.mark.sk" + "ip\n"),
]


@pytest.mark.parametrize(("rule", "name", "source"), BAD)
def test_checker_sees_a_bad_sample(rule, name, source):
    assert CHECKS[rule][0](name, source)


GOOD = [
    ("length", "catalog/queries.py", _function(60)),
    ("clock", "catalog/services.py", "from sunlight import scope\nscope.now('gd-sz')\ntime.monotonic()\n"),
    ("writes", "catalog/services/listing.py", "from catalog.models import Listing\nListing.objects.create(x=1)\n"),
    (
        "writes",
        "procurement/receiving/services/a.py",
        "from procurement.ordering.models import Order\nOrder.objects.create()\n",
    ),
    ("writes", "catalog/queries.py", "d.update(x=1)\nListing.objects.filter(x=1)\nrequest.session.save()\n"),
    (
        "writes",
        "sunlight/jobs/services/parts.py",
        "from sunlight.jobs.models import JobPart\nJobPart.objects.create(x=1)\n",
    ),
    ("writes", "sunlight/messages/services/mail.py", "cursor.execute('update sunlight_messages_mail set x = 1')\n"),
    ("http", "catalog/web/desk.py", "from django.shortcuts import render\n"),
    ("http", "sunlight/webhooks/api.py", "from rest_framework import serializers\n"),
    ("http", "sunlight/messages/faces.py", "from django.urls import reverse\n"),
    ("habits", "catalog/models.py", "class A(Model):\n    x = 1\n"),
    ("locks", "catalog/services.py", 'scope.alone("catalog.release")\n'),
    ("states", "catalog/queries/x.py", 'rows.filter(state=ListingState.LISTED, kind="full")\nrow.state != old\n'),
    ("states", "catalog/queries/x.py", '{"state": "挂网状态"}\nsubscribe(state="")\n'),
    ("ids", "catalog/queries.py", "rows.order_by('-id')\nrow.id > other.id\nrow.id == 5\n-len(ids)\n"),
    (
        "readers",
        "catalog/readers.py",
        "from sunlight.scope import Role\nLISTINGS = Readers('listing', {Role.OPERATOR_SUPPORT, Role.REGULATOR_CHIEF})\n",
    ),
    (
        "readers",
        "catalog/web/desk.py",
        "from catalog import readers\nfrom sunlight.web.pages import page\n@page(readers.LISTINGS)\ndef f(request): pass\n",
    ),
    (
        "readers",
        "catalog/web/desk.py",
        "from sunlight.scope import Role\nfrom sunlight.web.pages import page\n@page(Role.OPERATOR_REVIEWER, methods=('GET', 'POST'))\ndef f(request): pass\n",
    ),
    (
        "readers",
        "catalog/api/desk.py",
        "from sunlight.scope import Role\nfrom catalog import readers\nBUYERS = frozenset({Role.HOSPITAL_BUYER})\nclass A(Endpoint):\n    roles = {'GET': readers.LISTINGS, 'POST': BUYERS}\n",
    ),
    (
        "readers",
        "catalog/navigation.py",
        "from catalog import readers\nfrom sunlight.web import navigation\nnavigation.add('x', 'y', 'catalog:z', *(readers.LISTINGS - readers.MAKERS))\n",
    ),
    (
        "clauses",
        "catalog/services/x.py",
        'def f():\n    """By SZ24-3.1a."""\n    law.basis("catalog.national_codes")\n',
    ),
    ("clauses", "catalog/rules.py", 'rule("x", clauses=("SZ24-3.1a",))\n'),
    ("drafts", "catalog/queries/x.py", "scope.policy().law(region=code, on=day, drafts=drafts)\nlaw.find(key)\n"),
    ("typed", "settlement/services/x.py", "reason = reading.reason(reason, most=300)\nname = name.strip()\n"),
    ("typed", "sunlight/kernel/reading.py", "date.fromisoformat(shown)\n"),
    ("barrels", "settlement/models/__init__.py", "from settlement.models import ledger, payment\n"),
    ("barrels", "sunlight/scope/__init__.py", "from sunlight.scope.actor import Actor\n"),
    ("chinese", "catalog/services.py", 'Invalid("price", f"价格 {price} 过高")\nConflict(code, message)\n'),
]


@pytest.mark.parametrize(("rule", "name", "source"), GOOD)
def test_checker_lets_a_good_sample_pass(rule, name, source):
    assert CHECKS[rule][0](name, source) == []


def test_every_clause_cited_is_in_the_index():
    policy = current_policy()
    files = [
        *checks.all_files(),
        *checks.ROOT.glob("*/policy/*.yaml"),
        *checks.ROOT.glob("sunlight/*/policy/*.yaml"),
        *checks.ROOT.glob("templates/**/*.html"),
        *checks.ROOT.glob("docs/**/*.md"),
    ]
    faults, cited = [], set()
    for file in files:
        if SELF.match(name := checks.name_of(file)):
            continue
        text = file.read_text("utf-8")
        cited |= checks.clauses_cited(text)
        faults += checks.unknown_clauses(name, text, policy.clauses, policy.acts)
    assert len(cited) > 50
    assert not faults, "\n".join(faults)


def test_no_template_types_a_clause():
    """`{% clauses "key" %}` asks the law of the platform on the day."""
    typed = {
        checks.name_of(file): found
        for file in checks.ROOT.glob("templates/**/*.html")
        if (found := checks.clauses_cited(file.read_text("utf-8")))
    }
    assert typed == {}
    assert checks.clauses_cited("<a href=\"{% url 'supervision:clause' 'SZ24-3.2a' %}\">") == {"SZ24-3.2a"}


def test_the_clause_checker_sees_a_bad_sample():
    index, acts = {"SZ24-3.3c"}, {"SZ24"}
    assert checks.unknown_clauses("x", "by SZ24-3.3c and SZ24-9.9z", index, acts) == [
        "x: SZ24-9.9z is not in the index"
    ]
    assert checks.unknown_clauses("x", "UTF-8, ISO-8601, SZ24-3.3c.", index, acts) == []


def test_every_policy_value_cites_an_act_in_force_on_its_date():
    policy = current_policy()
    assert sum(len(parameter.values) for parameter in policy.parameters.values()) > 50
    assert checks.uncited_values(policy.parameters.values(), policy.acts, policy.clauses) == []


BAD_CITATIONS = [
    ({"act": "SZ99"}, "cites SZ99 SZ24-3.3c, which is not there"),
    ({"clause": "SZ24-9.9z"}, "cites SZ24 SZ24-9.9z, which is not there"),
    ({"clause": "SZ20-3.1"}, "SZ20-3.1 is not of SZ24"),
    ({"article": ""}, "no article"),
    ({"valid_from": date(2024, 6, 30)}, "SZ24 binds not on this day"),
    ({"valid_to": date(2027, 1, 1)}, "outlives SZ24"),
]


@pytest.mark.parametrize(("change", "fault"), BAD_CITATIONS)
def test_the_citation_checker_sees_a_bad_value(change, fault):
    policy = current_policy()
    act = replace(policy.acts["SZ24"], effective=date(2024, 7, 1), ends=date(2026, 12, 31))
    good = Value(
        key="x",
        value=1,
        region="CN-GD-SZ",
        clause="SZ24-3.3c",
        act="SZ24",
        article="3",
        status=act.status,
        valid_from=date(2024, 7, 1),
        valid_to=date(2026, 12, 31),
        without_drafts_to=date(2026, 12, 31),
    )
    parameter = next(iter(policy.parameters.values()))

    def faults(value):
        return checks.uncited_values([replace(parameter, values=(value,))], policy.acts | {"SZ24": act}, policy.clauses)

    assert faults(good) == []
    assert faults(replace(good, **change)) == [f"x from {change.get('valid_from', good.valid_from)}: {fault}"]


def test_the_kernel_loads_without_django():
    program = (
        "import pkgutil, importlib, sys, sunlight.kernel as k\n"
        "names = [m.name for m in pkgutil.walk_packages(k.__path__, 'sunlight.kernel.')]\n"
        "[importlib.import_module(n) for n in names]\n"
        "bad = {'django', 'rest_framework', 'celery', 'psycopg2', 'redis', 'yaml'} & set(sys.modules)\n"
        "print(len(names)); sys.exit(f'loaded: {bad}' if bad else 0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=checks.ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) >= 10
    planted = program.replace("bad =", "import django\nbad =")
    ran = subprocess.run([sys.executable, "-c", planted], cwd=checks.ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "django" in ran.stderr
