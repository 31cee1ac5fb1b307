"""Single sign-on: logins under way, links; accounts that came that way have no password."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"
_SYSTEM = f"{_SCOPE} = 'system'"
_OWN = f"({_SCOPE} IN ('unit', 'person', 'agency') AND account_id::text = {_ACCOUNT})"


def upgrade() -> None:
    op.alter_column("accounts", "password_hash", nullable=True)
    op.create_table(
        "sso_attempts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("return_to", sa.Text),
        sa.Column("client", sa.LargeBinary, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("vouched", sa.LargeBinary),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_sso_attempts"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sso_attempts_account_id_accounts"),
    )
    op.create_index("uq_sso_attempts_digest", "sso_attempts", ["digest"], unique=True)
    op.create_index("ix_sso_attempts_client_began_at", "sso_attempts", ["client", "began_at"])
    op.create_index("ix_sso_attempts_expires_at", "sso_attempts", ["expires_at"])
    op.create_index("ix_sso_attempts_account_id", "sso_attempts", ["account_id"])
    op.create_table(
        "sso_links",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("subject_index", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sso_links"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sso_links_account_id_accounts"),
    )
    op.create_index("uq_sso_links_subject", "sso_links", ["provider", "subject_index", "kind"], unique=True)
    op.create_index("uq_sso_links_account", "sso_links", ["account_id", "provider"], unique=True)
    # What comes back from a provider is worked on in the system's scope: until then nobody is signed in.
    for table in ("sso_attempts", "sso_links"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_seen ON {table} USING ({_SYSTEM} OR {_OWN})")


def downgrade() -> None:
    op.drop_table("sso_links")
    op.drop_table("sso_attempts")
    op.alter_column("accounts", "password_hash", nullable=False)
