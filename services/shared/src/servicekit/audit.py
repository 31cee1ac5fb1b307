"""The audit log: who did what, in the same transaction as the effect; append-only and hash-chained.

Each `chain` (a unit, the agency, an account) links its rows: `hash(n) = sha256(hash(n-1) + sha256(row n))`, beginning
with `sha256(chain)`. `audit_chain` keeps each chain's length and last hash; its row lock orders the chain's writers.
The app role can insert rows but neither change nor delete them; the verifier notices whoever can.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from servicekit.auth.principals import Principal
from servicekit.db.base import KIT_METADATA
from servicekit.db.bulk import copy_many
from servicekit.ids import uuid7
from servicekit.personal import Personal
from servicekit.tracing import current_trace_id

AUDIT_CHAIN = sa.Table(
    "audit_chain",
    KIT_METADATA,
    sa.Column("chain", sa.Text, primary_key=True),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False),
)
AUDIT_LOG = sa.Table(
    "audit_log",
    KIT_METADATA,
    # Partitioned by month: years of rows must not slow down today's, and old ones leave by detaching a partition.
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("actor_id", sa.Uuid),
    sa.Column("actor_kind", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("trace_id", sa.Text),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("ix_audit_log_chain_position", "chain", "position"),
    sa.Index("ix_audit_log_subject", "subject"),
    postgresql_partition_by="RANGE (at)",
)

PARTITION_PREFIX = "audit_log_"
"""Names of partitions begin with this; `alembic check` leaves them out."""

# One round trip: moves the chain on under its row lock and writes the row with the hash that results.
_APPEND = sa.text(
    """
    WITH moved AS (
        INSERT INTO audit_chain AS known (chain, length, head)
        VALUES (:chain, 1, sha256(CAST(:genesis AS bytea) || CAST(:digest AS bytea)))
        ON CONFLICT (chain) DO UPDATE
            SET length = known.length + 1, head = sha256(known.head || CAST(:digest AS bytea))
        RETURNING length, head
    )
    INSERT INTO audit_log
        (at, id, chain, position, actor_id, actor_kind, via, action, subject, facts, trace_id, hash)
    SELECT CAST(:at AS timestamptz), CAST(:id AS uuid), :chain, moved.length, CAST(:actor_id AS uuid), :actor_kind,
           :via, :action, :subject, CAST(:facts AS jsonb), :trace_id, moved.head
    FROM moved
    """
)


# Makes the chain if it is new, and holds it until the commit.
_HOLD = sa.text(
    """
    INSERT INTO audit_chain AS known (chain, length, head) VALUES (:chain, 0, CAST(:genesis AS bytea))
    ON CONFLICT (chain) DO UPDATE SET length = known.length
    RETURNING length, head
    """
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one audit row says."""

    action: str
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)


