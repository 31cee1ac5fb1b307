"""How a worker makes a report: authority, facts, PDF, file; and what becomes true in the finishing transaction.

Everything up to the end may happen twice, when a worker dies or is taken for dead; the finishing transaction is fenced
by the job's lease and by one document per job. A file whose document never came to be is swept up a day later.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import structlog
from prometheus_client import Histogram
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.reporting import ReportFailed, ReportFinished
from reporting.documents import repository as documents
from reporting.documents.insurance_certificate import content
from reporting.documents.insurance_certificate.content import Contribution, Coverage, Facts, Issue
from reporting.documents.models import Document
from reporting.rendering.pool import RenderingFailed, RenderingInterrupted, RenderingUnavailable
from reporting.reports import repository, rules
from reporting.reports.schemas import KIND_TITLES, ReportForm
from reporting.resources import resources_in, settings_of
from reporting.settings import ReportingSettings
from reporting.sources import AuthorityGone, PersonUnknown, SourceFaulty, SourceUnavailable
from reporting.sources.client import ContributionFacts, CoverageFacts
from reporting.verification.codes import new_code
from servicekit import audit, outbox
from servicekit.clock import BUSINESS_ZONE
from servicekit.db.tx import Scope, begin
from servicekit.jobs import JobFailed, JobHandler, JobRow, JobRun, Postponed
from servicekit.runtime import Runtime
from servicekit.tracing import continue_trace

log = structlog.get_logger(__name__)

RENDER_SECONDS = Histogram(
    "hall_document_render_seconds",
    "Time of setting one document in a rendering process",
    ("kind", "faces"),
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 20, 60),
)
_ATTEMPTS = 4
_RECEIVED = "1"

_REASONS = {
    "authority_gone": "您已没有为该单位打印报表的权限，本报表未生成。如有疑问请联系单位法人。",
    "own_authority_gone": "您的账号已注销，或尚未核对到您的参保登记，证明未生成。请在个人首页查看原因。",
    "own_record_gone": "未找到您的参保登记，无法出具参保证明。请联系经办机构核实。",
    "person_not_found": "该人员不在本单位的参保人员名单中，无法出具参保证明。",
    "source_unavailable": "数据来源长时间不可用，报表未生成，请稍后重新生成。",
    "source_faulty": "读取参保或缴费数据时出错，报表未生成，请稍后重新生成；如仍失败请联系经办机构。",
    "rendering_unavailable": "服务器缺少生成 PDF 所需的系统组件，请联系系统管理员。",
    "rendering_interrupted": "报表内容过大或过于复杂，未能生成，请缩小打印范围后重试。",
    "rendering_failed": "报表内容无法排版，未能生成，请联系经办机构处理。",
}

_WAITING = "数据来源暂时不可用，恢复后自动继续。"


async def make_report(run: JobRun) -> Mapping[str, Any]:
    """Makes one report. The result is what `finish` needs; it holds no full personal data.

    Raises:
        JobFailed: it can't be made; the reason is for the clerk.
        Postponed: a service it reads from is away.
    """
    form = ReportForm.model_validate({name: run.payload[name] for name in ReportForm.model_fields})
    with continue_trace(run.payload.get("traceparent"), "make report"):
        try:
            return await _make(run, form)
        except AuthorityGone:
            raise _failed("authority_gone" if run.employer_no else "own_authority_gone") from None
        except PersonUnknown:
            raise _failed("person_not_found" if run.employer_no else "own_record_gone") from None
        except RenderingUnavailable as error:
            log.error("rendering_unavailable", detail=error.detail)
            raise _failed("rendering_unavailable") from None
        except RenderingFailed as error:
            raise _not_printable(error) from None
        except SourceUnavailable as error:
            log.warning("source_unavailable", reason=str(error))
            raise Postponed("source_unavailable", _WAITING, given_up=_REASONS["source_unavailable"]) from None
        except SourceFaulty as error:
            log.warning("source_faulty", reason=str(error), attempt=run.attempt)
            if _is_last(run):
                raise _failed("source_faulty") from None
            raise
        except RenderingInterrupted:
            if _is_last(run):
                raise _failed("rendering_interrupted") from None
            raise


async def _make(run: JobRun, form: ReportForm) -> Mapping[str, Any]:
    resources = resources_in(run.runtime)
    settings = cast("ReportingSettings", run.runtime.settings)
    facts = await _gather(run, form)
    await run.progress(2)
    issued_at = run.runtime.clock.now()
    issued_on = run.runtime.clock.today()
    async with begin(run.runtime, scope=Scope.system()) as tx:
        number = rules.document_number(issued_on, await documents.next_number(tx))
    code = new_code()
    issue = Issue(
        number=number,
        code=code,
        verify_url=settings.verify_url(code),
        agency=settings.agency_name,
        issued_on=issued_on,
        valid_until=rules.valid_until(issued_on),
    )
    rendered = await resources.renderers.render(form.kind, content.compose(facts, issue))
    RENDER_SECONDS.labels(form.kind, rendered.faces).observe(rendered.milliseconds / 1000)
    log.info("document_rendered", milliseconds=rendered.milliseconds, pages=rendered.pages, faces=rendered.faces)
    await run.progress(3)
    digest = await resources.store.put(rendered.pdf)
    return {
        "number": number,
        "code": code,
        "title": content.TITLE,
        "label": f"{KIND_TITLES[form.kind]}（{facts.name}，{form.from_month.compact()}-{form.to_month.compact()}）",
        "facts": content.verified_facts(facts),
        "issued_at": issued_at.isoformat(),
        "valid_until": issue.valid_until.isoformat(),
        "sha256": digest,
        "size": len(rendered.pdf),
        "pages": rendered.pages,
        "render_ms": rendered.milliseconds,
    }


async def _gather(run: JobRun, form: ReportForm) -> Facts:
    if run.requested_by is None:
        raise AuthorityGone
    if run.employer_no is None:
        return await _gather_own(run, run.requested_by, form)
    sources = resources_in(run.runtime).sources
    as_of = _as_of(run.runtime)
    token = await sources.delegate(run.requested_by, run.employer_no)
    person = await sources.certificate_facts(token, form.person_id)
    if person.employer_no != run.employer_no:  # enrollment would be wrong; the document must not be
        raise PersonUnknown
    await run.progress(1)
    rows = [row async for row in sources.contributions(token, form.person_id, form.from_month, form.to_month)]
    rows.sort(key=lambda row: (row.month, row.insurance))
    return Facts(
        name=person.name,
        id_type=person.id_type,
        id_number=person.id_number,
        employer_no=person.employer_no,
        employer_name=person.employer_name,
        coverages=_coverages(person.coverages),
        contributions=_contributions(rows),
        from_month=form.from_month,
        to_month=form.to_month,
        as_of=as_of,
    )


async def _gather_own(run: JobRun, account_id: UUID, form: ReportForm) -> Facts:
    """The same for an insured person who asks about themselves: what every unit pays for them."""
    sources = resources_in(run.runtime).sources
    as_of = _as_of(run.runtime)
    token = await sources.delegate(account_id, None)
    person = await sources.own_certificate_facts(token)
    if person.person_id != form.person_id:  # the account is recognised as somebody else by now
        raise PersonUnknown
    await run.progress(1)
    rows = sorted(
        await sources.own_contributions(token, form.from_month, form.to_month),
        key=lambda row: (row.month, row.insurance, row.employer_no),
    )
    # Whoever pays in the range, and without anybody who does the newest unit.
    paying = {row.employer_no for row in rows}
    employers = [unit for unit in person.employers if unit.employer_no in paying] or person.employers[:1]
    return Facts(
        name=person.name,
        id_type=person.id_type,
        id_number=person.id_number,
        employer_no="、".join(unit.employer_no for unit in employers) or "—",
        employer_name="、".join(unit.name for unit in employers) or "无参保单位",
        coverages=_coverages(person.coverages),
        contributions=_contributions(rows),
        from_month=form.from_month,
        to_month=form.to_month,
        as_of=as_of,
    )


def _as_of(runtime: Runtime) -> datetime:
    # The business date may be held still (demonstrations); the document must not show two days.
    return datetime.combine(runtime.clock.today(), runtime.clock.now().astimezone(BUSINESS_ZONE).time())


def _coverages(coverages: Sequence[CoverageFacts]) -> list[Coverage]:
    return [
        Coverage(coverage.insurance_name, coverage.first_month, coverage.status_name)
        for coverage in sorted(coverages, key=lambda coverage: coverage.insurance)
    ]


def _contributions(rows: Sequence[ContributionFacts]) -> list[Contribution]:
    return [
        Contribution(
            row.month,
            row.insurance_name,
            row.base,
            row.employer_amount,
            row.own_amount,
            row.status_name,
            received=row.status == _RECEIVED,
        )
        for row in rows
    ]


def _is_last(run: JobRun) -> bool:
    """Whether the runner gives up after another error. Attempts that ended with their worker don't count."""
    return run.failures + 1 >= _ATTEMPTS


