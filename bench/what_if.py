"""政策试算 over a year: two drafts beside each other judged on every order line, and a draft of another window, whose lines
are had as of each deal.

    python bench/what_if.py        a year of the deals that SIZE says: S 250 000, M 2.5 million

The goal is ten minutes for size M on two processors, and as much less for less, by processor time: a shared machine's clock
also measures the others. The bound of the same run is one statement
that reads the same rows and facts and judges nothing. Ten thousand decisions drawn by chance are asked of the live rule.
"""

import os
import random
import sys
import time
from datetime import date, datetime, timedelta
from decimal import Decimal

import _kit
import django

django.setup()

import _seed
from _seed import DAY, REGION
from django.db import connection

from pricing.queries.figures import alert_lines
from sunlight import scope
from sunlight.jobs.services.jobs import job_claim, job_continue
from sunlight.jobs.workflows import JobState
from sunlight.journal.models import Decision
from sunlight.kernel import rulebook
from sunlight.kernel.policy import Policy
from sunlight.rules import RULES
from sunlight.scope import Actor, Role
from sunlight.scope.clock import SHANGHAI
from supervision.models import WhatIfRun
from supervision.queries.what_if import drafts as drafting
from supervision.queries.what_if import records as reading
from supervision.queries.what_if.runs import job_of
from supervision.rules.what_if.judging import Changed, Judge, Kind, permitted
from supervision.rules.what_if.laws import Remembering, Side
from supervision.services.what_if import drafts as services
from supervision.services.what_if.runs import what_if_start
from tests import databases
from tests import world as worlds

SECONDS, DEALS_OF_M, SAMPLED = 600, 2_500_000, 10_000
NULL = "\\N"
SINCE, UNTIL = DAY - timedelta(days=365), DAY - timedelta(days=1)

# What an order's line keeps of its decision, written as the service writes it: one of ten has a reference price that lies
# below what was paid, which no law of the year asks for.
_BOUGHT = """
create table bench_bought as
select fact.id, fact.platform_id, fact.region_id, fact.buyer_id, fact.seller_id, fact.distributor_id, fact.price_group_id,
       fact.occurred_on, fact.recorded_at, fact.quantity, fact.is_public, line.line,
       least(fact.price, coalesce(line.line, fact.price)) as price
  from pricing_dealfact fact
  left join bench_lines line on line.price_group_id = fact.price_group_id and line.day = fact.occurred_on
 where fact.occurred_on between %(since)s and %(until)s
"""
_LINES = """
insert into procurement_orderline (id, platform_id, region_id, buyer_id, seller_id, distributor_id, order_id, number, line_no,
       plan_number, plan_line, request_numbers, national_code_id, own_product_code, is_live, price_group_id, agreement_id,
       pack_name, pack_factor, quantity, price, amount_fen, delivered_quantity, accepted_quantity, invoiced_quantity)
select id, platform_id, region_id, buyer_id, seller_id, distributor_id, id, lpad(id::text, 20, '0'), 1, '', '', '{}', 1, '',
       true, price_group_id, 1, '', 1, quantity, price, greatest(1, round(price * quantity * 100)::bigint), 0, 0, 0
  from bench_bought"""
_DECISIONS = """
insert into journal_decision (platform_id, parties, actor_kind, actor_id, actor_name, actor_organisation_name, actor_roles,
       on_behalf_of, client_address, client_agent, request_id, occurred_at, recorded_at, subject_type, subject_id, rule,
       region_code, law_date, drafts, facts, regulated, allowed, outcome, reasons, parameters)
select platform_id, array[buyer_id, seller_id], 'system', 0, '', '', '{}', '', '', '', '', recorded_at, recorded_at,
       'order_line', id, 'bargain.decide', 'CN-GD-SZ', occurred_on, 'binding',
       jsonb_build_object('offer', price::numeric(14, 4)::text, 'listed', round(price * 1.25, 4)::text,
           'reference', case when id % 10 = 0 then round(price * 0.95, 4)::text end,
           'alert_line', line::numeric(14, 4)::text, 'own_latest', case when id % 2 = 0 then round(price * 1.05, 4)::text end,
           'winner_in_cycle', false, 'agreed', null, 'history_prices', '[]'::jsonb, 'buyer_is_public', is_public,
           'cleared', null, 'alert_source', case when line is null then 'none' else 'provinces' end,
           'price_information_day', occurred_on, 'listed_since', '2024-01-01', 'own_latest_contract', null,
           'agreement', 1, 'contract', '20250101000000000001', 'quantity', quantity::text),
       true, true, '{"ceiling": null, "required": null, "bounds": [], "warned": [], "basis": null,
           "on_silence": "withdraw", "answer_working_days": 5}', '[]',
       '[{"key": "bargain.bounds", "value": {"prices": ["alert_line"], "code": "above_alert_line"}, "source": "SZ24-3.3c",
          "from": "2025-01-01", "to": null, "status": "draft"}]'
  from bench_bought order by recorded_at, id"""
