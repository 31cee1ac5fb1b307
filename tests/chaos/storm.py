"""Applications handed in and approved while processes and the broker are killed; then every one is accounted for.

    python -m tests.chaos.storm --applications 2000 --kills 20

Seen from outside: two clerks and a reviewer talk to the gateway over HTTP and repeat a request, with the same
idempotency key, until they have a definite answer, as pages and HR systems do. In the meantime processes are killed
with SIGKILL, in turn, and started again. At the end the books are compared: applications accepted = applications in the
database, each approved once, each coverage billed once, the outboxes empty, one audit row for each transition.
"""

import argparse
import itertools
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from servicekit import logs
from servicekit.ids import uuid7
from standalone.cluster import Cluster
from standalone.names import SERVICES
from tests.support.hall import TODAY, UNIT, HallClient, addition_form
from tests.support.people import resident_id
from tests.support.servers import open_folder
from tests.support.sql import Database
from tests.support.waiting import wait_until

_VICTIMS = (
    "enrollment-worker-0",
    "employer-worker-0",
    "enrollment-web-0",
    "rabbitmq",
    "employer-worker-0",
    "identity-web-0",
    "enrollment-worker-0",
    "gateway-0",
    "enrollment-web-0",
    "employer-worker-0",
)
_INSURANCES = 3  # an enterprise has 310, 330 and 510
_PATIENCE = 60.0
_START = 120.0
"""Seconds a killed broker has to start again, on a busy machine."""


@dataclass
class Storm:
    """What happened."""

    accepted: list[str] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    repeats: int = 0


