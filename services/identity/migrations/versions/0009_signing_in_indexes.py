"""The indexes that belong to 0006, on tables that are in use by then."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    person = sa.text("kind = 'person'")
    build_index(op, "uq_accounts_person", "accounts", ["id_number_index"], unique=True, postgresql_where=person)
    build_index(op, "ix_sms_codes_account_key_sent_at", "sms_codes", ["account_key", "sent_at"])


def downgrade() -> None:
    op.drop_index("ix_sms_codes_account_key_sent_at", "sms_codes")
    op.drop_index("uq_accounts_person", "accounts")