# The same rows and facts, read and summed by a hand that judges nothing.
_BOUND = """
select count(*), sum(line.amount_fen), count(*) filter (where (d.facts->>'offer')::numeric > (d.facts->>'reference')::numeric)
  from journal_decision d join procurement_orderline line on line.id = d.subject_id
 where d.subject_type = 'order_line' and d.law_date between %s and %s"""
_FILLED = ("procurement_orderline", "journal_decision", "pricing_priceinformation", "pricing_pricepublication")


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def fill_lines(system: Actor, region: int, groups_of: dict[date, list[int]]) -> None:
    """The lines as each night of the year published them, for the groups dealt in on the day."""
    with scope.opened(system):
        found = []
        for day, groups in groups_of.items():
            law = scope.law(system, day, region=REGION)
            (lines,) = alert_lines([law], region_id=region, price_group_ids=groups, known_until=midnight(day))
            found += [f"{each}\t{day}\t{NULL if line is None else line}\n" for each, (line, _) in lines.items()]
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("create table bench_lines (price_group_id bigint, day date, line numeric(14, 4))")
        _seed._copy(cursor, "bench_lines", "price_group_id, day, line", iter(found))
        cursor.execute("create index on bench_lines (day, price_group_id); analyze bench_lines")


def fill(system: Actor, region: int) -> int:
    """Order lines and decisions of the year's deals; returns how many."""
    name = connection.settings_dict["NAME"]
    asked = {"since": SINCE, "until": UNTIL}
    with databases.owner(name) as owner, owner.cursor() as cursor:
        cursor.execute("alter table pricing_dealfact disable row level security")
        cursor.execute(
            "select occurred_on, array_agg(distinct price_group_id) from pricing_dealfact"
            " where occurred_on between %(since)s and %(until)s group by 1 order by 1",
            asked,
        )
        groups_of = dict(cursor.fetchall())
        cursor.execute("alter table pricing_dealfact enable row level security")
    connection.close()
    fill_lines(system, region, groups_of)
    with databases.owner(name) as owner, owner.cursor() as cursor, _seed.bare(cursor, _FILLED):
        cursor.execute("alter table pricing_dealfact disable row level security")
        cursor.execute(_BOUGHT, asked)
        cursor.execute("alter table pricing_dealfact enable row level security")
        cursor.execute(_LINES)
        cursor.execute(_DECISIONS)
        count = cursor.rowcount
        cursor.execute(
            "insert into pricing_pricepublication (region_id, business_day, known_until, price_groups, rows_written)"
            " select %s, day, day::timestamp at time zone 'Asia/Shanghai', 0, 0 from (select distinct day from bench_lines) d"
            " order by day",
            [region],
        )
        cursor.execute(
            "insert into pricing_priceinformation (region_id, price_group_id, business_day, known_until, alert_source,"
            " alert_answer, statistics, segments, published_at) select %s, price_group_id, %s, now(), 'none', '{}', '{}', '{}',"
            " now() from (select distinct price_group_id from bench_lines) g",
            [region, SINCE],
        )
        cursor.execute("drop table bench_bought, bench_lines")
    return count


def drafted(officer: Actor, code: str, *edits: tuple) -> int:
    """A draft with edits, each the service's name and its facts."""
    with scope.opened(officer):
        made = services.policy_draft_make(actor=officer, at=scope.now(), code=code, title="试行")
        for service, facts in edits:
            service(actor=officer, at=scope.now(), draft_id=made.id, **facts)
    return made.id


def run(officer: Actor, draft: int, other: int | None = None) -> tuple[WhatIfRun, _kit.Spent, int]:
    """A run from its beginning to its end, each chunk in a scope of its own as a worker has it."""
    with scope.opened(officer):
        begun = what_if_start(
            actor=officer, at=scope.now(), draft=draft, other=other, since=SINCE, until=UNTIL, region=REGION
        )
        job = job_of(officer, begun)
    connection.ensure_connection()
    with _kit.spent(connection.connection.info.backend_pid) as taken:
        with scope.opened(officer):
            job = job_claim(actor=officer, at=scope.now(), job_id=job.id)
        while job.state == JobState.RUNNING:
            with scope.opened(officer):
                job = job_continue(actor=officer, at=scope.now(), job_id=job.id)
    with scope.opened(officer):
        return WhatIfRun.objects.get(id=begun.id), taken, job.chunks


