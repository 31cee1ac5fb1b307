"""One request = one transaction, committed before the answer; row level security by scope."""

import asyncio
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from servicekit import outbox
from servicekit.auth.principals import Clerk, Operator, PersonPrincipal
from servicekit.auth.principals import Principal as AnyPrincipal
from servicekit.db.taken import unless_taken
from servicekit.db.tx import PublicTx, Scope, Tx, begin
from servicekit.ids import uuid7
from servicekit.runtime import Runtime
from servicekit.wakeup import OUTBOX
from tests.bus.sample import Grant, granted, times_noted

UNIT, OTHER = "330200000000000101", "330200000000000999"


async def _as_clerk(request: Request) -> None:
    request.state.principal = Clerk(account_id=uuid7(), kind="agent", session_id="s", via="session", employer_no=UNIT)


def _app(runtime: Runtime) -> FastAPI:
    router = APIRouter()

    @router.post("/fine", status_code=201)
    async def fine(tx: Tx, _: Annotated[None, Depends(_as_clerk)]) -> dict[str, str]:
        tx.add(Grant(mandate_id=UUID(int=1), employer_no=UNIT, times=1))
        return {}

    @router.post("/refused", status_code=201)
    async def refused(tx: Tx, _: Annotated[None, Depends(_as_clerk)]) -> dict[str, str]:
        tx.add(Grant(mandate_id=UUID(int=2), employer_no=UNIT, times=1))
        await tx.flush()
        raise ValueError

    @router.post("/breaks-at-commit", status_code=201)
    async def breaks_at_commit(tx: PublicTx) -> dict[str, str]:
        tx.add(Grant(mandate_id=UUID(int=1), employer_no=UNIT, times=1))  # flushed by the commit: a duplicate
        return {}

    @router.get("/nobody")
    async def nobody(tx: Tx) -> int:
        return len((await tx.scalars(select(Grant))).all())

    app = FastAPI()
    app.state.runtime = runtime
    app.include_router(router)
    return app


@pytest.fixture
async def client(runtime: Runtime) -> httpx.AsyncClient:
    """Calls the routes above; an error inside is a 500, as a server would answer."""
    inner = httpx.ASGITransport(app=_app(runtime), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=inner, base_url="http://hall.test")


async def _ids(runtime: Runtime) -> list[int]:
    async with begin(runtime, scope=Scope.system()) as tx:
        return sorted(grant.mandate_id.int for grant in await tx.scalars(select(Grant)))


async def test_the_answer_comes_after_the_commit(runtime: Runtime, client: httpx.AsyncClient) -> None:
    async with client:
        assert (await client.post("/fine")).status_code == 201
        assert await _ids(runtime) == [1]
        # FastAPI's default scope would have answered 201 here.
        assert (await client.post("/breaks-at-commit")).status_code == 500
        assert (await client.post("/refused")).status_code == 500
        assert await _ids(runtime) == [1]


async def test_a_route_without_principal_sees_nothing(runtime: Runtime, client: httpx.AsyncClient) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        tx.add(Grant(mandate_id=uuid7(), employer_no=UNIT, times=1))
    async with client:
        assert (await client.get("/nobody")).json() == 0


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.unit(UNIT), [UNIT]),
        (Scope.unit(OTHER), [OTHER]),
        (Scope.system(), [UNIT, OTHER]),
        (Scope("agency"), [UNIT, OTHER]),
        (Scope("person", None, uuid7()), []),
        (Scope.none(), []),
    ],
    ids=lambda value: value.name if isinstance(value, Scope) else None,
)
async def test_each_scope_sees_its_rows_only(runtime: Runtime, scope: Scope, seen: list[str]) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        tx.add_all([Grant(mandate_id=uuid7(), employer_no=unit, times=1) for unit in (UNIT, OTHER)])
    async with begin(runtime, scope=scope) as tx:
        assert sorted((await tx.scalars(select(Grant.employer_no))).all()) == seen


async def test_a_unit_can_not_write_for_another(runtime: Runtime) -> None:
    async def write() -> None:
        async with begin(runtime, scope=Scope.unit(UNIT)) as tx:
            tx.add(Grant(mandate_id=uuid7(), employer_no=OTHER, times=1))

    with pytest.raises(DBAPIError, match="row-level security"):
        await write()


async def test_a_scope_ends_with_its_transaction(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.unit(UNIT)) as tx:
        await tx.execute(text("SELECT 1"))
    async with runtime.engine.connect() as connection:
        assert await connection.scalar(text("SELECT coalesce(current_setting('hall.scope', true), '')")) == ""


@pytest.mark.parametrize(
    ("principal", "scope"),
    [
        (Clerk(account_id=UUID(int=1), kind="agent", session_id="s", via="session", employer_no=UNIT), "unit"),
        (Operator(account_id=UUID(int=1), kind="operator", session_id="s", via="session"), "agency"),
        (PersonPrincipal(account_id=UUID(int=1), kind="person", session_id="s", via="session"), "person"),
        (None, "none"),
    ],
)
def test_the_scope_of_a_principal(principal: AnyPrincipal | None, scope: str) -> None:
    assert Scope.of(principal).name == scope


async def test_the_relay_is_woken_after_the_commit_and_not_before(runtime: Runtime) -> None:
    await runtime.wakeup.connected.wait()  # which wakes everybody once
    with runtime.wakeup.subscribe(OUTBOX) as signal:
        async with begin(runtime, scope=Scope.system()) as tx:
            await outbox.add(tx, granted())
            assert not await signal.wait(0)
        assert await signal.wait(0)

        async def failing() -> None:
            async with begin(runtime, scope=Scope.system()) as tx:
                await outbox.add(tx, granted())
                raise LookupError

        with pytest.raises(LookupError):
            await failing()
        assert not await signal.wait(0)


async def test_a_savepoint_keeps_the_scope(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        async with tx.begin_nested():
            tx.add(Grant(mandate_id=UUID(int=9), employer_no=UNIT, times=1))
        assert await times_noted(tx, UUID(int=9)) == 1


async def test_a_cancelled_request_leaves_nothing_and_gives_its_connection_back(runtime: Runtime) -> None:
    entered = asyncio.Event()

    async def work() -> None:
        async with begin(runtime, scope=Scope.system()) as tx:
            tx.add(Grant(mandate_id=UUID(int=3), employer_no=UNIT, times=1))
            await tx.flush()
            entered.set()
            await tx.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await _ids(runtime) == []
    assert runtime.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_violated_constraint_is_refused_by_its_name_and_the_transaction_goes_on(runtime: Runtime) -> None:
    class Taken(Exception):
        pass

    def grant(number: int) -> Grant:
        return Grant(mandate_id=UUID(int=number), employer_no=UNIT, times=1)

    async with begin(runtime, scope=Scope.system()) as tx:
        tx.add(grant(1))
        await tx.flush()
        tx.expunge_all()
        with pytest.raises(Taken):
            async with unless_taken(tx, {"another": ValueError, "pk_grants": Taken}):
                tx.add(grant(1))
        with pytest.raises(IntegrityError):
            async with unless_taken(tx, {"another": Taken}):
                tx.add(grant(1))
        async with unless_taken(tx, {"pk_grants": Taken}):
            tx.add(grant(2))
    async with begin(runtime, scope=Scope.system()) as tx:
        assert set(await tx.scalars(select(Grant.mandate_id))) == {UUID(int=1), UUID(int=2)}
