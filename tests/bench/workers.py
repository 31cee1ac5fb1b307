"""Certificates by one report worker and by two: `python -m tests.bench.workers [reports]`. Reported, never asserted.

A whole hall as separate processes. The reports are asked for while no worker runs; then the workers start, and what
counts is the time from the first finished report to the last. quality.md asks for 1.6 times as many with two workers on
two cores, where database, broker and the services that are read from need their share too.
"""

import shutil
import sys
import time
from contextlib import closing

from servicekit import logs
from standalone.cluster import Cluster
from tests.support.hall import TODAY, UNIT, HallClient
from tests.support.servers import open_folder
from tests.support.sql import Database
from tests.support.waiting import wait_until

_WORKERS = (1, 2)
_SPAN = "SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float8 FROM jobs WHERE status = 'done'"
_OPEN = "SELECT count(*) FROM jobs WHERE kind = 'report' AND finished_at IS NULL"


def reports_a_second(workers: int, reports: int) -> float:
    """How many certificates so many workers make."""
    folder = open_folder("workers")
    with Cluster(folder, business_today=TODAY, throw_away=True, workers=workers) as cluster:
        makers = [process for name, process in cluster.processes.items() if name.startswith("reporting-worker-")]
        for maker in makers:
            maker.stop()
        with HallClient(cluster.url) as clerk, closing(Database(cluster.postgres.socket_dir, "reporting")) as database:
            clerk.login("legal_representative", "yongjiang", unit=UNIT)
            people = [one["person_id"] for one in clerk.post("/api/enrollment/roster/searches", {})["items"]]
            for number in range(reports):
                form = {
                    "kind": "insurance_certificate",
                    "person_id": people[number % len(people)],
                    "from_month": "2025-11",
                    "to_month": "2026-02",
                }
                clerk.post("/api/reporting/reports", form, 202)
            for maker in makers:
                maker.start()
            wait_until(lambda: database.value(_OPEN) == 0, seconds=600, what="the end")
            rate = (reports - 1) / float(database.value(_SPAN))
    shutil.rmtree(folder, ignore_errors=True)
    return rate


def main(reports: int) -> None:
    """Prints a line for each number of workers, and the ratio."""
    logs.configure("workers", "WARNING")
    rates = []
    for workers in _WORKERS:
        started = time.monotonic()
        rates.append(reports_a_second(workers, reports))
        took = time.monotonic() - started
        print(f"{workers} report worker(s): {rates[-1]:6.1f} certificates a second ({took:.0f} s in all)", flush=True)  # noqa: T201
    print(f"ratio {rates[-1] / rates[0]:.2f}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