def _failed(code: str) -> JobFailed:
    return JobFailed(code, _REASONS[code])


def _not_printable(error: RenderingFailed) -> JobFailed:
    if error.code == "missing_shapes":
        shown = "、".join(error.detail[:10])
        return JobFailed("missing_shapes", f"以下字符不在字库中，无法打印：{shown}。请联系经办机构处理。")
    log.error("rendering_failed", reason=error.detail)
    return _failed("rendering_failed")


async def finish(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    """In the transaction that marks the job done: the document, the audit row, the news."""
    document = Document(
        employer_no=job.employer_no,
        job_id=job.id,
        kind=job.payload["kind"],
        title=result["title"],
        label=result["label"],
        number=result["number"],
        code=result["code"],
        facts=result["facts"],
        issued_at=datetime.fromisoformat(result["issued_at"]),
        valid_until=datetime.fromisoformat(result["valid_until"]).date(),
        requested_by=job.requested_by,
        sha256=result["sha256"],
        size=result["size"],
        file_expires_at=rules.expires_at(job.created_at, settings_of(tx).report_days),
    )
    tx.add(document)
    await tx.flush()
    # What the document says is in the document; the job keeps only what making it took.
    job.result = {name: result[name] for name in ("number", "pages", "render_ms", "size")}
    facts = {"number": document.number, "sha256": document.sha256, "requested_by": str(job.requested_by)}
    requested_by = cast("UUID", job.requested_by)
    chain = job.employer_no or f"account:{requested_by}"
    await audit.record(tx, None, "document.issued", str(document.id), chain=chain, facts=facts)
    if job.employer_no is not None:
        await outbox.add(tx, ReportFinished(job_id=job.id, employer_no=job.employer_no, requested_by=requested_by))


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
            ),
        )


HANDLER = JobHandler(
    kind=repository.JOB_KIND,
    run=make_report,
    # While one document is being set, the facts of the next are read.
    concurrency=2,
    max_attempts=_ATTEMPTS,
    retry_seconds=2.0,
    finish=finish,
    fail=fail,
    failure_detail="报表生成失败，请稍后重新生成；如仍失败请联系经办机构。",
)


async def keep_warm(runtime: Runtime) -> None:
    """Beside a worker for as long as it lives: rendering processes are ready before anybody asks for a report."""
    await resources_in(runtime).renderers.keep_warm()
