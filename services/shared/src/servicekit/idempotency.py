"""Idempotency-Key."""
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.db.base import KIT_METADATA

IDEMPOTENCY = sa.Table(
    "idempotency",
    KIT_METADATA,
    sa.Column("scope", sa.LargeBinary, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("answer", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_idempotency_created_at", "created_at"),
)
