"""Looking into a service's audit log (审计查询): by who, what, when and business number; recomputing a chain.

Every service mounts the same two routes over its own log; the page of the agency's operators merges them. Looking is
audited itself. Entries hold ids, codes and masked values only (`servicekit.audit`).
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit import audit
from servicekit.audit import AUDIT_CHAIN, AUDIT_LOG
from servicekit.auth.deps import OperatingStaff
from servicekit.db.tx import Tx
from servicekit.db.types import utc_now
from servicekit.forms import Form
from servicekit.refusals import FieldFault, InvalidFields, NotFound, Refusal

LONGEST_SPAN = timedelta(days=93)
_USUAL_SPAN = timedelta(days=7)
MOST_ROWS_VERIFIED = 200_000
_CURSOR = re.compile(r"([0-9TZ:.+-]{20,40})~([0-9a-f-]{36})")
_AGENCY = "agency"

router = APIRouter(prefix="/audit", tags=["审计查询"])


class ChainTooLong(Refusal):
    """Recomputing it takes longer than a request may."""

    code = "chain_too_long"
    title = "记录过多"
    detail = f"该链超过{MOST_ROWS_VERIFIED}条记录，请由系统管理员用 audit verify 命令校验。"


class ChainUnknown(NotFound):
    """Nothing was ever recorded under this name."""

    code = "chain_unknown"
    title = "没有记录"
    detail = "没有这样的审计链，请核对单位编号。"


Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class AuditSearch(Form):
    """What is looked for. All conditions hold together."""

    since: AwareDatetime | None = Field(None, title="起始时间", description="缺省为截止时间前7天")
    until: AwareDatetime | None = Field(None, title="截止时间", description="缺省为现在")
    actor_id: UUID | None = Field(None, title="操作人")
    action: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)?$", max_length=60)] | None = Field(
        None, title="操作", description="如 application.approved；只写前一段为该类全部操作"
    )
    subject: Word | None = Field(None, title="业务编号", description="申报流水号、单位编号、人员或批次标识")
    chain: Word | None = Field(None, title="单位", description="单位编号；agency 为经办机构自身业务")
    after: Annotated[str, StringConstraints(max_length=80)] | None = Field(None, description="上一页的 next")
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class AuditEntryOut(BaseModel):
    """One entry."""

    id: UUID
    at: datetime
    chain: str
    position: int
    actor_id: UUID | None
    actor_kind: str
    via: str
    action: str
    subject: str
    facts: dict[str, Any]
    trace_id: str | None


class AuditPage(BaseModel):
    """Entries, newest first, and where the next page begins."""

    items: list[AuditEntryOut]
    next: str | None


class VerificationForm(Form):
    """Which chain to recompute."""

    chain: Word = Field(title="审计链", description="单位编号、agency，或 account:<账号标识>")


class VerificationOut(BaseModel):
    """What recomputing a chain found."""

    chain: str
    length: int
    intact: bool
    position: int | None = Field(description="第一条不对的记录；空：整条链的问题，或没有问题")
    reason: str | None
    head: str = Field(description="末条记录的哈希，可另行留存备查")


@router.post("/searches", summary="审计查询")
async def search_audit(form: AuditSearch, operator: OperatingStaff, tx: Tx) -> AuditPage:
    """Entries of this service's log, newest first."""
    span = _span(form, utc_now())  # entries carry technical time, whatever the business clock says
    if form.after is None:
        facts = form.model_dump(include={"actor_id", "action", "subject", "chain"}, exclude_none=True)
        facts |= {"since": span[0], "until": span[1]}
        await audit.record(tx, operator, "audit.searched", form.chain or _AGENCY, chain=_AGENCY, facts=facts)
    rows: Sequence[Any] = await _find(tx, form, span)
    following = f"{rows[-1].at.isoformat()}~{rows[-1].id}" if len(rows) == form.limit else None
    return AuditPage(items=[AuditEntryOut.model_validate(row._asdict()) for row in rows], next=following)


@router.post("/verifications", summary="校验审计链")
async def verify_chain(form: VerificationForm, operator: OperatingStaff, tx: Tx) -> VerificationOut:
    """Recomputes a chain of this service's log from its first entry.

    Raises:
        ChainUnknown, ChainTooLong.
    """
    length, head = await _head(tx, form.chain)
    fault = await audit.verify(tx, form.chain)
    facts = {"length": length, "intact": fault is None}
    await audit.record(tx, operator, "audit.verified", form.chain, chain=_AGENCY, facts=facts)
    return VerificationOut(
        chain=form.chain,
        length=length,
        intact=fault is None,
        position=fault.position if fault else None,
        reason=_IN_CHINESE.get(fault.reason, fault.reason) if fault else None,
        head=head,
    )


_IN_CHINESE = {
    "a row is missing or doubled": "有记录缺失或重复",
    "the row is not as it was written": "记录内容与写入时不一致",
    "the chain's end is not noted": "链尾没有登记",
    "rows are missing at the end": "末尾的记录缺失",
}


def _span(form: AuditSearch, now: datetime) -> tuple[datetime, datetime]:
    until = form.until or now
    since = form.since or until - _USUAL_SPAN
    if until < since:
        raise InvalidFields([FieldFault("/until", "times_reversed", "截止时间不能早于起始时间")])
    if until - since > LONGEST_SPAN:
        words = f"一次最多查询{LONGEST_SPAN.days}天"
        raise InvalidFields([FieldFault("/since", "span_too_long", words)])
    return since, until


async def _find(tx: AsyncSession, form: AuditSearch, span: tuple[datetime, datetime]) -> Sequence[Any]:
    log = AUDIT_LOG.c
    query = sa.select(
        log.id, log.at, log.chain, log.position, log.actor_id, log.actor_kind, log.via, log.action, log.subject,
        log.facts, log.trace_id,
    ).where(log.at >= span[0], log.at <= span[1])  # fmt: skip
    if form.actor_id is not None:
        query = query.where(log.actor_id == form.actor_id)
    if form.action is not None:
        exact = "." in form.action
        query = query.where(log.action == form.action if exact else log.action.startswith(f"{form.action}."))
    if form.subject is not None:
        query = query.where(log.subject == form.subject)
    if form.chain is not None:
        query = query.where(log.chain == form.chain)
    if form.after is not None:
        at, id_ = _read_cursor(form.after)
        query = query.where(log.at <= at, sa.tuple_(log.at, log.id) < sa.tuple_(sa.literal(at), sa.literal(id_)))
    return (await tx.execute(query.order_by(log.at.desc(), log.id.desc()).limit(form.limit))).all()


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    match = _CURSOR.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        at = datetime.fromisoformat(match[1])
        if at.tzinfo is None:
            raise ValueError(text)
        return at, UUID(match[2])
    except ValueError as fault:
        raise InvalidFields([FieldFault("/after", "cursor_unreadable", "分页标识无法识别")]) from fault


async def _head(tx: AsyncSession, chain: str) -> tuple[int, str]:
    known = (await tx.execute(sa.select(AUDIT_CHAIN).where(AUDIT_CHAIN.c.chain == chain))).one_or_none()
    if known is None:
        raise ChainUnknown
    if known.length > MOST_ROWS_VERIFIED:
        raise ChainTooLong
    return known.length, bytes(known.head).hex()
