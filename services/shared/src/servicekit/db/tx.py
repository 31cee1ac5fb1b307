"""Transactions. One request or message = one transaction, and only the edge commits, before it answers.

Row level security is told at the start of each transaction on whose behalf it runs: `hall.scope`, `hall.employer_no`,
`hall.account_id` and `hall.person_id`, all local to the transaction. A scope that nobody set sees nothing.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

if TYPE_CHECKING:
    from servicekit.clock import Clock
    from servicekit.personal import Vault
    from servicekit.runtime import Runtime

ScopeName = Literal["none", "unit", "agency", "person", "system"]
_SET_SCOPE = (
    "SELECT set_config('hall.scope', $1, true), set_config('hall.employer_no', $2, true), "
    "set_config('hall.account_id', $3, true), set_config('hall.person_id', $4, true)"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf a transaction runs."""

    name: ScopeName
    employer_no: str | None = None
    account_id: UUID | None = None
    person_id: UUID | None = None

    @classmethod
    def system(cls) -> "Scope":
        """Workers, consumers, seeds and public routes: sees every row."""
        return cls("system")

    @classmethod
    def none(cls) -> "Scope":
        """Nobody: sees no row of a guarded table."""
        return cls("none")

    @classmethod
    def unit(cls, employer_no: str, account_id: UUID | None = None) -> "Scope":
        """A clerk acting for one employer."""
        return cls("unit", employer_no, account_id)

    @classmethod
    def of(cls, principal: Any) -> "Scope":
        """The scope of a signed-in principal: clerk, agency staff, anyone else as a person; None sees nothing."""
        from servicekit.auth.principals import Clerk, InsuredPerson, Operator, Reviewer  # avoids a cycle at import

        if principal is None:
            return cls.none()
        if isinstance(principal, Clerk):
            return cls("unit", principal.employer_no, principal.account_id)
        if isinstance(principal, Reviewer | Operator):
            return cls("agency", None, principal.account_id)
        person_id = principal.person_id if isinstance(principal, InsuredPerson) else None
        return cls("person", None, principal.account_id, person_id)


class HallSession(Session):
    """The synchronous side of our `AsyncSession`; carries the scope into each transaction."""


@event.listens_for(HallSession, "after_begin")
def _announce_scope(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    scope: Scope | Callable[[], Scope] = session.info["scope"]
    actual = scope if isinstance(scope, Scope) else scope()
    account_id, person_id = (str(one) if one else "" for one in (actual.account_id, actual.person_id))
    connection.exec_driver_sql(_SET_SCOPE, (actual.name, actual.employer_no or "", account_id, person_id))


@asynccontextmanager
async def begin(runtime: "Runtime", *, scope: Scope | Callable[[], Scope]) -> AsyncIterator[AsyncSession]:
    """One transaction: commits at the end, rolls back on any exception, wakes the relay once it is committed.

    A callable scope is asked when the first statement runs, so that a request's principal may be found after this.
    """
    async with runtime.sessions(info={"runtime": runtime, "scope": scope, "wake": set()}) as tx:
        try:
            yield tx
        except BaseException:
            await tx.rollback()
            raise
        await tx.commit()
    for channel, payload in tx.info["wake"]:
        runtime.wakeup.notify(channel, payload)


def wake_after_commit(tx: AsyncSession, channel: str, payload: str = "") -> None:
    """Asks for a wake-up signal once this transaction has committed; many asks for one channel are one signal."""
    tx.info["wake"].add((channel, payload))


@asynccontextmanager
async def as_system(tx: AsyncSession) -> AsyncIterator[None]:
    """A few statements of a signed-in request that see every row: what is counted for all, and is nobody's own.

    What they change is written before the transaction goes back to its own scope; that happens after a refusal, too.
    """
    scope = tx.info["scope"]
    if isinstance(scope, Scope) and scope.name == "system":
        yield
        return
    before = await tx.scalar(text("SELECT current_setting('hall.scope')"))
    await tx.flush()
    await _set_scope(tx, "system")
    try:
        yield
    except SQLAlchemyError:
        raise  # the transaction is lost, and its scope with it
    except BaseException:
        await _back(tx, before)
        raise
    else:
        await _back(tx, before)


async def _back(tx: AsyncSession, scope: str) -> None:
    await tx.flush()
    await _set_scope(tx, scope)


async def _set_scope(tx: AsyncSession, scope: str) -> None:
    await tx.execute(text("SELECT set_config('hall.scope', :scope, true)"), {"scope": scope})


async def edge_tx(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's transaction, in the scope of its principal. Use it as `tx: Tx`."""
    async with begin(
        request.app.state.runtime, scope=lambda: Scope.of(getattr(request.state, "principal", None))
    ) as tx:
        yield tx


async def public_tx(request: Request) -> AsyncIterator[AsyncSession]:
    """The transaction of a route that needs nobody signed in. Use it as `tx: PublicTx`."""
    async with begin(request.app.state.runtime, scope=Scope.system()) as tx:
        yield tx


# scope="function": the commit happens before the answer is sent. With FastAPI's default the answer would say 201 even
# when the commit fails.
Tx = Annotated[AsyncSession, Depends(edge_tx, scope="function")]
PublicTx = Annotated[AsyncSession, Depends(public_tx, scope="function")]


def runtime_of(tx: AsyncSession) -> "Runtime":
    """The runtime this transaction belongs to."""
    runtime: Runtime = tx.info["runtime"]
    return runtime


def vault_of(tx: AsyncSession) -> "Vault":
    """The vault of personal fields."""
    return runtime_of(tx).vault


def clock_of(tx: AsyncSession) -> "Clock":
    """The business clock."""
    return runtime_of(tx).clock
