"""Second factors, one-time codes of staff, accounts of persons, what is kept of a login."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"
_SYSTEM = f"{_SCOPE} = 'system'"
_OWN = f"({_SCOPE} IN ('unit', 'person', 'agency') AND {{column}}::text = {_ACCOUNT})"
# Operators look after the accounts of the staff, and of nobody else.
_STAFF = f"({_SCOPE} = 'agency' AND kind IN ('reviewer', 'operator'))"
_OF_STAFF = (
    f"({_SCOPE} = 'agency' AND EXISTS (SELECT FROM accounts WHERE accounts.id = account_id"
    " AND accounts.kind IN ('reviewer', 'operator')))"
)


def upgrade() -> None:
    _accounts()
    op.add_column("sessions", sa.Column("limited_to", sa.Text))
    op.add_column("sessions", sa.Column("place", sa.Text, nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("device", sa.Text, nullable=False, server_default=""))
    op.add_column("sms_codes", sa.Column("account_key", sa.LargeBinary))
    _second_factors()
    _opening_codes()
    own = _OWN.format(column="account_id")
    op.execute(f"ALTER POLICY accounts_seen ON accounts USING ({_SYSTEM} OR {_OWN.format(column='id')} OR {_STAFF})")
    op.execute(f"ALTER POLICY sessions_seen ON sessions USING ({_SYSTEM} OR {own} OR {_OF_STAFF})")
    # What is counted for a username is nobody's own: requests see it in the system's scope, for as long as they need.
    op.execute(f"ALTER POLICY login_attempts_seen ON login_attempts USING ({_SYSTEM})")
    for table in ("second_factors", "recovery_codes", "opening_codes"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_seen ON {table} USING ({_SYSTEM} OR {own} OR {_OF_STAFF})")


def _accounts() -> None:
    # The age of passwords counts from here: nobody noted it before.
    op.add_column(
        "accounts",
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.add_column(
        "accounts", sa.Column("password_is_short", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("pending", sa.LargeBinary),
        sa.Column("pending_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factors"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_second_factors_account_id_accounts"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_recovery_codes_account_id_accounts"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])


def _opening_codes() -> None:
    op.create_table(
        "opening_codes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_opening_codes"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_opening_codes_account_id_accounts"),
    )
    op.create_index("ix_opening_codes_account_id", "opening_codes", ["account_id"])


def downgrade() -> None:
    raise NotImplementedError("accounts without a password can't be told to the tables before this")
