"""The review desk: opening an application, deciding it exactly once. In the caller's transaction, never committing."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.additions import service as additions
from enrollment.applications import service as applications
from enrollment.applications.models import Application
from enrollment.applications.rules import move
from enrollment.applications.schemas import ApplicationDetail, FindingOut
from enrollment.dictionaries import service as dictionaries
from enrollment.removals import service as removals
from enrollment.reviews import comparison, inspection
from enrollment.reviews import removals as removal_desk
from enrollment.reviews.rules import Finding, ReasonRequired, all_pass, check_may_decide
from enrollment.reviews.schemas import DecisionForm, ReviewDetail
from servicekit import audit
from servicekit.auth import Reviewer
from servicekit.db.tx import Scope, begin, clock_of
from servicekit.etag import check_version
from servicekit.jobs import JobRun
from servicekit.refusals import NotFound, Refusal


class NotDecidableHere(Refusal):
    code = "kind_not_decidable"
    title = "该类业务尚不能在此审核"


async def decide(
    tx: AsyncSession, reviewer: Reviewer, no: str, form: DecisionForm, *, seen_version: int, today: date, now: datetime
) -> Application:
    """A reviewer's decision. Of several at once exactly one wins: the row is locked, and decided is final.

    An approval that runs into a rule which no longer holds becomes a rejection with that rule's reason (rule 6).

    Raises:
        NotFound, OwnApplication, AlreadyFinal, Stale, ReasonRequired.
    """
    application = await applications.lock(tx, no)
    check_may_decide(reviewer=reviewer.account_id, submitted_by=application.submitted_by)
    reason = (form.reason or "").strip() or None
    if form.decision == "reject" and reason is None:
        raise ReasonRequired(pointer="/reason")
    move(application.status, "approved" if form.decision == "approve" else "rejected")
    check_version(application.version, seen_version)
    if application.kind not in inspection.DECIDABLE:
        raise NotDecidableHere
    found = [asdict(finding) for finding in await _findings(tx, application, today=today)]
    decision: Literal["approved", "rejected"] = "rejected"
    if form.decision == "approve":
        decision, reason = await _try_to_approve(tx, application, reason, now=now)
    await applications.record_decision(tx, application, decision, by=reviewer, reason=reason, findings=found, now=now)
    return application


_APPROVE = {"addition": additions.approve, "removal": removals.approve}


async def _findings(tx: AsyncSession, application: Application, *, today: date) -> list[Finding]:
    if application.kind == "removal":
        return await removal_desk.findings(tx, application, today=today)
    seen = await additions.inspect(tx, application)
    return await inspection.findings_for_agency(tx, application, seen, today=today)


async def _try_to_approve(
    tx: AsyncSession, application: Application, reason: str | None, *, now: datetime
) -> tuple[Literal["approved", "rejected"], str | None]:
    try:
        async with tx.begin_nested():
            await _APPROVE[application.kind](tx, application, now=now)
    except Refusal as refusal:
        return "rejected", f"审核时复核未通过：{refusal.detail}"
    return "approved", reason


async def decide_automatically(run: JobRun) -> dict[str, str]:
    """The job behind the agency's setting: approves an application in which nothing at all was found."""
    no = str(run.payload["no"])
    async with begin(run.runtime, scope=Scope.system()) as tx:
        clock = clock_of(tx)
        try:
            application = await applications.lock(tx, no)
        except NotFound:
            return {"outcome": "gone"}
        if not inspection.inspectable(application):
            return {"outcome": "left"}
        found = await _findings(tx, application, today=clock.today())
        if not all_pass(found):
            return {"outcome": "left"}
        decision, reason = await _try_to_approve(tx, application, None, now=clock.now())
        await applications.record_decision(
            tx,
            application,
            decision,
            by=None,
            reason=reason,
            findings=[asdict(finding) for finding in found],
            now=clock.now(),
        )
        return {"outcome": decision}


async def show(tx: AsyncSession, reviewer: Reviewer, no: str, *, today: date) -> ReviewDetail:
    """What was declared, what the checks find, what an approval would change. Audited, late and in the reviewer's own
    chain, so that reviewers don't wait for each other.

    Raises:
        NotFound: there is no such application.
    """
    application = await applications.find(tx, no)
    dictionary = await dictionaries.current(tx)
    before = await comparison.coverage_before(tx, application, dictionary)
    detail = ReviewDetail(
        **ApplicationDetail.of_application(application, application.findings or []).model_dump(),
        coverage_before=before,
        coverage_after=before,
        changes=[],
        waiting_days=0,
    )
    if inspection.inspectable(application) and application.kind == "removal":
        detail.findings = [FindingOut(**asdict(one)) for one in await _findings(tx, application, today=today)]
        detail.coverage_after = await removal_desk.coverage_after(tx, application) or before
        detail.waiting_days = (today - application.submitted_on).days
    elif inspection.inspectable(application):
        seen = await additions.inspect(tx, application)
        found = await inspection.findings_for_agency(tx, application, seen, today=today)
        detail.findings = [FindingOut(**asdict(one)) for one in found]
        detail.coverage_after = await comparison.coverage_after(tx, application, seen, dictionary)
        detail.changes = await comparison.person_changes(tx, application, seen, dictionary)
        detail.waiting_days = (today - application.submitted_on).days
    chain = f"account:{reviewer.account_id}"
    await audit.record(tx, reviewer, "application.viewed", application.no, chain=chain)
    return detail
