"""The audit log: who did what, in the same transaction as the effect; append-only and hash-chained.

Each `chain` (a unit, the agency, an account) links its rows: `hash(n) = sha256(hash(n-1) + sha256(row n))`, beginning
with `sha256(chain)`. `audit_chain` keeps each chain's length and last hash; its row lock orders the chain's writers.
The app role can insert rows but neither change nor delete them; the verifier notices whoever can.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from contracts.values.month import Month
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit.auth.principals import Principal
from servicekit.db.base import KIT_METADATA
from servicekit.ids import uuid7
from servicekit.personal import Personal

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
