"""Real processes on a real broker, some of them killed at the worst moment: nothing lost, nothing done twice."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from standalone.cluster import Cluster
from tests.support.hall import PASSWORD, TODAY, UNIT, HallClient, addition_form
from tests.support.hr_system import HrSystem, issue_key
from tests.support.people import resident_id
from tests.support.servers import open_folder
from tests.support.sheets import filled, newcomer
from tests.support.sql import Database
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.broker, pytest.mark.timeout(300)]

NEWCOMER = "虞书瑶"
Open = Callable[[str], Database]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster with two gateways, and with short leases and short retry delays, so that taking over is quick."""
    extra = {"job_lease_seconds": 2, "retry_delays": [0.2, 0.5, 1, 2, 5, 10]}
    folder = open_folder("cluster")
    with Cluster(folder, gateways=2, business_today=TODAY, throw_away=True, extra_settings=extra) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Open]:
    opened: list[Database] = []

    def look_into(name: str) -> Database:
        opened.append(Database(cluster.postgres.socket_dir, name))
        return opened[-1]

    yield look_into
    for one in opened:
        one.close()


@pytest.fixture
def clerk(cluster: Cluster) -> Iterator[HallClient]:
    with HallClient(cluster.url) as client:
        yield client.login("legal_representative", "yongjiang", unit=UNIT)


@pytest.fixture(scope="module")
def reviewer(cluster: Cluster) -> Iterator[HallClient]:
    with HallClient(cluster.url) as client:
        yield client.login("staff", "shenhe01")


def _approve(reviewer: HallClient, number: str) -> None:
    detail = reviewer.call("GET", f"/api/enrollment/reviews/{number}")
    seen: dict[str, Any] = {"If-Match": detail.headers["etag"]}
    reviewer.post(f"/api/enrollment/reviews/{number}/decision", {"decision": "approve"}, **seen)


def _insured(clerk: HallClient, reviewer: HallClient) -> str:
    """Declares somebody and has it approved; the person's id."""
    id_number = resident_id()
    number = clerk.post("/api/enrollment/additions", addition_form(id_number), 201)["no"]
    _approve(reviewer, number)
    found = clerk.post("/api/enrollment/roster/searches", {"id_number": id_number})
    return str(found["items"][0]["person_id"])


def _billed(employer: Database, person_id: str) -> list[dict[str, Any]]:
    return employer.rows("SELECT insurance FROM roster WHERE person_id = $1::uuid ORDER BY insurance", person_id)


def test_a_worker_killed_in_the_middle_of_a_handler_has_its_effect_once(
    cluster: Cluster, database: Open, clerk: HallClient, reviewer: HallClient
) -> None:
    employer = database("employer")
    inbox_before = employer.value("SELECT count(*) FROM inbox")
    with employer.locked("roster"):
        person_id = _insured(clerk, reviewer)
        with closing(Database(cluster.postgres.socket_dir, "employer")) as watcher:
            wait_until(lambda: watcher.somebody_waits_for("roster"), what="the handler's write")
        starts = cluster.processes["employer-worker-0"].starts
        cluster.kill("employer-worker-0")
    # An enterprise has 310, 510 and 330: three coverages start, each of them is billed once.
    wait_until(lambda: len(_billed(employer, person_id)) == 3, what="the billing roster")
    assert [row["insurance"] for row in _billed(employer, person_id)] == ["310", "330", "510"]
    assert cluster.processes["employer-worker-0"].starts == starts + 1
    # Those three, and the decision itself: the service listens for those about units.
    wait_until(lambda: employer.value("SELECT count(*) FROM inbox") == inbox_before + 4, what="each message once")


def test_a_worker_killed_in_the_middle_of_a_report_makes_one_document(
    cluster: Cluster, database: Open, clerk: HallClient, reviewer: HallClient
) -> None:
    reporting = database("reporting")
    person_id = clerk.post("/api/enrollment/roster/searches", {})["items"][0]["person_id"]
    body = {
        "kind": "insurance_certificate",
        "person_id": person_id,
        "from_month": "2026-01",
        "to_month": "2026-02",
    }
    with reporting.locked("documents"):
        job = clerk.post("/api/reporting/reports", body, 202)
        with closing(Database(cluster.postgres.socket_dir, "reporting")) as watcher:
            wait_until(lambda: watcher.somebody_waits_for("documents"), what="the document's row")
        cluster.kill("reporting-worker-0")
    path = f"/api/reporting/reports/{job['id']}"
    done = wait_until(lambda: _finished(clerk.get(path)), what="the report")
    assert done["status"] == "done"
    assert reporting.value("SELECT count(*) FROM documents WHERE job_id = $1::uuid", job["id"]) == 1
    assert reporting.value("SELECT attempts FROM jobs WHERE id = $1::uuid", job["id"]) == 2
    assert clerk.call("GET", done["file_url"]).content.startswith(b"%PDF-")


