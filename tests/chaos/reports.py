"""Reports made while the workers that make them are killed; then every one is accounted for.

    python -m tests.chaos.reports --jobs 500 --kills 30

Seen from outside: a clerk asks for documents and exports of every kind. In the meantime report workers, drawn by chance
from a seed, are killed with SIGKILL at moments drawn by chance, and started again. At the end the books are compared:
each report done, with one file and its documents once, announced and audited once; each file opens and is byte for byte
what its digest says; what killed workers left in the store is swept away, and nothing else.
"""

import argparse
import hashlib
import itertools
import os
import random
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servicekit import logs
from standalone.cluster import Cluster, ManagedProcess
from tests.support.hall import TODAY, UNIT, HallClient
from tests.support.servers import open_folder
from tests.support.sql import Database
from tests.support.waiting import wait_until

SETTINGS = {"job_lease_seconds": 2, "retry_delays": [0.2, 0.5, 1, 2, 5, 10]}
"""Short leases, so that taking over is quick."""

_MONTHS = {"from_month": "2025-11", "to_month": "2026-02"}
_MANY = 3
# In the proportions of an office: mostly single certificates, now and then something long.
_KINDS = (
    "insurance_certificate",
    "contribution_list",
    "insurance_certificate",
    "employer_certificate",
    "insurance_certificate",
    "insurance_certificates",
    "insurance_certificate",
    "roster",
    "insurance_certificate",
    "roster_list",
)
_LONGEST_PAUSE = 0.2
"""Seconds between a report's end and the kill that it sets off: long enough to hit any part of the next one."""
_PATIENCE = 1200.0


@dataclass
class Tally:
    """What happened."""

    documents: dict[str, int] = field(default_factory=dict)
    """How many documents each report must have issued, by report."""
    killed: list[str] = field(default_factory=list)
    cut_off: int = 0
    """Attempts that ended with their worker."""
    swept: int = 0
    """Files in the store that belonged to no report."""


def rage(cluster: Cluster, *, jobs: int, kills: int, seed: int) -> Tally:
    """Has the reports made under fire and compares the books.

    Raises:
        AssertionError: something was lost, done twice, or left behind.
    """
    tally, chance = Tally(), random.Random(seed)  # noqa: S311 - nothing secret
    reporting = Database(cluster.postgres.socket_dir, "reporting")
    with closing(reporting), HallClient(cluster.url) as clerk:
        clerk.login("legal_representative", "yongjiang", unit=UNIT)
        with ThreadPoolExecutor(1) as pool:
            killer = pool.submit(_kill_by_chance, cluster, tally, jobs, kills, chance)
            _ask(clerk, tally, jobs)
            killer.result()
        open_jobs = "SELECT count(*) FROM jobs WHERE id = ANY($1::uuid[]) AND status IN ('queued', 'running')"
        wait_until(lambda: reporting.value(open_jobs, list(tally.documents)) == 0, seconds=_PATIENCE, what="the end")
        _compare_books(reporting, tally)
        _open_every_file(clerk, reporting, tally)
        _sweep(cluster, reporting, tally)
    return tally


def _ask(clerk: HallClient, tally: Tally, jobs: int) -> None:
    people = [one["person_id"] for one in clerk.post("/api/enrollment/roster/searches", {})["items"]]
    for number, kind in enumerate(itertools.islice(itertools.cycle(_KINDS), jobs)):
        form: dict[str, Any] = {"kind": kind} if kind in ("roster", "roster_list") else {"kind": kind, **_MONTHS}
        if kind == "insurance_certificate":
            form["person_id"] = people[number % len(people)]
        if kind == "insurance_certificates":
            form |= {"person_ids": people[:_MANY], "packing": "zip" if number % 20 < 10 else "pdf"}
        path = "/api/reporting/exports" if kind == "roster" else "/api/reporting/reports"
        report = clerk.post(path, form, 202)
        tally.documents[report["id"]] = {"insurance_certificates": _MANY, "roster": 0}.get(kind, 1)


def _kill_by_chance(cluster: Cluster, tally: Tally, jobs: int, kills: int, chance: random.Random) -> None:
    """The kills are spread over the work, not over time: a fast machine gets as many in the middle as a slow one."""
    workers = sorted(name for name in cluster.processes if name.startswith("reporting-worker-"))
    done = "SELECT count(*) FROM jobs WHERE kind IN ('report', 'long_report') AND status IN ('done', 'failed')"
    with closing(Database(cluster.postgres.socket_dir, "reporting")) as watcher:
        before = watcher.value(done)
        for due in sorted(chance.sample(range(1, jobs - len(workers)), kills)):
            _await_done(lambda: watcher.value(done) - before, due)
            threading.Event().wait(chance.uniform(0, _LONGEST_PAUSE))
            victim = cluster.processes[chance.choice(workers)]
            _await_alive(victim)
            victim.kill()
            tally.killed.append(victim.name)


