"""Removing old rows beside one DELETE: `python -m tests.bench.cleaning [rows]`. Reported, never asserted.

Each table holds twice the rows: half of them over their time, as after a weekend without a worker. What matters is how
many rows a second of work comes and has to go again; the target is to keep up with 500.
"""

import sys
import time
from contextlib import AsyncExitStack

import sqlalchemy as sa
import uvloop

from servicekit import idempotency, inbox, relay
from servicekit.bus.inprocess import InProcessTransport
from servicekit.db.tx import Scope, begin
from tests.bus.opening import sample_runtime
from tests.bus.sample import SAMPLE
from tests.support.databases import throw_away_databases

_ROWS = 1_000_000
_FILL = {
    "idempotency": """
        INSERT INTO idempotency
        SELECT sha256(number::text::bytea), sha256('x'), '{"no": "202603100000000001"}',
               now() - CASE WHEN number % 2 = 0 THEN interval '3 days' ELSE interval '1 hour' END
        FROM generate_series(1, 2 * :rows) AS number
    """,
    "inbox": """
        INSERT INTO inbox
        SELECT 'sample.note_grant', gen_random_uuid(),
               now() - CASE WHEN number % 2 = 0 THEN interval '91 days' ELSE interval '1 day' END
        FROM generate_series(1, 2 * :rows) AS number
    """,
    "outbox": """
        INSERT INTO outbox (id, type, envelope, listeners, created_at, published_at, next_attempt_at)
        SELECT gen_random_uuid(), 'a.b.v1', '{"data": {"employer_no": "330200000000000101"}}', '{}', at, at, at
        FROM (
            SELECT now() - CASE WHEN number % 2 = 0 THEN interval '4 days' ELSE interval '1 day' END AS at
            FROM generate_series(1, 2 * :rows) AS number
        ) AS made
    """,
}
_OVER = {"idempotency": "created_at < now() - interval '48 hours'", "inbox": "handled_at < now() - interval '90 days'"}
_CLEAN = {"idempotency": idempotency.clean, "inbox": inbox.clean, "outbox": relay.clean_published}


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def main(rows: int) -> None:
    """Measures and prints."""
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        database = await stack.enter_async_context(databases.fresh(SAMPLE))
        runtime = await stack.enter_async_context(sample_runtime(database, InProcessTransport()))
        for table, fill in _FILL.items():
            async with begin(runtime, scope=Scope.system()) as tx:
                await tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
                await tx.execute(sa.text(fill), {"rows": rows})
            async with begin(runtime, scope=Scope.system()) as tx:
                await tx.execute(sa.text("ANALYZE"))
            reference = None
            if over := _OVER.get(table):
                async with begin(runtime, scope=Scope.system()) as tx:
                    await tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
                    began = time.perf_counter()
                    await tx.execute(sa.text(f"DELETE FROM {table} WHERE {over}"))  # noqa: S608 - our own words
                    reference = time.perf_counter() - began
                    await tx.rollback()
            began = time.perf_counter()
            gone = await _CLEAN[table](runtime)
            took = time.perf_counter() - began
            beside = f", one DELETE {gone / reference:,.0f} rows/s" if reference else ""
            _say(f"{table}: {gone:,} rows in {took:.1f} s, {gone / took:,.0f} rows/s{beside}")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else _ROWS))