def test_workers_killed_in_the_middle_of_an_assessment_leave_a_ledger_that_adds_up(
    cluster: Cluster, database: Open
) -> None:
    employer = database("employer")
    with HallClient(cluster.url) as operator:
        operator.login("staff", "guanli01")
        with employer.locked("contributions"):
            run = operator.post("/api/employer/assessments", {"month": "2026-03"}, 202)
            with closing(Database(cluster.postgres.socket_dir, "employer")) as watcher:
                wait_until(lambda: watcher.somebody_waits_for("contributions"), what="the rows of a part")
            for worker in [name for name in cluster.processes if name.startswith("employer-worker-")]:
                cluster.kill(worker)
        path = f"/api/employer/assessments/{run['id']}"
        done = wait_until(lambda: _finished(operator.get(path)), seconds=60, what="the assessment")
    assert done["status"] == "done"
    assert done["rows"] > 0
    again = "SELECT count(*) FROM jobs WHERE (id::text = $1 OR payload ->> 'assessment_id' = $1) AND attempts > 1"
    assert employer.value(again, run["id"]) > 0, "nothing was done again: the kill came too late to prove anything"
    written = "SELECT count(*) FROM contributions WHERE assessment_id = $1::uuid"
    assert employer.value(written, run["id"]) == done["rows"]
    assert employer.value(
        "SELECT (SELECT sum(employer_amount + own_amount) FROM contributions WHERE month = '2026-03-01')"
        " = (SELECT sum(total) FROM statements WHERE month = '2026-03-01')"
    )
    assert employer.value("SELECT count(*) FROM contributions WHERE month = '2026-03-01'") == employer.value(
        "SELECT count(*) FROM (SELECT DISTINCT employer_no, person_id, insurance FROM contributions"
        " WHERE month = '2026-03-01') AS owed"
    )


def test_a_worker_killed_in_the_middle_of_an_automatic_decision_decides_once(
    cluster: Cluster, database: Open, clerk: HallClient
) -> None:
    enrollment, employer = database("enrollment"), database("employer")
    setting = "UPDATE decision_settings SET automatic = $1 WHERE kind = 'addition' RETURNING kind"
    id_number = resident_id()
    # A mobile number of their own: a shared one is a finding, and what has a finding is left to a reviewer.
    form = addition_form(id_number, mobile="13800577070")
    enrollment.rows(setting, True)
    try:
        with enrollment.locked("roster_names"):
            no = clerk.post("/api/enrollment/additions", form, 201)["no"]
            with closing(Database(cluster.postgres.socket_dir, "enrollment")) as watcher:
                wait_until(
                    lambda: watcher.somebody_waits_for("roster_names"), seconds=60, what="the end of the approval"
                )
            cluster.kill("enrollment-worker-0")
        path = f"/api/enrollment/applications/{no}"
        seen = wait_until(
            lambda: one if (one := clerk.get(path))["status"] != "pending" else None, seconds=60, what="the decision"
        )
    finally:
        enrollment.rows(setting, False)
    assert (seen["status"], seen["decided_automatically"]) == ("approved", True)
    assert [one["what"] for one in seen["effect"]] == ["coverage_started"] * 3
    found = clerk.post("/api/enrollment/roster/searches", {"id_number": id_number})["items"]
    started = "SELECT count(*) FROM coverage WHERE person_id = $1::uuid"
    assert enrollment.value(started, found[0]["person_id"]) == 3
    wait_until(lambda: len(_billed(employer, found[0]["person_id"])) == 3, what="the billing roster")
    decisions = "SELECT count(*) FROM audit_log WHERE subject = $1 AND action = 'application.approved'"
    assert enrollment.value(decisions, no) == 1


