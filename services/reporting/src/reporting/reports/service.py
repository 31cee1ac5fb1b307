"""Report use cases of a clerk, and of an insured person for themselves. None of them commits."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.reporting import OwnReportRequested, ReportRequested
from contracts.values.month import Month
from reporting.documents import repository as documents
from reporting.documents.models import Document
from reporting.reports import repository, rules
from reporting.reports.owners import Owner, chain_of, path_of, unit_of
from reporting.reports.schemas import KIND_TITLES, OwnReportForm, ReportForm, ReportOut
from reporting.resources import resources_of, settings_of
from reporting.verification.codes import in_groups
from servicekit import audit, jobs, outbox
from servicekit.auth import Clerk, InsuredPerson
from servicekit.db.tx import clock_of
from servicekit.jobs import JobRow
from servicekit.refusals import Gone, NotFound
from servicekit.store import ObjectDamaged, ObjectMissing
from servicekit.tracing import current_traceparent

log = structlog.get_logger(__name__)

# A single certificate never waits behind long lists.
_CERTIFICATE_PRIORITY = 10


class ReportNotFound(NotFound):
    """No such report of this unit, or of this person."""

    code = "report_not_found"
    title = "报表不存在"
    detail = "该报表不存在、已过期，或不属于您。"


class FileNotReady(NotFound):
    """The report has no file (yet)."""

    code = "report_not_ready"
    title = "报表尚未生成"
    detail = "该报表尚未生成完成，暂无文件可供查看。"


class FileExpired(Gone):
    """The report's time is over."""

    code = "report_expired"
    title = "报表已过期"
    detail = "该报表已超过保留期限，请重新生成。"


class FileLost(Gone):
    """The file isn't what was kept, or isn't there before its time. What is left of it is not shown."""

    code = "report_damaged"
    title = "报表文件已损坏"
    detail = "该报表的文件已损坏，无法打开，请重新生成。"


async def request_report(tx: AsyncSession, clerk: Clerk, form: ReportForm, *, current: Month) -> ReportOut:
    """Accepts a report; a worker makes it. Whether the person is one of the unit's shows when it is made."""
    return await _accept(tx, clerk, form, current=current)


async def request_own(tx: AsyncSession, me: InsuredPerson, form: OwnReportForm, *, current: Month) -> ReportOut:
    """Accepts a report about the asker; a worker makes it."""
    whole = ReportForm(
        kind="insurance_certificate", person_id=me.person_id, from_month=form.from_month, to_month=form.to_month
    )
    return await _accept(tx, me, whole, current=current)


async def _accept(tx: AsyncSession, owner: Owner, form: ReportForm, *, current: Month) -> ReportOut:
    rules.check_range(form.from_month, form.to_month, current=current)
    payload = {**form.model_dump(mode="json"), "traceparent": current_traceparent()}
    job = await jobs.enqueue(
        tx,
        kind=repository.JOB_KIND,
        payload=payload,
        employer_no=unit_of(owner),
        requested_by=owner.account_id,
        priority=_CERTIFICATE_PRIORITY,
        total=4,
    )
    facts = form.model_dump(mode="json")
    await audit.record(tx, owner, "report.requested", str(job.id), chain=chain_of(owner), facts=facts)
    if isinstance(owner, Clerk):
        await outbox.add(tx, ReportRequested(job_id=job.id, employer_no=owner.employer_no))
    else:
        await outbox.add(tx, OwnReportRequested(job_id=job.id, requested_by=owner.account_id))
    return _out(tx, job, None)


async def list_reports(tx: AsyncSession, owner: Owner, *, offset: int, limit: int) -> tuple[list[ReportOut], int]:
    """The report centre of the unit, or the person's own reports, newest first."""
    rows, total = await repository.page_of_owner(tx, owner, offset=offset, limit=limit)
    return await _outs(tx, rows), total


async def find_report(tx: AsyncSession, owner: Owner, job_id: UUID) -> ReportOut:
    """One report of the unit or person. Raises ReportNotFound."""
    job = await repository.of_owner(tx, owner, job_id)
    if job is None:
        raise ReportNotFound
    return _out(tx, job, await documents.of_job(tx, job.id))


async def open_file(tx: AsyncSession, owner: Owner, job_id: UUID) -> tuple[Document, bytes]:
    """The PDF of a report; that it was opened is audited, since it shows a full ID number.

    Raises:
        ReportNotFound, FileNotReady, FileExpired.
    """
    job = await repository.of_owner(tx, owner, job_id)
    if job is None:
        raise ReportNotFound
    document = await documents.of_job(tx, job_id)
    if document is None:
        raise FileNotReady
    if document.file_removed_at is not None or document.file_expires_at <= clock_of(tx).now():
        raise FileExpired
    try:
        content = await resources_of(tx).store.get(document.sha256)
    except (ObjectMissing, ObjectDamaged) as error:
        log.error("file_lost", document_id=str(document.id), fault=type(error).__name__)
        raise FileLost from error
    await audit.record(tx, owner, "document.opened", str(document.id), chain=chain_of(owner))
    return document, content


async def _outs(tx: AsyncSession, rows: Sequence[JobRow]) -> list[ReportOut]:
    made = await documents.of_jobs(tx, [row.id for row in rows])
    return [_out(tx, row, made.get(row.id)) for row in rows]


def _out(tx: AsyncSession, job: JobRow, document: Document | None) -> ReportOut:
    asked = ReportForm.model_validate({name: job.payload[name] for name in ReportForm.model_fields})
    return ReportOut.model_validate(
        {
            "id": job.id,
            "kind": asked.kind,
            "title": document.label if document else KIND_TITLES[asked.kind],
            "status": job.status,
            "progress": job.progress,
            "total": job.total,
            "from_month": asked.from_month,
            "to_month": asked.to_month,
            "created_at": job.created_at,
            "expires_at": rules.expires_at(job.created_at, settings_of(tx).report_days),
            "error_code": job.error_code,
            "error": job.error_detail,
            "verification_code": in_groups(document.code) if document else None,
            "file_url": f"{path_of(job.id, job.employer_no)}/file" if document else None,
        }
    )
