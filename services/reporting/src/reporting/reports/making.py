"""How a worker makes a report: authority, facts, file; and what becomes true in the finishing transaction.

Everything up to the end may happen twice, when a worker dies or is taken for dead; the finishing transaction is fenced
by the job's lease and by one file per job. A file whose row never came to be is swept up a day later.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import structlog
from prometheus_client import Histogram
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.reporting import ReportFailed, ReportFinished
from reporting.documents.models import Document
from reporting.files.models import ReportFile
from reporting.rendering.pool import RenderingFailed, RenderingInterrupted, RenderingUnavailable
from reporting.reports import rules
from reporting.reports.kinds import KINDS, LONG_JOB, QUICK_JOB
from reporting.reports.makers import MAKERS
from reporting.reports.tasks import Task
from reporting.resources import resources_in, settings_of
from reporting.sources import AuthorityGone, PeopleUnknown, PersonUnknown, SourceFaulty, SourceUnavailable
from servicekit import audit, outbox
from servicekit.db.types import utc_now
from servicekit.jobs import JobFailed, JobHandler, JobRow, JobRun, Postponed
from servicekit.personal import SealBroken
from servicekit.runtime import Runtime
from servicekit.store.s3 import ObjectStoreAway
from servicekit.tracing import continue_trace

log = structlog.get_logger(__name__)

RENDER_SECONDS = Histogram(
    "hall_document_render_seconds",
    "Time of making one file in the processes that make them",
    ("kind",),
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 20, 60),
)
_ATTEMPTS = 4
_MOST_NAMED = 20

_REASONS = {
    "authority_gone": "您已没有为该单位打印报表的权限，本报表未生成。如有疑问请联系单位法人。",
    "query_authority_gone": "您已没有为该单位查询数据的权限，本次导出未完成。如有疑问请联系单位法人。",
    "own_authority_gone": "您的账号已注销，或尚未核对到您的参保登记，证明未生成。请在个人首页查看原因。",
    "own_record_gone": "未找到您的参保登记，无法出具参保证明。请联系经办机构核实。",
    "person_not_found": "所选人员不在本单位的参保人员名单中，无法出具报表。",
    "source_unavailable": "数据来源长时间不可用，报表未生成，请稍后重新生成。",
    "store_unavailable": "文件存储长时间不可用，报表未生成，请稍后重新生成。",
    "source_faulty": "读取参保或缴费数据时出错，报表未生成，请稍后重新生成；如仍失败请联系经办机构。",
    "rendering_unavailable": "服务器缺少生成 PDF 所需的系统组件，请联系系统管理员。",
    "rendering_interrupted": "报表内容过大或过于复杂，未能生成，请缩小打印范围后重试。",
    "rendering_failed": "报表内容无法排版，未能生成，请联系经办机构处理。",
    "request_unreadable": "原申请已无法读取，请回到相应页面重新申请。",
}

_STORE_WAITING = "文件存储暂时不可用，恢复后自动继续。"
_WAITING = "数据来源暂时不可用，恢复后自动继续。"


async def make_report(run: JobRun) -> Mapping[str, Any]:
    """Makes one report. The result is what `finish` needs; it holds no full personal data.

    Raises:
        JobFailed: it can't be made; the reason is for the clerk.
        Postponed: a service it reads from is away.
    """
    with continue_trace(run.payload.get("traceparent"), "make report"):
        try:
            return await _make(run)
        except ExceptionGroup as group:  # of what is done side by side, the first fault tells
            raise _told(run, _first(group)) from None
        except Exception as error:
            raise _told(run, error) from None


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _told(run: JobRun, error: Exception) -> Exception:
    """What the runner is to make of a fault: give up and say why, wait, or try again."""
    if isinstance(error, SourceUnavailable):
        log.warning("source_unavailable", reason=str(error))
        return Postponed("source_unavailable", _WAITING, given_up=_REASONS["source_unavailable"])
    if isinstance(error, RenderingUnavailable):
        log.error("rendering_unavailable", detail=error.detail)
    if isinstance(error, RenderingFailed):
        return _not_printable(error)
    if isinstance(error, PeopleUnknown):
        return JobFailed("person_not_found", _who_is_unknown(error))
    if isinstance(error, SourceFaulty):
        log.warning("source_faulty", reason=str(error), attempt=run.attempt)
    code = _code_of(run, error)
    return error if code is None else _failed(code)


def _code_of(run: JobRun, error: Exception) -> str | None:
    """The reason to give up with; None: another attempt may manage."""
    if isinstance(error, AuthorityGone) and KINDS[run.payload["kind"]].permission == "query":
        return "query_authority_gone"
    if run.employer_no is None and isinstance(error, AuthorityGone | PersonUnknown):
        return "own_authority_gone" if isinstance(error, AuthorityGone) else "own_record_gone"
    reasons = {**_FINAL, **_FINAL_AT_LAST} if _is_last(run) else _FINAL
    return next((code for kind, code in reasons.items() if isinstance(error, kind)), None)


_FINAL: Mapping[type[Exception], str] = {
    AuthorityGone: "authority_gone",
    PersonUnknown: "person_not_found",
    RenderingUnavailable: "rendering_unavailable",
    SealBroken: "request_unreadable",
}
_FINAL_AT_LAST: Mapping[type[Exception], str] = {
    SourceFaulty: "source_faulty",
    RenderingInterrupted: "rendering_interrupted",
}


async def _make(run: JobRun) -> Mapping[str, Any]:
    task = Task.of(run)
    made = await MAKERS[task.form.kind](task)
    if made.milliseconds:
        RENDER_SECONDS.labels(task.form.kind).observe(made.milliseconds / 1000)
    log.info("file_made", milliseconds=made.milliseconds, pages=made.pages, rows=made.rows, size=len(made.content))
    try:
        digest = await resources_in(run.runtime).store.put(made.content)
    except (OSError, ObjectStoreAway) as error:  # full, unmounted, not answering: made again when it is back
        log.warning("store_away", reason=type(error).__name__)
        raise Postponed("store_unavailable", _STORE_WAITING, given_up=_REASONS["store_unavailable"]) from None
    return made.result(task.issued_at, digest)


def _is_last(run: JobRun) -> bool:
    """Whether the runner gives up after another error. Attempts that ended with their worker don't count."""
    return run.failures + 1 >= _ATTEMPTS


