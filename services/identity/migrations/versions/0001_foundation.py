"""The tables of the foundation, and row level security: an account sees its own rows, a unit its mandates."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.db.migrations import create_kit_tables, drop_kit_tables

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"
_EMPLOYER = "(SELECT current_setting('hall.employer_no', true))"
_SYSTEM = f"{_SCOPE} = 'system'"
# Also for agency staff: whose sessions and mandates there are is none of a reviewer's business.
_OWN = f"({_SCOPE} IN ('unit', 'person', 'agency') AND {{column}}::text = {_ACCOUNT})"


def upgrade() -> None:
    create_kit_tables(op)
    _units()
    _accounts()
    _sessions()
    _mandates()
    _messages()
    _protect("accounts", f"{_SYSTEM} OR {_OWN.format(column='id')}")
    _protect("sessions", f"{_SYSTEM} OR {_OWN.format(column='account_id')}")
    unit = f"({_SCOPE} = 'unit' AND employer_no = {_EMPLOYER})"
    _protect("mandates", f"{_SYSTEM} OR {_OWN.format(column='account_id')} OR {unit}")
    for table in ("login_attempts", "sms_codes", "sms_messages"):  # nobody who is signed in needs these
        _protect(table, _SYSTEM)


def _protect(table: str, rows: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_seen ON {table} USING ({rows})")


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("is_virtual", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("employer_no", name="pk_units"),
    )
    op.create_index("ix_units_uscc", "units", ["uscc"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text),
        sa.Column("id_number", sa.LargeBinary),
        sa.Column("id_number_index", sa.LargeBinary),
        sa.Column("id_number_masked", sa.Text),
        sa.Column("mobile", sa.LargeBinary),
        sa.Column("mobile_index", sa.LargeBinary),
        sa.Column("mobile_masked", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_index("uq_accounts_username", "accounts", ["username"], unique=True)
    op.create_index(
        "uq_accounts_legal_representative",
        "accounts",
        ["uscc"],
        unique=True,
        postgresql_where=sa.text("kind = 'legal_representative'"),
    )
    op.create_index("ix_accounts_id_number_index", "accounts", ["id_number_index"])
    op.create_index("ix_accounts_mobile_index", "accounts", ["mobile_index"])
    op.create_table(
        "login_attempts",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True)),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_login_attempts"),
    )
    op.create_index("ix_login_attempts_last_at", "login_attempts", ["last_at"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end_reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id_accounts"),
    )
    op.create_index("uq_sessions_digest", "sessions", ["digest"], unique=True)
    living = sa.text("ended_at IS NULL")
    op.create_index("ix_sessions_account_id_living", "sessions", ["account_id"], postgresql_where=living)
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _mandates() -> None:
    op.create_table(
        "mandates",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_mandates"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_mandates_account_id_accounts"),
    )
    op.create_index(
        "uq_mandates_account_unit",
        "mandates",
        ["account_id", "employer_no"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("ix_mandates_employer_no", "mandates", ["employer_no"])


def _messages() -> None:
    op.create_table(
        "sms_codes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("mobile_index", sa.LargeBinary, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("client", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_sms_codes"),
    )
    op.create_index("ix_sms_codes_mobile_index_sent_at", "sms_codes", ["mobile_index", "sent_at"])
    op.create_index("ix_sms_codes_client_sent_at", "sms_codes", ["client", "sent_at"])
    op.create_table(
        "sms_messages",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("mobile", sa.LargeBinary, nullable=False),
        sa.Column("mobile_index", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("code", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_sms_messages"),
    )
    op.create_index("ix_sms_messages_mobile_index", "sms_messages", ["mobile_index"])
    op.create_index(
        "ix_sms_messages_waiting", "sms_messages", ["created_at"], postgresql_where=sa.text("sent_at IS NULL")
    )


def downgrade() -> None:
    for table in ("sms_messages", "sms_codes", "mandates", "sessions", "login_attempts", "accounts", "units"):
        op.drop_table(table)
    drop_kit_tables(op)