async def record(
    tx: AsyncSession,
    actor: Principal | None,
    action: str,
    subject: str,
    *,
    chain: str,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Writes one audit row in the caller's transaction; call it late, since it locks the chain until the commit.

    `actor` is None for the hall itself. `chain` is a unit number, `agency` or `account:<id>`. `facts` are ids, codes,
    amounts; personal values in them are written masked.

    Raises:
        TypeError: a fact of a type that has no lasting form, e.g. a float.
    """
    row = _row(actor, Entry(action, subject, facts or {}), chain, current_trace_id())
    values = {
        **row,
        "facts": orjson.dumps(row["facts"]).decode(),
        "digest": _digest(row),
        "genesis": _genesis(chain),
    }
    await tx.execute(_APPEND, values)


async def record_many(tx: AsyncSession, actor: Principal | None, entries: Sequence[Entry], *, chain: str) -> None:
    """Writes many rows of one chain, in order, as `record` would one after another; in three statements."""
    if not entries:
        return
    known = (await tx.execute(_HOLD, {"chain": chain, "genesis": _genesis(chain)})).one()
    head = bytes(known.head)
    trace_id = current_trace_id()
    rows = []
    for position, entry in enumerate(entries, start=known.length + 1):
        row = _row(actor, entry, chain, trace_id)
        head = hashlib.sha256(head + _digest(row)).digest()
        rows.append({**row, "position": position, "hash": head})
    await copy_many(tx, AUDIT_LOG, rows)
    moved = sa.update(AUDIT_CHAIN).where(AUDIT_CHAIN.c.chain == chain).values(length=rows[-1]["position"], head=head)
    await tx.execute(moved)


def _row(actor: Principal | None, entry: Entry, chain: str, trace_id: str | None) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC),
        "id": uuid7(),
        "chain": chain,
        "actor_id": None if actor is None else actor.account_id,
        "actor_kind": "system" if actor is None else actor.kind,
        "via": "system" if actor is None else actor.via,
        "action": entry.action,
        "subject": entry.subject,
        "facts": _lasting(entry.facts),
        "trace_id": trace_id,
    }


@dataclass(frozen=True, slots=True)
class ChainFault:
    """What is wrong with a chain. `position` is the first row that can't be right; None: the chain as a whole."""

    chain: str
    position: int | None
    reason: str


async def verify(tx: AsyncSession, chain: str) -> ChainFault | None:
    """Recomputes a chain from its first row. None: every row is there, in order, as it was written.

    A whole chain cut at its end together with its `audit_chain` row can only be noticed by comparing with a head noted
    elsewhere: `heads` gives what to note.
    """
    known = (await tx.execute(sa.select(AUDIT_CHAIN).where(AUDIT_CHAIN.c.chain == chain))).one_or_none()
    rows = await tx.stream(sa.select(AUDIT_LOG).where(AUDIT_LOG.c.chain == chain).order_by(AUDIT_LOG.c.position))
    head, position = _genesis(chain), 0
    async for row in rows.mappings():
        position += 1
        if row["position"] != position:
            return ChainFault(chain, position, "a row is missing or doubled")
        head = hashlib.sha256(head + _digest(dict(row))).digest()
        if row["hash"] != head:
            return ChainFault(chain, position, "the row is not as it was written")
    if known is None:
        return None if position == 0 else ChainFault(chain, None, "the chain's end is not noted")
    if known.length != position or known.head != head:
        return ChainFault(chain, None, "rows are missing at the end")
    return None


async def verify_all(tx: AsyncSession) -> list[ChainFault]:
    """Verifies every chain of the database; empty when all is well."""
    noted = sa.select(AUDIT_CHAIN.c.chain).union(sa.select(AUDIT_LOG.c.chain))
    faults = [await verify(tx, chain) for chain in (await tx.scalars(noted)).all()]
    return [fault for fault in faults if fault is not None]


async def heads(tx: AsyncSession) -> dict[str, tuple[int, str]]:
    """Length and last hash (hex) of each chain, to be noted outside the database."""
    rows = await tx.execute(sa.select(AUDIT_CHAIN).order_by(AUDIT_CHAIN.c.chain))
    return {row.chain: (row.length, bytes(row.head).hex()) for row in rows}


def ensure_partitions(connection: sa.Connection, today: date, *, months: int = 14) -> None:
    """Makes the monthly partitions from this month on, as the migrator. Rows of any other month have `_other`."""
    wanted = [Month.of(today).plus(ahead) for ahead in range(months)]
    names = {f"{PARTITION_PREFIX}{month.compact()}": month for month in wanted}
    there = set(
        connection.scalars(
            sa.text("SELECT relname FROM pg_class WHERE relname = ANY(:names) AND relkind = 'r'"),
            {"names": list(names)},
        )
    )
    for name, month in names.items():
        if name in there:
            continue
        first, after = f"{month}-01 00:00+00", f"{month.next()}-01 00:00+00"
        # As text: the driver would want datetime objects for timestamptz parameters.
        stray = sa.text(
            "SELECT 1 FROM audit_log_other WHERE at >= CAST(CAST(:first AS text) AS timestamptz) "
            "AND at < CAST(CAST(:after AS text) AS timestamptz) LIMIT 1"
        )
        if connection.execute(stray, {"first": first, "after": after}).first() is not None:
            continue  # `migrate` didn't run for long: the month stays where its rows already are
        _create_partition(connection, name, first, after)


def _create_partition(connection: sa.Connection, name: str, first: str, after: str) -> None:
    connection.execute(
        sa.text(f"CREATE TABLE {name} PARTITION OF audit_log FOR VALUES FROM ('{first}') TO ('{after}')")
    )
    # Default privileges gave the app role rights on the new table.
    grantees = sa.text(
        "SELECT DISTINCT grantee FROM information_schema.role_table_grants "
        "WHERE table_name = :name AND grantee NOT IN (current_user, 'PUBLIC')"
    )
    quote = connection.dialect.identifier_preparer.quote
    for role in connection.scalars(grantees, {"name": name}).all():
        connection.execute(sa.text(f"REVOKE ALL ON {name} FROM {quote(role)}"))


def _genesis(chain: str) -> bytes:
    return hashlib.sha256(b"hall.audit\0" + chain.encode()).digest()


def _digest(row: Mapping[str, Any]) -> bytes:
    """Digest of what a row says, over its canonical JSON: sorted keys, no blanks, UTF-8, moments in UTC."""
    content = {
        "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "id": str(row["id"]),
        "chain": row["chain"],
        "actor_id": None if row["actor_id"] is None else str(row["actor_id"]),
        "actor_kind": row["actor_kind"],
        "via": row["via"],
        "action": row["action"],
        "subject": row["subject"],
        "facts": row["facts"],
        "trace_id": row["trace_id"],
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _lasting(value: Any) -> Any:
    """The value as JSON gives it back: the digest must come out the same when the row is read in ten years."""
    if type(value) is str:  # nearly always
        return value.replace("\0", "\ufffd")
    if value is None or (isinstance(value, bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return _lasting(value.value)
    if isinstance(value, str | Personal | Decimal | UUID | Month):
        return str(value).replace("\0", "\ufffd")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _lasting(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_lasting(item) for item in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    raise TypeError(f"a {type(value).__name__} has no lasting form: give text, whole numbers or a Decimal")