def test_a_worker_killed_in_the_middle_of_a_batch_declares_everybody_once(
    cluster: Cluster, database: Open, clerk: HallClient
) -> None:
    """Once while the file is being checked, and twice while its people are handed in."""
    enrollment = database("enrollment")
    # Handed in in three parts; from a district that nobody of the demo comes from.
    people = [newcomer(姓名=NEWCOMER, 证件号码=resident_id(region="330282")) for _ in range(2300)]
    content = filled(clerk.call("GET", "/api/enrollment/batches/templates/addition").content, people)
    submitted = "SELECT count(*) FROM applications WHERE person_name = $1"
    before = enrollment.value(submitted, NEWCOMER)

    def killed_waiting_for(table: str) -> None:
        with closing(Database(cluster.postgres.socket_dir, "enrollment")) as watcher:
            wait_until(lambda: watcher.somebody_waits_for(table), seconds=60, what=f"the write to {table}")
        cluster.kill("enrollment-worker-0")

    with enrollment.locked("batch_rows"):
        answer = clerk.upload("/api/enrollment/batches/uploads", {"kind": "addition"}, content)
        assert answer.status_code == 202, answer.text
        killed_waiting_for("batch_rows")
    path = f"/api/enrollment/batches/{answer.json()['id']}"

    def reached(stage: str) -> dict[str, Any]:
        return wait_until(
            lambda: seen if (seen := clerk.get(path))["stage"] == stage else None, seconds=120, what=stage
        )

    seen = reached("checked")
    assert (seen["good"], seen["bad"]) == (2300, 0)
    with enrollment.locked("outbox"):
        clerk.post(f"{path}/confirmation", None, 202, **{"If-Match": f'"v{seen["version"]}"'})
        killed_waiting_for("outbox")
    wait_until(lambda: enrollment.value(submitted, NEWCOMER) > before, seconds=60, what="the first part")
    cluster.kill("enrollment-worker-0")
    done = reached("submitted")
    assert (done["submitted"], done["bad"], done["good"]) == (2300, 0, 0)
    assert enrollment.value(submitted, NEWCOMER) == before + 2300
    declared = "SELECT count(DISTINCT person_id) FROM applications WHERE person_name = $1 AND status = 'pending'"
    assert enrollment.value(declared, NEWCOMER) == 2300
    attempts = "SELECT kind, max(attempts) AS attempts FROM jobs WHERE kind LIKE '%_batch' GROUP BY kind"
    assert all(row["attempts"] >= 2 for row in enrollment.rows(attempts)), "nobody was interrupted"
    again = clerk.upload("/api/enrollment/batches/uploads", {"kind": "addition"}, content)
    assert again.json()["stage"] == "submitted"


def _finished(job: dict[str, Any]) -> dict[str, Any] | None:
    return job if job["status"] in ("done", "failed") else None


def test_with_the_broker_away_an_application_is_accepted_and_arrives_later(
    cluster: Cluster, database: Open, clerk: HallClient, reviewer: HallClient
) -> None:
    employer, enrollment = database("employer"), database("enrollment")
    cluster.broker.stop()
    try:
        person_id = _insured(clerk, reviewer)
        assert enrollment.value("SELECT count(*) FROM outbox WHERE published_at IS NULL") > 0
        assert _billed(employer, person_id) == []
    finally:
        cluster.broker.start()
    wait_until(lambda: len(_billed(employer, person_id)) == 3, seconds=60, what="the billing roster")
    wait_until(
        lambda: enrollment.value("SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0,
        what="the drained outbox",
    )


def test_a_key_has_one_limit_at_two_gateways(cluster: Cluster, clerk: HallClient) -> None:
    """Each gateway counting by itself would let through twice as much."""
    limit = 40
    clerk.post("/api/identity/sessions/current/step-up", {"password": PASSWORD})
    key = issue_key(clerk, requests_per_minute=limit)["key"]
    began = time.monotonic()
    with ExitStack() as stack:
        systems = [stack.enter_context(HrSystem(url, key)) for url in cluster.gateway_urls]
        codes = [
            system.call("POST", "/api/enrollment/roster/searches", {}).status_code
            for _ in range(limit)
            for system in systems
        ]
    let_in_meanwhile = limit * (time.monotonic() - began) / 60
    assert set(codes) == {200, 429}
    # Each may hold a portion of a twentieth that the other waits for in vain.
    assert limit - 2 * limit / 20 <= codes.count(200) <= limit + let_in_meanwhile + 1
