"""Report use cases of a clerk, and of an insured person for themselves. None of them commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.reporting import OwnReportRequested, ReportRequested
from contracts.values.month import Month
from reporting.documents import repository as documents
from reporting.files import repository as files
from reporting.files.models import ReportFile
from reporting.reports import repository, rules
from reporting.reports.kinds import KINDS, priority
from reporting.reports.owners import Owner, chain_of, path_of, unit_of
from reporting.reports.payload import facts_of, form_of, payload_of
from reporting.reports.schemas import AskedForm, OwnReportForm, ReportForm, ReportOut
from reporting.resources import resources_of, settings_of
from reporting.verification.codes import in_groups
from servicekit import audit, jobs, outbox
from servicekit.auth import Clerk, InsuredPerson, PermissionMissing, check_stepped_up
from servicekit.db.tx import clock_of, vault_of
from servicekit.jobs import JobRow
from servicekit.refusals import Gone, NotFound, Refusal, Unavailable
from servicekit.store import ObjectDamaged, ObjectMissing
from servicekit.store.s3 import ObjectStoreAway

log = structlog.get_logger(__name__)
_STEPS = 4


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


class AlreadyFinished(Refusal):
    """What is finished can't be cancelled."""

    code = "report_finished"
    title = "报表已处理完毕"
    detail = "该报表已处理完毕，无法取消；不再需要时可以删除。"


class StillRunning(Refusal):
    """What is being made can't be deleted."""

    code = "report_running"
    title = "报表正在生成"
    detail = "该报表正在排队或生成，请先取消，再删除。"


async def request_report(
    tx: AsyncSession, owner: Owner, form: AskedForm, *, current: Month, now: datetime
) -> ReportOut:
    """Accepts a report; a worker makes it. Whether the person is one of the unit's shows when it is made.

    Raises:
        InvalidFields: months that can't be, or fields that its kind doesn't have.
        StepUpRequired, StepUpImpossible: it is to show identity numbers in full.
    """
    kind = KINDS[form.kind]
    given = {name for name in form.model_fields_set if getattr(form, name) not in (None, False)} - {"kind"}
    rules.check_fields(form.kind, given, months=kind.months)
    if form.from_month is not None and form.to_month is not None:
        rules.check_range(form.from_month, form.to_month, current=current)
    if form.full_numbers:
        check_stepped_up(owner, now=now)
    job = await jobs.enqueue(
        tx,
        kind=kind.job,
        payload=payload_of(form, vault_of(tx)),
        employer_no=unit_of(owner),
        requested_by=owner.account_id,
        priority=priority(await repository.waiting_of(tx, owner, kind.job)),
        total=_total_of(form),
    )
    await audit.record(tx, owner, "report.requested", str(job.id), chain=chain_of(owner), facts=facts_of(form))
    if isinstance(owner, Clerk):
        await outbox.add(tx, ReportRequested(job_id=job.id, employer_no=owner.employer_no))
    else:
        await outbox.add(tx, OwnReportRequested(job_id=job.id, requested_by=owner.account_id))
    return _out(tx, job, None, None)


async def request_own(
    tx: AsyncSession, me: InsuredPerson, form: OwnReportForm, *, current: Month, now: datetime
) -> ReportOut:
    """Accepts a report about the asker; a worker makes it."""
    whole = ReportForm(
        kind="insurance_certificate", person_id=me.person_id, from_month=form.from_month, to_month=form.to_month
    )
    return await request_report(tx, me, whole, current=current, now=now)


def _total_of(form: AskedForm) -> int | None:
    """Steps of its progress; None where only its rows will tell."""
    if form.kind in ("insurance_certificate", "employer_certificate"):
        return _STEPS
    people = getattr(form, "person_ids", None)
    return None if people is None else len(people)


async def list_reports(tx: AsyncSession, owner: Owner, *, offset: int, limit: int) -> tuple[list[ReportOut], int]:
    """The report centre of the unit, newest first, as far as the asker's permissions reach; or the person's own."""
    kinds = [name for name, kind in KINDS.items() if not isinstance(owner, Clerk) or owner.may(kind.permission)]
    rows, total = await repository.page_of_owner(tx, owner, kinds, offset=offset, limit=limit)
    return await _outs(tx, rows), total


async def find_report(tx: AsyncSession, owner: Owner, job_id: UUID) -> ReportOut:
    """One report of the unit. Raises ReportNotFound, PermissionMissing."""
    return (await _outs(tx, [await _found(tx, owner, job_id)]))[0]