def sampled(officer: Actor, tried: WhatIfRun, count: int) -> int:
    """How many decisions drawn by chance the run's judge and the live rule answer alike, under both drafts."""
    chance, alike = random.Random(11), 0
    with scope.opened(officer):
        policies = [drafting.policy_with(each) for each in tried.amendments]
        base = scope.policy()
        judge = Judge(RULES, Side(Remembering(base)), tuple(Side(Remembering(each)) for each in policies))
        first, last = (Decision.objects.order_by(order).first().id for order in ("id", "-id"))
        ids = sorted(chance.sample(range(first, last + 1), min(count, last - first + 1)))
        for start in range(0, len(ids), 1_000):
            rows = Decision.objects.filter(id__in=ids[start : start + 1_000], subject_type="order_line")
            for row in rows:
                record = reading.Record(
                    id=row.id,
                    is_refusal=False,
                    subject=row.subject_type,
                    subject_id=row.subject_id,
                    rule=row.rule,
                    region=row.region_code,
                    on=row.law_date,
                    drafts=row.drafts,
                    facts=row.facts,
                    regulated=row.regulated,
                    allowed=row.allowed,
                    quantity=Decimal(1),
                )
                answers = judge.judge(record)
                alike += all(
                    _refused(answer) == _turned(row, base, policy)
                    for answer, policy in zip(answers, policies, strict=True)
                )
    return alike


def _refused(answer) -> bool:
    return isinstance(answer, Changed) and Kind.REFUSED in answer.kinds


def _turned(row: Decision, base: Policy, other: Policy) -> bool:
    """Whether the rule service permits by one policy and refuses by the other."""
    fields = {field.name for field in RULES[row.rule].facts_record.fields}
    request = {
        "rule": row.rule,
        "region": row.region_code,
        "date": row.law_date.isoformat(),
        "drafts": row.drafts,
        "facts": {name: value for name, value in row.facts.items() if name in fields},
    }
    stood, now = (permitted(rulebook.decide(request, policy, RULES)) for policy in (base, other))
    return stood and not now


def processors(taken: _kit.Spent) -> float:
    """Processor seconds of this process and of the database's; the clock where that is on another machine."""
    return taken.client + taken.server if taken.server else taken.clock


def report(name: str, records: int, taken: _kit.Spent, bound: _kit.Spent, chunks: int) -> None:
    _kit.figure(
        f"what-if: {name}",
        f"{taken.clock:.0f} s, {records / taken.clock:,.0f} /s",
        f"reading alone {bound.clock:.1f} s, {processors(taken):.0f} s CPU",
        ratio=processors(taken) / (SECONDS * records / DEALS_OF_M),
        goal=1.0,
    )
    print(f"  {chunks} chunks, python {taken.client:.0f} s, database {taken.server:.0f} s CPU; {_kit.load_text()}")


def measure(size: _kit.Size) -> None:
    world = worlds.build()
    region = world.platform.region_id
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    begun = time.perf_counter()
    count = fill(world.system, region)
    print(f"{count} order lines and decisions filled in {time.perf_counter() - begun:.0f} s", flush=True)
    connection.ensure_connection()
    with scope.opened(world.system), connection.cursor() as cursor:
        read = lambda: (cursor.execute(_BOUND, [SINCE, UNTIL]), cursor.fetchone())[1]  # noqa: E731
        bound, _ = _kit.measured(read, connection.connection.info.backend_pid)
    reference = '{"prices": ["reference"], "code": "above_reference_or_own"}'
    one = drafted(
        officer,
        "BENCHA",
        (services.policy_draft_value, {"key": "bargain.bounds", "value": reference, "since": date(2025, 1, 2)}),
    )
    ended = {"key": "bargain.bounds", "clause": "SZ24-3.4c", "region": REGION, "last": date(2025, 1, 31)}
    other = drafted(officer, "BENCHB", (services.policy_draft_end, ended))
    tried, taken, chunks = run(officer, one, other)
    assert tried.totals["judged"] == count and tried.totals["unjudged"] == [{}, {}], tried.totals
    report("two drafts, every line judged again", count, taken, bound, chunks)
    alike = sampled(officer, tried, SAMPLED)
    _kit.figure(
        "what-if: sampled decisions equal to the rule's",
        f"{alike:,} of {min(SAMPLED, count):,}",
        ratio=1 - alike / min(SAMPLED, count),
        goal=0,
    )
    window = {"key": "alert_line.window_years", "value": "1", "since": date(2025, 1, 2)}
    third = drafted(officer, "BENCHC", (services.policy_draft_value, window))
    tried, taken, chunks = run(officer, third)
    print(f"  {tried.totals['unjudged']} not judged of {tried.totals['judged']}")
    report("another window, lines as of each deal", count, taken, bound, chunks)


def main() -> int:
    size = _kit.size_asked()
    print(f"a year of {size.deals} deals of two; {_kit.load_text()}", flush=True)
    with databases.copy_of(_seed.facts(size), f"sun_bench_{os.getpid()}"):
        measure(size)
    return _kit.outcome()


if __name__ == "__main__":
    sys.exit(main())