def _failed(code: str) -> JobFailed:
    return JobFailed(code, _REASONS[code])


def _who_is_unknown(error: PeopleUnknown) -> str:
    """By their places: nobody is named whose name isn't the unit's to know."""
    shown = "、".join(map(str, error.places[:_MOST_NAMED]))
    rest = f" 等共 {len(error.places)}" if len(error.places) > _MOST_NAMED else ""
    return f"所选 {error.asked} 人中，第 {shown}{rest} 人不在本单位的参保人员名单中，证明没有生成，请去掉后重新申请。"


def _not_printable(error: RenderingFailed) -> JobFailed:
    if error.code == "missing_shapes":
        shown = "、".join(error.detail[:10])
        return JobFailed("missing_shapes", f"以下字符不在字库中，无法打印：{shown}。请联系经办机构处理。")
    log.error("rendering_failed", reason=error.detail)
    return _failed("rendering_failed")


async def finish(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    """In the transaction that marks the job done: the file, its documents, the audit row, the news."""
    requested_by = cast("UUID", job.requested_by)
    tx.add(
        ReportFile(
            job_id=job.id,
            employer_no=job.employer_no,
            requested_by=requested_by,
            label=result["label"],
            type=result["type"],
            sha256=result["sha256"],
            size=result["size"],
            full_numbers=job.payload.get("full_numbers", False),
            expires_at=rules.expires_at(job.created_at, settings_of(tx).report_days),
        )
    )
    for position, document in enumerate(result["documents"]):
        tx.add(
            Document(
                employer_no=job.employer_no,
                job_id=job.id,
                position=position,
                kind=_DOCUMENT_OF.get(job.payload["kind"], job.payload["kind"]),
                title=document["title"],
                number=document["number"],
                code=document["code"],
                facts=document["facts"],
                issued_at=datetime.fromisoformat(result["issued_at"]),
                valid_until=date.fromisoformat(document["valid_until"]),
                requested_by=requested_by,
                sha256=document["sha256"],
            )
        )
    await tx.flush()
    # What the documents say is in the documents; the job keeps only what making them took.
    job.result = {name: result[name] for name in ("pages", "rows", "render_ms", "size")}
    numbers = [document["number"] for document in result["documents"]]
    facts = {
        "kind": job.payload["kind"],
        "numbers": numbers,
        "rows": result["rows"],
        "sha256": result["sha256"],
        "requested_by": str(requested_by),
    }
    action = "document.issued" if numbers else "export.made"
    chain = job.employer_no or f"account:{requested_by}"
    await audit.record(tx, None, action, str(job.id), chain=chain, facts=facts)
    if job.employer_no is not None:
        await outbox.add(
            tx,
            ReportFinished(
                job_id=job.id,
                employer_no=job.employer_no,
                requested_by=requested_by,
                title=KINDS[job.payload["kind"]].title,
                took_seconds=_seconds_of(job),
            ),
        )


# A file of many holds the same documents as many files of one.
_DOCUMENT_OF = {"insurance_certificates": "insurance_certificate"}


async def fail(tx: AsyncSession, job: JobRow) -> None:
    """In the transaction that marks the job failed for good: the news."""
    if job.employer_no is not None and job.requested_by is not None:
        await outbox.add(
            tx,
            ReportFailed(
                job_id=job.id,
                employer_no=job.employer_no,
                requested_by=job.requested_by,
                code=job.error_code or "job_failed",
                title=KINDS[job.payload["kind"]].title,
                took_seconds=_seconds_of(job),
            ),
        )


def _seconds_of(job: JobRow) -> float:
    return (utc_now() - job.created_at).total_seconds()


def _handler(kind: str, concurrency: int) -> JobHandler:
    return JobHandler(
        kind=kind,
        run=make_report,
        concurrency=concurrency,
        max_attempts=_ATTEMPTS,
        retry_seconds=2.0,
        finish=finish,
        fail=fail,
        failure_detail="报表生成失败，请稍后重新生成；如仍失败请联系经办机构。",
    )


# While one document is being set, the facts of the next are read. Long ones have a runner of their own: whatever it is
# at, a certificate is made at once.
HANDLERS = (_handler(QUICK_JOB, 2), _handler(LONG_JOB, 1))


async def keep_warm(runtime: Runtime) -> None:
    """Beside a worker for as long as it lives: what makes documents is ready before anybody asks for a report."""
    await resources_in(runtime).signer.warm_up()
    await resources_in(runtime).renderers.keep_warm()