async def open_file(tx: AsyncSession, owner: Owner, job_id: UUID) -> tuple[ReportFile, bytes]:
    """The file of a report; that it was opened is audited, since it shows personal data.

    Raises:
        ReportNotFound, PermissionMissing, FileNotReady, FileExpired, FileLost.
        StepUpRequired, StepUpImpossible: it shows full numbers that somebody else asked for.
    """
    job = await _found(tx, owner, job_id)
    file = await files.of_job(tx, job.id)
    if file is None:
        raise FileNotReady
    if file.removed_at is not None or file.expires_at <= clock_of(tx).now():
        raise FileExpired
    if file.full_numbers and job.requested_by != owner.account_id:
        check_stepped_up(owner, now=clock_of(tx).now())
    try:
        content = await resources_of(tx).store.get(file.sha256)
    except (ObjectMissing, ObjectDamaged) as error:
        log.error("file_lost", report_id=str(job.id), fault=type(error).__name__)
        raise FileLost from error
    except (OSError, ObjectStoreAway) as error:
        log.error("store_away", reason=type(error).__name__)
        raise Unavailable("文件存储暂时不可用，请稍后再试。") from error
    facts = {"kind": job.payload["kind"], "full_numbers": file.full_numbers}
    await audit.record(tx, owner, "report.opened", str(job.id), chain=chain_of(owner), facts=facts)
    return file, content


async def cancel_report(tx: AsyncSession, owner: Owner, job_id: UUID) -> ReportOut:
    """Cancels a report that isn't finished; a worker that is at it stops.

    Raises:
        ReportNotFound, PermissionMissing, AlreadyFinished.
    """
    job = await _found(tx, owner, job_id)
    if not await jobs.cancel(tx, job.id):
        raise AlreadyFinished
    await audit.record(tx, owner, "report.cancelled", str(job.id), chain=chain_of(owner))
    return await find_report(tx, owner, job_id)


async def repeat_report(tx: AsyncSession, owner: Owner, job_id: UUID, *, current: Month, now: datetime) -> ReportOut:
    """Asks for the same again, with the facts of now and under the asker's own authority.

    Raises:
        ReportNotFound, PermissionMissing, and what `request_report` raises.
    """
    job = await _found(tx, owner, job_id)
    return await request_report(tx, owner, form_of(job.payload, vault_of(tx)), current=current, now=now)


async def delete_report(tx: AsyncSession, owner: Owner, job_id: UUID) -> None:
    """Takes a finished report out of the report centre; its file goes with the next clean-up. What it issued stays
    verifiable.

    Raises:
        ReportNotFound, PermissionMissing, StillRunning.
    """
    job = await _found(tx, owner, job_id, lock=True)
    if not job.finished:
        raise StillRunning
    await files.end(tx, job.id, clock_of(tx).now())
    await repository.forget(tx, job.id)
    await audit.record(tx, owner, "report.deleted", str(job_id), chain=chain_of(owner))


async def _found(tx: AsyncSession, owner: Owner, job_id: UUID, *, lock: bool = False) -> JobRow:
    job = await repository.of_owner(tx, owner, job_id, lock=lock)
    if job is None:
        raise ReportNotFound
    permission = KINDS[job.payload["kind"]].permission
    if isinstance(owner, Clerk) and not owner.may(permission):
        raise PermissionMissing(permission)
    return job


async def _outs(tx: AsyncSession, rows: Sequence[JobRow]) -> list[ReportOut]:
    ids = [row.id for row in rows]
    made = await files.of_jobs(tx, ids)
    codes = await documents.only_codes(tx, ids)
    return [_out(tx, row, made.get(row.id), codes.get(row.id)) for row in rows]


def _out(tx: AsyncSession, job: JobRow, file: ReportFile | None, code: str | None) -> ReportOut:
    return ReportOut.model_validate(
        {
            "id": job.id,
            "kind": job.payload["kind"],
            "title": file.label if file else KINDS[job.payload["kind"]].title,
            "status": job.status,
            "progress": job.progress,
            "total": job.total,
            "from_month": job.payload["from_month"],
            "to_month": job.payload["to_month"],
            "full_numbers": job.payload.get("full_numbers", False),
            "created_at": job.created_at,
            "expires_at": rules.expires_at(job.created_at, settings_of(tx).report_days),
            "error_code": job.error_code,
            "error": job.error_detail,
            "verification_code": in_groups(code) if code else None,
            "file_url": f"{path_of(job.id, job.employer_no)}/file" if file else None,
            "file_type": file.type if file else None,
            "file_size": file.size if file else None,
        }
    )