def _await_done(count: Callable[[], int], due: int) -> None:
    wait_until(lambda: count() >= due, seconds=_PATIENCE, what="the work")


def _await_alive(process: ManagedProcess) -> None:
    wait_until(lambda: not process.ended(), what="the worker that was killed before")


def _compare_books(reporting: Database, tally: Tally) -> None:
    reports = list(tally.documents)
    jobs = reporting.rows("SELECT status, error_code, attempts FROM jobs WHERE id = ANY($1::uuid[])", reports)
    ended = Counter((job["status"], job["error_code"]) for job in jobs)
    assert ended == {("done", None): len(reports)}, f"reports ended as {dict(ended)}"
    tally.cut_off = sum(job["attempts"] - 1 for job in jobs)
    assert _per_report(reporting, "SELECT job_id FROM documents WHERE job_id = ANY($1::uuid[])", reports) == {
        report: count for report, count in tally.documents.items() if count
    }
    once = dict.fromkeys(reports, 1)
    assert _per_report(reporting, "SELECT job_id FROM files WHERE job_id = ANY($1::uuid[])", reports) == once
    announced = (
        "SELECT envelope ->> 'subject' AS job_id FROM outbox"
        " WHERE type = 'reporting.report_finished.v1' AND envelope ->> 'subject' = ANY($1)"
    )
    assert _per_report(reporting, announced, reports) == once
    audited = (
        "SELECT subject AS job_id FROM audit_log"
        " WHERE action IN ('document.issued', 'export.made') AND subject = ANY($1)"
    )
    assert _per_report(reporting, audited, reports) == once
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    wait_until(lambda: reporting.value(waiting) == 0, seconds=120, what="the drained outbox")
    assert reporting.value("SELECT count(*) FROM parked") == 0


def _per_report(reporting: Database, query: str, reports: list[str]) -> dict[str, int]:
    """How many rows of a query each report has; reports without any are left out."""
    return Counter(str(row["job_id"]) for row in reporting.rows(query, reports))


def _open_every_file(clerk: HallClient, reporting: Database, tally: Tally) -> None:
    kept = reporting.rows("SELECT job_id, sha256, type FROM files WHERE job_id = ANY($1::uuid[])", [*tally.documents])
    for file in kept:
        answer = clerk.call("GET", f"/api/reporting/reports/{file['job_id']}/file")
        assert answer.status_code == 200, answer.text[:300]
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    # What the verification page compares a copy with; of an archive each member has its own.
    other = (
        "SELECT count(*) FROM documents d JOIN files f USING (job_id)"
        " WHERE job_id = ANY($1::uuid[]) AND f.type = 'pdf' AND d.sha256 <> f.sha256"
    )
    assert reporting.value(other, [*tally.documents]) == 0


def _sweep(cluster: Cluster, reporting: Database, tally: Tally) -> None:
    """Lets a day pass for the store, and the daily duty run: a worker looks for duties when it starts."""
    folder = cluster.instance.folder / "objects"
    known = {row["sha256"] for row in reporting.rows("SELECT sha256 FROM files WHERE removed_at IS NULL")}
    there = _files_in(folder)
    assert known <= there.keys(), "a file is lost"
    tally.swept = len(there.keys() - known)
    two_days_ago = time.time() - 2 * 24 * 3600
    for file in there.values():
        os.utime(file, (two_days_ago, two_days_ago))
    assert reporting.rows("UPDATE duties SET next_run_at = now() WHERE name = 'reporting.sweep_orphans' RETURNING name")
    cluster.kill("reporting-worker-0")
    wait_until(lambda: _files_in(folder).keys() <= known, seconds=120, what="the sweep")
    assert _files_in(folder).keys() == known, "the sweep took a file that somebody needs"


def _files_in(folder: Path) -> dict[str, Path]:
    """Every file of the store by name, whole or not."""
    return {file.name: file for file in folder.rglob("*") if file.is_file()}


def main() -> None:
    """The long run: prints what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    logs.configure("reports", "WARNING")
    folder = open_folder("reports")
    started = time.monotonic()
    with Cluster(folder, business_today=TODAY, throw_away=True, workers=2, extra_settings=SETTINGS) as cluster:
        ready = time.monotonic()
        tally = rage(cluster, jobs=options.jobs, kills=options.kills, seed=options.seed)
        took = time.monotonic() - ready
    shutil.rmtree(folder, ignore_errors=True)
    assert tally.cut_off, "a run in which no report was made anew proves nothing"
    sys.stdout.write(
        f"{len(tally.documents)} reports with {sum(tally.documents.values())} documents, {len(tally.killed)} kills "
        f"(seed {options.seed}), {tally.cut_off} attempts cut off and made anew, {tally.swept} orphaned files swept: "
        f"lost 0, made twice 0; {took:.0f} s ({ready - started:.0f} s to start)\n"
    )


if __name__ == "__main__":
    main()
