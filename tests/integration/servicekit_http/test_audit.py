"""The audit log: with the effect or not at all, in order, never changed unnoticed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from contracts.values.month import Month
from servicekit import audit, problems, tracing
from servicekit.audit import AUDIT_LOG, ChainFault
from servicekit.auth.principals import Clerk
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.personal import Personal
from tests.support.harness import ServiceHarness

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000102"
CLERK = Clerk(account_id=uuid7(), session_id="s", kind="agent", employer_no=UNIT)


async def write(hall: ServiceHarness, *subjects: str, chain: str = UNIT, **facts: Any) -> None:
    for subject in subjects:
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            await audit.record(tx, CLERK, "thing.created", subject, chain=chain, facts=facts)


async def verify(hall: ServiceHarness, chain: str = UNIT) -> ChainFault | None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        return await audit.verify(tx, chain)


@asynccontextmanager
async def as_owner(hall: ServiceHarness) -> AsyncIterator[AsyncConnection]:
    """Somebody with the migrator's rights, who may change every row."""
    engine = create_async_engine(hall.database.migrator_url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def test_rows_say_who_did_what(hall: ServiceHarness) -> None:
    with tracing.server_span(None, "test"):
        trace_id = tracing.current_trace_id()
        await write(hall, "a", count=3)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await audit.record(tx, None, "thing.cleaned", "a", chain=UNIT)
        rows = (await tx.execute(select(AUDIT_LOG).order_by(AUDIT_LOG.c.position))).mappings().all()
    first, second = rows
    assert (first["actor_id"], first["actor_kind"], first["via"]) == (CLERK.account_id, "agent", "session")
    assert (first["action"], first["subject"], first["facts"]) == ("thing.created", "a", {"count": 3})
    assert (first["position"], second["position"]) == (1, 2)
    assert first["trace_id"] == trace_id
    assert (second["actor_id"], second["actor_kind"], second["facts"]) == (None, "system", {})
    assert await verify(hall) is None


class Colour(Enum):
    RED = "red"


async def test_facts_of_every_lasting_form_verify(hall: ServiceHarness) -> None:
    identifier = uuid7()
    await write(
        hall,
        "a",
        amount=Decimal("12.30"),
        month=Month(2026, 3),
        day=date(2026, 3, 1),
        moment=datetime(2026, 3, 1, tzinfo=UTC),
        id=identifier,
        colour=Colour.RED,
        flag=True,
        nothing=None,
        big=10**18,
        nested={"列表": [1, "二", {"x": ()}]},
        several={"b", "a"},
        number=Personal("330203199003071232", "id_number"),
        odd="nul \0 and ünïcode 😀",
    )
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        facts = (await tx.scalars(select(AUDIT_LOG.c.facts))).one()
    assert facts["amount"] == "12.30"
    assert facts["month"] == "2026-03"
    assert facts["several"] == ["a", "b"]
    assert facts["number"] == "330203********1232"
    assert await verify(hall) is None


@pytest.mark.parametrize("fact", [1.5, b"bytes", object()])
async def test_other_facts_are_refused(hall: ServiceHarness, fact: object) -> None:
    with pytest.raises(TypeError, match="lasting"):
        await write(hall, "a", fact=fact)
    assert await verify(hall) is None


async def test_written_with_the_effect_or_not_at_all(hall: ServiceHarness) -> None:
    await write(hall, "a")

    async def fail_after_recording() -> None:
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            await audit.record(tx, CLERK, "thing.created", "b", chain=UNIT)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail_after_recording()
    await write(hall, "c")
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert list(await tx.scalars(select(AUDIT_LOG.c.subject).order_by(AUDIT_LOG.c.position))) == ["a", "c"]
    assert await verify(hall) is None


async def test_many_writers_make_one_chain(hall: ServiceHarness) -> None:
    chains = (UNIT, OTHER_UNIT)
    await asyncio.gather(*(write(hall, f"s{n}", chain=chains[n % 2]) for n in range(40)))
    for chain in chains:
        assert await verify(hall, chain) is None
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert {chain: length for chain, (length, _) in (await audit.heads(tx)).items()} == dict.fromkeys(chains, 20)
        assert await audit.verify_all(tx) == []


async def test_writers_of_two_chains_in_opposite_order_are_sorted_out(hall: ServiceHarness) -> None:
    both_hold_one = asyncio.Barrier(2)

    async def write_two(first: str, second: str) -> None:
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            await audit.record(tx, CLERK, "thing.created", "a", chain=first)
            await both_hold_one.wait()
            await audit.record(tx, CLERK, "thing.created", "b", chain=second)

    ends = await asyncio.gather(write_two(UNIT, OTHER_UNIT), write_two(OTHER_UNIT, UNIT), return_exceptions=True)
    (loser,) = [end for end in ends if end is not None]
    assert isinstance(loser, DBAPIError)
    assert problems.answer_to(loser).problem.code == "try_again"
    for chain in (UNIT, OTHER_UNIT):
        assert await verify(hall, chain) is None


async def test_several_rows_in_one_transaction(hall: ServiceHarness) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for subject in "abc":
            await audit.record(tx, CLERK, "thing.created", subject, chain=UNIT)
        assert await audit.verify(tx, UNIT) is None


TAMPERING: list[tuple[str, int | None]] = [
    ("UPDATE audit_log SET subject = 'x' WHERE position = 3", 3),
    ("UPDATE audit_log SET action = 'x' WHERE position = 3", 3),
    ("UPDATE audit_log SET facts = '{\"n\": 2}' WHERE position = 3", 3),
    ("UPDATE audit_log SET actor_id = gen_random_uuid() WHERE position = 3", 3),
    ("UPDATE audit_log SET actor_kind = 'system' WHERE position = 3", 3),
    ("UPDATE audit_log SET via = 'api_key' WHERE position = 3", 3),
    ("UPDATE audit_log SET trace_id = 'x' WHERE position = 3", 3),
    ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE position = 3", 3),
    ("UPDATE audit_log SET id = gen_random_uuid() WHERE position = 3", 3),
    ("UPDATE audit_log SET hash = sha256('x') WHERE position = 3", 3),
    ("UPDATE audit_log SET chain = 'other' WHERE position = 3", 3),
    ("DELETE FROM audit_log WHERE position = 1", 1),
    ("DELETE FROM audit_log WHERE position = 3", 3),
    ("DELETE FROM audit_log WHERE position = 5", None),
    ("DELETE FROM audit_log", None),
    ("DELETE FROM audit_chain", None),
    ("UPDATE audit_chain SET length = 4", None),
    ("UPDATE audit_chain SET head = sha256('x')", None),
    # the third and the fourth change places
    ("UPDATE audit_log SET position = 7 - position WHERE position IN (3, 4)", 3),
    # the third closes up over the deleted second
    ("DELETE FROM audit_log WHERE position = 2; UPDATE audit_log SET position = position - 1 WHERE position > 2", 2),
    (
        "INSERT INTO audit_log SELECT at, gen_random_uuid(), chain, 6, actor_id, actor_kind, via, action, 'forged', "
        "facts, trace_id, hash FROM audit_log WHERE position = 5",
        6,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "position"), TAMPERING)
async def test_tampering_is_noticed(hall: ServiceHarness, statement: str, position: int | None) -> None:
    await write(hall, "a", "b", "c", "d", "e", n=1)
    assert await verify(hall) is None
    async with as_owner(hall) as owner:
        for part in statement.split(";"):
            await owner.execute(text(part))
    fault = await verify(hall)
    assert fault is not None
    assert (fault.chain, fault.position) == (UNIT, position)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert fault in await audit.verify_all(tx)


FORBIDDEN = [
    "UPDATE audit_log SET subject = 'x'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "DELETE FROM audit_chain",
    "TRUNCATE audit_chain",
    "DELETE FROM audit_log_other",
    "UPDATE audit_log_other SET subject = 'x'",
    "SELECT * FROM audit_log_other",
    "INSERT INTO audit_log_other SELECT * FROM audit_log",
    "DROP TABLE audit_log",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_service_itself_can_only_add(hall: ServiceHarness, statement: str) -> None:
    await write(hall, "a")
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            await tx.execute(text(statement))


async def test_monthly_partitions_are_as_closed(hall: ServiceHarness) -> None:
    query = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_log'::regclass")
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        partitions = list(await tx.scalars(query))
    assert len(partitions) > 12
    for partition in partitions:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with begin(hall.runtime, scope=Scope.system()) as tx:
                await tx.execute(text(f"DELETE FROM {partition}"))  # noqa: S608  a name out of the catalogue


async def test_partitions_are_made_once_and_around_stray_rows(hall: ServiceHarness) -> None:
    far = date(2040, 5, 15)
    await write(hall, "a")
    async with as_owner(hall) as owner:
        await owner.execute(text("UPDATE audit_log SET at = '2040-06-01 00:00+00'"))
        for _ in range(2):
            await owner.run_sync(audit.ensure_partitions, far, months=3)
        made = list(
            await owner.scalars(
                text("SELECT relname FROM pg_class WHERE relname LIKE 'audit_log_2040__' AND relkind = 'r' ORDER BY 1")
            )
        )
    assert made == ["audit_log_204005", "audit_log_204007"]


async def test_a_row_lies_in_the_partition_of_its_month(hall: ServiceHarness) -> None:
    moment = datetime.now(UTC)
    async with as_owner(hall) as owner:
        # Also when the test runs on the last day of the newest month that `migrate` saw.
        await owner.run_sync(audit.ensure_partitions, moment.date(), months=2)
    await write(hall, "a")
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        partition = await tx.scalar(text("SELECT tableoid::regclass::text FROM audit_log"))
    months = {Month.of(moment.date()), Month.of((moment + timedelta(minutes=5)).date())}
    assert partition in {f"audit_log_{month.compact()}" for month in months}
