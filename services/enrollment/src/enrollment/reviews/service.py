"""The review desk: opening an application, checking and deciding it exactly once.

In the caller's transaction, never committing.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications import repository
from enrollment.applications import service as applications
from enrollment.applications.models import Application
from enrollment.applications.rules import Effect
from enrollment.applications.schemas import ApplicationDetail, FindingOut
from enrollment.decision_settings import repository as decision_settings
from enrollment.dictionaries import service as dictionaries
from enrollment.disclosures import service as disclosures
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from enrollment.reviews import comparison
from enrollment.reviews import repository as claims
from enrollment.reviews.desk import is_on_desk, on_desk
from enrollment.reviews.rules import Finding, ReasonRequired, all_pass, check_may_decide, gravest
from enrollment.reviews.schemas import DecisionForm, ReviewDetail, waiting_days
from servicekit import audit
from servicekit.auth import Reviewer
from servicekit.etag import check_version
from servicekit.refusals import NotFound, Refusal

Decision = Literal["approved", "rejected"]


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
    applications.check_pending(application)  # before the version: says what has happened to it
    check_version(application.version, seen_version)
    found = await on_desk(application.kind).findings(tx, application, today, True)
    decision: Decision = "rejected"
    effect: list[Effect] = []
    if form.decision == "approve":
        decision, reason, effect = await _try_to_approve(tx, application, reason, now=now)
    await _record(tx, application, decision, by=reviewer, reason=reason, found=found, effect=effect, now=now)
    await claims.release(tx, application.no)
    return application


async def _try_to_approve(
    tx: AsyncSession, application: Application, reason: str | None, *, now: datetime
) -> tuple[Decision, str | None, list[Effect]]:
    try:
        async with tx.begin_nested():
            effect = await on_desk(application.kind).approve(tx, application, now)
    except Refusal as refusal:
        return "rejected", f"审核时复核未通过：{refusal.detail}", []
    return "approved", reason, effect


async def _record(
    tx: AsyncSession,
    application: Application,
    decision: Decision,
    *,
    by: Reviewer | None,
    reason: str | None,
    found: Sequence[Finding],
    effect: Sequence[Effect],
    now: datetime,
) -> None:
    application.flag = gravest(found)
    findings = [asdict(finding) for finding in found]
    await applications.record_decision(
        tx, application, decision, by=by, reason=reason, findings=findings, effect=effect, now=now
    )


async def check_submitted(tx: AsyncSession, no: str, *, today: date, now: datetime) -> None:
    """Makes what was handed in findable by name and runs the automatic checks on it. Approves it when the agency has
    set its kind to automatic and nothing at all was found; otherwise notes the gravest finding for the queue. What is
    decided already stays.
    """
    try:
        application = await applications.lock(tx, no)
    except NotFound:
        return
    await repository.index_name(tx, application)
    if application.status != "pending" or not is_on_desk(application.kind):
        return
    found = await on_desk(application.kind).findings(tx, application, today, True)
    application.flag = gravest(found)
    if not all_pass(found) or not await decision_settings.is_automatic(tx, application.kind):
        return
    decision, reason, effect = await _try_to_approve(tx, application, None, now=now)
    await _record(tx, application, decision, by=None, reason=reason, found=found, effect=effect, now=now)


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
        waiting_days=waiting_days(application, today),
    )
    if application.status == "pending" and is_on_desk(application.kind):
        kind = on_desk(application.kind)
        found = await kind.findings(tx, application, today, True)
        application.flag = gravest(found)
        after = await kind.compare(tx, application)
        detail.findings = [FindingOut(**asdict(one)) for one in found]
        detail.coverage_after = before if after.coverage_after is None else after.coverage_after
        detail.changes = after.changes
    chain = f"account:{reviewer.account_id}"
    await audit.record(tx, reviewer, "application.viewed", application.no, chain=chain)
    return detail


async def disclose(
    tx: AsyncSession, reviewer: Reviewer, no: str, form: DisclosureForm, *, now: datetime
) -> DisclosureOut:
    """The full numbers of whom an application is about, as they were declared. Audited.

    Raises:
        NotFound: there is no such application.
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    application = await applications.find(tx, no)
    subject = disclosures.Subject(
        action="application.revealed",
        subject=application.no,
        chain=f"account:{reviewer.account_id}",
        sealed={"id_number": application.id_number, "mobile": application.mobile},
    )
    return await disclosures.disclose(tx, reviewer, subject, form, now=now)