def _surely(client: HallClient, storm: Storm, method: str, path: str, body: Any, **headers: str) -> httpx.Response:
    """Repeats a request until the answer is definite: neither a lost connection nor a 5xx, nor "still running"."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            answer = client.call(method, path, body, **headers)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code < 500:
            if answer.status_code == 429 or (answer.status_code == 409 and "in_progress" in answer.text):
                pass
            else:
                return answer
        if time.monotonic() > deadline:
            said = "no answer" if answer is None else f"{answer.status_code}: {answer.text[:300]}"
            raise AssertionError(f"no definite answer to {method} {path} within {_PATIENCE} s; last {said}")
        storm.repeats += 1
        threading.Event().wait(0.1)


def _hand_in(cluster: Cluster, storm: Storm, count: int) -> None:
    with HallClient(cluster.url) as clerk:
        clerk.login("legal_representative", "yongjiang", unit=UNIT)
        for _ in range(count):
            key = str(uuid7())
            form = addition_form(resident_id())
            answer = _surely(clerk, storm, "POST", "/api/enrollment/additions", form, **{"Idempotency-Key": key})
            assert answer.status_code == 201, answer.text
            storm.accepted.append(answer.json()["no"])


def _due(kill: int, kills: int, expected: int) -> int:
    """After how many decisions this kill comes, the first being 1: evenly over the work, not over time, so that a fast
    machine gets as many in the middle as a slow one."""
    return kill * expected // (kills + 1)


def _in_time(storm: Storm, done: int, kills: int, expected: int) -> bool:
    """Whether the work may go on: it does while a killed broker starts again, but not past the kill after that, else a
    slow start would put all the kills that are left at an end where nobody works."""
    return done < _due(len(storm.killed) + 2, kills, expected)


def _approve_all(cluster: Cluster, storm: Storm, expected: int, kills: int, handing_in: threading.Event) -> None:
    with HallClient(cluster.url) as reviewer:
        reviewer.login("staff", "shenhe01")
        done = 0
        while done < expected:
            if done >= len(storm.accepted):
                assert not handing_in.is_set() or done < len(storm.accepted), "fewer were accepted than handed in"
                threading.Event().wait(0.02)
                continue
            wait_until(partial(_in_time, storm, done, kills, expected), seconds=_START, what="the next kill")
            number = storm.accepted[done]
            path = f"/api/enrollment/reviews/{number}"
            seen = _surely(reviewer, storm, "GET", path, None)
            assert seen.status_code == 200, seen.text
            if seen.json()["status"] == "pending":
                condition = {"If-Match": seen.headers["etag"]}
                decided = _surely(reviewer, storm, "POST", f"{path}/decision", {"decision": "approve"}, **condition)
                # 409 or 412: the answer to an earlier try was lost, and that one had decided.
                assert decided.status_code in (200, 409, 412), decided.text
            storm.approved.append(number)
            done += 1


def _kill_in_turn(cluster: Cluster, storm: Storm, kills: int, expected: int) -> None:
    for number, victim in enumerate(itertools.islice(itertools.cycle(_VICTIMS), kills), 1):
        due = _due(number, kills, expected)
        wait_until(lambda due=due: len(storm.approved) >= due, seconds=600, what="the work")  # type: ignore[misc]
        storm.killed.append(victim)
        if victim == "rabbitmq":
            cluster.broker.kill()
            cluster.broker.start()
        else:
            cluster.kill(victim)


def _serve_again(cluster: Cluster) -> None:
    """Every service answers at the gateway, of itself: nothing needs a hand after a storm."""
    calm = Storm()  # what is repeated from now on says nothing of the storm
    with HallClient(cluster.url) as visitor:
        for service in SERVICES:
            answer = _surely(visitor, calm, "GET", f"/api/{service}/nothing", None)
            assert answer.status_code in (401, 404), answer.text


def rage(cluster: Cluster, *, applications: int, kills: int, clerks: int = 2) -> Storm:
    """Runs the storm and compares the books.

    Raises:
        AssertionError: something was lost, or done twice.
    """
    storm = Storm()
    shares = [applications // clerks + (1 if n < applications % clerks else 0) for n in range(clerks)]
    handing_in = threading.Event()
    with ThreadPoolExecutor(clerks + 2) as pool:
        hands = [pool.submit(_hand_in, cluster, storm, share) for share in shares]
        review = pool.submit(_approve_all, cluster, storm, applications, kills, handing_in)
        killer = pool.submit(_kill_in_turn, cluster, storm, kills, applications)
        for hand in hands:
            hand.result()
        handing_in.set()
        review.result()
        killer.result()
    _compare_books(cluster, storm, applications)
    _serve_again(cluster)
    return storm


def _compare_books(cluster: Cluster, storm: Storm, applications: int) -> None:
    with (
        closing(Database(cluster.postgres.socket_dir, "enrollment")) as enrollment,
        closing(Database(cluster.postgres.socket_dir, "employer")) as employer,
    ):
        assert len(set(storm.accepted)) == applications, "an application was accepted twice under one key"
        numbers = storm.accepted
        mine = "SELECT count(*) FROM applications WHERE no = ANY($1)"
        assert enrollment.value(mine, numbers) == applications
        assert enrollment.value(mine + " AND status = 'approved'", numbers) == applications
        since = "SELECT count(*) FROM applications WHERE submitted_on = $1 AND status = 'pending'"
        assert enrollment.value(since, TODAY) == 0, "applications nobody was told of"
        waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        wait_until(lambda: enrollment.value(waiting) == 0, seconds=120, what="the drained outbox")
        people = [
            row["person_id"]
            for row in enrollment.rows("SELECT person_id FROM applications WHERE no = ANY($1)", numbers)
        ]
        billed = "SELECT count(*) FROM roster WHERE person_id = ANY($1)"
        wait_until(
            lambda: employer.value(billed, people) == applications * _INSURANCES,
            seconds=120,
            what="the billing roster",
        )
        transitions = (
            "SELECT count(*) FROM audit_log WHERE subject = ANY($1) AND action IN "
            "('application.submitted', 'application.approved')"
        )
        assert enrollment.value(transitions, numbers) == 2 * applications
        assert enrollment.value("SELECT count(*) FROM parked") == 0


def main() -> None:
    """The long run: prints what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    logs.configure("storm", "WARNING")
    folder = open_folder("storm")
    extra = {"job_lease_seconds": 2, "retry_delays": [0.2, 0.5, 1, 2, 5, 10]}
    started = time.monotonic()
    with Cluster(folder, business_today=TODAY, throw_away=True, extra_settings=extra) as cluster:
        ready = time.monotonic()
        storm = rage(cluster, applications=options.applications, kills=options.kills)
        took = time.monotonic() - ready
    shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(
        f"{options.applications} applications, {len(storm.killed)} kills, {storm.repeats} requests repeated: "
        f"lost 0, applied twice 0; {took:.0f} s ({ready - started:.0f} s to start)\n"
    )


if __name__ == "__main__":
    main()
