"""Figures for Prometheus. Labels are routes, methods and statuses: never a tenant, a person or a document.

Each gunicorn worker counts for itself; `gunicorn.conf.py` gives them one folder (`PROMETHEUS_MULTIPROC_DIR`) through
which whichever worker is scraped answers for all. What waits in the journal is read from the database at each scrape,
so the Celery processes need no port.
"""

import os
from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from sunlight import scope
from sunlight.operations import checks, queries

REQUESTS = Counter("sunlight_http_requests", "Answered requests", ["method", "route", "status"])
DURATION = Histogram(
    "sunlight_http_request_seconds",
    "Time to answer a request",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request. `route` is the name of the route, never the path."""
    known = method if method in METHODS else "OTHER"
    REQUESTS.labels(known, route, str(status)).inc()
    DURATION.labels(known, route).observe(seconds)


class Waiting(Collector):
    """Readiness by check, and what waits over all platforms together."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("sunlight_ready", "1 where the readiness check holds", labels=["check"])
        findings = checks.run(checks.READINESS)
        for finding in findings:
            ready.add_metric([finding.name], float(finding.ok))
        yield ready
        if not all(finding.ok for finding in findings if finding.name in ("database", "migrations")):
            return
        backlog = queries.backlog(scope.now())
        yield GaugeMetricFamily("sunlight_deliveries_waiting", "Deliveries still being tried", value=backlog.waiting)
        yield GaugeMetricFamily("sunlight_deliveries_dead", "Deliveries given up", value=backlog.dead)
        yield GaugeMetricFamily("sunlight_events_unsealed", "Events not yet sealed", value=backlog.unsealed)
        yield GaugeMetricFamily(
            "sunlight_events_unsealed_age_seconds", "Age of the oldest unsealed event", value=backlog.unsealed_age
        )
        yield from self._outside()

    def _outside(self) -> Iterator[Metric]:
        try:
            stands = queries.outside(scope.now())
        except OSError:
            yield GaugeMetricFamily("sunlight_journal_lost_checkpoints", "Checkpoints a chain does not hold", value=1)
            return
        if stands.age is not None:
            yield GaugeMetricFamily("sunlight_checkpoint_age_seconds", "Age of the last checkpoint", value=stands.age)
        yield GaugeMetricFamily("sunlight_journal_alarms", "Alarms of the journal in a day", value=stands.alarms)
        yield GaugeMetricFamily(
            "sunlight_journal_lost_checkpoints", "Checkpoints a chain does not hold", value=len(stands.lost)
        )


def text() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
    else:
        registry.register(REGISTRY)
    registry.register(Waiting())
    return generate_latest(registry)
