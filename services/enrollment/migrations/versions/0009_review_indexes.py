"""Indexes for every filter of the review desk and of the units' lists; one application for a change request."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLE = "applications"
_PENDING, _DECIDED = sa.text("status = 'pending'"), sa.text("status <> 'pending'")
_FLAGGED = sa.text("status = 'pending' AND flag IN ('warning', 'refusal')")
_NEWEST, _LATEST, _NO = sa.text("submitted_at DESC"), sa.text("decided_at DESC"), sa.text("no DESC")


def upgrade() -> None:
    build_index(op, "uq_applications_change_id", _TABLE, ["change_id"], unique=True)
    for name, columns, where in (
        ("of_unit_pending", ["employer_no", _NEWEST, _NO], _PENDING),
        ("of_unit_decided", ["employer_no", _LATEST, _NO], _DECIDED),
        ("queue", ["submitted_at", "no"], _PENDING),
        ("flagged", ["submitted_at", "no"], _FLAGGED),
        ("decided", [_LATEST, _NO], _DECIDED),
        ("kind_decided", ["kind", _LATEST, _NO], _DECIDED),
        ("submitted_on", ["submitted_on"], None),
        ("id_number_index", ["id_number_index"], None),
    ):
        build_index(op, f"ix_applications_{name}", _TABLE, columns, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("uq_applications_change_id", _TABLE)
    for name in ("of_unit_pending", "of_unit_decided", "flagged", "kind_decided", "submitted_on", "id_number_index"):
        op.drop_index(f"ix_applications_{name}", _TABLE)
    for name, column, where in (("queue", "submitted_at", _PENDING), ("decided", _LATEST, _DECIDED)):
        op.drop_index(f"ix_applications_{name}", _TABLE)
        op.create_index(f"ix_applications_{name}", _TABLE, [column], postgresql_where=where)
