"""Idempotency-Key: the answer is stored with the effect, in one transaction, so a repeated POST creates nothing twice.

    @router.post("", status_code=201)
    async def submit_addition(form: AdditionForm, clerk: DeclaringClerk, tx: Tx, once: Once) -> ApplicationOut:
        return await once(form, ApplicationOut, lambda: submit(tx, clerk, form))

A key belongs to an account, its unit and the route. An advisory lock of the transaction says that a request with this
key is still running; it vanishes with its transaction, however that ends. Refusals are not stored: nothing happened,
and trying again may go well. An answer that was stored before its model changed is given as it was stored.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import orjson
import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit.auth.deps import AnyToken
from servicekit.auth.principals import Clerk
from servicekit.db.base import KIT_METADATA
from servicekit.db.purge import purge
from servicekit.db.tx import PublicTx, Tx, clock_of, vault_of
from servicekit.personal import REVEAL
from servicekit.refusals import ConditionRequired, FieldFault, InvalidFields, Refusal

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

KEPT_FOR = timedelta(hours=48)
REPLAYED_HEADER = "Idempotency-Replayed"
_FORM = re.compile(r"[\x21-\x7e]{8,200}")

IDEMPOTENCY = sa.Table(
    "idempotency",
    KIT_METADATA,
    sa.Column("scope", sa.LargeBinary, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("answer", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_idempotency_created_at", "created_at"),
)

Answer = TypeVar("Answer", bound=BaseModel)


class KeyRequired(ConditionRequired):
    """A POST that creates came without a key."""

    code = "idempotency_key_required"
    title = "缺少防重复标识"
    detail = "请求缺少 Idempotency-Key，请刷新页面后重试。"


class KeyReused(InvalidFields):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    title = "防重复标识已被使用"
    detail = "该 Idempotency-Key 已用于另一个内容不同的请求，请更换后重试。"

    def __init__(self) -> None:
        super().__init__(())


class RequestInProgress(Refusal):
    """The first request with this key hasn't ended."""

    code = "request_in_progress"
    title = "正在处理中"
    detail = "相同的请求正在处理中，请稍候片刻再试。"
    retry_after = 1


class AnsweredBefore(Exception):
    """The stored answer is of an older form than the route answers with today: it is sent as it was."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer


async def answer_as_before(request: Request, stored: Exception) -> Response:
    """The stored answer, with the status that its route gives."""
    assert isinstance(stored, AnsweredBefore)  # noqa: S101 - registered for this class
    route = request.scope.get("route")
    status = getattr(route, "status_code", None) or 200
    return JSONResponse(stored.answer, status_code=status, headers={REPLAYED_HEADER: "true"})


class OnceCall:
    """Does something once per key. Made by the dependencies below."""

    def __init__(self, tx: AsyncSession, response: Response, key: str, owner: str, request_line: str) -> None:
        self._tx = tx
        self._response = response
        self._scope = hashlib.sha256("\0".join((owner, key)).encode()).digest()
        self._request_line = request_line

    async def __call__(
        self, form: BaseModel | None, answer: type[Answer], act: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """What `act` answers, or what it answered when this key first came. The answer is stored as JSON.

        Raises:
            RequestInProgress: another request with this key is still running.
            KeyReused: the key belongs to a request with another body or path.
            AnsweredBefore: the answer that was stored no longer fits its model; the edge sends it.
        """
        lock = int.from_bytes(self._scope[:8], "big", signed=True)
        if not await self._tx.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(lock))):
            raise RequestInProgress
        digest = self._digest(form)
        now = clock_of(self._tx).now()
        query = sa.select(IDEMPOTENCY.c.digest, IDEMPOTENCY.c.answer, IDEMPOTENCY.c.created_at)
        stored = (await self._tx.execute(query.where(IDEMPOTENCY.c.scope == self._scope))).one_or_none()
        if stored is not None and now - stored.created_at < KEPT_FOR:
            if bytes(stored.digest) != digest:
                raise KeyReused
            self._response.headers[REPLAYED_HEADER] = "true"
            try:
                return answer.model_validate(stored.answer)
            except ValidationError as older:
                raise AnsweredBefore(stored.answer) from older
        result = await act()
        if stored is not None:  # over, but not purged yet
            await self._tx.execute(sa.delete(IDEMPOTENCY).where(IDEMPOTENCY.c.scope == self._scope))
        row = {"scope": self._scope, "digest": digest, "answer": result.model_dump(mode="json"), "created_at": now}
        await self._tx.execute(sa.insert(IDEMPOTENCY).values(row))
        return result

    def _digest(self, form: BaseModel | None) -> bytes:
        body = None if form is None else orjson.loads(form.model_dump_json(context=dict(REVEAL)))
        content = orjson.dumps([self._request_line, body], option=orjson.OPT_SORT_KEYS)
        return vault_of(self._tx).fingerprint("idempotency", content)


def _checked(key: str | None) -> str:
    if key is None:
        raise KeyRequired
    if _FORM.fullmatch(key) is None:
        message = "Idempotency-Key 应为 8 至 200 个可见的英文字符，建议使用 UUID。"
        raise InvalidFields([FieldFault("", "idempotency_key_malformed", message)], message)
    return key


_Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="防重复标识，建议使用 UUID；相同标识的重复提交返回第一次的结果"),
]


def _route_of(request: Request) -> str:
    endpoint = request.scope["endpoint"]
    return f"{request.method} {endpoint.__module__}.{endpoint.__qualname__}"


def _line_of(request: Request) -> str:
    return f"{request.method} {request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"


async def _once(
    request: Request,
    response: Response,
    principal: AnyToken,
    tx: Tx,
    key: _Key = None,
) -> OnceCall:
    unit = principal.employer_no if isinstance(principal, Clerk) else ""
    owner = f"{principal.account_id}\0{unit}\0{_route_of(request)}"
    return OnceCall(tx, response, _checked(key), owner, _line_of(request))


async def _public_once(request: Request, response: Response, tx: PublicTx, key: _Key = None) -> OnceCall:
    return OnceCall(tx, response, _checked(key), f"public\0{_route_of(request)}", _line_of(request))


Once = Annotated[OnceCall, Depends(_once, scope="function")]
"""For routes with a principal, beside `tx: Tx`."""
PublicOnce = Annotated[OnceCall, Depends(_public_once, scope="function")]
"""For public routes, beside `tx: PublicTx`. The key is the only secret here, so pages make it of random bits."""


async def clean(runtime: "Runtime") -> int:
    """Forgets answers older than 48 hours; returns how many. A periodic duty of the worker."""
    return await purge(runtime, IDEMPOTENCY.c.created_at, runtime.clock.now() - KEPT_FOR)
