"""Prometheus metrics, served on the internal port (`servicekit.web.build_ops`).

Labels are few and bounded: routes, never paths; kinds, never ids.
"""

from prometheus_client import Counter, Gauge, Histogram

_WEB_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WORK_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900)

HTTP_SECONDS = Histogram(
    "hall_http_seconds",
    "Time to the first byte of an answer",
    ("service", "method", "route", "status"),
    buckets=_WEB_BUCKETS,
)
HTTP_UNDER_WAY = Gauge("hall_http_under_way", "Requests being worked on", ("service",))
OUTBOX_WAITING = Gauge("hall_outbox_waiting", "Outbox rows not yet confirmed by the bus", ("service",))
OUTBOX_LAG_SECONDS = Gauge("hall_outbox_lag_seconds", "Age of the oldest unconfirmed outbox row", ("service",))
RELAYED = Counter("hall_relayed_total", "Outbox rows handed to the bus", ("service", "outcome"))
"""outcome: confirmed, returned (unroutable), timeout, later, failed, parked (given up: somebody has to look)."""
CONSUMED = Counter("hall_consumed_total", "Messages handled", ("service", "consumer", "outcome"))
"""outcome: done, duplicate, retried, parked."""
CONSUME_SECONDS = Histogram(
    "hall_consume_seconds", "Time in a message handler", ("service", "consumer"), buckets=_WORK_BUCKETS
)
PARKED = Gauge("hall_parked", "Messages in the parking lot: somebody has to look", ("service", "consumer"))
JOBS = Counter("hall_jobs_total", "Jobs ended", ("service", "kind", "outcome"))
"""outcome: done, failed, cancelled, lost (the lease went to another worker)."""
JOB_SECONDS = Histogram("hall_job_seconds", "Time of a job's run", ("service", "kind"), buckets=_WORK_BUCKETS)
JOBS_WAITING = Gauge("hall_jobs_waiting", "Jobs queued", ("service", "kind"))
