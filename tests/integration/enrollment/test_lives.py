"""Applications through everything that can happen to them, in any order, by the real use cases against a database."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from contracts.enrollment import ApplicationDecided, ApplicationSubmitted, ApplicationWithdrawn, CoverageStarted
from enrollment.applications.models import Application
from enrollment.coverage.models import Coverage
from servicekit import audit
from servicekit.consumer import Done
from tests.integration.enrollment.desk import (
    addition,
    change_requested,
    decide,
    deliver,
    events,
    seen_by_all,
    set_automatic,
    shown,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness

T = TypeVar("T")
FINAL = ("approved", "rejected", "withdrawn")


class Lives(RuleBasedStateMachine):
    """What is known of each application beside what the service says of it."""

    hall: ClassVar[ServiceHarness]
    loop: ClassVar[asyncio.AbstractEventLoop]
    known: ClassVar[dict[str, str]] = {}
    """The status of every application of every run: they share one database."""
    automatic: ClassVar[bool] = False
    setting_version: ClassVar[int] = 1
    applications = Bundle("applications")

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine in the loop of the test; the machine itself is in a thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @rule(target=applications, odd=st.booleans())
    def hand_in(self, odd: bool) -> str:
        application = self.wait(submitted(self.hall, addition(insurance_reason="05" if odd else "01")))
        self.known[application["no"]] = "pending"
        return str(application["no"])

    @rule(target=applications)
    def request_a_change(self) -> str:
        request = change_requested()
        for _ in range(2):
            assert self.wait(deliver(self.hall, request)) == Done()
        no = self.wait(_number_of(self.hall, request.change_id))
        self.known[no] = "pending"
        return no

    @rule(automatic=st.booleans())
    def change_the_setting(self, automatic: bool) -> None:
        answer = self.wait(set_automatic(self.hall, "addition", automatic, version=type(self).setting_version))
        assert answer.status_code == 200
        type(self).automatic, type(self).setting_version = automatic, answer.json()["version"]

    @rule(no=applications)
    def run_the_checks(self, no: str) -> None:
        (news,) = [one for one in self.wait(events(self.hall, ApplicationSubmitted)) if one.application_no == no]
        assert self.wait(deliver(self.hall, news)) == Done()
        if self.known[no] == "pending":
            status = self.wait(shown(self.hall, no))["status"]
            assert status in (("pending", "approved") if self.automatic else ("pending",))
            self.known[no] = status

    @rule(no=applications, decision=st.sampled_from(["approve", "reject"]), stale=st.booleans())
    def a_reviewer_decides(self, no: str, decision: str, stale: bool) -> None:
        reason = "材料不全" if decision == "reject" else None
        answer = self.wait(decide(self.hall, no, decision, version=9 if stale else 1, reason=reason))
        if self.known[no] != "pending":
            assert (answer.status_code, answer.json()["code"]) == (409, "application_final")
        elif stale:
            assert answer.status_code == 412
        else:
            assert answer.json()["status"] == ("approved" if decision == "approve" else "rejected")
            self.known[no] = answer.json()["status"]

    @rule(no=applications)
    def the_unit_withdraws(self, no: str) -> None:
        answer = self.wait(withdraw(self.hall, no))
        if self.known[no] == "pending":
            assert answer.json()["status"] == "withdrawn"
            self.known[no] = "withdrawn"
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "application_final")

    @invariant()
    def rows_events_coverage_and_audit_agree(self) -> None:
        self.wait(_agree(self.hall, self.known))


async def _number_of(hall: ServiceHarness, change_id: object) -> str:
    async with seen_by_all(hall) as tx:
        return str((await tx.execute(select(Application.no).where(Application.change_id == change_id))).scalar_one())


async def _agree(hall: ServiceHarness, known: dict[str, str]) -> None:
    async with seen_by_all(hall) as tx:
        rows = (await tx.execute(select(Application.no, Application.kind, Application.status))).all()
        started = (await tx.execute(select(func.count()).select_from(Coverage))).scalar_one()
        log = audit.AUDIT_LOG
        transitions = [f"application.{status}" for status in FINAL]
        audited = (await tx.execute(select(log.c.subject, log.c.action).where(log.c.action.in_(transitions)))).all()
    assert {row.no: row.status for row in rows} == known
    ended = {no: status for no, status in known.items() if status != "pending"}
    assert sorted(audited) == sorted((no, f"application.{status}") for no, status in ended.items())
    decided = {one.application_no: one.decision for one in await events(hall, ApplicationDecided)}
    gone = {one.application_no: "withdrawn" for one in await events(hall, ApplicationWithdrawn)}
    assert decided | gone == ended
    insured = sum(row.status == "approved" and row.kind == "addition" for row in rows)
    assert started == len(await events(hall, CoverageStarted)) == 3 * insured


async def test_whatever_happens_in_whatever_order(hall: ServiceHarness) -> None:
    Lives.hall, Lives.loop = hall, asyncio.get_running_loop()
    often = settings(max_examples=12, stateful_step_count=12, suppress_health_check=list(HealthCheck), database=None)
    await asyncio.to_thread(run_state_machine_as_test, Lives, settings=often)
    assert set(Lives.known.values()) <= {"pending", *FINAL}
