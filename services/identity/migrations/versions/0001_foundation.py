"""Accounts, directory, mandates, sessions, codes by text message; the kit's tables."""

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import create_kit_tables, drop_kit_tables, visible_rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates the tables."""
    create_kit_tables(op)
    op.create_table(
        "units",
        sa.Column("employer_no", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_virtual", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("employer_no", name=op.f("pk_units")),
    )
    op.create_index(op.f("ix_units_uscc"), "units", ["uscc"])
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text()),
        sa.Column("id_number", sa.LargeBinary()),
        sa.Column("id_number_index", sa.LargeBinary()),
        sa.Column("id_number_masked", sa.Text()),
        sa.Column("mobile", sa.LargeBinary()),
        sa.Column("mobile_index", sa.LargeBinary()),
        sa.Column("mobile_masked", sa.Text()),
        sa.Column("failed_logins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("blocked_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_index("uq_accounts_username", "accounts", ["username"], unique=True)
    op.create_index(
        "uq_accounts_legal_representative",
        "accounts",
        ["uscc"],
        unique=True,
        postgresql_where=sa.text("kind = 'legal_representative'"),
    )
    op.create_index(op.f("ix_accounts_id_number_index"), "accounts", ["id_number_index"])
    op.create_index(op.f("ix_accounts_mobile_index"), "accounts", ["mobile_index"])
    op.create_table(
        "mandates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("employer_no", sa.Text(), nullable=False),
        sa.Column("permissions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mandates_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
    )
    op.create_index(
        "uq_mandates_account_unit",
        "mandates",
        ["account_id", "employer_no"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(op.f("ix_mandates_employer_no"), "mandates", ["employer_no"])
    # A unit sees who acts for it; an agent sees the own mandates.
    rows = visible_rows("employer_no", "account_id")
    op.execute("ALTER TABLE mandates ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE mandates FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY mandates_by_unit ON mandates USING ({rows})")
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("employer_no", sa.Text()),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("last_seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("end_reason", sa.Text()),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("uq_sessions_digest", "sessions", ["digest"], unique=True)
    op.create_index(
        "ix_sessions_account_id_living", "sessions", ["account_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "sms_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mobile_index", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_codes")),
    )
    op.create_index("ix_sms_codes_mobile_index_sent_at", "sms_codes", ["mobile_index", "sent_at"])
    op.create_index("ix_sms_codes_client_sent_at", "sms_codes", ["client", "sent_at"])
    op.create_table(
        "sms_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mobile", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_index", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_messages")),
    )
    op.create_index("ix_sms_messages_mobile_index", "sms_messages", ["mobile_index"])
    op.create_index(
        "ix_sms_messages_waiting", "sms_messages", ["created_at"], postgresql_where=sa.text("sent_at IS NULL")
    )


def downgrade() -> None:
    """Drops what `upgrade` made."""
    for table in ("sms_messages", "sms_codes", "sessions", "mandates", "accounts", "units"):
        op.drop_table(table)
    drop_kit_tables(op)
