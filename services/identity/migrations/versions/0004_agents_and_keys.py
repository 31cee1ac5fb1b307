"""Invitations and API keys; versions of mandates; text messages without a code; a unit sees its agents' accounts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"
_EMPLOYER = "(SELECT current_setting('hall.employer_no', true))"
_SYSTEM = f"{_SCOPE} = 'system'"
_OF_UNIT = f"({_SCOPE} = 'unit' AND employer_no = {_EMPLOYER})"
_OWN_ACCOUNT = f"({_SCOPE} IN ('unit', 'person', 'agency') AND id::text = {_ACCOUNT})"
# Somebody who serves the unit now. The policy of mandates applies inside: a unit reads its own ones only.
_AGENT_OF_UNIT = (
    f"({_SCOPE} = 'unit' AND EXISTS (SELECT FROM mandates WHERE mandates.account_id = accounts.id "
    f"AND mandates.employer_no = {_EMPLOYER} AND mandates.removed_at IS NULL))"
)
_SENT_TO_ME = (
    f"({_SCOPE} IN ('unit', 'person') AND EXISTS (SELECT FROM accounts WHERE accounts.id::text = {_ACCOUNT} "
    "AND accounts.kind = 'agent' AND (accounts.username = invitations.username "
    "OR accounts.mobile_index = invitations.mobile_index)))"
)


def upgrade() -> None:
    op.add_column("mandates", sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")))
    _invitations()
    _api_keys()
    op.execute("DROP POLICY accounts_seen ON accounts")
    op.execute(f"CREATE POLICY accounts_seen ON accounts USING ({_SYSTEM} OR {_OWN_ACCOUNT})")
    op.execute(f"CREATE POLICY accounts_of_agents ON accounts FOR SELECT USING ({_AGENT_OF_UNIT})")
    op.alter_column("sms_messages", "code", existing_type=sa.LargeBinary, nullable=True)
    op.add_column("sms_messages", sa.Column("send_until", sa.DateTime(timezone=True)))
    # Who invites somebody has a message sent; reading one stays the worker's alone.
    op.execute(f"CREATE POLICY sms_messages_written ON sms_messages FOR INSERT WITH CHECK ({_SCOPE} = 'unit')")


def _protect(table: str, rows: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_seen ON {table} USING ({rows})")


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("username", sa.Text),
        sa.Column("mobile", sa.LargeBinary),
        sa.Column("mobile_index", sa.LargeBinary),
        sa.Column("mobile_masked", sa.Text),
        sa.Column("permissions", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("invited_by", sa.Uuid, nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(["invited_by"], ["accounts.id"], name="fk_invitations_invited_by_accounts"),
        sa.CheckConstraint("num_nonnulls(username, mobile_index) = 1", name="ck_invitations_one_addressee"),
        sa.CheckConstraint(
            "status IN ('pending', 'expired', 'accepted', 'refused', 'withdrawn', 'superseded')",
            name="ck_invitations_status",
        ),
    )
    pending = sa.text("status = 'pending'")
    for name, columns, unique in (
        ("uq_invitations_unit_username", ["employer_no", "username"], True),
        ("uq_invitations_unit_mobile", ["employer_no", "mobile_index"], True),
        ("ix_invitations_username", ["username"], False),
        ("ix_invitations_mobile_index", ["mobile_index"], False),
    ):
        op.create_index(name, "invitations", columns, unique=unique, postgresql_where=pending)
    op.create_index("ix_invitations_unit", "invitations", ["employer_no", "invited_at"])
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    _protect("invitations", f"{_SYSTEM} OR {_OF_UNIT} OR {_SENT_TO_ME}")


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("shown_part", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("requests_per_minute", sa.Integer, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_keys_account_id_accounts"),
    )
    op.create_index("uq_api_keys_digest", "api_keys", ["digest"], unique=True)
    op.create_index(
        "uq_api_keys_unit_name",
        "api_keys",
        ["employer_no", "name"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_api_keys_unit", "api_keys", ["employer_no", "issued_at"])
    _protect("api_keys", f"{_SYSTEM} OR {_OF_UNIT}")


def downgrade() -> None:
    op.execute("DROP POLICY sms_messages_written ON sms_messages")
    op.execute("DELETE FROM sms_messages WHERE code IS NULL")
    op.drop_column("sms_messages", "send_until")
    op.alter_column("sms_messages", "code", existing_type=sa.LargeBinary, nullable=False)
    op.execute("DROP POLICY accounts_of_agents ON accounts")
    op.drop_table("api_keys")
    op.drop_table("invitations")
    op.drop_column("mandates", "version")
